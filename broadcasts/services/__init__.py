"""The rules of broadcasts: made once, steered by people, delivered by pumps, counted, served again."""

from broadcasts.services.again import decide, serve_again
from broadcasts.services.control import cancel, pause, resume
from broadcasts.services.counting import Counts, counts
from broadcasts.services.create import create

__all__ = ["Counts", "cancel", "counts", "create", "decide", "pause", "resume", "serve_again"]
