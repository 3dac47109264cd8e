"""Lists in pages: {count, next, previous, results}; a page that makes no sense is refused, not guessed."""

import re
from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.views import APIView

from config.language import Text

NUMBER = re.compile(r"[0-9]{1,9}")
UP_TO = Text(en="This must be a whole number from 1 to {most}.", ru="Нужно целое число от 1 до {most}.")
FROM_ONE = Text(en="This must be a whole number from 1 up.", ru="Нужно целое число, начиная с 1.")
NO_PAGE = Text(en="There is no such page.", ru="Такой страницы нет.")


def positive(request: Request, name: str, most: int | None = None) -> int | None:
    """The query parameter as a number from 1 to `most`, None when absent."""
    text = request.query_params.get(name)
    if text is None:
        return None
    value = int(text) if NUMBER.fullmatch(text) else 0
    if value < 1 or (most is not None and value > most):
        raise ValidationError({name: [UP_TO.said(most=most) if most else FROM_ONE.said()]})
    return value


class Pages(PageNumberPagination):
    """`?page=` from 1, `?page_size=` up to 100."""

    page_size = 20
    page_size_query_param = "page_size"
    max_page_size = 100
    last_page_strings = ()

    def get_page_size(self, request: Request) -> int:
        return positive(request, "page_size", self.max_page_size) or self.page_size

    def paginate_queryset(
        self, queryset: QuerySet[Any] | Sequence[Any], request: Request, view: APIView | None = None
    ) -> list[Any] | None:
        positive(request, "page")
        try:
            return super().paginate_queryset(queryset, request, view)
        except NotFound as error:
            raise ValidationError({"page": [NO_PAGE.said()]}) from error
