"""Databases to test on: a SQLite file, and a PostgreSQL server that this test session starts and stops."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa

from autograder.course import Assignment, Course
from autograder.gradebook import Gradebook

INSTALL = (
    "These tests need PostgreSQL's programs. Install them: apt-get install postgresql (macOS: brew install postgresql)."
)
NewUrl = Callable[[], sa.URL]


def postgresql_program(name: str) -> str:
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    found = str(debian[-1]) if debian else shutil.which(name)
    if found is None:
        pytest.fail(f"{name} is missing. {INSTALL}", pytrace=False)
    return found


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[sa.URL]:
    """A server of the test run's own: a temporary folder, a Unix socket, no network."""
    initdb, pg_ctl = postgresql_program("initdb"), postgresql_program("pg_ctl")
    # Not pytest's folder: only its owner may enter it, and a socket's path must be short.
    with tempfile.TemporaryDirectory(prefix="pg", dir="/tmp", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        user: dict[str, object] = {}
        if os.geteuid() == 0:  # initdb refuses root
            try:
                shutil.chown(folder, "postgres", "postgres")
            except LookupError:
                pytest.fail(
                    f"PostgreSQL does not run as root, and there is no user 'postgres'. {INSTALL}", pytrace=False
                )
            user = {"user": "postgres", "group": "postgres", "extra_groups": []}

        def run(*command: str) -> None:
            log = folder / "commands.log"
            # To a file: the server keeps its output open, and a pipe would never end.
            with log.open("a") as output:
                done = subprocess.run(command, cwd=folder, stdout=output, stderr=output, timeout=120, **user)  # type: ignore[call-overload]
            if done.returncode:
                pytest.fail(f"{' '.join(command)} failed:\n{log.read_text(errors='replace')[-3000:]}", pytrace=False)

        data = f"{folder}/data"
        run(initdb, "-D", data, "-U", "grader", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        options = f"-k {folder} -c listen_addresses='' -c fsync=off -c max_connections=20"
        run(pg_ctl, "-D", data, "-w", "-l", f"{folder}/server.log", "-o", options, "start")
        try:
            yield sa.URL.create(
                "postgresql+psycopg", username="grader", database="postgres", query={"host": str(folder)}
            )
        finally:
            run(pg_ctl, "-D", data, "-w", "-m", "immediate", "stop")


_numbers = count(1)


@pytest.fixture(params=["sqlite", "postgresql"])
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> NewUrl:
    """Makes URLs of fresh, empty databases."""
    if request.param == "sqlite":
        return lambda: sa.URL.create("sqlite", database=str(tmp_path / f"gradebook{next(_numbers)}.db"))
    server: sa.URL = request.getfixturevalue("postgresql_server")

    def new() -> sa.URL:
        schema = f"course{next(_numbers)}"
        engine = sa.create_engine(server)
        with engine.begin() as connection:
            connection.execute(sa.schema.CreateSchema(schema))
        engine.dispose()
        return server.update_query_dict({"options": f"-csearch_path={schema}"})

    return new


@pytest.fixture
def url(new_url: NewUrl) -> sa.URL:
    return new_url()


@pytest.fixture
def sql(url: sa.URL) -> Callable[..., list[tuple[object, ...]]]:
    """Runs a statement on the test's database, past the gradebook."""

    def run(statement: str, **values: object) -> list[tuple[object, ...]]:
        engine = sa.create_engine(url)
        try:
            with engine.begin() as connection:
                result = connection.execute(sa.text(statement), values)
                return [tuple(row) for row in result] if result.returns_rows else []
        finally:
            engine.dispose()

    return run


@pytest.fixture
def gradebook(url: sa.URL) -> Iterator[Gradebook]:
    with Gradebook(url) as opened:
        yield opened


@pytest.fixture
def assignment(tmp_path: Path) -> Assignment:
    folder = tmp_path / "course" / "assignments" / "pooling"
    folder.mkdir(parents=True)
    (folder.parent / "course.toml").write_text('title = "CNNs"\ncode = "X"\nterm = "2026"\n', encoding="utf-8")
    (folder / "assignment.toml").write_text(
        'title = "Pooling"\n'
        '[[questions]]\nid = "max_pool2d"\ntitle = "Max"\npoints = 60\n'
        '[[questions]]\nid = "avg_pool2d"\ntitle = "Mean"\npoints = 40\n',
        encoding="utf-8",
    )
    return Course(tmp_path / "course").assignment("pooling")
