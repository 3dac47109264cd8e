"""What all doors of broadcasts share: the caller's own, found by their public name, shown as they are now."""

from collections.abc import Callable
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import GenericViewSet

from accounts.api.authentication import actor_of, user_of
from broadcasts import services
from broadcasts.api.serializers import TaskStatusSerializer
from broadcasts.models import Broadcast
from config.api import nothing_in

TASK = r"(?P<task_id>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"


class Owned(GenericViewSet[Broadcast]):
    """What both families of paths share: broadcasts of the caller, a stranger's are not there."""

    queryset = Broadcast.objects.none()
    serializer_class: type[BaseSerializer[Any]] = TaskStatusSerializer
    lookup_field = "public_id"
    lookup_url_kwarg = "task_id"
    lookup_value_regex = TASK.removeprefix("(?P<task_id>").removesuffix(")")
    throttle_scope: str | None = None

    def get_queryset(self) -> Broadcast.Broadcasts:
        return Broadcast.objects.visible_to(user_of(self.request)).select_related("bot", "target")

    def told(self, broadcast: Broadcast, shape: type = TaskStatusSerializer, **more: Any) -> Response:
        """The broadcast as it is now, with its progress."""
        fresh: Any = self.get_queryset().get(pk=broadcast.pk)
        fresh.progress = services.progress(fresh)
        fresh.kinds = services.kinds(fresh)
        for name, value in more.items():
            setattr(fresh, name, value)
        return Response(shape(fresh).data)

    def move(self, request: Request, service: Callable[..., Broadcast]) -> Response:
        """One service, asked by the caller, about the broadcast of the path."""
        nothing_in(request)
        return self.told(service(broadcast_id=self.get_object().pk, by=actor_of(request)))
