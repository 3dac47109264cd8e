"""Files over HTTP: uploaded once, then named by their id in messages and mailings."""

from typing import Any, ClassVar

from drf_yasg.utils import swagger_auto_schema
from rest_framework import mixins, serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.api.authentication import actor_of, user_of
from bots.api.uploads import FILE, uploaded_file
from bots.api.views import WITH_BASIC
from bots.models import Media
from bots.services import media


class MediaSerializer(serializers.ModelSerializer[Media]):
    """A file as its owner sees it; `id` is the media_id of messages and mailings."""

    class Meta:
        model = Media
        fields = ("id", "kind", "file_name", "mime_type", "size", "sha256", "created_at")
        swagger_schema_fields: ClassVar[dict[str, Any]] = {
            "example": {
                "id": 12,
                "kind": "photo",
                "file_name": "cat.jpg",
                "mime_type": "image/jpeg",
                "size": 81920,
                "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                "created_at": "2030-01-01T12:00:00Z",
            }
        }


class MediaViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.DestroyModelMixin, GenericViewSet[Media]
):
    """`/api/media/`"""

    authentication_classes = WITH_BASIC
    parser_classes = (MultiPartParser,)
    serializer_class = MediaSerializer
    queryset = Media.objects.none()
    filterset_fields = ("kind",)
    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self) -> Media.Files:
        return Media.objects.visible_to(user_of(self.request)).order_by("-id")

    @swagger_auto_schema(operation_summary="The account's files, the newest first; `kind` filters.")
    def list(self, request: Request) -> Response:
        return super().list(request)

    @swagger_auto_schema(operation_summary="One file: what it is.")
    def retrieve(self, request: Request, pk: str) -> Response:
        return super().retrieve(request, pk=pk)

    @swagger_auto_schema(manual_parameters=[FILE], request_body=None, responses={201: MediaSerializer})
    def create(self, request: Request) -> Response:
        """Keeps a file for messages and mailings: a form with the field `file`, 50 MB at most, photos 10 MB.

        What it is, its bytes say: photo (jpg, png, webp), animation (gif), video (mp4), voice (Ogg with Opus),
        audio (mp3, m4a), anything else a document. The same file again has the id it had.
        """
        file = uploaded_file(request)
        stored = media.store(
            account_id=user_of(request).account_id,
            by=actor_of(request),
            name=file.name or "",
            content=file.chunks(),
        )
        return Response(MediaSerializer(stored).data, status=status.HTTP_201_CREATED)

    @swagger_auto_schema(responses={204: "It is gone."})
    def destroy(self, request: Request, pk: str) -> Response:  # noqa: ARG002
        """Deletes a file that nothing sent or to be sent shows."""
        media.delete(media_id=self.get_object().pk, by=actor_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
