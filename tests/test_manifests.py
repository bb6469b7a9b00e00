"""The manifests for Kubernetes: right by its schemas, and right by each other and by the program that they start."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import kubernetes_validate
import pytest
import yaml
from click.testing import CliRunner
from flask.testing import FlaskClient
from harness import ROOT

from gateway.app import MIGRATION_SECONDS, WEB_GRACE, WORKER_GRACE, whole_app
from gateway.cli import gateway as gateway_command
from gateway.settings import Settings, SettingsSchema
from gateway.store.ledger import Ledger

FOLDER = ROOT / "kubernetes"
KUSTOMIZATION = FOLDER / "kustomization.yaml"

#: A kind that is not Kubernetes' own: KEDA's. What it refers to is checked below.
KEDA = "keda.sh/v1alpha1"

#: What the program's database driver reads by itself.
OF_THE_DRIVER = {"PGPASSWORD"}

NAMESPACE = "lead-gateway"


@dataclass(frozen=True, slots=True)
class Thing:
    """One object of one file."""

    file: Path
    body: dict[str, Any]

    @property
    def kind(self) -> str:
        return str(self.body["kind"])

    @property
    def name(self) -> str:
        metadata = self.body["metadata"]
        return str(metadata.get("name") or metadata["generateName"].rstrip("-"))

    @property
    def pod(self) -> dict[str, Any]:
        found: dict[str, Any] = self.body["spec"]["template"]["spec"]
        return found

    @property
    def labels(self) -> dict[str, str]:
        """Of the pods that it makes."""
        found: dict[str, str] = self.body["spec"]["template"]["metadata"]["labels"]
        return found


def _things() -> Iterator[Thing]:
    for file in sorted(FOLDER.rglob("*.yaml")):
        if file != KUSTOMIZATION:
            yield from (Thing(file, body) for body in yaml.safe_load_all(file.read_text(encoding="utf-8")))


def shown(thing: Thing) -> str:
    return f"{thing.kind} {thing.name}"


THINGS = list(_things())
BY_NAME = {(thing.kind, thing.name): thing for thing in THINGS}
RUNNING = [thing for thing in THINGS if "template" in thing.body.get("spec", {})]
DEPLOYMENTS = [thing for thing in THINGS if thing.kind == "Deployment"]


def container(thing: Thing) -> dict[str, Any]:
    """The only container of a pod."""
    [found] = thing.pod["containers"]
    return dict(found)


@pytest.mark.parametrize("thing", [one for one in THINGS if one.body["apiVersion"] != KEDA], ids=shown)
@pytest.mark.parametrize("version", ["1.30", kubernetes_validate.latest_version()])
def test_every_object_is_what_kubernetes_takes_word_by_word(thing: Thing, version: str) -> None:
    named = thing.body | {"metadata": {"name": thing.name} | thing.body["metadata"]}

    kubernetes_validate.validate(named, version, strict=True)


def test_everything_but_the_optional_is_applied_at_once_into_one_namespace() -> None:
    kustomization = yaml.safe_load(KUSTOMIZATION.read_text(encoding="utf-8"))

    assert sorted(kustomization["resources"]) == sorted(
        file.name for file in FOLDER.glob("*.yaml") if file != KUSTOMIZATION
    )
    assert kustomization["namespace"] == NAMESPACE
    apart = [thing for thing in THINGS if thing.file.parent != FOLDER]
    assert {thing.body["metadata"]["namespace"] for thing in apart} == {NAMESPACE}


def test_the_image_is_named_in_one_place_and_never_by_what_moves() -> None:
    kustomization = yaml.safe_load(KUSTOMIZATION.read_text(encoding="utf-8"))
    [image] = kustomization["images"]

    whole = f"{image['newName']}:{image['newTag']}"

    assert image["newTag"] != "latest"
    for thing in RUNNING:
        assert container(thing)["image"] == (image["name"] if thing.file.parent == FOLDER else whole)


@pytest.mark.parametrize("thing", RUNNING, ids=shown)
def test_what_a_container_runs_is_a_command_with_its_options(thing: Thing) -> None:
    answered = CliRunner().invoke(gateway_command, [*container(thing)["args"], "--help"])

    assert answered.exit_code == 0, answered.output
    assert answered.output.startswith(f"Usage: gateway {container(thing)['args'][0]}")


@pytest.mark.parametrize("thing", RUNNING, ids=shown)
def test_every_pod_has_as_few_rights_as_it_can(thing: Thing) -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    user = re.findall(r"^USER (\d+)$", dockerfile, re.MULTILINE)[-1]

    assert thing.pod["automountServiceAccountToken"] is False
    assert thing.pod["securityContext"] == {
        "runAsNonRoot": True,
        "runAsUser": int(user),
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert container(thing)["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert {*container(thing)["resources"]["requests"]} == {"cpu", "memory"}
    assert "memory" in container(thing)["resources"]["limits"]


@pytest.mark.parametrize("thing", RUNNING, ids=shown)
def test_what_a_pod_mounts_and_reads_is_there(thing: Thing) -> None:
    mounts = container(thing)["volumeMounts"]

    assert {mount["name"] for mount in mounts} == {volume["name"] for volume in thing.pod["volumes"]}
    assert "/tmp" in {mount["mountPath"] for mount in mounts}  # where gunicorn's processes say that they live
    assert container(thing)["envFrom"] == [{"configMapRef": {"name": "gateway"}}, {"secretRef": {"name": "gateway"}}]
    assert {("ConfigMap", "gateway"), ("Secret", "gateway")} <= {*BY_NAME}


def test_every_setting_is_one_of_the_program_and_can_be_read() -> None:
    config, secret = BY_NAME["ConfigMap", "gateway"].body["data"], BY_NAME["Secret", "gateway"].body["stringData"]

    assert {*config, *secret} <= {*SettingsSchema().fields} | OF_THE_DRIVER
    assert Settings.load(config | secret, None)
    assert set(secret.values()) == {""}  # nothing here works by accident
    kept = {name for name, field in SettingsSchema().fields.items() if field.metadata.get("secret")}
    assert not {*config} & kept


def test_labels_tell_the_parts_apart_and_select_exactly_their_own() -> None:
    selectors = [thing.body["spec"]["selector"] for thing in THINGS if "selector" in thing.body.get("spec", {})]
    selectors += [spread["labelSelector"] for one in DEPLOYMENTS for spread in one.pod["topologySpreadConstraints"]]

    assert len({tuple(thing.labels.values()) for thing in RUNNING}) == len(RUNNING)
    for selector in selectors:
        wanted = selector.get("matchLabels", selector)
        assert [thing.kind for thing in RUNNING if wanted.items() <= thing.labels.items()] == ["Deployment"]


def test_whoever_empties_a_node_leaves_one_of_each_at_work() -> None:
    budgets = [thing for thing in THINGS if thing.kind == "PodDisruptionBudget"]

    assert sorted(thing.name for thing in budgets) == sorted(thing.name for thing in DEPLOYMENTS)
    for budget in budgets:
        deployment = BY_NAME["Deployment", budget.name]
        assert budget.body["spec"]["selector"] == deployment.body["spec"]["selector"]
        assert budget.body["spec"]["minAvailable"] < deployment.body["spec"]["replicas"]


def test_a_pod_that_is_told_to_end_has_the_time_that_the_program_takes() -> None:
    web, worker = BY_NAME["Deployment", "gateway-web"].pod, BY_NAME["Deployment", "gateway-worker"].pod
    asleep = container(BY_NAME["Deployment", "gateway-web"])["lifecycle"]["preStop"]["sleep"]["seconds"]

    assert worker["terminationGracePeriodSeconds"] > WORKER_GRACE
    assert web["terminationGracePeriodSeconds"] > asleep + WEB_GRACE


@pytest.fixture
def client(tmp_path: Path) -> Iterator[FlaskClient]:
    """The web application on an empty ledger: nobody listens, no worker runs."""
    ledger = Ledger(f"sqlite:///{tmp_path / 'data' / 'gateway.db'}")
    ledger.migrate()
    yield whole_app(Settings.load({"GATEWAY_METRICS_TOKEN": "scrape-me"}, None), ledger, {}).test_client()
    ledger.close()


def test_a_web_pod_is_ready_without_a_worker_and_lives_without_a_database(client: FlaskClient) -> None:
    web = container(BY_NAME["Deployment", "gateway-web"])
    start = web["startupProbe"]

    assert client.get(web["readinessProbe"]["httpGet"]["path"]).status_code == 200
    assert set(web["livenessProbe"]) & {"httpGet", "exec", "tcpSocket"} == {"tcpSocket"}
    assert start["periodSeconds"] * start["failureThreshold"] > MIGRATION_SECONDS
    ports = {port["name"]: port["containerPort"] for port in web["ports"]}
    asked = [web["readinessProbe"]["httpGet"], web["livenessProbe"]["tcpSocket"], start["tcpSocket"]]
    assert {ports[probe["port"]] for probe in asked} == {int(web["args"][-1].rpartition(":")[2])}


def test_requests_find_their_way_from_the_ingress_to_the_pods(client: FlaskClient) -> None:
    service = BY_NAME["Service", "gateway-web"].body["spec"]
    [port] = service["ports"]
    paths = {name: path_of(name) for name in ("gateway", "gateway-console")}

    for path in paths.values():
        assert path["backend"]["service"] == {"name": "gateway-web", "port": {"name": port["name"]}}
    assert port["targetPort"] in {one["name"] for one in container(BY_NAME["Deployment", "gateway-web"])["ports"]}
    assert "there is no source" in client.post(f"{paths['gateway']['path']}/nobody", data=b"x").text
    console = client.get(f"{paths['gateway-console']['path']}/enter", follow_redirects=True)
    assert (console.status_code, "Set your password" in console.text) == (200, True)


def path_of(ingress: str) -> dict[str, Any]:
    """The only path that an Ingress lets in."""
    [rule] = BY_NAME["Ingress", ingress].body["spec"]["rules"]
    [path] = rule["http"]["paths"]
    return dict(path)


def test_workers_are_scaled_by_a_figure_that_metrics_tell(client: FlaskClient) -> None:
    scaled, asking = BY_NAME["ScaledObject", "gateway-worker"], BY_NAME["TriggerAuthentication", "gateway-metrics"]
    [trigger] = scaled.body["spec"]["triggers"]
    [secret] = asking.body["spec"]["secretTargetRef"]
    url = urlsplit(trigger["metadata"]["url"])

    told = client.get(url.path, headers={"Authorization": "Bearer scrape-me"}).text

    assert f"\n{trigger['metadata']['valueLocation']} 0.0\n" in told
    assert url.hostname == f"gateway-web.{NAMESPACE}.svc.cluster.local"
    assert (url.port or 80) == BY_NAME["Service", "gateway-web"].body["spec"]["ports"][0]["port"]
    assert BY_NAME["Deployment", scaled.body["spec"]["scaleTargetRef"]["name"]].name == "gateway-worker"
    assert trigger["authenticationRef"]["name"] == asking.name
    assert secret["key"] in BY_NAME["Secret", secret["name"]].body["stringData"]
    assert _all_text(trigger["metadata"])


def _all_text(values: Mapping[str, Any]) -> bool:
    """What KEDA wants of a trigger's words: a bare number is refused."""
    return all(isinstance(value, str) for value in values.values())
