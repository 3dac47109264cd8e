"""Public pages: the Mini App, and draws."""

from django.urls import re_path

from participants import pages

DRAW = r"^draws/(?P<public_id>[A-Za-z0-9-]{1,64})"
urlpatterns = [
    re_path(r"^join/?$", pages.join, name="join"),
    re_path(DRAW + r"/?$", pages.page, name="draw"),
    re_path(DRAW + r"/proof\.json$", pages.proof, name="draw-proof"),
    re_path(DRAW + r"/changes\.txt$", pages.changes, name="draw-changes"),
    re_path(DRAW + r"/entries\.txt$", pages.entries, name="draw-entries"),
    re_path(DRAW + r"/inclusion/(?P<code>[a-z2-7]{32})/?$", pages.inclusion, name="draw-inclusion"),
    re_path(DRAW + r"/verify_draw\.py$", pages.verifier, name="draw-verifier"),
]
