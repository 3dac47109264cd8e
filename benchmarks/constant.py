"""The platform's own web process with one more page in front of all: constant bytes, behind the same middleware."""

from config.wsgi import application  # isort: skip (it makes ready what follows)
from django.http import HttpRequest, HttpResponse
from django.urls import path

from config import urls

__all__ = ["application"]

BYTES = b'{"results": "' + b"x" * 2000 + b'"}'  # about as long as a page of ten offers


def constant(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(BYTES, content_type="application/json")


urls.urlpatterns.insert(0, path("constant", constant))
