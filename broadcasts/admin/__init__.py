"""The back office of broadcasts: make one, watch it, steer it, and see what became of every recipient."""

from broadcasts.admin import broadcasts, rows

__all__ = ["broadcasts", "rows"]
