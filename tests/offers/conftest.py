"""A stage with a partner."""

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox import partner as stand_in
from tests.offers.partner import PartnerStage


@pytest.fixture
def partner(sandbox_url: str, settings: Any) -> Iterator[PartnerStage]:
    """The sandbox's partner as the platform's; faults a test asked for end with it."""
    settings.PARTNER_URL = f"{sandbox_url}/partner"
    settings.PARTNER_API_KEY, settings.PARTNER_SECRET = stand_in.API_KEY, stand_in.SECRET
    stage = PartnerStage(sandbox_url)
    yield stage
    stage.calm()
    stage.http.close()
