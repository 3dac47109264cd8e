"""Which subscriptions run out soon."""

import pytest

from accounts.models import User
from offers.services import subscriptions
from tests.offers.factories import make_offer, make_running

pytestmark = pytest.mark.django_db


def test_it_names_what_ends_within_the_days_and_nothing_else(owner: User, stranger: User) -> None:
    offer = make_offer()
    later, soon = (make_running(owner, offer, days_left=days) for days in (2.5, 0.5))
    make_running(owner, offer, days_left=3.5)
    make_running(owner, offer, days_left=-1)
    make_running(stranger, offer, days_left=1)
    assert list(subscriptions.expiring(user=owner)) == [soon, later]
    assert list(subscriptions.expiring(user=owner, days=1)) == [soon]
