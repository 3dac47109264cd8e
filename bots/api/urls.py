"""Paths of the bots app."""

from bots.api.media import MediaViewSet
from bots.api.messages import MessageViewSet
from bots.api.owners import TelegramLinkViewSet
from bots.api.views import BotViewSet, ChannelViewSet, TaskViewSet
from config.api import Router

router = Router()
router.register("bots", BotViewSet, basename="bots")
router.register("channels", ChannelViewSet, basename="channels")
router.register("api/media", MediaViewSet, basename="media")
router.register("api/v1/account", TelegramLinkViewSet, basename="telegram-link")
router.register("messages", MessageViewSet, basename="messages")
router.register("tasks", TaskViewSet, basename="tasks")
urlpatterns = router.urls
