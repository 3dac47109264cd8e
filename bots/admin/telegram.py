"""The back office of bots and channels; tokens are never shown."""

from datetime import timedelta
from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from accounts import services as accounts
from accounts.models import User
from bots import tasks
from bots.charts import charts_of
from bots.models import (
    Alert,
    Binding,
    Bot,
    Channel,
    ChannelDay,
    ChannelMessage,
    ChannelPost,
    Job,
    LinkedOwner,
    Media,
    MemberChange,
    Subscriber,
    TelegramFile,
    Telling,
)
from bots.services import bots, channels, checks, members, moving, proposals, statistics
from bots.services import messages as posts
from config.addresses import client_address
from config.nudge import nudge
from config.readonly import ReadOnlyAdmin

SHOWN_LINKS = 20


@admin.register(Bot)
class BotAdmin(ReadOnlyAdmin):
    """Bots and whether Telegram takes their tokens."""

    list_display = ("username", "alias", "account", "status", "status_reason", "checked_at", "polled_by")
    list_filter = ("status",)
    search_fields = ("username", "alias", "name", "telegram_id", "account__name")
    list_select_related = ("account",)
    exclude = ("token_encrypted", "token_fingerprint", "mtproto_session_encrypted")
    actions = ("ask_telegram", "move_channels", "deactivate")

    @admin.action(description="Move the channels to other bots of the account")
    def move_channels(self, request: HttpRequest, queryset: QuerySet[Bot]) -> None:
        by = accounts.actor(cast(User, request.user), client_address(request))
        for bot in queryset:
            with self.refusals(request, bot):
                job = moving.request_moves(bot=bot, by=by)
                self.message_user(
                    request, f"The channels of {bot} are moved by job {job.pk}", messages.SUCCESS
                )
        nudge(tasks.run_waiting_jobs)

    @admin.action(description="Ask Telegram now")
    def ask_telegram(self, request: HttpRequest, queryset: QuerySet[Bot]) -> None:
        by = accounts.actor(cast(User, request.user), client_address(request))
        for bot in queryset:
            with self.refusals(request, bot):
                checked = tasks.check_bot(bot_id=bot.pk, by=by)
                self.message_user(request, f"{checked} is {checked.status}", messages.SUCCESS)

    @admin.action(description="Deactivate")
    def deactivate(self, request: HttpRequest, queryset: QuerySet[Bot]) -> None:
        by = accounts.actor(cast(User, request.user), client_address(request))
        for bot in queryset:
            bots.deactivate_bot(bot_id=bot.pk, by=by)
            self.message_user(request, f"{bot} is deactivated", messages.SUCCESS)


@admin.register(Channel)
class ChannelAdmin(ReadOnlyAdmin):
    """Channels some bot knows."""

    list_display = ("title", "username", "telegram_id", "created_at")
    search_fields = ("title", "username", "telegram_id")
    date_hierarchy = "created_at"
    change_form_after_template = "bots/channel_charts.html"

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        oldest = statistics.today() - timedelta(days=statistics.SHOWN_DAYS)
        channel_id = int(object_id) if object_id and object_id.isdecimal() else 0
        days = ChannelDay.objects.filter(channel_id=channel_id, day__gte=oldest)
        links = members.totals_by_link(channel_id)[:SHOWN_LINKS]
        context = {**(extra_context or {}), "charts": charts_of(list(days)), "links": links}
        response: HttpResponse = super().changeform_view(request, object_id, form_url, context)
        return response


@admin.register(MemberChange)
class MemberChangeAdmin(ReadOnlyAdmin):
    """Who came into channels and who left, as far as Telegram told."""

    list_display = ("at", "channel", "person_id", "joined", "link_name", "link", "link_creator")
    list_filter = ("joined",)
    search_fields = (
        "channel__title",
        "channel__username",
        "channel__telegram_id",
        "person_id",
        "link",
        "link_name",
    )
    list_select_related = ("channel",)
    date_hierarchy = "at"


@admin.register(ChannelDay)
class ChannelDayAdmin(ReadOnlyAdmin):
    """Channels by day; what no source told is empty."""

    list_display = (
        "day", "channel", "posts", "posts_source", "views", "views_precision", "views_source", "members",
        "joins", "leaves", "collected_at",
    )  # fmt: skip
    list_filter = ("posts_source", "views_source")
    search_fields = ("channel__title", "channel__username", "channel__telegram_id")
    list_select_related = ("channel",)
    date_hierarchy = "day"


@admin.register(ChannelPost)
class ChannelPostAdmin(ReadOnlyAdmin):
    """Publications as far as they were seen."""

    list_display = (
        "published_at", "channel", "message_id", "source", "views", "views_precision", "views_source",
        "views_at",
    )  # fmt: skip
    list_filter = ("source", "views_source")
    search_fields = ("channel__title", "channel__username", "channel__telegram_id", "message_id")
    list_select_related = ("channel",)
    date_hierarchy = "published_at"


@admin.register(Binding)
class BindingAdmin(ReadOnlyAdmin):
    """Which bot serves which channel, and whether it may post there."""

    list_display = ("channel", "requested", "bot", "account", "status", "reason", "checked_at")
    list_filter = ("status",)
    search_fields = ("channel__title", "channel__username", "requested", "bot__username", "account__name")
    list_select_related = ("channel", "bot", "account")
    actions = ("ask_telegram", "accept", "move", "unbind")

    @admin.action(description="Move to another bot of the account")
    def move(self, request: HttpRequest, queryset: QuerySet[Binding]) -> None:
        by = accounts.actor(cast(User, request.user), client_address(request))
        for binding in queryset:
            with self.refusals(request, binding):
                job = moving.request_move(binding=binding, by=by)
                self.message_user(request, f"{binding} is moved by job {job.pk}", messages.SUCCESS)
        nudge(tasks.run_waiting_jobs)

    @admin.action(description="Accept the proposed channel")
    def accept(self, request: HttpRequest, queryset: QuerySet[Binding]) -> None:
        by = accounts.actor(cast(User, request.user), client_address(request))
        for binding in queryset:
            with self.refusals(request, binding):
                proposals.accept(binding_id=binding.pk, by=by)
                self.message_user(request, f"{binding} is accepted", messages.SUCCESS)
        nudge(tasks.run_waiting_jobs)

    @admin.action(description="Ask Telegram now")
    def ask_telegram(self, request: HttpRequest, queryset: QuerySet[Binding]) -> None:
        for binding in queryset:
            with self.refusals(request, binding):
                checks.request_binding_check(binding_id=binding.pk)
                self.message_user(request, f"{binding} is being checked", messages.SUCCESS)
        nudge(tasks.run_waiting_jobs)

    @admin.action(description="Unbind the channel, or decline it")
    def unbind(self, request: HttpRequest, queryset: QuerySet[Binding]) -> None:
        by = accounts.actor(cast(User, request.user), client_address(request))
        for binding in queryset:
            channels.deactivate_binding(binding_id=binding.pk, by=by)
            self.message_user(request, f"{binding} is unbound", messages.SUCCESS)


@admin.register(Subscriber)
class SubscriberAdmin(ReadOnlyAdmin):
    """Who started a bot and can be written to."""

    list_display = ("chat_id", "bot", "language_code", "unreachable", "seen_at")
    list_filter = ("unreachable", "language_code")
    search_fields = ("chat_id", "bot__username")
    list_select_related = ("bot",)


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    """Work asked for over HTTP."""

    list_display = ("id", "kind", "account", "status", "attempts", "created_at", "finished_at")
    list_filter = ("kind", "status")
    search_fields = ("id", "account__name")
    list_select_related = ("account",)
    date_hierarchy = "created_at"


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin):
    """What owners had to know, and when they were mailed."""

    list_display = ("kind", "account", "text", "created_at", "mailed_at", "attempts")
    list_filter = ("kind", ("mailed_at", admin.EmptyFieldListFilter))
    search_fields = ("text", "account__name")
    list_select_related = ("account",)
    date_hierarchy = "created_at"


@admin.register(LinkedOwner)
class LinkedOwnerAdmin(ReadOnlyAdmin):
    """Users as bots know them on Telegram; codes are never shown."""

    list_display = ("user", "bot", "chat_id", "linked_at", "code_expires_at")
    list_filter = (("linked_at", admin.EmptyFieldListFilter),)
    search_fields = ("user__username", "bot__username", "chat_id")
    list_select_related = ("user", "bot")
    exclude = ("code_digest",)


@admin.register(Telling)
class TellingAdmin(ReadOnlyAdmin):
    """Alerts told to owners in Telegram, and why not."""

    list_display = ("alert", "user", "bot", "told_at", "given_up", "attempts", "due_at")
    list_filter = (("told_at", admin.EmptyFieldListFilter), "given_up")
    search_fields = ("alert__text", "user__username", "bot__username")
    list_select_related = ("alert", "user", "bot")
    date_hierarchy = "due_at"


@admin.register(ChannelMessage)
class ChannelMessageAdmin(ReadOnlyAdmin):
    """Messages for channels and what became of them."""

    list_display = (
        "id", "binding", "account", "status", "attempts", "message_id", "error", "due_at", "sent_at",
    )  # fmt: skip
    list_filter = ("status",)
    search_fields = ("text", "account__name", "binding__channel__title", "message_id")
    list_select_related = ("account", "binding__channel", "binding__bot")
    date_hierarchy = "created_at"
    actions = ("send_again",)

    @admin.action(description="Send again (look into the channel first: an uncertain message may be there)")
    def send_again(self, request: HttpRequest, queryset: QuerySet[ChannelMessage]) -> None:
        by = accounts.actor(cast(User, request.user), client_address(request))
        for message in queryset:
            with self.refusals(request, message):
                posts.send_again(message_id=message.pk, by=by)
                self.message_user(request, f"{message} is sent again", messages.SUCCESS)


@admin.register(Media)
class MediaAdmin(ReadOnlyAdmin):
    """Files of posts and mailings; their bytes are not shown."""

    list_display = ("file_name", "kind", "mime_type", "size", "account", "created_at")
    list_filter = ("kind",)
    search_fields = ("file_name", "sha256", "account__name")
    list_select_related = ("account",)
    date_hierarchy = "created_at"


@admin.register(TelegramFile)
class TelegramFileAdmin(ReadOnlyAdmin):
    """The ids Telegram gave bots for files."""

    list_display = ("media", "bot", "kind", "created_at")
    list_filter = ("kind",)
    search_fields = ("media__file_name", "bot__username", "file_id")
    list_select_related = ("media", "bot")
