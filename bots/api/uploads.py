"""The file in a form: taken as it comes, refused before it is read when it is too long."""

from django.core.files.uploadedfile import UploadedFile
from drf_yasg import openapi
from rest_framework.request import Request

from bots.errors import MediaRefused
from bots.media import MEGABYTE, MOST_BYTES
from config.language import Text

FILE = openapi.Parameter("file", openapi.IN_FORM, type=openapi.TYPE_FILE, required=True)
AROUND_IT = MEGABYTE  # what a form writes around the file
REFUSAL = Text(
    en="Send the file in the form field `file`, 50 MB at most.",
    ru="Пришлите файл в поле формы `file`, не больше 50 МБ.",
)


def uploaded_file(request: Request) -> "UploadedFile[bytes]":
    """The form's `file`. Larger ones lie on disk, so that reading it in chunks costs no memory."""
    announced = str(request.META.get("CONTENT_LENGTH") or "0")
    if announced.isdecimal() and int(announced) > MOST_BYTES + AROUND_IT:
        raise MediaRefused(REFUSAL)
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile) or (file.size or 0) > MOST_BYTES:
        raise MediaRefused(REFUSAL)
    return file
