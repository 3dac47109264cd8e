"""Whether a play ended as promised: pure judgements over its facts, one line each."""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
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
    differing = f", {missing} missing, {strange} strange" if missing or strange else ""
    return Check(name, f"{len(set(expected))} {what}", f"{len(set(found))} {what}{differing}")


# Reading the sandbox's record


def sent_with(accepted: Iterable[JSON], words: str) -> Counter[int]:
    """How many messages with these words every chat got."""
    return Counter(int(entry["chat_id"]) for entry in accepted if words in (entry["text"] or ""))


def sent_at(accepted: Iterable[JSON], pattern: str) -> list[float]:
    """When messages with such words were accepted, in order."""
    return [float(entry["at"]) for entry in accepted if re.search(pattern, entry["text"] or "")]


def pace(moments: Sequence[float]) -> float:
    """How many a second, from the first to the last."""
    return (len(moments) - 1) / max(moments[-1] - moments[0], 0.001) if len(moments) > 1 else 0.0


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
    return same("Announcement posted", 1, posted[facts.scene.channel_id])


def nothing_revealed(facts: Facts) -> Check:
    told = sorted(f"{name}={value}" for name, value in facts.before.by_token.items())
    return same("The result link tells only", "status=running", ", ".join(told))


def no_early_proof(facts: Facts) -> Check:
    return same("HTTP status of proof.json", 404, facts.before.proof_status)


# Who got in


def counted(facts: Facts) -> Check:
    return same("Participants counted", facts.options.eligible, facts.count)


def right_people(facts: Facts) -> Check:
    return same_set("Participants listed", facts.cast.eligible, facts.entered, "people")


def each_entered_once(facts: Facts) -> Check:
    return same("Listed twice", 0, len(facts.entered) - len(set(facts.entered)))


def unsubscribed_refused(facts: Facts) -> Check:
    refused = sent_with(facts.accepted, texts.NOT_SUBSCRIBED).keys() & facts.cast.unsubscribed
    return same("Not subscribed, so refused", facts.options.not_subscribed, len(refused))


def unsubscribed_outside(facts: Facts) -> Check:
    inside = facts.cast.unsubscribed & (set(facts.entered) | codes_told(facts.accepted).keys())
    return same("Not subscribed, yet entered", 0, len(inside))


def hasty_failed_first(facts: Facts) -> Check:
    failed = sent_with(facts.accepted, texts.WRONG_ANSWER).keys() & facts.cast.hasty
    return same("Failed the captcha first", facts.options.fail_captcha, len(failed))


def hasty_entered(facts: Facts) -> Check:
    inside = facts.cast.hasty & set(facts.entered)
    return same("Solved it then and entered", facts.options.fail_captcha, len(inside))


# Who was told


def told_once(facts: Facts) -> Check:
    told = results_told(facts)
    once = [person for person in facts.cast.eligible if told[person] == 1]
    return same("Told exactly once", facts.options.eligible, len(once))


def never_told(facts: Facts) -> Check:
    return same("Never told", 0, len(facts.cast.eligible - results_told(facts).keys()))


def told_again(facts: Facts) -> Check:
    again = [count for count in results_told(facts).values() if count > 1]
    return same("Told more than once", 0, len(again))


def outsiders_told(facts: Facts) -> Check:
    return same("Told without taking part", 0, len(results_told(facts).keys() - facts.cast.eligible))


def own_account(facts: Facts) -> Check:
    """What the platform itself says must agree with what the sandbox saw."""
    names = ("delivered", "failed", "uncertain", "pending")
    expected = dict.fromkeys(names, 0) | {"delivered": facts.options.eligible}
    found = {name: facts.stats[f"messages_{name}"] for name in names}
    return same("The platform's own count", numbers(expected), numbers(found))


def numbers(values: dict[str, int]) -> str:
    return ", ".join(f"{value} {name}" for name, value in values.items() if value)


# Who won


def winner_texts(facts: Facts) -> Check:
    told = sent_with(facts.accepted, texts.winner(facts.scene.tag))
    return same("Told that they won", min(facts.options.winners, facts.options.eligible), len(told))


def winners_are_those_of_the_proof(facts: Facts) -> Check:
    codes = codes_told(facts.accepted)
    told = sent_with(facts.accepted, texts.winner(facts.scene.tag))
    held = [codes.get(person, f"nobody's code, told to {person}") for person in told]
    return same_set("They hold the winning codes", facts.proof.proof["winners"], held, "codes")


def everybody_is_in_the_list(facts: Facts) -> Check:
    codes = codes_told(facts.accepted)
    return same_set("Codes told are in entries.txt", set(codes.values()), facts.proof.codes, "codes")


def promise_kept(facts: Facts) -> Check:
    opening = hashlib.sha256(facts.proof.proof["open"].encode()).hexdigest()
    return same("The post's hash is the proof's", posted_hash(facts), opening)


def closing_names_the_promise(facts: Facts) -> Check:
    closing = dict(line.partition("=")[::2] for line in facts.proof.proof["close"].splitlines())
    return same("The post's hash is open_sha256", posted_hash(facts), closing.get("open_sha256", "none"))


def posted_hash(facts: Facts) -> str:
    found = texts.SHA256.search(announcement(facts).get("text", ""))
    return found[0] if found else "no hash in the post"


def verified(facts: Facts) -> Check:
    said = facts.proof.last_line
    return same("verify_draw.py, run alone", "VERIFIED", said if facts.proof.exit_code == 0 else f"✘ {said}")


# The channel at the end


def one_conclusion(facts: Facts) -> Check:
    posted = sent_with(facts.accepted, texts.conclusion(facts.scene.tag))
    return same("Conclusion posted", 1, posted[facts.scene.channel_id])


def conclusion_button(facts: Facts) -> Check:
    found = [button for post in conclusions(facts.posts, facts.scene.tag) for button in buttons(post)]
    return same("Its button", texts.RESULTS_BUTTON, ", ".join(found) or "none")


def no_more_joining(facts: Facts) -> Check:
    found = buttons(announcement(facts)) if announcement(facts) else ["the announcement is gone"]
    return same("Button left under the announcement", "none", ", ".join(found) or "none")


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
