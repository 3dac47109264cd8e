"""Sending and replacing media."""

from sandbox.telegram.errors import bad_request
from sandbox.telegram.methods.registry import Call
from sandbox.telegram.models import JSON
from sandbox.telegram.views import MEDIA


def attachment_of(content: JSON) -> JSON:
    """The media of a content, without its caption."""
    return {key: value for key, value in content.items() if key in MEDIA}


async def input_media(call: Call, media: JSON) -> JSON:
    raise bad_request(f"{call.method} of {media.get('type')} is not offered")
