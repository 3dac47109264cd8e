"""What every test finds: the cast (owner, stranger, staff), their clients, and an empty Redis."""

from collections.abc import Callable, Iterator

import pytest
import redis
from django.conf import settings as django_settings
from rest_framework.test import APIClient

from accounts import sessions
from accounts.models import User
from config.redis import client as redis_client
from sandbox.server import running_sandbox
from tests.environment import own_redis
from tests.factories import make_user
from tests.scene import Control, Scene, close_pool_connections

LONGEST = ("tests/benchmarks/", "tests/faults/test_campaign.py", "tests/faults/test_kill_servers.py")


def pytest_configure() -> None:
    """Passwords are hashed hundreds of times in a run; how well is not what these tests are about."""
    django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest begin first: at the end they would leave one process at work and the others idle."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))


@pytest.fixture(autouse=True, scope="session")
def _empty_broker() -> Iterator[None]:
    """Nudges are sent and nobody takes them: they must not pile up from run to run."""
    yield
    for step in (1, 2):
        with redis.Redis.from_url(own_redis(django_settings.REDIS_URL, step)) as server:
            server.flushdb()


@pytest.fixture(autouse=True)
def _empty_redis() -> None:
    """Limits, ended sessions and caches of one test are not the next one's."""
    redis_client().flushdb()


@pytest.fixture
def tight(settings: pytest.FixtureRequest) -> None:
    """The limits of production; without this they are too wide to be met."""
    settings.THROTTLE_SCALE = 1


@pytest.fixture
def owner(db: None) -> User:
    return make_user(username="owner", email="owner@example.com")


@pytest.fixture
def stranger(db: None) -> User:
    """Somebody with an account of their own, who must see nothing of the owner's."""
    return make_user(username="stranger")


@pytest.fixture
def staff(db: None) -> User:
    return make_user(username="staff", is_staff=True, is_superuser=True)


def client_of(user: User | None) -> APIClient:
    """An API client with a real access token of a new session; anonymous for None."""
    api_client = APIClient()
    if user is not None:
        api_client.credentials(HTTP_AUTHORIZATION=f"Bearer {sessions.open_session(user).access}")
    return api_client


@pytest.fixture
def api() -> Callable[[User | None], APIClient]:
    """`api(owner)` is the owner's client."""
    return client_of


@pytest.fixture(scope="session")
def sandbox_url() -> Iterator[str]:
    """One sandbox Telegram for the run, in memory."""
    with running_sandbox() as url:
        yield url


@pytest.fixture(scope="session")
def telegram_url(sandbox_url: str, django_db_setup: None) -> Iterator[str]:
    """The sandbox as the platform's Telegram: set once, because the process's one client keeps its address."""
    django_settings.TELEGRAM_API_URL = sandbox_url
    yield sandbox_url
    close_pool_connections()


@pytest.fixture
def control(telegram_url: str) -> Iterator[Control]:
    """The sandbox's control API; faults a test asked for end with it."""
    directed = Control(telegram_url)
    yield directed
    directed.calm()
    directed.http.close()


@pytest.fixture
def scene(transactional_db: None, owner: User, control: Control) -> Scene:
    """The owner's bot and channel, ready to publish in."""
    return Scene(control, owner)


@pytest.fixture
def other_scene(scene: Scene, stranger: User) -> Scene:
    """A second stage beside the first: another owner, bot and channel."""
    return Scene(scene.control, stranger)
