"""What goes wrong with a database is told as one sentence: which one, and what to do."""

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from autograder.errors import GradebookError
from autograder.gradebook import Gradebook, State
from autograder.gradebook.models import SCHEMA
from autograder.result import Result, Status

RESULT = {
    "student": "an", "assignment": "pooling", "status": Status.GRADED, "tests": (), "path": "an.ipynb",
    "graded_at": "2026-12-07T12:00:00Z", "submission_fingerprint": "s", "assignment_fingerprint": "a",
}  # fmt: skip


def record(gradebook: Gradebook) -> None:
    gradebook.record(Result.model_validate(RESULT))


def test_the_default_is_a_file_beside_the_course(tmp_path: Path) -> None:
    course = tmp_path / "khoá học 100% #1?"
    course.mkdir()
    with Gradebook.open(course) as gradebook:
        record(gradebook)
        assert gradebook.name == str(course / "gradebook.db")
    # One file, no more: it can be copied and lie in a network folder.
    assert [path.name for path in course.iterdir()] == ["gradebook.db"]


def test_another_gradebook_can_be_chosen_by_url(tmp_path: Path) -> None:
    with Gradebook.open(tmp_path, f"sqlite:///{tmp_path}/other.db"):
        assert [path.name for path in tmp_path.iterdir()] == ["other.db"]


@pytest.mark.parametrize(
    "url", ["grades.db", "mysql://host/grades", "sqlite://", "postgresql+asyncpg://host/x", "http://x/y"]
)
def test_what_is_no_url_of_a_gradebook_is_refused(url: str) -> None:
    with pytest.raises(GradebookError, match=r"is no gradebook's URL. Write sqlite:///gradebook.db or postgresql"):
        Gradebook(url)


def test_no_message_holds_a_password() -> None:
    with pytest.raises(GradebookError) as refused:
        Gradebook("mysql://grader:geheim@host/grades")
    assert "geheim" not in str(refused.value)
    with pytest.raises(GradebookError) as unreachable:
        Gradebook("postgresql://grader:geheim@127.0.0.1:1/grades")
    assert "geheim" not in str(unreachable.value)


@pytest.mark.parametrize(("version", "later"), [(1, ("fault", "diagnosis")), (2, ("fault",)), (3, ())])
def test_a_gradebook_of_an_older_version_is_brought_up_to_date(
    url: sa.URL, sql: Callable[..., object], version: int, later: tuple[str, ...]
) -> None:
    test = {"test": "t", "question": "q", "title": "T", "points": 1, "outcome": "passed"}
    result = Result.model_validate(RESULT | {"tests": (test,)})
    with Gradebook(url) as book:
        book.record(result)
    for column in later:
        sql(f"ALTER TABLE test_outcome DROP COLUMN {column}")
    for table, column in (
        ("student", "state"),
        ("student", "language"),
        ("submission", "late"),
        ("override", "withdrawn"),
        ("result", "language"),
        ("result", "hand_in_again"),
        ("test_outcome", "english"),
    ):
        sql(f"ALTER TABLE {table} DROP COLUMN {column}")
    sql("DROP TABLE identity")
    sql("INSERT INTO student (id, name, email, section) VALUES ('binh', 'Bình', '', '')")
    sql("INSERT INTO student (id, name, email, section) VALUES ('chi', '', '', 'K66')")
    sql("UPDATE gradebook_version SET version = :version", version=version)
    for _ in range(2):
        with Gradebook(url) as book:
            assert book.latest_results(result.assignment) == [result]
            assert {one.id: one.state for one in book.students()} == {
                "an": State.GUEST,
                "binh": State.ENROLLED,
                "chi": State.ENROLLED,
            }


def test_a_newer_or_unknown_gradebook_is_refused(url: sa.URL, sql: Callable[..., object]) -> None:
    Gradebook(url).close()
    for version, message in (
        (SCHEMA + 1, rf"newer cnn-autograder \(gradebook version {SCHEMA + 1}; .*pip install --upgrade"),
        (0, r"tables of an unknown version \(0; .*Restore it"),
    ):
        sql("UPDATE gradebook_version SET version = :version", version=version)
        with pytest.raises(GradebookError, match=message):
            Gradebook(url)


def test_a_database_that_holds_something_else_is_left_alone(url: sa.URL) -> None:
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE student (id INTEGER)"))
    with pytest.raises(GradebookError, match=r"is no gradebook of cnn-autograder; it holds other tables \(student\)"):
        Gradebook(url)
    assert sa.inspect(engine).get_table_names() == ["student"]
    engine.dispose()


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "gradebook.db"
    path.write_text("student,score\n" * 100, encoding="utf-8")
    with pytest.raises(GradebookError, match=r"gradebook.db: is no SQLite database. Restore it from a copy, or choose"):
        Gradebook.open(tmp_path)


def test_a_damaged_gradebook(tmp_path: Path) -> None:
    with Gradebook.open(tmp_path) as gradebook:
        for _ in range(50):
            record(gradebook)
    path = tmp_path / "gradebook.db"
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    path.write_bytes(data)
    with pytest.raises(GradebookError, match=r"gradebook.db: is damaged"), Gradebook.open(tmp_path) as gradebook:
        gradebook.latest_results("pooling")


def test_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(GradebookError, match=r"nowhere/gradebook.db: cannot be opened. Check that its folder exists"):
        Gradebook.open(tmp_path / "nowhere")


def test_a_gradebook_that_stays_locked(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/gradebook.db?timeout=0.05"
    with Gradebook(url) as gradebook:
        other = sqlite3.connect(tmp_path / "gradebook.db", isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(GradebookError, match=r"gradebook.db: is in use by another program. Close what else"):
            record(gradebook)
        with pytest.raises(GradebookError, match="is in use by another program"):
            gradebook.students()
        other.execute("ROLLBACK")
        other.close()
        record(gradebook)
        assert len(gradebook.students()) == 1


def test_a_lock_that_is_given_back_is_waited_for(tmp_path: Path) -> None:
    with (
        Gradebook.open(tmp_path) as gradebook,
        gradebook._engine.execution_options(begin="BEGIN").connect() as connection,
    ):
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 30_000
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "delete"


def test_a_read_only_gradebook_can_be_read_but_not_written(tmp_path: Path) -> None:
    with Gradebook.open(tmp_path) as gradebook:
        record(gradebook)
    with Gradebook(f"sqlite:///file:{tmp_path}/gradebook.db?mode=ro&uri=true") as gradebook:
        assert len(gradebook.latest_results("pooling")) == 1
        with pytest.raises(GradebookError, match=r"cannot be written: it is read-only. Check the permissions"):
            record(gradebook)


def test_a_full_disk_loses_only_what_did_not_fit(tmp_path: Path) -> None:
    with Gradebook.open(tmp_path) as gradebook:
        record(gradebook)

        @sa.event.listens_for(gradebook._engine, "connect")
        def _limit(connection: sqlite3.Connection, _record: object) -> None:
            connection.execute("PRAGMA max_page_count = 1").close()

        large = Result.model_validate({**RESULT, "message": "x" * 100_000})
        with pytest.raises(GradebookError, match=r"cannot be written: the disk is full. Free some space"):
            gradebook.record(large)
        assert len(gradebook.latest_results("pooling")) == 1


KILLED = """
import os, signal, sys
import sqlalchemy as sa
from autograder.gradebook import Gradebook
from autograder.result import Result

result = Result.model_validate_json(sys.argv[2])
with Gradebook(sys.argv[1]) as gradebook:
    gradebook.record(result)
    gradebook.record(result)
    # In the middle of the third, killed with the lock held.
    sa.event.listen(gradebook._engine, "commit", lambda connection: os.kill(os.getpid(), signal.SIGKILL))
    gradebook.record(result)
"""


def test_a_grader_that_is_killed_keeps_what_it_recorded(url: sa.URL) -> None:
    result = Result.model_validate(RESULT).model_dump_json()
    command = [sys.executable, "-c", KILLED, url.render_as_string(hide_password=False), result]
    assert subprocess.run(command, timeout=60, check=False).returncode == -signal.SIGKILL
    with Gradebook(url) as gradebook:
        assert len(gradebook.history("an", "pooling")) == 2
        record(gradebook)
        assert len(gradebook.history("an", "pooling")) == 3


def test_a_server_that_does_not_run(tmp_path: Path) -> None:
    url = f"postgresql+psycopg://grader@/grades?host={tmp_path}"
    with pytest.raises(
        GradebookError, match=r"cannot be reached \(connection .*No such file.*\). Check that the URL is right and"
    ):
        Gradebook(url)


def test_a_database_the_server_does_not_have(postgresql_server: sa.URL) -> None:
    with pytest.raises(GradebookError, match=r'cannot be reached \(.*database "nowhere" does not exist'):
        Gradebook(postgresql_server.set(database="nowhere"))


def test_a_server_that_went_away_and_came_back_is_used_again(postgresql_server: sa.URL) -> None:
    engine = sa.create_engine(postgresql_server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text("CREATE SCHEMA away"))
    with Gradebook(postgresql_server.update_query_dict({"options": "-csearch_path=away"})) as gradebook:
        record(gradebook)
        others = "pid <> pg_backend_pid() AND backend_type = 'client backend'"
        kill = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"
        with engine.connect() as connection:
            connection.execute(sa.text(kill))
        record(gradebook)
        assert len(gradebook.history("an", "pooling")) == 2
    engine.dispose()


def test_a_user_without_the_right_to_write(postgresql_server: sa.URL) -> None:
    engine = sa.create_engine(postgresql_server)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE ROLE reader LOGIN"))
        connection.execute(sa.text("CREATE SCHEMA kept"))
        connection.execute(sa.text("GRANT USAGE ON SCHEMA kept TO reader"))
    with pytest.raises(GradebookError, match=r"this user lacks the right"):
        Gradebook(postgresql_server.set(username="reader").update_query_dict({"options": "-csearch_path=kept"}))
    engine.dispose()
