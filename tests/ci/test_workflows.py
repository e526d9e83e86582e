"""The workflows in docs/ci and the project's own: valid by the published schemas, and each command runs as it stands there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from autograder.course import Course
from tests.ci.runner import github
from tests.conftest import REPOSITORY, RIGHT, notebook
from tests.small_class.make import jupyter, solved

DOCS = REPOSITORY / "docs" / "ci"
WORKFLOWS = sorted(
    [*DOCS.glob("*.yml"), REPOSITORY / ".github" / "workflows" / "ci.yml", REPOSITORY / ".gitlab-ci.yml"]
)
BIN = Path(sys.executable).parent


def valid(path: Path) -> subprocess.CompletedProcess[str]:
    schema = "vendor.gitlab-ci" if "gitlab" in path.name else "vendor.github-workflows"
    return subprocess.run(
        [BIN / "check-jsonschema", "--builtin-schema", schema, path], capture_output=True, text=True, check=False
    )


def run(script: str, folder: Path, code: int = 0, **environment: str) -> str:
    """Run a step as both systems do: bash, stopping at the first failure."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "CI_", "GRADER_"))}
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script], cwd=folder, capture_output=True, text=True, check=False, timeout=300,
        env=kept | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"} | environment, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def steps(path: Path) -> dict[str, str]:
    """Name of a step -> its script; GitLab's is one."""
    content: dict[Any, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    if "jobs" in content:
        (job,) = content["jobs"].values()
        return {step.get("name", step["run"]): step["run"] for step in job["steps"] if "run" in step}
    (job,) = (value for value in content.values() if isinstance(value, dict) and "script" in value)
    return {"script": "\n".join(job["script"])}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_is_valid_by_the_published_schema(path: Path) -> None:
    done = valid(path)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [("github-grade.yml", "runs-on:", "run-on:"), ("gitlab-grade.yml", "  script:", "  scripts:")],
)
def test_the_schema_notices_a_mistake(name: str, old: str, new: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text((DOCS / name).read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    assert valid(path).returncode == 1


@pytest.mark.parametrize("name", [".github/workflows/ci.yml", ".gitlab-ci.yml"])
def test_the_projects_own_ci_runs_what_is_run_everywhere(name: str) -> None:
    content: dict[Any, Any] = yaml.safe_load((REPOSITORY / name).read_text(encoding="utf-8"))
    jobs = content.get("jobs", content)
    for job, command in (("ci", "bash .ci/run"), ("catalogues", "make catalogues")):
        assert command in [*jobs[job].get("script", []), *(step.get("run") for step in jobs[job].get("steps", []))]
    assert (REPOSITORY / ".ci" / "run").is_file()


def test_the_docs_name_every_workflow() -> None:
    text = (REPOSITORY / "docs" / "ci.md").read_text(encoding="utf-8")
    assert [path.name for path in DOCS.iterdir() if f"ci/{path.name}" not in text] == []


@pytest.mark.parametrize("name", ["github-public-checks.yml", "gitlab-public-checks.yml"])
def test_what_students_have_holds_no_grader_and_no_secret(name: str) -> None:
    scripts = " ".join(steps(DOCS / name).values())
    assert not any(word in scripts for word in ("grader", "hidden", "secret", "TOKEN"))


@pytest.mark.parametrize("name", ["github-public-checks.yml", "gitlab-public-checks.yml"])
def test_public_checks_pass_for_a_right_notebook_and_name_the_cells_that_fail(name: str, tmp_path: Path) -> None:
    scripts = [script for title, script in steps(DOCS / name).items() if title != "Install"]
    right = tmp_path / "right.ipynb"
    right.write_text(json.dumps(jupyter(solved("pooling", {}))), encoding="utf-8")
    run("\n".join(scripts), tmp_path, NOTEBOOK="right.ipynb")
    stub = (REPOSITORY / "student_templates" / "pooling" / "pooling.ipynb").read_bytes()
    (tmp_path / "stub.ipynb").write_bytes(stub)
    output = run("\n".join(scripts), tmp_path, code=1, NOTEBOOK="stub.ipynb")
    assert "NotImplementedError" in output
    assert "cell " in output


@pytest.fixture
def class_(course: Course) -> Course:
    """The instructors' repository, and three of students': Ann is right, Bob wrong, Eve's holds what could do harm."""
    lines = ["dan https://127.0.0.1:1/nothing.git"]
    evil = "::error::evil\n::add-mask::e"
    for student, source in {
        "ann": RIGHT,
        "bob": RIGHT.replace("2 * x", "3 * x"),
        "eve": f"raise ValueError({evil!r})",
    }.items():
        origin = course.root / "students" / student
        origin.mkdir(parents=True)
        (origin / "doubling.ipynb").write_text(notebook(source), encoding="utf-8")
        if student == "eve":
            (origin / "::error::link.ipynb").symlink_to("/etc/passwd")
        run("git init -q && git add . && git -c user.name=x -c user.email=x@example.edu commit -qm x", origin)
        lines.append(f"{student} file://{origin}")
    (course.root / "repositories.txt").write_text("\n".join(lines), encoding="utf-8")
    (course.root / "class.csv").write_text("id,name\nann,Ann\nbob,Bob\ndan,Dan\neve,Eve\n", encoding="utf-8")
    return course


def test_githubs_workflow_grades_all_repositories(class_: Course) -> None:
    scripts = steps(DOCS / "github-grade.yml")
    environment = {"ASSIGNMENT": "doubling", "COURSE_SECRET": "ab" * 32, "STUDENTS_TOKEN": "t", "GRADER_GRADEBOOK": ""}
    page = class_.root / "page.md"
    output = run(scripts["Clone"], class_.root, **environment)
    assert "dan: could not be cloned" in output
    output += run(scripts["Grade"], class_.root, **environment, GITHUB_STEP_SUMMARY=str(page))
    output += run(scripts["Reports"], class_.root, **environment)
    obeyed = github(output)
    assert ("error", "submitted/eve/doubling/doubling.ipynb") in {
        (name, words.get("file")) for name, words, _ in obeyed
    }
    assert {name for name, _, _ in obeyed} == {"error", "warning"}
    assert all(data != "evil" for _, _, data in obeyed)
    assert "| ann | graded | 100 | 70 | 30 |" in page.read_text(encoding="utf-8")
    assert "| dan | missing |" in page.read_text(encoding="utf-8")
    assert (class_.root / "course.secret").read_text() == "ab" * 32 + "\n"
    assert (class_.root / "course.secret").stat().st_mode & 0o77 == 0
    assert (class_.root / "exports" / "doubling.csv").is_file()
    assert (class_.root / "reports" / "doubling" / "index.html").is_file()


def test_gitlabs_workflow_grades_all_repositories(class_: Course) -> None:
    secret = class_.root / "secret-variable"
    secret.write_text("cd" * 32)
    run(
        steps(DOCS / "gitlab-grade.yml")["script"], class_.root,
        ASSIGNMENT="doubling", COURSE_SECRET=str(secret), STUDENTS_TOKEN="t", GRADER_GRADEBOOK="",
    )  # fmt: skip
    assert (class_.root / "ci-report" / "gl-code-quality-report.json").is_file()
    assert "ann" in (class_.root / "exports" / "doubling.csv").read_text(encoding="utf-8-sig")
