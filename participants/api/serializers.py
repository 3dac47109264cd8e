"""Shapes of participants, results and draws over HTTP."""

from typing import Any

from rest_framework import serializers

from participants.models import Entry


class EntrySerializer(serializers.ModelSerializer[Entry]):
    """An entry as the giveaway's owner sees it."""

    user_id = serializers.IntegerField(source="person.telegram_id")
    first_name = serializers.CharField(source="person.first_name")
    username = serializers.CharField(source="person.username")

    class Meta:
        model = Entry
        fields = ("user_id", "first_name", "username", "code", "weight", "joined_at")


class CountSerializer(serializers.Serializer[Any]):
    giveaway_id = serializers.IntegerField()
    count = serializers.IntegerField()


class StatsSerializer(serializers.Serializer[Any]):
    """Numbers counted from rows: participants from entries, messages from their delivery."""

    total_participants = serializers.IntegerField()
    captcha_completed_participants = serializers.IntegerField()
    winner_count = serializers.IntegerField()
    winners_selected = serializers.IntegerField()
    messages_total = serializers.IntegerField()
    messages_delivered = serializers.IntegerField()
    messages_failed = serializers.IntegerField()
    messages_pending = serializers.IntegerField()
    messages_uncertain = serializers.IntegerField()


class StatsAnswerSerializer(serializers.Serializer[Any]):
    stats = StatsSerializer()


class CaptchaStatusSerializer(serializers.Serializer[Any]):
    """Whether the person solved the platform's captcha; nothing is told about open questions."""

    user_id = serializers.IntegerField()
    captcha_completed = serializers.BooleanField()
    completed_at = serializers.DateTimeField(allow_null=True)


class WinnerStatusSerializer(serializers.Serializer[Any]):
    """`is_winner` is null until the draw."""

    participated = serializers.BooleanField()
    is_winner = serializers.BooleanField(allow_null=True)
    code = serializers.CharField()
    joined_at = serializers.DateTimeField(allow_null=True)


class WinnerSerializer(serializers.Serializer[Any]):
    rank = serializers.IntegerField()
    user_id = serializers.IntegerField(source="entry.person.telegram_id")
    first_name = serializers.CharField(source="entry.person.first_name")
    code = serializers.CharField(source="entry.code")


class WinnersSerializer(serializers.Serializer[Any]):
    """The one draw of a giveaway."""

    status = serializers.CharField()
    total_participants = serializers.IntegerField()
    winners = WinnerSerializer(many=True)


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


class PublicResultAnswerSerializer(serializers.Serializer[Any]):
    giveaway = PublicResultSerializer()
