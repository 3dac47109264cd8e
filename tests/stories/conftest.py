"""The stage of the stories."""

import pytest

from tests.scene import Control
from tests.stories.town import Town


@pytest.fixture
def town(transactional_db: None, control: Control) -> Town:
    """Nobody has an account yet."""
    return Town(control)
