"""The Swagger description: every operation says which errors it may answer."""

from drf_yasg import openapi
from drf_yasg.inspectors import SwaggerAutoSchema

INFO = openapi.Info(title="Telegive", default_version="v1")


class Schema(SwaggerAutoSchema):  # type: ignore[misc]
    pass
