"""Paths of the participants app."""

from config.api import Router
from participants.api.entering import EnteringViewSet
from participants.api.mailing import MailingViewSet
from participants.api.views import GiveawayResultViewSet, ParticipantViewSet

router = Router()
router.register("api/participants", ParticipantViewSet, basename="participants")
router.register("api/participants", EnteringViewSet, basename="entering")
router.register("api/participants", MailingViewSet, basename="mailings")
router.register("api/giveaways", GiveawayResultViewSet, basename="giveaway-results")
urlpatterns = router.urls
