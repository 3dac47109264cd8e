"""The partner's stand-in as tests direct it, and the clock's task by hand."""

from typing import Any

import httpx
from django.utils import timezone

from offers import tasks
from offers.models import Transaction


class PartnerStage:
    """The sandbox's partner: what goes wrong there next, and the truth about what it holds."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=f"{url}/sandbox/partner", timeout=30)

    def fault(self, kind: str, question: str = "activate", **about: Any) -> None:
        body = {"kind": kind, "question": question, "times": 1, **about}
        assert self.http.post("/faults", json=body).is_success

    def calm(self) -> None:
        self.http.delete("/faults")

    def service(self, order: Transaction) -> dict[str, Any]:
        """What the partner knows of the order; a status of "absent" when it never heard of it."""
        found = [one for one in self.services() if one["transaction_id"] == str(order.public_id)]
        return found[0] if found else {"status": "absent", "switched_on": 0}

    def services(self, status: str = "") -> list[dict[str, Any]]:
        return list(self.http.get("/services", params={"status": status}).json())


def tick() -> None:
    """The worker looks at once after whatever is open, however long it was to wait."""
    Transaction.objects.filter(status="PENDING").update(due_at=timezone.now())
    tasks.settle_waiting()


def lose_the_worker(order: Transaction) -> None:
    """The lease of a claimed order is over: its worker is taken for dead."""
    Transaction.objects.filter(pk=order.pk, status="PROCESSING").update(claimed_until=timezone.now())
