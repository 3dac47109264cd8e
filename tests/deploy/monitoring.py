"""Alerts and dashboards as tests read them."""

import json
import re
from collections.abc import Iterator
from typing import Any

import yaml

from tests.deploy.compose import ROOT

PROMETHEUS = ROOT / "deploy/prometheus"
ALERTS = PROMETHEUS / "alerts.yml"
RULES: list[dict[str, Any]] = [
    rule for group in yaml.safe_load(ALERTS.read_text(encoding="utf8"))["groups"] for rule in group["rules"]
]
DASHBOARDS: dict[str, dict[str, Any]] = {
    path.stem: json.loads(path.read_text(encoding="utf8"))
    for path in sorted((ROOT / "deploy/grafana/dashboards").glob("*.json"))
}
OF_PROMETHEUS = {"up", "time", "process_resident_memory_bytes"}  # its own, and the client library's on Linux
WORDS = re.compile(r"\b(telegive|telegram|broadcast|tasks|task|django|process)_[a-z_]+")


def queries(dashboard: dict[str, Any]) -> Iterator[str]:
    """Everything a dashboard asks of Prometheus."""
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            if target["datasource"]["type"] == "prometheus":
                yield target["expr"].replace("$__rate_interval", "5m")


def names(query: str) -> set[str]:
    """The metrics a query names: labels and strings are none."""
    bare = re.sub(r'"[^"]*"|\b(by|without)\s*\([^)]*\)', "", query)
    bare = re.sub(r"\{[^}]*\}", "", bare)
    return {found.group() for found in WORDS.finditer(bare)}


def told(page: str) -> set[str]:
    """Every name a page of /metrics may have samples of, counted or not yet."""
    found: set[str] = set()
    for name, kind in re.findall(r"^# TYPE (\S+) (\S+)$", page, re.MULTILINE):
        endings = ("_bucket", "_sum", "_count") if kind == "histogram" else ("",)
        found |= {name + ending for ending in endings}
    return found
