"""Registering, logging in and out, and one's profile, over HTTP."""

from typing import cast

from django.contrib.auth.signals import user_logged_in
from drf_yasg.utils import swagger_auto_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet
from rest_framework_simplejwt.tokens import AccessToken

from accounts import logins, services, sessions
from accounts.api.authentication import BearerAuthentication, actor_of, user_of
from accounts.api.serializers import (
    LoginAnswerSerializer,
    LoginSerializer,
    LogoutSerializer,
    ProfileSerializer,
    RefreshSerializer,
    RegisterSerializer,
    TokensSerializer,
)
from accounts.models import User
from config.addresses import client_address


class Doors(GenericViewSet[User]):
    """What both families of paths share.

    Whoever opens a session authenticates with the body: a stale token in the header must not stop them.
    """

    throttle_scope: str | None = None
    queryset = User.objects.none()
    pagination_class = None
    filter_backends = []

    def new_user(self, request: Request) -> Response:
        serializer = RegisterSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        user = services.register(**serializer.validated_data, address=client_address(request._request))
        return Response(ProfileSerializer(user).data, status=status.HTTP_201_CREATED)

    def new_session(self, request: Request) -> sessions.Tokens:
        serializer = LoginSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        user = logins.check(request._request, **serializer.validated_data)
        # django-axes forgets the failures before a good login when it hears this.
        user_logged_in.send(sender=User, request=request._request, user=user)
        return services.log_in(user=user, by=services.actor(user, client_address(request._request)))


class AuthViewSet(Doors):
    """`/api/v1/auth/...`"""

    @swagger_auto_schema(request_body=RegisterSerializer, responses={201: ProfileSerializer}, security=[])
    @action(
        detail=False,
        methods=["post"],
        throttle_scope="register",
        authentication_classes=[],
        permission_classes=[AllowAny],
    )
    def register(self, request: Request) -> Response:
        """Opens an account.

        The name is free in any case of its letters; the password is checked against common ones.
        """
        return self.new_user(request)

    @swagger_auto_schema(request_body=LoginSerializer, responses={200: TokensSerializer}, security=[])
    @action(
        detail=False,
        methods=["post"],
        throttle_scope="login",
        authentication_classes=[],
        permission_classes=[AllowAny],
    )
    def login(self, request: Request) -> Response:
        """Logs in: an access token for requests and a refresh token for the next pair."""
        return Response(TokensSerializer(self.new_session(request)).data)

    @swagger_auto_schema(request_body=RefreshSerializer, responses={200: TokensSerializer}, security=[])
    @action(
        detail=False,
        methods=["post"],
        throttle_scope="login",
        authentication_classes=[],
        permission_classes=[AllowAny],
    )
    def refresh(self, request: Request) -> Response:
        """Exchanges a refresh token for a new pair; each refresh token works once."""
        serializer = RefreshSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response(TokensSerializer(sessions.renew(serializer.validated_data["refresh"])).data)

    @swagger_auto_schema(request_body=LogoutSerializer, responses={204: "The session has ended."})
    @action(detail=False, methods=["post"], authentication_classes=[BearerAuthentication])
    def logout(self, request: Request) -> Response:
        """Ends the session: its access tokens and its refresh tokens stop working at once."""
        serializer = LogoutSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        refresh = serializer.validated_data.get("refresh")
        token = cast(AccessToken, request.auth)
        services.log_out(user=user_of(request), token=token, refresh=refresh, by=actor_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @swagger_auto_schema(responses={200: ProfileSerializer})
    @action(detail=False, methods=["get"])
    def profile(self, request: Request) -> Response:
        """Shows the caller: name, address, phone, and the account they act for."""
        return Response(ProfileSerializer(user_of(request)).data)

    @swagger_auto_schema(request_body=ProfileSerializer, responses={200: ProfileSerializer})
    @profile.mapping.patch
    def update_profile(self, request: Request) -> Response:
        """Changes the caller's names, e-mail address and phone, or the account's name, language and time zone.

        The phone is written with its country, like `+4915112345678`; notices about offers go there by SMS. Empty
        values take the address or the phone away.
        """
        serializer = ProfileSerializer(data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        user = services.update_profile(
            user_id=user_of(request).pk, changes=serializer.changes(), by=actor_of(request)
        )
        return Response(ProfileSerializer(user).data)


class ShortAuthViewSet(Doors):
    """`/register` and `/login`, as the mailing clients know them."""

    @swagger_auto_schema(request_body=RegisterSerializer, responses={201: ProfileSerializer}, security=[])
    @action(
        detail=False,
        methods=["post"],
        throttle_scope="register",
        authentication_classes=[],
        permission_classes=[AllowAny],
    )
    def register(self, request: Request) -> Response:
        """Opens an account; the same as `/api/v1/auth/register`."""
        return self.new_user(request)

    @swagger_auto_schema(request_body=LoginSerializer, responses={200: LoginAnswerSerializer}, security=[])
    @action(
        detail=False,
        methods=["post"],
        throttle_scope="login",
        authentication_classes=[],
        permission_classes=[AllowAny],
    )
    def login(self, request: Request) -> Response:
        """Logs in; the access token is called `access_token` here."""
        return Response(LoginAnswerSerializer(self.new_session(request)).data)
