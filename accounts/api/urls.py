"""Paths of accounts."""

from accounts.api.views import AuthViewSet, ShortAuthViewSet
from config.api import Router

router = Router()
router.register("api/v1/auth", AuthViewSet, basename="auth")
router.register("", ShortAuthViewSet, basename="short-auth")
urlpatterns = router.urls
