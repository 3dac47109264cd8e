"""The list of what is sold, the platform's busiest page: answered from memory, with no query of the database."""

from typing import Any

from django.http import HttpResponse
from drf_yasg.utils import swagger_auto_schema
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.viewsets import GenericViewSet

from accounts import sessions
from accounts.api.authentication import BearerAuthentication, SessionAuthentication, credentials
from offers.api.serializers import CatalogueQuerySerializer, OfferSerializer
from offers.models import Offer
from offers.services import catalogue


class ReaderBearerAuthentication(BearerAuthentication):
    """A bearer token without a look at the user's row, see `sessions.reader`; the catalogue's version comes with it."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        raw = credentials(request, "bearer")
        if raw is None:
            return None
        reader, (version,) = sessions.reader(raw, beside=[catalogue.VERSION])
        return reader, catalogue.of(version)


class CatalogueViewSet(GenericViewSet[Offer]):
    """`/api/v1/offers/`

    Every user reads the same list, so a token is believed by its signature and its session, and the user's row is
    not asked: who was deactivated a moment ago may still read prices until the token runs out, and nothing else.
    """

    authentication_classes = [ReaderBearerAuthentication, SessionAuthentication]
    queryset = Offer.objects.none()
    serializer_class = OfferSerializer
    filter_backends = []

    @swagger_auto_schema(
        query_serializer=CatalogueQuerySerializer, responses={200: OfferSerializer(many=True)}
    )
    def list(self, request: Request) -> HttpResponse:
        """The offers that are sold, the cheapest first."""
        found = request.auth if isinstance(request.auth, catalogue.Catalogue) else catalogue.current()
        address = request.build_absolute_uri()
        if (answer := found.answers.get(address)) is None:
            answer = self.written(found, request)
            found.keep_answer(address, answer)
        return HttpResponse(answer, content_type="application/json")

    def written(self, found: catalogue.Catalogue, request: Request) -> bytes:
        """The page that was asked for, as JSON."""
        asked = CatalogueQuerySerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        page: Any = self.paginate_queryset(catalogue.narrowed(found, **asked.validated_data))
        told = self.get_paginated_response(OfferSerializer(page, many=True).data)
        return bytes(JSONRenderer().render(told.data))
