"""The HTTP contract's settings that no environment changes: DRF, the rates of requests, Swagger."""

from typing import Any

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.api.authentication.BearerAuthentication",
        "accounts.api.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_THROTTLE_CLASSES": ["config.throttles.Throttle"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["config.parsers.StrictJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "config.api.Pages",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "EXCEPTION_HANDLER": "config.api.exception_handler",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "PAGE_SIZE": 20,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
THROTTLE_RATES = {  # requests, seconds: the whole allowance may come in one burst, then it refills evenly
    "account": (600, 60),
    "address": (300, 60),
    "login": (10, 60),
    "register": (10, 3600),
    "basic": (60, 60),  # failed Basic logins; a good one gives its share back
    "publish": (30, 60),
    "broadcast": (30, 60),
    "public": (120, 60),
}
SWAGGER_SETTINGS = {
    "SECURITY_DEFINITIONS": {
        "Bearer": {
            "type": "apiKey",
            "name": "Authorization",
            "in": "header",
            "description": "`Bearer <access token>` from /api/v1/auth/login",
        },
        "Basic": {"type": "basic"},
        "InitData": {
            "type": "apiKey",
            "name": "Authorization",
            "in": "header",
            "description": "`tma <initData>`: a person for themself, from a Mini App of the giveaway's bot",
        },
    },
    "DEFAULT_AUTO_SCHEMA_CLASS": "config.schema.Schema",
    "DEFAULT_GENERATOR_CLASS": "config.schema.Generator",
    "DEFAULT_INFO": "config.schema.INFO",
    "VALIDATOR_URL": None,  # the default would send the description to a stranger's server
    "LOGIN_URL": "admin:login",
    "LOGOUT_URL": "admin:logout",
}
