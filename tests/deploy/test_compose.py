"""docker-compose.yml: the processes of the map, nothing published but nginx, no secret and no root in it."""

import base64
import subprocess
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from tests.deploy.compose import COMPOSE, OURS, ROOT, SERVICES, TEXT, VARIABLE, described, required

SCALED = ("web", "bots", "worker", "pump")
SECRETS = {"SECRET_KEY", "ENCRYPTION_KEYS", "SIGNING_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD"}
WATCHERS = {"prometheus", "grafana", "loki", "alloy"}
FIXED = {  # follow from the containers themselves
    *("DATABASE_URL", "REDIS_URL", "WEB_HOST", "WEB_PORT", "BOTS_HOST", "BOTS_PORT"),
    *("METRICS_HOST", "METRICS_PORT", "PROMETHEUS_MULTIPROC_DIR"),
}
SANDBOX = {"TELEGIVE_VAR", "SANDBOX_PORT", "SANDBOX_SMTP_PORT", "SANDBOX_URL"}


def test_it_has_every_service_of_the_map() -> None:
    assert set(SERVICES) == {*OURS, "nginx", "postgres", "redis", *WATCHERS}


def test_who_watches_is_started_on_request_only() -> None:
    on_request = {name for name, service in SERVICES.items() if service.get("profiles")}
    assert on_request == WATCHERS
    assert {tuple(SERVICES[name]["profiles"]) for name in WATCHERS} == {("observability",)}


def test_only_nginx_is_published_and_grafana_on_the_loopback() -> None:
    ports = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert set(ports) == {"nginx", "grafana"}
    assert ports["grafana"] == ["${GRAFANA_PORT:-127.0.0.1:3000}:3000"]


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


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"migrate", "loki", "alloy"}))
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
    command = SERVICES["redis"]["command"][-1]
    assert "--appendonly yes --maxmemory-policy noeviction" in command


def test_secrets_are_files_and_stand_in_no_environment() -> None:
    assert SECRETS.isdisjoint(COMPOSE["x-settings"])
    assert set(VARIABLE.findall(TEXT)).isdisjoint(SECRETS)
    for name in SECRETS:
        assert COMPOSE["x-settings"][f"{name}_FILE"] == f"/run/secrets/{name.lower()}"
        assert name.lower() in COMPOSE["x-app"]["secrets"]
    used = {one for service in SERVICES.values() for one in service.get("secrets", [])}
    assert used == set(COMPOSE["secrets"])


def test_its_secrets_are_made_once_and_are_what_the_settings_take(tmp_path: Path) -> None:
    make = ["sh", ROOT / "deploy/secrets.sh", tmp_path / "secrets"]
    subprocess.run(make, check=True, capture_output=True)
    made = {file.name: file.read_text() for file in (tmp_path / "secrets").iterdir()}
    assert set(made) == set(COMPOSE["secrets"])
    assert len(made["secret_key"]) >= 32
    assert Fernet(made["encryption_keys"])
    assert len(base64.b64decode(made["signing_key"], validate=True)) == 32
    assert subprocess.run(make, check=True, capture_output=True).stdout == b""
    assert {file.name: file.read_text() for file in (tmp_path / "secrets").iterdir()} == made
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700


def test_it_refuses_to_start_without_its_addresses() -> None:
    assert required(TEXT) >= {"PUBLIC_URL", "ALLOWED_HOSTS"}


def test_every_variable_it_names_is_described() -> None:
    handed_on = {name.removesuffix("_FILE") for name in COMPOSE["x-settings"]}
    assert set(VARIABLE.findall(TEXT)) | handed_on <= described()


def test_every_variable_of_the_settings_reaches_the_containers() -> None:
    handed_on = {name.removesuffix("_FILE") for name in COMPOSE["x-settings"]}
    reaches = handed_on | set(VARIABLE.findall(TEXT))
    assert described() - reaches - FIXED - SANDBOX == set()


def test_each_queue_has_its_worker_and_there_is_one_clock() -> None:
    assert "--queues=celery" in SERVICES["worker"]["command"]
    assert "--queues=delivery" in SERVICES["pump"]["command"]
    assert [name for name in SERVICES if "beat" in SERVICES[name].get("command", [])] == ["beat"]
