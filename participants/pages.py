"""Public pages: the Mini App that leads into a giveaway; of a draw, nothing before it and everything after."""

from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from giveaways.models import Giveaway, Status
from participants import draw
from participants.models import Draw
from participants.services import draws, results
from participants.services import inclusion as proofs

VERIFIER = Path(__file__).with_name("verify_draw.py")
forever = cache_control(public=True, max_age=86_400, immutable=True)


def settled(public_id: str) -> Draw:
    """The settled draw of the giveaway; anything else is not there yet."""
    row = Draw.objects.select_related("giveaway").filter(giveaway__public_id=public_id).first()
    if row is None or row.status != Draw.Status.SETTLED:
        raise Http404
    return row


@require_safe
def page(request: HttpRequest, public_id: str) -> HttpResponse:
    """What was promised, what came out, and how to check it."""
    published = Giveaway.objects.exclude(opening_sha256="").exclude(status=Status.PUBLISH_FAILED)
    giveaway = published.filter(public_id=public_id).first()
    if giveaway is None:
        raise Http404
    row = Draw.objects.filter(giveaway=giveaway, status=Draw.Status.SETTLED).first()
    winners = results.winners(giveaway) if row else []
    context = {
        "giveaway": giveaway,
        "draw": row,
        "winners": winners,
        "status": Status,
        "receipt_key": b64encode(draw.receipt_key(settings.SIGNING_KEY)).decode(),
    }
    response = render(request, "participants/draw.html", context)
    response["Cache-Control"] = "public, max-age=30"
    return response


@require_safe
@forever
def proof(_request: HttpRequest, public_id: str) -> HttpResponse:
    """proof.json"""
    return JsonResponse(draws.proof_of(settled(public_id)), json_dumps_params={"indent": 1})


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
