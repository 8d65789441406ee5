"""What serves the package elsewhere: requirements, container, Compose, Kubernetes."""

import re
import stat
import tomllib
from pathlib import Path

import pytest

import skecg
from skecg.cli._main import _parser

ROOT = Path(skecg.__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
TRAINING = {"imbalanced-learn", "keras", "scikeras", "tensorflow"}
CONTAINERFILE = (ROOT / "Containerfile").read_text()


def _of_extra(name):
    """Return the requirements of an extra, and of the extras that it names."""
    found = set()
    for one in PROJECT["optional-dependencies"][name]:
        extras = re.fullmatch(r"skecg\[(.+)\]", one)
        found |= set().union(*map(_of_extra, extras[1].split(","))) if extras else {one}
    return found


def _lines(text):
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def _instructions(name):
    """Return the arguments of an instruction of the Containerfile."""
    text = CONTAINERFILE.replace("\\\n", " ")
    return re.findall(rf"^{name} (.+)$", text, re.MULTILINE)


def test_the_requirements_of_the_service_are_those_of_the_package_but_for_training():
    needed = {one for one in PROJECT["dependencies"] if one.split(">=")[0] in TRAINING}
    assert len(needed) == len(TRAINING)
    expected = set(PROJECT["dependencies"]) - needed | _of_extra("serve")
    listed = _lines((ROOT / "requirements" / "serve.txt").read_text())
    assert listed == sorted(expected)


def test_the_container_is_made_by_the_script_that_is_tested():
    script = ROOT / "deploy" / "install.sh"
    assert script.stat().st_mode & stat.S_IXUSR
    assert _instructions("RUN") == ["deploy/install.sh /opt/skecg"]
    ignored = (ROOT / ".dockerignore").read_text()
    (*_, last) = _instructions("FROM")
    assert last in _instructions("FROM")[0]  # the Python that the environment links to
    for words in _instructions("COPY"):
        *sources, _ = words.split()
        if sources[0].startswith("--from"):
            continue
        for source in sources:
            assert (ROOT / source).exists()
            top = source.split("/")[0]
            assert re.search(rf"^!{re.escape(top)}\b", ignored, re.MULTILINE)
    makefile = (ROOT / "Makefile").read_text()
    assert "deploy/install.sh $(VENV)-serve" in makefile


def test_the_container_runs_as_nobody_and_tells_whether_it_is_ready():
    assert [user.split(":")[0].isdigit() for user in _instructions("USER")] == [True]
    assert "/health/ready" in _instructions("HEALTHCHECK")[0]
    words = re.findall(r'"([^"]+)"', " ".join(_instructions("CMD")[-1:]))
    assert _parser().parse_args(words).host == "0.0.0.0"


@pytest.fixture
def compose():
    """The service of compose.yaml."""
    yaml = pytest.importorskip("yaml")
    return yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]["skecg"]


@pytest.fixture
def kubernetes():
    """The resources of the example for Kubernetes by their kind."""
    yaml = pytest.importorskip("yaml")
    text = (ROOT / "deploy" / "kubernetes.yaml").read_text()
    return {one["kind"]: one for one in yaml.safe_load_all(text)}


def test_compose_serves_with_a_token_and_without_rights(compose):
    args = _parser().parse_args(compose["command"])
    assert (args.command, args.host) == ("serve", "0.0.0.0")
    assert args.token_file == f"/run/secrets/{compose['secrets'][0]}"
    assert compose["read_only"] is True
    assert compose["cap_drop"] == ["ALL"]
    assert compose["ports"] == [f"127.0.0.1:8000:{args.port}"]
    assert (ROOT / compose["build"]["dockerfile"]).exists()


def test_kubernetes_serves_with_a_token_and_without_rights(kubernetes):
    pod = kubernetes["Deployment"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    args = _parser().parse_args(container["args"])
    assert (args.command, args.host) == ("serve", "0.0.0.0")
    folders = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
    assert args.token_file == f"{folders['token']}/token"
    assert container["ports"] == [{"name": "http", "containerPort": args.port}]
    assert f"{pod['securityContext']['runAsUser']}:" in _instructions("USER")[0]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    image = container["image"].split(":")[-1]
    assert PROJECT["version"].startswith(image)


def test_kubernetes_reaches_the_service_by_its_labels(kubernetes):
    labels = kubernetes["Deployment"]["spec"]["template"]["metadata"]["labels"]
    assert kubernetes["Deployment"]["spec"]["selector"]["matchLabels"] == labels
    assert kubernetes["Service"]["spec"]["selector"] == labels
    policy = kubernetes["NetworkPolicy"]["spec"]
    assert policy["podSelector"]["matchLabels"] == labels
    assert policy["egress"] == []


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_probes_ask_what_the_service_answers_without_a_token(kubernetes, path):
    from skecg.serve._limits import OPEN

    pod = kubernetes["Deployment"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    asked = {
        container[probe]["httpGet"]["path"]
        for probe in ("startupProbe", "readinessProbe", "livenessProbe")
    }
    assert path in asked
    assert asked == set(OPEN)
