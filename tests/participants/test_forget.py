"""A person asks what is known about them and is forgotten; codes, lists and numbers stay what they were."""

import json
from datetime import timedelta

import pytest
from aiogram.types import BufferedInputFile
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, User
from bots.models import LinkedOwner, MemberChange, Subscriber
from bots.services import owners
from broadcasts import services as broadcasts
from broadcasts.models import ERASED, Broadcast, Delivery, Erasure, Intent, Recipient, Tally
from broadcasts.services import erasing
from giveaways.models import Giveaway
from participants import replies, tasks, verify_draw
from participants.models import Captcha, Draw, Entry, Person, Place
from participants.services import draws, enter, forgetting, known, places
from participants.services.mailing import People
from participants.services.people import Visitor, know
from participants.steps import Closed, Joined
from tests.factories import make_user
from tests.scene import OWNER, Scene, later
from tests.threads import in_threads


def ask(scene: Scene, person: int) -> str:
    """Both steps in the chat with the bot; its last words."""
    scene.tell(person, "/forget_me")
    return scene.press(person, "Yes, forget me")


def marketing(scene: Scene, *chats: int) -> Broadcast:
    content = {"type": "text", "text": "News"}
    return broadcasts.create(
        account_id=scene.user.account_id, bot_id=scene.bot.pk, content=content, chats=chats, by=OWNER
    )


def traces(person: int) -> list[str]:
    """The tables in which Telegram's id still stands."""
    found = {
        "person": Person.objects.filter(telegram_id=person),
        "subscriber": Subscriber.objects.filter(chat_id=person),
        "change": MemberChange.objects.filter(person_id=person),
        "recipient": Recipient.objects.filter(chat_id=person),
        "delivery": Delivery.objects.filter(chat_id=person),
        "intent": Intent.objects.filter(chat_id=person),
        "erasure": Erasure.objects.filter(chat_id=person),
    }
    return [name for name, rows in found.items() if rows.exists()]


def tallies() -> list[tuple[str, int]]:
    counted = Tally.objects.filter(number__gt=0).order_by("broadcast_id", "outcome", "kind")
    return list(counted.values_list("outcome", "number"))


# --- what is known -----------------------------------------------------------------------------------
def test_somebody_unknown_is_told_so_and_stays_unknown(scene: Scene) -> None:
    person = scene.control.person()
    scene.control.start(person, scene.bot_id)
    scene.take_updates()
    Subscriber.objects.all().delete()
    assert "nothing about you" in scene.tell(person, "/privacy")
    assert "nothing about you" in ask(scene, person)
    assert not Subscriber.objects.filter(chat_id=person).exists()


def test_what_is_known_is_told_in_words_and_as_a_file(scene: Scene) -> None:
    giveaway = scene.published()
    person = scene.subscriber("Zebedee")
    scene.enter(giveaway, person)
    said = scene.tell(person, "/privacy")
    assert "Zebedee" in said and giveaway.title in said and "/forget_me" in said
    document = scene.control.chat(person, scene.bot_id)[-2]["document"]
    assert document["file_name"] == "telegive-my-data.json"
    file = replies.known_file(known.about(telegram_id=person), person).document
    assert isinstance(file, BufferedInputFile)
    told = json.loads(file.data)
    entry = Entry.objects.get()
    assert told["telegram_id"] == person and told["person"]["first_name"] == "Zebedee"
    assert [each["code"] for each in told["giveaways"]] == [entry.code]
    assert told["giveaways"][0]["nonce"] == entry.nonce
    assert [each["bot"] for each in told["bots"]] == [str(scene.bot)]
    assert told["captcha"]["solved_at"]


# --- forgetting --------------------------------------------------------------------------------------
def test_the_person_goes_and_the_draw_stays_provable(scene: Scene) -> None:
    giveaway = scene.published(winner_count=1)
    people = scene.enrolled(giveaway, 4)
    giveaway = scene.finished(giveaway)
    row = Draw.objects.get()
    before, numbers = draws.proof_of(row), tallies()
    for person in people:
        assert "forgotten you" in ask(scene, person)
    tasks.forget_waiting()
    assert [traces(person) for person in people] == [[]] * 4
    assert draws.proof_of(row) == before
    lines = [f"{code} 1\n".encode() for code in sorted(Entry.objects.values_list("code", flat=True))]
    verify_draw.verify(json.loads(json.dumps(before)), lines, None, None)
    assert tallies() == numbers
    assert set(Entry.objects.values_list("nonce", flat=True)) == {""}
    assert set(Person.objects.values_list("first_name", "username", "telegram_id")) == {("", "", None)}
    assert AuditEntry.objects.filter(verb="forget").count() == 4


def test_while_a_giveaway_runs_it_waits_and_then_happens_by_itself(scene: Scene) -> None:
    giveaway = scene.published()
    person = scene.subscriber("Zebedee")
    scene.enter(giveaway, person)
    said = ask(scene, person)
    assert giveaway.title in said
    row = Person.objects.get()
    assert (row.telegram_id, row.first_name, row.forgotten_at) == (person, "", None)
    assert traces(person) == ["person"]
    tasks.forget_waiting()
    assert Person.objects.get().forgotten_at is None
    scene.finished(giveaway)
    assert giveaway.title in scene.heard(person)[-1]
    tasks.forget_waiting()
    assert traces(person) == []
    assert Person.objects.get().forgotten_at is not None


def test_nobody_enters_twice_by_being_forgotten_in_between(scene: Scene) -> None:
    giveaway = scene.published()
    person = scene.subscriber()
    scene.enter(giveaway, person)
    ask(scene, person)
    assert "already in" in scene.come(giveaway, person)
    assert Entry.objects.count() == 1


def test_whoever_comes_back_is_met_for_the_first_time(scene: Scene) -> None:
    person = scene.subscriber()
    scene.enter(scene.published(), person)
    scene.finished(Giveaway.objects.get())
    ask(scene, person)
    tasks.forget_waiting()
    assert "= ?" in scene.come(scene.published(), person)
    assert Person.objects.count() == 2


def test_a_prize_still_to_claim_is_waited_for(scene: Scene) -> None:
    giveaway = scene.published(claim_hours=24)
    [person] = scene.enrolled(giveaway, 1)
    scene.finished(giveaway)
    assert forgetting.ask(telegram_id=person).waits == (giveaway.title,)
    places.claim(result_token=giveaway.result_token, telegram_id=person, bot_id=scene.bot.pk)
    tasks.forget_waiting()
    assert Person.objects.get().forgotten_at is not None


def test_a_forgotten_person_who_would_move_up_has_declined(scene: Scene) -> None:
    giveaway = scene.published(winner_count=1)
    scene.enrolled(giveaway, 3)
    scene.finished(giveaway)
    winner = Place.objects.get(verdict="winner")
    for rest in Person.objects.exclude(pk=winner.entry.person_id):
        assert not forgetting.ask(telegram_id=rest.telegram_id or 0).waits
    places.replace(
        giveaway_id=giveaway.pk, telegram_id=winner.entry.person.telegram_id, reason="declined", by=OWNER
    )
    tasks.promote_waiting()
    assert (
        list(Place.objects.filter(rank__lte=3).values_list("verdict", "reason"))
        == [("skipped", "declined")] * 3
    )


def test_staff_replace_a_winner_who_was_forgotten(scene: Scene) -> None:
    giveaway = scene.published()
    [person] = scene.enrolled(giveaway, 1)
    scene.finished(giveaway)
    forgetting.ask(telegram_id=person)
    place = Place.objects.get()
    places.replace(giveaway_id=giveaway.pk, telegram_id=None, place_id=place.pk, reason="declined", by=OWNER)
    assert Place.objects.get().verdict == "skipped"


# --- messages ----------------------------------------------------------------------------------------
def test_no_broadcast_reaches_them_any_more(scene: Scene) -> None:
    first, second = scene.control.people(2)
    for person in (first, second):
        scene.control.start(person, scene.bot_id)
    scene.take_updates()
    sent = marketing(scene, first, second)
    forgetting.ask(telegram_id=first)
    scene.work()
    assert [message.get("text") for message in scene.control.chat(second, scene.bot_id)][-1] == "News"
    assert "News" not in scene.heard(first)
    sent.refresh_from_db()
    assert sent.status == Broadcast.Status.COMPLETED
    assert broadcasts.kinds(sent) == {"sent": {"ok": 1}, "skipped": {"forgotten": 1}}
    assert traces(first) == ["recipient", "delivery", "erasure"]
    tasks.forget_waiting()
    assert traces(first) == []
    assert broadcasts.kinds(sent) == {"sent": {"ok": 1}, "skipped": {"forgotten": 1}}
    assert Recipient.objects.filter(chat_id__lt=ERASED).count() == 1


def test_who_waits_to_be_forgotten_gets_the_result_and_no_other_mail(scene: Scene) -> None:
    giveaway = scene.published()
    person, other = scene.enrolled(giveaway, 2)
    forgetting.ask(telegram_id=person)
    assert list(People(giveaway, "participants").chats(scene.bot)) == [other]
    scene.finished(giveaway)
    assert giveaway.title in scene.heard(person)[-1]


def test_the_failed_are_sent_to_again_without_the_forgotten(scene: Scene) -> None:
    person, other = scene.control.people(2)  # neither started the bot
    sent = marketing(scene, person, other)
    scene.work()
    assert broadcasts.counts([sent.pk])[sent.pk].failed == 2
    forgetting.ask(telegram_id=person)
    erasing.erase_waiting()
    assert broadcasts.serve_again(broadcast_id=sent.pk, by=OWNER) == 1


def test_what_is_over_but_in_a_pumps_hands_is_erased_later(scene: Scene) -> None:
    [person] = scene.control.people(1)
    sent = marketing(scene, person)
    broadcasts.cancel(broadcast_id=sent.pk, by=OWNER)
    sent.chunks.update(leased_until=timezone.now() + timedelta(minutes=1))
    forgetting.ask(telegram_id=person)
    assert erasing.erase_waiting() == 0
    assert traces(person) == ["recipient", "erasure"]
    sent.chunks.update(leased_until=None)
    assert erasing.erase_waiting() == 1
    assert traces(person) == []


def test_whoever_blocks_the_bot_after_it_forgot_them_stays_unknown(scene: Scene) -> None:
    person = scene.control.person()
    scene.control.start(person, scene.bot_id)
    scene.take_updates()
    forgetting.ask(telegram_id=person)
    scene.control.block(person, scene.bot_id)
    scene.take_updates()
    assert not Subscriber.objects.filter(chat_id=person).exists()


# --- races -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("_round", range(5))
def test_entering_and_being_forgotten_at_once_leaves_no_nameless_entry(scene: Scene, _round: int) -> None:
    giveaway = scene.published()
    person = scene.control.person()
    row = know(Visitor(person, "P", "", "en"))
    Person.objects.update(captcha_passed_at=timezone.now())
    turn = iter([True, False] * 4)

    def one() -> object:
        if next(turn):
            return enter.join(giveaway_id=giveaway.pk, person_id=row.pk)
        return forgetting.ask(telegram_id=person)

    said = in_threads(8, one)
    assert not [error for error in said if isinstance(error, Exception)]
    row.refresh_from_db()
    if any(isinstance(each, Joined) for each in said):
        assert Entry.objects.count() == 1
        assert (row.telegram_id, row.forgotten_at) == (person, None) and row.forget_asked_at
    else:
        assert Entry.objects.count() == 0 and row.forgotten_at
        assert Closed.FORGOTTEN in said


def test_asked_many_times_at_once_it_happens_once(scene: Scene) -> None:
    giveaway = scene.published()
    [person] = scene.enrolled(giveaway, 1)
    scene.finished(giveaway)
    said = in_threads(6, lambda: forgetting.ask(telegram_id=person))
    assert not [error for error in said if isinstance(error, Exception)]
    assert AuditEntry.objects.filter(verb="forget").count() == 1
    assert not Captcha.objects.exists()


def test_the_clock_and_the_person_forget_once_together(scene: Scene) -> None:
    giveaway = scene.published()
    people = scene.enrolled(giveaway, 3)
    for person in people:
        forgetting.ask(telegram_id=person)
    scene.finished(giveaway)
    with later(seconds=1):
        done = in_threads(4, forgetting.forget_waiting)
    assert sum(number for number in done if isinstance(number, int)) == 3
    assert AuditEntry.objects.filter(verb="forget").count() == 3


# --- by staff ----------------------------------------------------------------------------------------
def test_staff_forget_somebody_who_cannot_write_to_a_bot(scene: Scene, staff: User) -> None:
    [person] = scene.enrolled(scene.published(), 1)
    scene.finished(Giveaway.objects.get())
    desk, page = Client(), reverse("admin:participants_person_changelist")
    desk.force_login(staff)
    chosen = {"action": "forget", "_selected_action": [Person.objects.get().pk]}
    assert b"Nobody can undo this" in desk.post(page, chosen).content
    assert Person.objects.get().telegram_id == person
    desk.post(page, {**chosen, "confirmed": "yes"})
    assert Person.objects.get().forgotten_at
    assert AuditEntry.objects.get(verb="forget").actor_label == "staff"


def test_who_may_only_look_forgets_nobody(scene: Scene) -> None:
    scene.enrolled(scene.published(), 1)
    support = make_user(is_staff=True)
    support.user_permissions.add(Permission.objects.get(codename="view_person"))
    desk, page = Client(), reverse("admin:participants_person_changelist")
    desk.force_login(support)
    chosen = {"action": "forget", "_selected_action": [Person.objects.get().pk], "confirmed": "yes"}
    desk.post(page, chosen)
    assert Person.objects.get().forget_asked_at is None


def test_an_owner_who_is_forgotten_leaves_no_id_in_the_trail(scene: Scene) -> None:
    person = scene.control.person()
    row, payload = owners.request_link(user=scene.user, by=OWNER, bot_id=scene.bot.pk)
    owners.link(code=payload.removeprefix(owners.PREFIX), bot_id=scene.bot.pk, chat_id=person)
    assert AuditEntry.objects.filter(actor_label=f"telegram:{person}").count() == 1
    forgetting.ask(telegram_id=person)
    assert not AuditEntry.objects.filter(actor_label__contains=str(person)).exists()
    assert not LinkedOwner.objects.filter(pk=row.pk).exists()
