"""The rules of broadcasts: made once, steered by people, delivered by pumps, counted."""

from broadcasts.services.control import cancel, pause, resume
from broadcasts.services.counting import Counts, counts
from broadcasts.services.create import create

__all__ = ["Counts", "cancel", "counts", "create", "pause", "resume"]
