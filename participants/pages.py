"""Public pages: the Mini App that leads into a giveaway; of a draw, nothing before it and everything after."""

import hashlib
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
    StreamingHttpResponse,
)
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.views.decorators.cache import cache_control
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from giveaways.models import Change, Giveaway, Status
from participants import draw
from participants.models import Draw
from participants.services import draws, showing
from participants.services import inclusion as proofs
from participants.texts.recompute import RECOMPUTE

VERIFIER = Path(__file__).with_name("verify_draw.py")
forever = cache_control(public=True, max_age=86_400, immutable=True)
MOST_CODE = 64
# Everything is our own and external to the page: nothing inline runs, nothing is sent elsewhere.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def settled(public_id: str) -> Draw:
    """The settled draw of the giveaway; anything else is not there yet."""
    row = Draw.objects.select_related("giveaway").filter(giveaway__public_id=public_id).first()
    if row is None or row.status != Draw.Status.SETTLED:
        raise Http404
    return row


def language_of(request: HttpRequest) -> str:
    """The reader's choice, else the browser's."""
    chosen = request.GET.get("lang", "")
    return chosen if chosen in ("en", "ru") else translation.get_language_from_request(request)


@require_safe
def page(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """What was promised, what came out, and how to check it."""
    published = Giveaway.objects.exclude(opening_sha256="").exclude(status=Status.PUBLISH_FAILED)
    giveaway = published.filter(public_id=public_id).first()
    if giveaway is None:
        raise Http404
    language, code = language_of(request), request.GET.get("code", "").strip().lower()[:MOST_CODE]
    shown: dict[str, Any] = showing.shown(giveaway, language=language, code=code)
    shown["recompute"] = {name: text.template(language) for name, text in RECOMPUTE.items()}
    shown["receipt_key"] = b64encode(draw.receipt_key(settings.SIGNING_KEY)).decode()
    with translation.override(language):
        response = render(request, "participants/draw.html", shown)
    return cached(request, response, seconds=60 if shown["settled"] else 15)


def cached(request: HttpRequest, response: HttpResponse, *, seconds: int) -> HttpResponseBase:
    """An answer anybody may keep for a moment; unchanged, it is not sent again."""
    etag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    response["ETag"] = etag
    response["Cache-Control"] = f"public, max-age={seconds}"
    response["Content-Security-Policy"] = POLICY
    patch_vary_headers(response, ["Accept-Language"])
    return cast(HttpResponseBase, get_conditional_response(request, etag=etag, response=response))


@require_safe
def proof(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """proof.json; it changes when a winner is replaced."""
    told = JsonResponse(draws.proof_of(settled(public_id)), json_dumps_params={"indent": 1})
    return cached(request, told, seconds=15)


@require_safe
def changes(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """changes.txt: the records of what changed since publication, an empty line between two."""
    records = Change.objects.filter(giveaway__public_id=public_id).order_by("number")
    told = "\n".join(records.values_list("record", flat=True))
    if not told:
        raise Http404
    return cached(request, HttpResponse(told, content_type="text/plain; charset=utf-8"), seconds=15)


@require_safe
@forever
def entries(_request: HttpRequest, public_id: str) -> StreamingHttpResponse:
    """entries.txt, streamed."""
    row = settled(public_id)
    lines: Iterator[bytes] = draw.entry_lines(draws.entries_of(row.giveaway_id))
    return StreamingHttpResponse(lines, content_type="text/plain; charset=utf-8")


@require_safe
@forever
def inclusion(_request: HttpRequest, public_id: str, code: str) -> JsonResponse:
    """The proof that a code stands in the sealed list."""
    proved = proofs.prove(settled(public_id), code)
    if proved is None:
        raise Http404
    return JsonResponse(proved, json_dumps_params={"indent": 1})


@require_safe
@forever
def verifier(_request: HttpRequest, public_id: str) -> FileResponse:
    """verify_draw.py, which needs nothing of ours."""
    settled(public_id)
    return FileResponse(VERIFIER.open("rb"), as_attachment=True, content_type="text/x-python")


@require_safe
@xframe_options_exempt
@cache_control(public=True, max_age=300)
def join(request: HttpRequest) -> HttpResponse:
    """The Mini App. Telegram's own web clients show it in a frame, and nobody else may."""
    response = render(request, "participants/join.html")
    response["Content-Security-Policy"] = (
        "default-src 'self'; base-uri 'none'; frame-ancestors https://web.telegram.org https://*.telegram.org"
    )
    return response
