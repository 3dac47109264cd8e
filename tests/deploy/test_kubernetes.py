"""Manifests for Kubernetes: valid by its own schemas, complete, locked down, and the same processes as in Compose."""

import copy
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from config.facts.work import KINDS
from tests.deploy.compose import ROOT, SERVICES, described
from tests.deploy.monitoring import names

PLACE = ROOT / "deploy/kubernetes"
BASE, EXAMPLE = PLACE / "base", PLACE / "overlays/example"
OLDEST = "1.30"
KUBECTL = shutil.which("kubectl")
SCALED = ("web", "bots", "worker", "pump")
SECRETS = {
    "SECRET_KEY",
    "ENCRYPTION_KEYS",
    "SIGNING_KEY",
    "POSTGRES_PASSWORD",
    "REDIS_PASSWORD",
    "SMS_API_KEY",
}


def objects(directory: Path) -> list[dict[str, Any]]:
    files = [file for file in sorted(directory.glob("*.yaml")) if file.name != "kustomization.yaml"]
    return [one for file in files for one in yaml.safe_load_all(file.read_text(encoding="utf8"))]


def of_kind(kind: str) -> dict[str, dict[str, Any]]:
    return {one["metadata"]["name"]: one for one in objects(BASE) if one["kind"] == kind}


def pods() -> dict[str, dict[str, Any]]:
    """The pod of every Deployment and Job, by name."""
    owners = {**of_kind("Deployment"), **of_kind("Job")}
    return {name: owner["spec"]["template"] for name, owner in owners.items()}


def containers() -> dict[str, dict[str, Any]]:
    """Every container by pod and name, init containers too."""
    return {
        f"{pod}/{one['name']}": one
        for pod, template in pods().items()
        for one in (*template["spec"].get("initContainers", []), *template["spec"]["containers"])
    }


DEPLOYMENTS, PODS, CONTAINERS = of_kind("Deployment"), pods(), containers()


@pytest.mark.parametrize("directory", [BASE, EXAMPLE], ids=["base", "example"])
def test_kustomize_knows_every_file(directory: Path) -> None:
    kustomization = yaml.safe_load((directory / "kustomization.yaml").read_text(encoding="utf8"))
    named = {name for name in kustomization["resources"] if name.endswith(".yaml")}
    named |= {patch["path"] for patch in kustomization.get("patches", [])}
    assert named == {file.name for file in directory.glob("*.yaml")} - {"kustomization.yaml"}


@pytest.mark.parametrize(
    "one", [*objects(BASE), *objects(EXAMPLE)], ids=lambda one: f"{one['kind']}-{one['metadata']['name']}"
)
def test_kubernetes_would_take_it(one: dict[str, Any]) -> None:
    if one["kind"] == "ScaledObject":
        return  # KEDA's, see below
    kubernetes_validate.validate(copy.deepcopy(one), OLDEST, strict=True)


@pytest.mark.skipif(KUBECTL is None, reason="kubectl is not installed")
def test_the_example_can_be_built() -> None:
    command = [str(KUBECTL), "kustomize", str(EXAMPLE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    built = list(yaml.safe_load_all(done.stdout))
    assert len(built) == len(objects(BASE)) + len(objects(EXAMPLE)) - 1  # the patch is no object of its own
    images = set(re.findall(r"image: (\S+)", done.stdout))
    assert images == {"registry.example.com/telegive:1"}
    pod_labels = [
        one["spec"]["template"]["metadata"]["labels"] for one in built if one["kind"] in ("Deployment", "Job")
    ]
    assert all(labels["app.kubernetes.io/part-of"] == "telegive" for labels in pod_labels)  # network.yaml


def test_it_runs_the_processes_of_the_compose_file() -> None:
    assert set(DEPLOYMENTS) == {"web", "bots", "worker", "pump", "beat"}
    assert set(of_kind("Job")) == {"migrate"}
    for name in PODS:
        command = CONTAINERS[f"{name}/{name}"].get("command")
        theirs = [re.sub(r"\$\{\w+:-(\w+)\}", r"\1", word) for word in SERVICES[name].get("command", [])]
        assert (command or []) == theirs


@pytest.mark.parametrize("name", sorted(DEPLOYMENTS))
def test_selectors_find_their_own_pods(name: str) -> None:
    labels = PODS[name]["metadata"]["labels"]
    assert DEPLOYMENTS[name]["spec"]["selector"]["matchLabels"].items() <= labels.items()
    for kind in ("Service", "PodDisruptionBudget"):
        if one := of_kind(kind).get(name):
            selector = one["spec"]["selector"]
            assert selector.get("matchLabels", selector).items() <= labels.items()


def test_every_port_of_a_service_is_one_of_its_pods() -> None:
    for name, service in of_kind("Service").items():
        ports = {port["name"]: port["containerPort"] for port in CONTAINERS[f"{name}/{name}"]["ports"]}
        assert [ports[port["targetPort"]] for port in service["spec"]["ports"]] == [
            port["port"] for port in service["spec"]["ports"]
        ]


def test_what_is_scaled_survives_a_drain_and_the_clock_is_one() -> None:
    assert set(of_kind("PodDisruptionBudget")) == set(SCALED)
    scalers = {**of_kind("HorizontalPodAutoscaler"), **of_kind("ScaledObject")}
    assert set(scalers) == set(SCALED)
    for name, scaler in scalers.items():
        spec = scaler["spec"]
        assert spec["scaleTargetRef"]["name"] == name
        assert spec.get("minReplicas", spec.get("minReplicaCount")) >= 2
        assert "replicas" not in DEPLOYMENTS[name]["spec"]  # applying must not undo what was scaled
    assert DEPLOYMENTS["beat"]["spec"]["replicas"] == 1
    assert DEPLOYMENTS["beat"]["spec"]["strategy"] == {"type": "Recreate"}


@pytest.mark.parametrize("name", ["worker", "pump"])
def test_keda_asks_for_an_age_that_is_told(name: str) -> None:
    [trigger] = of_kind("ScaledObject")[name]["spec"]["triggers"]
    assert (trigger["type"], trigger["metricType"]) == ("prometheus", "Value")
    query = trigger["metadata"]["query"]
    assert names(query) == {"telegive_work_oldest_due_seconds"}
    [works] = re.findall(r'work=~"([^"]+)"', query)
    assert set(works.split("|")) <= set(KINDS)


@pytest.mark.parametrize("name", sorted(CONTAINERS))
def test_a_container_can_do_nothing_but_its_work(name: str) -> None:
    container, pod = CONTAINERS[name], PODS[name.split("/")[0]]["spec"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    assert pod["enableServiceLinks"] is False
    assert {"cpu", "memory"} <= container["resources"]["requests"].keys()
    assert "memory" in container["resources"]["limits"]
    assert container["image"] == "telegive"


@pytest.mark.parametrize("name", sorted(DEPLOYMENTS))
def test_it_is_watched_and_has_time_to_stop(name: str) -> None:
    container = CONTAINERS[f"{name}/{name}"]
    assert {"startupProbe", "livenessProbe"} <= container.keys()
    assert ("readinessProbe" in container) == (name in of_kind("Service"))
    given = int(str(SERVICES[name]["stop_grace_period"]).removesuffix("s"))
    assert PODS[name]["spec"]["terminationGracePeriodSeconds"] >= given
    port = PODS[name]["metadata"]["annotations"]["prometheus.io/port"]
    assert int(port) in [one["containerPort"] for one in container["ports"]]


@pytest.mark.parametrize("name", sorted(DEPLOYMENTS))
def test_nothing_starts_before_the_database_is_migrated(name: str) -> None:
    [waits] = PODS[name]["spec"]["initContainers"]
    assert waits["command"] == ["python", "manage.py", "migrate", "--check"]


def test_every_variable_can_be_set_and_no_secret_stands_here() -> None:
    both = [{"configMapRef": {"name": "telegive"}}, {"secretRef": {"name": "telegive"}}]
    assert all(container["envFrom"] == both for container in CONTAINERS.values())
    said = {**of_kind("ConfigMap")["telegive"]["data"]}
    [patch] = [one for one in objects(EXAMPLE) if one["kind"] == "ConfigMap"]
    said |= patch["data"]
    assert set(said) <= described()
    assert SECRETS.isdisjoint(said)
    assert not [one for one in (*objects(BASE), *objects(EXAMPLE)) if one["kind"] == "Secret"]
    assert not re.search(r"//[^/@\s]*:[^/@\s]+@", str(said))  # no password in an address
    paper = (PLACE / "README.md").read_text(encoding="utf8")
    assert {"SECRET_KEY", "ENCRYPTION_KEYS", "SIGNING_KEY"} <= set(re.findall(r"from-literal=(\w+)", paper))
