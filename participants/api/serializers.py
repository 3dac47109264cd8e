"""Shapes of participants, results and draws over HTTP."""

from typing import Any, ClassVar

from rest_framework import serializers

from config.api import Serializer, StrictCharField, StrictChoiceField, StrictIntegerField
from participants.draw import MOST_NOTE
from participants.models import Entry, Skip


class EntrySerializer(serializers.ModelSerializer[Entry]):
    """An entry as the giveaway's owner sees it."""

    user_id = serializers.IntegerField(
        source="person.telegram_id", allow_null=True, help_text="null of somebody who was forgotten"
    )
    first_name = serializers.CharField(source="person.first_name")
    username = serializers.CharField(source="person.username")

    class Meta:
        model = Entry
        fields = ("user_id", "first_name", "username", "code", "weight", "joined_at")

    def to_representation(self, instance: Entry) -> dict[str, Any]:
        """Staff who may not see other accounts' people are shown no person."""
        told = super().to_representation(instance)
        if self.context.get("masked"):
            told |= {"user_id": None, "first_name": instance.person.masked_name, "username": ""}
        return told


class CountSerializer(serializers.Serializer[Any]):
    giveaway_id = serializers.IntegerField()
    count = serializers.IntegerField()

    class Meta:
        swagger_schema_fields: ClassVar[dict[str, Any]] = {"example": {"giveaway_id": 7, "count": 970}}


class StatsSerializer(serializers.Serializer[Any]):
    """Numbers counted from rows: participants from entries, messages from their delivery."""

    draw_status = serializers.CharField(help_text="sealing, waiting, closed or settled; empty before closing")
    waiting_for = serializers.CharField(help_text="What a public draw waits for, in a sentence")
    beacon_round = serializers.IntegerField(allow_null=True)
    round_due_at = serializers.DateTimeField(allow_null=True)
    winners_claimed = serializers.IntegerField()
    winners_replaced = serializers.IntegerField()

    total_participants = serializers.IntegerField()
    captcha_completed_participants = serializers.IntegerField()
    winner_count = serializers.IntegerField()
    winners_selected = serializers.IntegerField()
    messages_total = serializers.IntegerField()
    messages_delivered = serializers.IntegerField()
    messages_failed = serializers.IntegerField(help_text="Refused or skipped; the unreachable are among them")
    messages_unreachable = serializers.IntegerField(help_text="They blocked the bot or left Telegram")
    messages_pending = serializers.IntegerField()
    messages_uncertain = serializers.IntegerField()

    class Meta:
        swagger_schema_fields: ClassVar[dict[str, Any]] = {
            "example": {
                "total_participants": 970,
                "captcha_completed_participants": 970,
                "winner_count": 3,
                "winners_selected": 3,
                "messages_total": 970,
                "messages_delivered": 955,
                "messages_failed": 15,
                "messages_pending": 0,
                "messages_uncertain": 0,
            }
        }


class StatsAnswerSerializer(serializers.Serializer[Any]):
    stats = StatsSerializer()

    class Meta:
        swagger_schema_fields: ClassVar[dict[str, Any]] = {
            "example": {
                "stats": {
                    "total_participants": 970, "winner_count": 3, "winners_selected": 0, "draw_status": "waiting",
                    "waiting_for": "Waiting for drand round 31930652, due at 2030-01-06 18:01:02 UTC.",
                    "beacon_round": 31930652, "round_due_at": "2030-01-06T18:01:02Z",
                }
            }
        }  # fmt: skip


class StaySerializer(serializers.Serializer[Any]):
    """After `days`: of `known` newcomers, for whom they have passed, `subscribed` still are."""

    days = serializers.IntegerField()
    known = serializers.IntegerField()
    subscribed = serializers.IntegerField()


class RetentionSerializer(serializers.Serializer[Any]):
    """Who came into the giveaway's channel after its publication and then entered, and who of them stayed.

    Counted from Telegram's updates; without them nobody is known to have come.
    """

    newcomers = serializers.IntegerField()
    stays = StaySerializer(many=True)

    class Meta:
        swagger_schema_fields: ClassVar[dict[str, Any]] = {
            "example": {
                "newcomers": 412,
                "stays": [
                    {"days": 1, "known": 412, "subscribed": 371},
                    {"days": 7, "known": 412, "subscribed": 320},
                    {"days": 30, "known": 0, "subscribed": 0},
                ],
            }
        }


class CaptchaStatusSerializer(serializers.Serializer[Any]):
    """Whether the person solved the platform's captcha; nothing is told about open questions."""

    user_id = serializers.IntegerField()
    captcha_completed = serializers.BooleanField()
    completed_at = serializers.DateTimeField(allow_null=True)


class WinnerStatusSerializer(serializers.Serializer[Any]):
    """`is_winner` is null until the draw; a place that was passed over says why in `skip_reason`."""

    participated = serializers.BooleanField()
    is_winner = serializers.BooleanField(allow_null=True)
    code = serializers.CharField()
    joined_at = serializers.DateTimeField(allow_null=True)
    rank = serializers.IntegerField(allow_null=True)
    skip_reason = serializers.CharField()
    claim_until = serializers.DateTimeField(allow_null=True)
    claimed_at = serializers.DateTimeField(allow_null=True)

    class Meta:
        swagger_schema_fields: ClassVar[dict[str, Any]] = {
            "example": {
                "participated": True, "is_winner": True, "code": "fgpwv5t2xousd6mcaepxfv76xfzieanx",
                "joined_at": "2030-01-02T10:00:00Z", "rank": 1, "skip_reason": "",
                "claim_until": "2030-01-08T18:00:02Z", "claimed_at": None,
            }
        }  # fmt: skip


class WinnerSerializer(serializers.Serializer[Any]):
    rank = serializers.IntegerField()
    user_id = serializers.IntegerField(source="entry.person.telegram_id", allow_null=True)
    first_name = serializers.CharField(source="entry.person.first_name")
    code = serializers.CharField(source="entry.code")


class WinnersSerializer(serializers.Serializer[Any]):
    """The one draw of a giveaway."""

    status = serializers.CharField()
    total_participants = serializers.IntegerField()
    winners = WinnerSerializer(many=True)

    class Meta:
        swagger_schema_fields: ClassVar[dict[str, Any]] = {
            "example": {
                "status": "finished", "total_participants": 970,
                "winners": [
                    {"rank": 1, "user_id": 5200000003, "first_name": "Ann", "code": "fgpwv5t2xousd6mcaepxfv76xfzieanx"}
                ],
            }
        }  # fmt: skip


class ReplaceWinnerSerializer(Serializer):
    """Which winner loses the place, and why. Who moves up is the ranking's answer, not the caller's."""

    giveaway_id = StrictIntegerField(min_value=1)
    user_id = StrictIntegerField(min_value=1, help_text="Telegram's id of the winner who is replaced")
    reason = StrictChoiceField(choices=["unreachable", "declined", "ineligible"])
    note = StrictCharField(
        max_length=MOST_NOTE, required=False, allow_blank=True,
        help_text="Public, one line; needed for `ineligible`. Name nobody in it",
    )  # fmt: skip

    class Meta:
        swagger_schema_fields: ClassVar[dict[str, Any]] = {
            "example": {
                "giveaway_id": 7, "user_id": 5200000003, "reason": "ineligible", "note": "Works for the organiser",
            }
        }  # fmt: skip


class SkipSerializer(serializers.ModelSerializer[Skip]):
    """The public row of the replacement; the next of the ranking moves up within seconds."""

    giveaway_id = serializers.IntegerField(source="draw.giveaway_id")
    code = serializers.CharField(source="place.entry.code")
    rank = serializers.IntegerField(source="place.rank")

    class Meta:
        model = Skip
        fields = ("giveaway_id", "number", "rank", "code", "reason", "note", "evidence_at", "sha256")
        swagger_schema_fields: ClassVar[dict[str, Any]] = {
            "example": {
                "giveaway_id": 7, "number": 2, "rank": 1, "code": "fgpwv5t2xousd6mcaepxfv76xfzieanx",
                "reason": "ineligible", "note": "Works for the organiser", "evidence_at": "2030-01-07T09:00:00Z",
                "sha256": "9f2c…",
            }
        }  # fmt: skip


class DeliveryStatusSerializer(Serializer):
    """Whose message is asked about; `status` may repeat what the caller believes."""

    giveaway_id = StrictIntegerField(min_value=1)
    user_id = StrictIntegerField(min_value=1)
    status = StrictChoiceField(
        choices=["pending", "sent", "failed", "skipped", "uncertain"], required=False,
        help_text="Refused with 409 when the engine's record says otherwise",
    )  # fmt: skip

    class Meta:
        swagger_schema_fields: ClassVar[dict[str, Any]] = {
            "example": {"giveaway_id": 7, "user_id": 5200000003}
        }


class DeliveredSerializer(serializers.Serializer[Any]):
    """What the delivery engine recorded from Telegram's answer."""

    status = serializers.CharField(help_text="pending, sent, failed, skipped or uncertain")
    kind = serializers.CharField(help_text="Why, in a short stable word")
    at = serializers.DateTimeField(allow_null=True)

    class Meta:
        swagger_schema_fields: ClassVar[dict[str, Any]] = {
            "example": {"status": "failed", "kind": "blocked", "at": "2030-01-06T18:00:05Z"}
        }


class HistoryEntrySerializer(serializers.ModelSerializer[Entry]):
    giveaway_id = serializers.IntegerField()
    title = serializers.CharField(source="giveaway.title")
    status = serializers.CharField(source="giveaway.status")
    is_winner = serializers.SerializerMethodField()

    class Meta:
        model = Entry
        fields = ("giveaway_id", "title", "status", "code", "joined_at", "is_winner")

    def get_is_winner(self, entry: Entry) -> bool | None:
        return bool(getattr(entry, "won", False)) if entry.giveaway.status == "finished" else None


class HistorySerializer(serializers.Serializer[Any]):
    """A person's entries in the caller's giveaways, paged, with totals over all of them."""

    user_id = serializers.IntegerField()
    total_participations = serializers.IntegerField()
    total_wins = serializers.IntegerField()
    win_rate = serializers.FloatField(allow_null=True, help_text="Wins among finished giveaways")
    count = serializers.IntegerField()
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = HistoryEntrySerializer(many=True)


class PublicResultSerializer(serializers.Serializer[Any]):
    """What a result token shows: before the draw nothing but that the giveaway runs."""

    status = serializers.CharField()
    title = serializers.CharField(required=False)
    total_participants = serializers.IntegerField(required=False)
    winner_codes = serializers.ListField(child=serializers.CharField(), required=False)
    finished_at = serializers.DateTimeField(required=False)
    draw_url = serializers.CharField(required=False)

    class Meta:
        swagger_schema_fields: ClassVar[dict[str, Any]] = {
            "example": {
                "status": "finished",
                "title": "A bag of coffee",
                "total_participants": 970,
                "winner_codes": ["k5z3c2m7x4n6b2v8q1w9e0r5t7y3u6i4"],
                "finished_at": "2030-01-06T18:00:02Z",
            }
        }


class PublicResultAnswerSerializer(serializers.Serializer[Any]):
    giveaway = PublicResultSerializer()
