"""Paths of offers and money."""

from config.api import Router
from offers.api.account import AccountViewSet
from offers.api.catalogue import CatalogueViewSet
from offers.api.orders import ActivationViewSet, OfferViewSet

router = Router()
router.register("api/v1/offers", CatalogueViewSet, basename="catalogue")
router.register("api/v1/offers", OfferViewSet, basename="offers")
router.register("api/v1/account", AccountViewSet, basename="account")
router.register("api/v1/activation", ActivationViewSet, basename="activation")
urlpatterns = router.urls
