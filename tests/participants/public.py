"""A public draw on the scene: the sandbox's relays, and steps through its waiting."""

from typing import Any

from giveaways.models import Giveaway
from giveaways.services import life
from giveaways.tasks import conclude_waiting
from participants import tasks
from participants.models import Draw
from sandbox import drand
from tests.scene import OWNER, Scene

DELAY = 60


def with_relays(settings: Any, scene: Scene, *relays: str, quicknet: bool = False) -> None:
    """The relays of the sandbox, by their manners; the chain is the sandbox's own unless it is quicknet."""
    settings.DRAND_URLS = [f"{scene.control.url}/drand/{relay}" for relay in relays or ("honest", "second")]
    settings.DRAND_CHAIN = "" if quicknet else drand.PROMISED
    settings.DRAND_PUBLIC_KEY = "" if quicknet else drand.PUBLIC_KEY


def closed(scene: Scene, entrants: int, **fields: Any) -> Giveaway:
    """A public draw whose list is sealed; its hash is not in the channel yet."""
    giveaway = scene.published(beacon="drand", **fields)
    scene.enrolled(giveaway, entrants, told=False)
    life.finish(giveaway_id=giveaway.pk, by=OWNER)
    tasks.draw_waiting()
    giveaway.refresh_from_db()
    return giveaway


def waiting(scene: Scene, entrants: int = 3, **fields: Any) -> Giveaway:
    """A public draw that waits for its round."""
    giveaway = closed(scene, entrants, **fields)
    conclude_waiting()
    tasks.draw_waiting()
    assert Draw.objects.get(giveaway=giveaway).status == Draw.Status.WAITING
    giveaway.refresh_from_db()
    return giveaway
