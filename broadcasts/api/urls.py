"""Paths of the broadcasts app."""

from broadcasts.api.views import BroadcastViewSet, TaskViewSet
from config.api import Router

router = Router()
router.register("api/broadcasts", BroadcastViewSet, basename="broadcasts")
router.register("", TaskViewSet, basename="broadcast-tasks")
urlpatterns = router.urls
