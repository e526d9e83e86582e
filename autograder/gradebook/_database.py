"""Reaching a database: its URL, how it is set up, and its errors told as one sentence with a cure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from autograder.errors import GradebookError, UnstorableError

_BUSY_SECONDS = 30
_CONNECT_SECONDS = 10
_FORMS = "Write sqlite:///gradebook.db or postgresql+psycopg://user:password@host/database"

# What the driver's message holds -> what to tell. The first that fits counts.
_CURES = {
    "database is locked": "is in use by another program. Close what else has it open (another `grader`, a database "
    "viewer) and try again; if it lies in a network folder, move it to this computer's disk",
    "disk is full": "cannot be written: the disk is full. Free some space and try again",
    "no space left": "cannot be written: the server's disk is full. Free some space and try again",
    "readonly": "cannot be written: it is read-only. Check the permissions of the file and of its folder",
    "read-only": "cannot be written: it is read-only. Ask who runs the server for the right to write",
    "unable to open": "cannot be opened. Check that its folder exists and that you may write there",
    "not a database": "is no SQLite database. Restore it from a copy, or choose another with --gradebook",
    "malformed": "is damaged. Restore it from a copy, or choose another with --gradebook",
    "disk i/o error": "cannot be read or written: its disk or network folder fails. Copy it to another disk",
    "permission denied": "cannot be used: this user lacks the right. Ask who runs the database to grant it",
    "password": "did not let you in. Check user and password in the URL",
}


def parse_url(url: str | sa.URL) -> sa.URL:
    """Check a gradebook's URL.

    Raises:
        GradebookError: it is none, or not of SQLite or PostgreSQL.
    """
    try:
        parsed = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        parsed = sa.URL.create("")
    if parsed.drivername == "postgresql":  # whatever SQLAlchemy's default driver is: this one is tested
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in ("sqlite", "postgresql+psycopg") or not parsed.database:
        shown = re.sub(r"(://[^/@]*:)[^/]*@", r"\1***@", str(url))
        raise GradebookError(f"'{shown}' is no gradebook's URL. {_FORMS}.")
    return parsed


def display_name(url: sa.URL) -> str:
    """How messages call a database: SQLite's file, or the URL without its password."""
    return str(url.database) if url.get_backend_name() == "sqlite" else url.render_as_string()


def make_engine(url: sa.URL) -> sa.Engine:
    """An engine that waits for locks; on SQLite, the execution option ``begin`` says how a transaction begins."""
    if url.get_backend_name() == "sqlite":
        seconds = {} if "timeout" in url.query else {"timeout": _BUSY_SECONDS}
        # No connection outlives its transaction: SQLite forbids that a forked process inherits one.
        engine = sa.create_engine(url, poolclass=sa.NullPool, connect_args=seconds)
        event.listen(engine, "connect", _on_sqlite_connect)
        event.listen(engine, "begin", _on_sqlite_begin)
        return engine
    seconds = {} if "connect_timeout" in url.query else {"connect_timeout": _CONNECT_SECONDS}
    try:
        return sa.create_engine(url, pool_pre_ping=True, connect_args=seconds)
    except ImportError:
        raise GradebookError(
            f"{display_name(url)}: the PostgreSQL driver is missing. Install it with "
            "`pip install 'cnn-autograder[postgresql]'`."
        ) from None


def _on_sqlite_connect(connection: Any, _record: Any) -> None:
    # The journal stays a rollback journal: write-ahead logging needs shared memory, which network folders lack, and
    # would spread over three files a gradebook that people copy. EXTRA: what was recorded survives a power cut.
    connection.isolation_level = None  # `_on_sqlite_begin` begins transactions, not the driver
    connection.execute("PRAGMA foreign_keys = ON").close()
    connection.execute("PRAGMA synchronous = EXTRA").close()


def _on_sqlite_begin(connection: sa.Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options()["begin"])


def _is_of_the_values(error: sa.exc.StatementError) -> bool:
    """Whether a statement failed over what was to be stored, such as a text that is too long, and not over the database."""
    state = str(getattr(error.orig, "sqlstate", None) or "")
    # 22 is a data exception; 54, a program limit exceeded, such as that for a key's size.
    return not isinstance(error, sa.exc.DBAPIError) or isinstance(error, sa.exc.DataError) or state[:2] in ("22", "54")


@contextmanager
def explained(name: str) -> Iterator[None]:
    """Turn the errors of the database called ``name`` into `GradebookError`."""
    try:
        yield
    except (OverflowError, UnicodeError) as error:  # the driver's own, while it takes the values
        raise UnstorableError(f"{name}: cannot hold this ({error}).") from error
    except sa.exc.StatementError as error:
        if _is_of_the_values(error):
            raise UnstorableError(f"{name}: cannot hold this ({' '.join(str(error.orig).split())[:300]}).") from error
        text = " ".join(str(error.orig).split()).partition(" Is the server running")[0]
        cure = next((cure for sign, cure in _CURES.items() if sign in text.lower()), None)
        if cure is None:
            what = "cannot be reached" if "connect" in text else "cannot be used"
            cure = f"{what} ({text[:300].rstrip('.')}). Check that the URL is right and the database's server runs"
        raise GradebookError(f"{name}: {cure}.") from error
