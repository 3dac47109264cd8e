"""The way in over HTTP, for a Mini App or a site: the same steps as in the bot, told as JSON."""

import math
from dataclasses import asdict
from hashlib import sha256
from typing import Any, ClassVar

from django.conf import settings
from django.utils import timezone
from drf_yasg.utils import swagger_auto_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from bots import telegram
from bots.links import start_link
from bots.models import Bot
from bots.services.bots import token_of
from config.api import Serializer, StrictBooleanField, StrictCharField, StrictIntegerField
from giveaways.errors import GiveawayNotFound
from giveaways.models import Giveaway
from participants import gateway, replies, texts
from participants.api.identity import InitDataAuthentication, visitor_of
from participants.errors import (
    AlreadyParticipated,
    CaptchaAttemptsExceeded,
    CaptchaExpired,
    GiveawayNotActive,
    SubscriptionNotTold,
    UserNotSubscribed,
)
from participants.models import Entry
from participants.services import captchas, enter
from participants.services.people import Visitor
from participants.steps import (
    AlreadyIn,
    ChannelToJoin,
    CheckSubscription,
    Closed,
    CoolingDown,
    Joined,
    NotSubscribed,
    Question,
    Step,
)


class EnteringSerializer(Serializer):
    """The giveaway to enter, by the number in its button's link."""

    giveaway_id = StrictIntegerField(min_value=1)

    class Meta:
        ref_name = "Entering"
        swagger_schema_fields: ClassVar[dict[str, Any]] = {"example": {"giveaway_id": 1}}


class CaptchaKindSerializer(EnteringSerializer):
    """Which question to ask: `otherwise` asks another kind than the open one."""

    otherwise = StrictBooleanField(default=False)

    class Meta:
        swagger_schema_fields: ClassVar[dict[str, Any]] = {"example": {"giveaway_id": 1, "otherwise": True}}


class CaptchaAnswerSerializer(EnteringSerializer):
    """The answer to the open question."""

    answer = StrictCharField(max_length=64)

    class Meta:
        swagger_schema_fields: ClassVar[dict[str, Any]] = {"example": {"giveaway_id": 1, "answer": "12"}}


class StepSerializer(serializers.Serializer[Any]):
    """Where the person stands: `joined` (with code, nonce and receipt) or `captcha` (with the question)."""

    status = serializers.ChoiceField(choices=("joined", "captcha", "passed"))
    message = serializers.CharField()
    code = serializers.CharField(required=False)
    nonce = serializers.CharField(required=False)
    receipt = serializers.CharField(required=False)
    start_link = serializers.CharField(
        required=False, help_text="To be opened once, so that the bot may write the result"
    )
    kind = serializers.ChoiceField(choices=("sum", "picture"), required=False)
    question = serializers.CharField(required=False)
    choices = serializers.ListField(
        child=serializers.DictField(), required=False, help_text="{answer, name} each, to choose from"
    )
    attempts_left = serializers.IntegerField(required=False)
    wrong = serializers.BooleanField(required=False)

    class Meta:
        swagger_schema_fields: ClassVar[dict[str, Any]] = {
            "example": {
                "status": "captcha",
                "message": "One question, once for all giveaways: are you human? 7 + 5 = ?",
                "kind": "sum",
                "question": "7 + 5",
                "choices": [],
                "attempts_left": 3,
                "wrong": False,
            }
        }


class SubscriptionSerializer(serializers.Serializer[Any]):
    """`subscribed` is null while Telegram does not tell."""

    subscribed = serializers.BooleanField(allow_null=True)
    missing = serializers.ListField(child=serializers.DictField())

    class Meta:
        swagger_schema_fields: ClassVar[dict[str, Any]] = {
            "example": {
                "subscribed": False,
                "missing": [{"telegram_id": -1001234567890, "title": "News", "link": "https://t.me/news"}],
            }
        }


STEPS = {200: StepSerializer, 201: StepSerializer}


class EnteringViewSet(GenericViewSet[Entry]):
    """`/api/participants/...` for the person themself: `Authorization: tma <initData>`."""

    authentication_classes = [InitDataAuthentication]
    queryset = Entry.objects.none()
    serializer_class = StepSerializer
    filter_backends = []
    pagination_class = None

    @swagger_auto_schema(request_body=EnteringSerializer, responses=STEPS)
    @action(detail=False, methods=["post"])
    def register(self, request: Request) -> Response:
        """Enters the person, or says what stands in the way: the captcha, a subscription, the giveaway itself."""
        giveaway, _ = self.meant(request, EnteringSerializer)
        visitor = visitor_of(request, bot_of(giveaway))
        return self.walk(giveaway, visitor)

    @swagger_auto_schema(request_body=CaptchaKindSerializer, responses=STEPS)
    @action(detail=False, methods=["post"], url_path="generate-captcha")
    def generate_captcha(self, request: Request) -> Response:
        """The person's open question, or a new one. Once it was answered rightly, it is never asked again."""
        giveaway, fields = self.meant(request, CaptchaKindSerializer)
        visitor = visitor_of(request, bot_of(giveaway))
        if fields["otherwise"]:
            captchas.ask_otherwise(telegram_id=visitor.telegram_id, bot_id=bot_of(giveaway).pk)
        step = enter.arrive(giveaway_id=giveaway.pk, visitor=visitor, bot_id=bot_of(giveaway).pk)
        if isinstance(step, CheckSubscription | AlreadyIn):
            return Response({"status": "passed", "message": texts.CAPTCHA_PASSED.to(visitor.language_code)})
        return told(step, visitor, bot_of(giveaway))

    @swagger_auto_schema(request_body=CaptchaAnswerSerializer, responses=STEPS)
    @action(detail=False, methods=["post"], url_path="validate-captcha")
    def validate_captcha(self, request: Request) -> Response:
        """Counts one answer; a right one enters in the same step. The same answer sent twice counts once."""
        giveaway, fields = self.meant(request, CaptchaAnswerSerializer)
        bot = bot_of(giveaway)
        visitor = visitor_of(request, bot)
        outcome = captchas.answer(
            telegram_id=visitor.telegram_id,
            bot_id=bot.pk,
            text=fields["answer"],
            message_id=number_of(fields["answer"]),
        )
        if outcome is None or (isinstance(outcome, Question) and not outcome.wrong):
            raise CaptchaExpired
        if isinstance(outcome, int):
            return self.walk(giveaway, visitor)
        return told(outcome, visitor, bot)

    @swagger_auto_schema(request_body=EnteringSerializer, responses={200: SubscriptionSerializer})
    @action(detail=False, methods=["post"], url_path="verify-subscription")
    def verify_subscription(self, request: Request) -> Response:
        """Asks Telegram whether the person is subscribed to every channel that counts."""
        giveaway, _ = self.meant(request, EnteringSerializer)
        visitor = visitor_of(request, bot_of(giveaway))
        missing = missing_of(giveaway, visitor.telegram_id, enter.channels_of(giveaway))
        shown = [asdict(channel) for channel in missing or ()]
        return Response({"subscribed": None if missing is None else not missing, "missing": shown})

    def meant(self, request: Request, shape: type[EnteringSerializer]) -> tuple[Giveaway, dict[str, Any]]:
        """The published giveaway the body names, with the body."""
        serializer = shape(data=request.data)
        serializer.is_valid(raise_exception=True)
        fields = dict(serializer.validated_data)
        found = Giveaway.objects.select_related("binding__bot", "binding__channel")
        giveaway = found.filter(pk=fields["giveaway_id"], binding__isnull=False).first()
        if giveaway is None:
            raise GiveawayNotFound
        return giveaway, fields

    def walk(self, giveaway: Giveaway, visitor: Visitor) -> Response:
        """As far along the way in as it goes now."""
        bot = bot_of(giveaway)
        step = enter.come(giveaway_id=giveaway.pk, visitor=visitor, bot_id=bot.pk)
        if isinstance(step, CheckSubscription):
            missing = missing_of(giveaway, visitor.telegram_id, step.channels)
            step = enter.kept_out(step, missing) or enter.join(
                giveaway_id=giveaway.pk, person_id=step.person_id
            )
        return told(step, visitor, bot)


def bot_of(giveaway: Giveaway) -> Bot:
    """The bot whose token signs for the giveaway's people."""
    if giveaway.binding is None:
        raise GiveawayNotFound
    return giveaway.binding.bot


def missing_of(
    giveaway: Giveaway, telegram_id: int, channels: tuple[ChannelToJoin, ...]
) -> tuple[ChannelToJoin, ...] | None:
    """Which of the channels the person has yet to join; None when Telegram does not tell."""
    token = token_of(bot_of(giveaway))
    question = gateway.missing_channels(telegram.shared(), token, person_id=telegram_id, channels=channels)
    return telegram.wait_for(question)


def number_of(answer: str) -> int:
    """Stands for the message's number, which no HTTP request has: a client that repeats itself counts once."""
    return -int.from_bytes(sha256(answer.strip().encode()).digest()[:7], "big") - 1


def told(step: Step, visitor: Visitor, bot: Bot) -> Response:
    """One step as an answer or a refusal, in the person's language."""
    sentence = replies.plain(step, visitor.language_code)
    match step:
        case Joined():
            return Response(joined(step, visitor, bot, sentence), status=status.HTTP_201_CREATED)
        case Question():
            return Response(
                {
                    "status": "captcha",
                    "message": sentence,
                    "kind": step.kind,
                    "question": step.question,
                    "choices": [
                        {"answer": choice, "name": replies.name_of(choice, visitor.language_code)}
                        for choice in step.choices
                    ],
                    "attempts_left": step.attempts_left,
                    "wrong": step.wrong,
                }
            )
        case AlreadyIn():
            raise AlreadyParticipated(sentence=sentence)
        case CoolingDown():
            wait = math.ceil((step.until - timezone.now()).total_seconds())
            raise CaptchaAttemptsExceeded(sentence=sentence, retry_after=max(1, wait))
        case NotSubscribed():
            raise UserNotSubscribed(sentence=sentence)
        case Closed.NOT_FOUND:
            raise GiveawayNotFound
        case Closed():
            raise GiveawayNotActive(sentence=sentence)
    # Telegram tells a bot nothing of people it never met (Bot API: PARTICIPANT_ID_INVALID).
    hint = "" if visitor.writable else texts.NEVER_MET.plain(visitor.language_code, link=hello(bot))
    raise SubscriptionNotTold(sentence=sentence + hint)


def hello(bot: Bot) -> str:
    """The link that lets a person start the bot, so that it may write to them."""
    return start_link(settings.TELEGRAM_LINK_URL, bot.username, "hello")


def joined(step: Joined, visitor: Visitor, bot: Bot, sentence: str) -> dict[str, str]:
    """What proves the entry; with the way to let the bot write, for whoever never started it."""
    proof = {"status": "joined", "message": sentence, "code": step.code}
    start = {} if visitor.writable else {"start_link": hello(bot)}
    return {**proof, "nonce": step.nonce, "receipt": step.receipt, **start}
