"""Paths of the giveaways app."""

from config.api import Router
from giveaways.api.views import GiveawayViewSet

router = Router()
router.register("api/giveaways", GiveawayViewSet, basename="giveaways")
urlpatterns = router.urls
