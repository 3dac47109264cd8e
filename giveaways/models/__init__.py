"""Facts about giveaways: what was promised, where its life stands, the posts it needs, and what begins it again."""

from giveaways.models.giveaway import (
    EDITABLE,
    LIVE,
    NEXT,
    RUNNING,
    Beacon,
    Change,
    Giveaway,
    Post,
    Status,
)
from giveaways.models.template import Repetition, Template

__all__ = [
    "EDITABLE", "LIVE", "NEXT", "RUNNING", "Beacon", "Change", "Giveaway", "Post", "Repetition", "Status", "Template",
]  # fmt: skip
