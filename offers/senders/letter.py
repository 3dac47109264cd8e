"""One letter as a sender is given it."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Letter:
    """Every attempt at one notice carries the same `reference`."""

    notice_id: int
    made_at: int
    to: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)

    @property
    def reference(self) -> str:
        """Unique even when a database is made anew and counts from one again."""
        return f"notice.{self.notice_id}.{self.made_at}"
