"""Whether a play ended as promised: pure judgements over its facts, one line each."""

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from sandbox.client import JSON
from sandbox.demo import texts
from sandbox.demo.facts import Facts


@dataclass(frozen=True)
class Check:
    name: str
    expected: str
    found: str

    @property
    def ok(self) -> bool:
        return self.expected == self.found


def same(name: str, expected: object, found: object) -> Check:
    return Check(name, str(expected), str(found))


def same_set(name: str, expected: Collection[object], found: Collection[object], what: str) -> Check:
    """Two sets, told by their sizes and, when they differ, by what is missing and what is too much."""
    missing, strange = len(set(expected) - set(found)), len(set(found) - set(expected))
    told = f"the same {len(set(expected))} {what}"
    differing = f"{len(set(found))} {what}, {missing} missing, {strange} strange"
    return Check(name, told, differing if missing or strange else told)


# Reading the sandbox's record


def sent_with(accepted: Iterable[JSON], words: str) -> Counter[int]:
    """How many messages with these words every chat got."""
    return Counter(int(entry["chat_id"]) for entry in accepted if words in (entry["text"] or ""))


def codes_told(accepted: Iterable[JSON]) -> dict[int, str]:
    """The code each person was told when they got in."""
    found = ((entry["chat_id"], texts.CODE.search(entry["text"] or "")) for entry in accepted)
    return {int(chat_id): match[1] for chat_id, match in found if match}


def results_told(facts: Facts) -> Counter[int]:
    """How many messages about the result every chat got, whichever."""
    tag = facts.scene.tag
    return sent_with(facts.accepted, texts.winner(tag)) + sent_with(facts.accepted, texts.loser(tag))


def announcement(facts: Facts) -> JSON:
    message_id = facts.scene.giveaway["message_id"]
    return next((post for post in facts.posts if post["message_id"] == message_id), {})


def conclusions(posts: Iterable[JSON], tag: str) -> list[JSON]:
    return [post for post in posts if texts.conclusion(tag) in post.get("text", "")]


def buttons(post: JSON) -> list[str]:
    rows = (post.get("reply_markup") or {}).get("inline_keyboard", [])
    return [button["text"] for row in rows for button in row]


# Before the draw


def one_announcement(facts: Facts) -> Check:
    posted = sent_with(facts.accepted, facts.scene.giveaway["opening_sha256"])
    return same("Announcement posted in the channel", 1, posted[facts.scene.channel_id])


def nothing_revealed(facts: Facts) -> Check:
    return same("Result link before the draw tells", {"status": "running"}, facts.before.by_token)


def no_early_proof(facts: Facts) -> Check:
    return same("proof.json before the draw", 404, facts.before.proof_status)


# Who got in


def counted(facts: Facts) -> Check:
    return same("Participants, by count", facts.options.eligible, facts.count)


def right_people(facts: Facts) -> Check:
    return same_set("Participants, by name", facts.cast.eligible, facts.entered, "people")


def each_entered_once(facts: Facts) -> Check:
    return same("People entered twice", 0, len(facts.entered) - len(set(facts.entered)))


def unsubscribed_refused(facts: Facts) -> Check:
    refused = sent_with(facts.accepted, texts.NOT_SUBSCRIBED).keys() & facts.cast.unsubscribed
    return same("Not subscribed: asked to subscribe", facts.options.not_subscribed, len(refused))


def unsubscribed_outside(facts: Facts) -> Check:
    inside = facts.cast.unsubscribed & (set(facts.entered) | codes_told(facts.accepted).keys())
    return same("Not subscribed: entered nevertheless", 0, len(inside))


def hasty_failed_first(facts: Facts) -> Check:
    failed = sent_with(facts.accepted, texts.WRONG_ANSWER).keys() & facts.cast.hasty
    return same("Captcha failed first, asked again", facts.options.fail_captcha, len(failed))


def hasty_entered(facts: Facts) -> Check:
    return same(
        "Captcha solved then, entered",
        facts.options.fail_captcha,
        len(facts.cast.hasty & set(facts.entered)),
    )


# Who was told


def told_once(facts: Facts) -> Check:
    told = results_told(facts)
    once = [person for person in facts.cast.eligible if told[person] == 1]
    return same("Told the result exactly once", facts.options.eligible, len(once))


def never_told(facts: Facts) -> Check:
    return same("Participants never told", 0, len(facts.cast.eligible - results_told(facts).keys()))


def told_again(facts: Facts) -> Check:
    again = [count for count in results_told(facts).values() if count > 1]
    return same("Told more than once", 0, len(again))


def outsiders_told(facts: Facts) -> Check:
    return same("Anybody else told", 0, len(results_told(facts).keys() - facts.cast.eligible))


def own_account(facts: Facts) -> Check:
    names = ("delivered", "failed", "uncertain", "pending")
    expected = dict.fromkeys(names, 0) | {"delivered": facts.options.eligible}
    return same("Messages by the platform's account", _numbers(expected), _numbers(_delivery(facts, names)))


def _delivery(facts: Facts, names: Iterable[str]) -> dict[str, int]:
    return {name: facts.stats[f"messages_{name}"] for name in names}


def _numbers(values: dict[str, int]) -> str:
    return ", ".join(f"{value} {name}" for name, value in values.items())


# Who won


def winner_texts(facts: Facts) -> Check:
    told = sent_with(facts.accepted, texts.winner(facts.scene.tag))
    expected = min(facts.options.winners, facts.options.eligible)
    return same("People who got the winners' message", expected, len(told))


def winners_are_those_of_the_proof(facts: Facts) -> Check:
    codes = codes_told(facts.accepted)
    told = sent_with(facts.accepted, texts.winner(facts.scene.tag))
    held = [codes.get(person, f"nobody's code, told to {person}") for person in told]
    return same_set("Winners' codes, told and proven", facts.proof.proof["winners"], held, "codes")


def everybody_is_in_the_list(facts: Facts) -> Check:
    codes = codes_told(facts.accepted)
    return same_set("Codes told and sealed in entries.txt", set(codes.values()), facts.proof.codes, "codes")


def promise_kept(facts: Facts) -> Check:
    posted = texts.SHA256.search(announcement(facts).get("text", ""))
    opening = hashlib.sha256(facts.proof.proof["open"].encode()).hexdigest()
    return same("Hash printed in the post, hash of the proof", posted[0] if posted else "no hash", opening)


def closing_names_the_promise(facts: Facts) -> Check:
    closing = dict(line.partition("=")[::2] for line in facts.proof.proof["close"].splitlines())
    posted = texts.SHA256.search(announcement(facts).get("text", ""))
    return same(
        "Hash printed in the post, open_sha256",
        posted[0] if posted else "no hash",
        closing.get("open_sha256", "none"),
    )


def verified(facts: Facts) -> Check:
    return same(
        "Standalone verifier", "VERIFIED, exit 0", f"{facts.proof.last_line}, exit {facts.proof.exit_code}"
    )


# The channel at the end


def one_conclusion(facts: Facts) -> Check:
    posted = sent_with(facts.accepted, texts.conclusion(facts.scene.tag))
    return same("Conclusion posted in the channel", 1, posted[facts.scene.channel_id])


def conclusion_button(facts: Facts) -> Check:
    found = [buttons(post) for post in conclusions(facts.posts, facts.scene.tag)]
    return same("Conclusion's button", [[texts.RESULTS_BUTTON]], found)


def no_more_joining(facts: Facts) -> Check:
    found = buttons(announcement(facts)) if announcement(facts) else ["the announcement is gone"]
    return same("Announcement's buttons after the end", [], found)


PARTS: dict[str, tuple[Callable[[Facts], Check], ...]] = {
    "Before the draw": (one_announcement, nothing_revealed, no_early_proof),
    "Who got in": (
        counted, right_people, each_entered_once, unsubscribed_refused, unsubscribed_outside,
        hasty_failed_first, hasty_entered,
    ),
    "Who was told": (told_once, never_told, told_again, outsiders_told, own_account),
    "Who won": (
        winner_texts, winners_are_those_of_the_proof, everybody_is_in_the_list, promise_kept,
        closing_names_the_promise, verified,
    ),
    "The channel at the end": (one_conclusion, conclusion_button, no_more_joining),
}  # fmt: skip


def judge(facts: Facts) -> dict[str, list[Check]]:
    """All checks, part by part."""
    return {part: [check(facts) for check in checks] for part, checks in PARTS.items()}
