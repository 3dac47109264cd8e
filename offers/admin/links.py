"""Links between the rows of the back office."""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html


def rows_of(model: str, words: object, **narrowed: Any) -> str:
    """A link to the list of a model, such as `offers_transaction`, narrowed to some of its rows."""
    address = f"{reverse(f'admin:{model}_changelist')}?{urlencode(narrowed)}"
    return format_html('<a class="text-primary-600 dark:text-primary-500" href="{}">{}</a>', address, words)
