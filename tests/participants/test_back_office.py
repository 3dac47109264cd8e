"""Staff at the draw: a round by hand, a winner replaced for a reason; nobody is picked."""

from collections.abc import Iterator

import pytest
from django.test import Client

from accounts.models import AuditEntry, User
from participants import tasks
from participants.models import Draw, Place, Skip
from sandbox import drand
from tests.participants.public import waiting, with_relays
from tests.participants.test_draw import ranking, standing
from tests.scene import Scene

PLACES = "/admin/participants/place/"
DRAWS = "/admin/participants/draw/"


@pytest.fixture
def office(staff: User) -> Iterator[Client]:
    client = Client()
    client.force_login(staff)
    yield client


def act(office: Client, path: str, row: int, action: str, **fields: object) -> str:
    """Chooses one row and an action; what the page says then."""
    answer = office.post(path, {"action": action, "_selected_action": [row], **fields}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def winner(scene: Scene) -> Place:
    giveaway = scene.published()
    scene.enrolled(giveaway, 3)
    scene.finished(giveaway)
    return Place.objects.get(verdict="winner")


def test_a_winner_is_replaced_for_a_reason(scene: Scene, office: Client) -> None:
    place = winner(scene)
    said = act(office, PLACES, place.pk, "replace_ineligible", note="Works here")
    tasks.promote_waiting()
    assert "the next place moves up" in said
    assert standing() == ranking(place.draw.giveaway)[1:2]
    assert Skip.objects.get().note == "Works here"
    assert AuditEntry.objects.get(verb="replace_winner").actor_label == "staff"


@pytest.mark.parametrize(
    ("action", "sentence"),
    [
        ("replace_ineligible", "Say in one public line why"),
        ("replace_unreachable", "unreachable is not known"),
    ],
)
def test_a_refusal_is_told_in_its_words(scene: Scene, office: Client, action: str, sentence: str) -> None:
    place = winner(scene)
    assert sentence in act(office, PLACES, place.pk, action)
    assert Skip.objects.count() == 0


def test_a_round_is_entered_by_hand_and_checked(scene: Scene, office: Client, settings: object) -> None:
    with_relays(settings, scene)
    waiting(scene)
    row = Draw.objects.get()
    number = row.beacon_round or 0
    wrong = drand.signature_of(number + 1)
    said = act(office, DRAWS, row.pk, "enter_round", round=number, signature=wrong)
    assert "not the signature of round" in said
    assert "Give the round" in act(office, DRAWS, row.pk, "enter_round", round="", signature="xyz")
    said = act(office, DRAWS, row.pk, "enter_round", round=number, signature=drand.signature_of(number))
    assert f"goes on with round {number}" in said
    tasks.draw_waiting()
    assert Draw.objects.get().status == Draw.Status.SETTLED


@pytest.mark.parametrize("path", [PLACES, DRAWS, "/admin/participants/skip/"])
def test_the_lists_show(scene: Scene, office: Client, path: str) -> None:
    place = winner(scene)
    act(office, PLACES, place.pk, "replace_declined")
    page = office.get(path)
    assert (page.status_code, str(place.draw) in page.content.decode() or path == DRAWS) == (200, True)
