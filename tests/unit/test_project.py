"""The files around the code agree: the version, the citation, and what GitHub reads."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

import imagewidget
from tests.rig.places import DEFAULT_ROOT, Places
from tests.unit.tree import PACKAGE, PROJECT, ROOT

GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
FORMS = [
    path for path in sorted((GITHUB / "ISSUE_TEMPLATE").glob("*.yml")) if path.stem != "config"
]
PINNED = re.compile(r"uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
# A workflow of the same commit.
CALLED = re.compile(r"\./\.github/workflows/([\w-]+\.yml)")


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def triggers(workflow: Any) -> Any:
    return workflow[True]  # YAML 1.1 reads `on` as a boolean


def commands(job: Any) -> list[str]:
    return [step["run"] for step in job["steps"] if "run" in step]


def test_the_version_is_in_one_place() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+((a|b|rc)\d+)?(\.dev\d+)?", imagewidget.__version__)
    assert "version" not in PROJECT["project"]
    assert PROJECT["tool"]["hatch"]["version"]["path"] == "imagewidget/__init__.py"
    front_end = PACKAGE / "panel" / "frontend"
    assert "version" not in json.loads((front_end / "package.json").read_text(encoding="utf-8"))
    lock = json.loads((front_end / "package-lock.json").read_text(encoding="utf-8"))
    assert "version" not in lock
    assert "version" not in lock["packages"][""]
    assert "version" not in read(ROOT / "CITATION.cff")


def test_the_citation_has_the_authors_and_the_license_of_the_package() -> None:
    citation = read(ROOT / "CITATION.cff")
    assert citation["authors"] == PROJECT["project"]["authors"]
    assert citation["license"] == PROJECT["project"]["license"]
    assert citation["keywords"] == PROJECT["project"]["keywords"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_is_allowed_little_and_runs_fixed_versions(path: Path) -> None:
    workflow = read(path)
    assert workflow["permissions"] in ({}, {"contents": "read"})
    for job in workflow["jobs"].values():
        called = CALLED.fullmatch(job.get("uses", ""))
        if called:
            assert "workflow_call" in triggers(read(GITHUB / "workflows" / called[1]))
        else:
            assert 0 < job["timeout-minutes"] <= 90
        assert set(job.get("permissions", {})) <= {"contents", "id-token"}
    for line in path.read_text(encoding="utf-8").splitlines():
        if "uses:" in line:
            assert PINNED.search(line) or CALLED.fullmatch(line.partition("uses: ")[2]), line


def test_a_release_is_published_only_if_every_test_passed() -> None:
    release = read(GITHUB / "workflows" / "release.yml")
    jobs = release["jobs"]
    assert set(jobs["publish"]["needs"]) == set(jobs) - {"publish"}
    assert jobs["test"]["uses"] == "./.github/workflows/ci.yml"
    assert not any("if" in job for job in jobs.values())
    tests = read(GITHUB / "workflows" / "ci.yml")
    assert [step for job in tests["jobs"].values() for step in commands(job) if ".ci/run" in step]
    # `github.workflow` is the caller's name in both: GitHub cancels a run that waits for itself.
    assert release["concurrency"]["group"] != tests["concurrency"]["group"]


def test_ci_keeps_the_logs_of_every_worker_when_a_test_fails(tmp_path: Path) -> None:
    (job,) = read(GITHUB / "workflows" / "ci.yml")["jobs"].values()
    run, collect = (
        next(step for step in commands(job) if script in step) for script in (".ci/run", ".ci/logs")
    )
    assert "IMAGEWIDGET_KEEP_RIG=1" in run, "the rig is removed with its logs"
    rig, target = re.findall(r"\.ci/logs (\S+) (\S+)", collect)[0]
    assert rig == str(DEFAULT_ROOT)
    assert target in job["steps"][-1]["with"]["path"].split()
    (tmp_path / "rig").mkdir()
    wanted = []
    for places in (Places(tmp_path / "rig", worker=0), Places(tmp_path / "rig", worker=1)):
        wanted.append(places.part("podman") / "log")
        for path in (wanted[-1], places.part("podman") / "root" / "var" / "log"):
            path.parent.mkdir(parents=True)
            path.write_text("started")
        large = places.part("registry") / "log"
        large.parent.mkdir()
        large.write_bytes(bytes(3_000_000))
    script = ROOT / ".ci" / "logs"
    subprocess.run(["bash", script, "rig", "found/logs"], cwd=tmp_path, check=True)
    found = {path for path in (tmp_path / "found" / "logs").rglob("*") if path.is_file()}
    kept = {path.relative_to(tmp_path / "found" / "logs") for path in found}
    assert kept == {path.relative_to(tmp_path / "rig") for path in wanted}


def test_workflows_run_only_targets_that_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    matrix = read(GITHUB / "workflows" / "weekly.yml")["jobs"]["test"]["strategy"]["matrix"]
    assert {each["target"] for each in matrix["include"]} <= targets


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_an_issue_form_has_fields_that_github_accepts(path: Path) -> None:
    form = read(path)
    assert {"name", "description", "body"} <= set(form)
    ids = [field["id"] for field in form["body"] if field["type"] != "markdown"]
    assert len(ids) == len(set(ids)) > 0
    for field in form["body"]:
        assert field["type"] in {"markdown", "textarea", "input", "dropdown", "checkboxes"}
        needed = "value" if field["type"] == "markdown" else "label"
        assert field["attributes"][needed]
