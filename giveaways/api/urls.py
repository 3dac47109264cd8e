"""Paths of the giveaways app."""

from config.api import Router
from giveaways.api.templates import RepetitionViewSet, TemplateViewSet
from giveaways.api.views import GiveawayViewSet

router = Router()
router.register("api/giveaways/templates", TemplateViewSet, basename="giveaway-templates")
router.register("api/giveaways/repetitions", RepetitionViewSet, basename="giveaway-repetitions")
router.register("api/giveaways", GiveawayViewSet, basename="giveaways")
urlpatterns = router.urls
