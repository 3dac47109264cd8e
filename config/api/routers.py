"""Routes: every path answers with and without the slash at its end."""

from rest_framework.routers import SimpleRouter


class Router(SimpleRouter):
    """Clients of the five documents write both forms; a redirect would lose the body of a POST."""

    def __init__(self) -> None:
        super().__init__()
        self.trailing_slash = "/?"
