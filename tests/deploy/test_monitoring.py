"""Alerts and dashboards: every name in them is one that is told, every alert says what to do."""

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from django.test import Client

import bots.updates.roster  # noqa: F401 (the update process's numbers)
from config.celery import app
from config.facts import ALL
from tests.deploy.compose import COMPOSE, ROOT, SERVICES
from tests.deploy.monitoring import ALERTS, DASHBOARDS, OF_PROMETHEUS, PROMETHEUS, RULES, names, queries, told

PROMTOOL = shutil.which("promtool")
with_promtool = pytest.mark.skipif(
    PROMTOOL is None, reason="promtool is not installed (Debian: it is part of the package prometheus)"
)
QUESTIONS = [rule["expr"] for rule in RULES] + [
    query for dashboard in DASHBOARDS.values() for query in queries(dashboard)
]


@pytest.fixture
def page(client: Client, db: None) -> str:
    """/metrics of a process that has imported what web, bots, workers and pumps import."""
    app.loader.import_default_modules()
    return client.get("/metrics").content.decode()


def test_every_name_that_is_asked_for_is_told(page: str) -> None:
    asked = set().union(*map(names, QUESTIONS))
    assert asked - told(page) - OF_PROMETHEUS == set()
    assert len(asked) > 30


def test_every_number_of_the_business_is_asked_for() -> None:
    asked = set().union(*map(names, QUESTIONS))
    assert {fact.name for fact in ALL} - asked == set()


def test_every_number_of_the_business_is_described() -> None:
    paper = (ROOT / "docs/observe.md").read_text(encoding="utf8")
    assert [fact.name for fact in ALL if f"`{fact.name}" not in paper] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_says_what_happened_and_what_to_do(rule: dict[str, dict[str, str]]) -> None:
    assert rule["labels"]["severity"] in ("page", "ticket")
    for sentence in (rule["annotations"]["summary"], rule["annotations"]["description"]):
        assert sentence.endswith(".")


def run_promtool(*words: str | Path) -> None:
    done = subprocess.run([str(PROMTOOL), *map(str, words)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@with_promtool
def test_prometheus_takes_its_configuration_and_its_alerts() -> None:
    run_promtool("check", "config", PROMETHEUS / "prometheus.yml")


@with_promtool
def test_alerts_wake_when_they_should_and_only_then() -> None:
    run_promtool("test", "rules", ROOT / "tests/deploy/alerts_test.yml")


@with_promtool
def test_prometheus_understands_every_dashboard(tmp_path: Path) -> None:
    rules = [{"record": f"question:{number}", "expr": query} for number, query in enumerate(QUESTIONS)]
    file = tmp_path / "questions.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "questions", "rules": rules}]}))
    run_promtool("check", "rules", file)


def test_prometheus_asks_every_process_where_it_answers() -> None:
    jobs = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text(encoding="utf8"))["scrape_configs"]
    found = {job["job_name"]: job["dns_sd_configs"][0] for job in jobs}
    assert set(found) == {"web", "bots", "worker", "pump", "beat"}
    for name, where in found.items():
        assert where["names"] == [name]
        port = SERVICES[name]["environment"].get("METRICS_PORT", {"web": 8000, "bots": 8082}.get(name))
        assert where["port"] == port
    assert ALERTS.name in (PROMETHEUS / "prometheus.yml").read_text(encoding="utf8")


def test_grafana_finds_its_dashboards_and_their_sources() -> None:
    sources = yaml.safe_load(
        (ROOT / "deploy/grafana/provisioning/datasources/telegive.yml").read_text(encoding="utf8")
    )
    known = {one["uid"] for one in sources["datasources"]}
    used = {panel["datasource"]["uid"] for dashboard in DASHBOARDS.values() for panel in dashboard["panels"]}
    assert used <= known
    assert len({dashboard["uid"] for dashboard in DASHBOARDS.values()}) == len(DASHBOARDS) == 4
    for one in sources["datasources"]:  # by the names of the compose file
        assert one["url"].split("//")[1].split(":")[0] in COMPOSE["services"]


@pytest.mark.parametrize("name", sorted(DASHBOARDS))
def test_no_panel_lies_over_another(name: str) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARDS[name]["panels"]:
        place = panel["gridPos"]
        cells = {
            (place["x"] + right, place["y"] + down)
            for right in range(place["w"])
            for down in range(place["h"])
        }
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= 24
        taken |= cells
