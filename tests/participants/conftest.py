"""A second stage beside the first: another owner, bot and channel."""

import pytest

from accounts.models import User
from tests.scene import Scene


@pytest.fixture
def other_scene(scene: Scene, stranger: User) -> Scene:
    return Scene(scene.control, stranger)
