"""Paths of the webhooks app."""

from config.api import Router
from webhooks.api.views import WebhookViewSet

router = Router()
router.register("api/webhooks", WebhookViewSet, basename="webhooks")
urlpatterns = router.urls
