"""Databases to test on: a SQLite file, and a PostgreSQL server that this test session starts and stops."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa

from autograder.course import Assignment, Course
from autograder.gradebook import Gradebook
from tests.gradebook.postgresql import server

NewUrl = Callable[[], sa.URL]


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[sa.URL]:
    with server() as one:
        yield one.url


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
