"""The files around the code agree: the version, the citation, and what GitHub reads."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

import imagewidget
from tests.unit.tree import PACKAGE, PROJECT, ROOT

GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
FORMS = [
    path for path in sorted((GITHUB / "ISSUE_TEMPLATE").glob("*.yml")) if path.stem != "config"
]
PINNED = re.compile(r"uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


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
        assert 0 < job["timeout-minutes"] <= 90
        assert set(job.get("permissions", {})) <= {"contents", "id-token"}
    for line in path.read_text(encoding="utf-8").splitlines():
        assert "uses:" not in line or PINNED.search(line), line


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
