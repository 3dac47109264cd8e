"""docker-compose.yml: the processes of the map, nothing published but nginx, no secret and no root in it."""

import re

import pytest

from tests.deploy.compose import COMPOSE, OURS, SERVICES, TEXT, VARIABLE, described, required

SCALED = ("web", "bots", "worker", "pump")
SECRETS = {"SECRET_KEY", "ENCRYPTION_KEYS", "SIGNING_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD"}
FIXED = {  # follow from the containers themselves
    *("DATABASE_URL", "REDIS_URL", "WEB_HOST", "WEB_PORT", "BOTS_HOST", "BOTS_PORT"),
    "PROMETHEUS_MULTIPROC_DIR",
}
SANDBOX = {"TELEGIVE_VAR", "SANDBOX_PORT", "SANDBOX_SMTP_PORT", "SANDBOX_URL"}


def test_it_has_every_service_of_the_map() -> None:
    assert set(SERVICES) == {*OURS, "nginx", "postgres", "redis"}


def test_only_nginx_is_published() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["nginx"]


@pytest.mark.parametrize("name", SCALED)
def test_what_is_scaled_has_no_name_of_its_own(name: str) -> None:
    assert "container_name" not in SERVICES[name]
    node = [word for word in SERVICES[name].get("command", []) if word.startswith("--hostname=")]
    assert all("%h" in word for word in node)


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_nobody_is_root_or_may_write_where_it_should_not(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    unprivileged = name in OURS or "unprivileged" in service["image"]  # the image itself says who it runs as
    assert service.get("user", "") not in ("root", "0")
    assert unprivileged or service.get("user")


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_it_comes_back_after_a_crash_and_has_time_to_stop(name: str) -> None:
    service = SERVICES[name]
    assert service["restart"] == ("no" if name == "migrate" else "unless-stopped")
    assert name == "migrate" or "stop_grace_period" in service


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"beat", "migrate"}))
def test_its_health_is_checked(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")


@pytest.mark.parametrize("name", [name for name in OURS if name != "migrate"])
def test_nothing_starts_before_the_database_is_migrated(name: str) -> None:
    conditions = SERVICES[name]["depends_on"]
    assert conditions["migrate"] == {"condition": "service_completed_successfully"}
    assert conditions["redis"] == {"condition": "service_healthy"}


def test_the_servers_have_no_way_out_and_nginx_no_way_to_them() -> None:
    assert COMPOSE["networks"]["data"] == {"internal": True}
    assert SERVICES["postgres"]["networks"] == SERVICES["redis"]["networks"] == ["data"]
    assert SERVICES["nginx"]["networks"] == ["outside"]


def test_their_data_are_in_named_volumes() -> None:
    for name in ("postgres", "redis"):
        volume = SERVICES[name]["volumes"][0].split(":")[0]
        assert volume in COMPOSE["volumes"]


def test_redis_keeps_what_it_was_told() -> None:
    command = SERVICES["redis"]["command"]
    assert command[command.index("--appendonly") + 1] == "yes"
    assert command[command.index("--maxmemory-policy") + 1] == "noeviction"


def test_it_refuses_to_start_without_its_secrets() -> None:
    assert required(TEXT) >= SECRETS
    assert set(re.findall(r"\$\{([A-Z_]+):?-", TEXT)).isdisjoint(SECRETS)  # and has no defaults for them


def test_every_variable_it_names_is_described() -> None:
    handed_on = set(COMPOSE["x-settings"])
    assert set(VARIABLE.findall(TEXT)) | handed_on <= described()


def test_every_variable_of_the_settings_reaches_the_containers() -> None:
    reaches = set(COMPOSE["x-settings"]) | set(VARIABLE.findall(TEXT))
    assert described() - reaches - FIXED - SANDBOX == set()


def test_each_queue_has_its_worker_and_there_is_one_clock() -> None:
    assert "--queues=celery" in SERVICES["worker"]["command"]
    assert "--queues=delivery" in SERVICES["pump"]["command"]
    assert [name for name in SERVICES if "beat" in SERVICES[name].get("command", [])] == ["beat"]
