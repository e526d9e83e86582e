"""nbgrader's course directory: its configuration and its gradebook, opened with nbgrader's own code."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from autograder.errors import GraderError
from autograder.export.exporter import Export

if TYPE_CHECKING:
    from nbgrader.api import Gradebook
    from nbgrader.coursedir import CourseDirectory

_OF_A_COURSE = ("nbgrader_config.py", "gradebook.db", "source", "release", "submitted")


def course_directory(root: Path) -> CourseDirectory:
    """The folder as nbgrader sees it, by its `nbgrader_config.py`.

    Raises:
        GraderError: nbgrader is not installed, this is no course directory, or its configuration fails.
    """
    try:
        from nbgrader.coursedir import CourseDirectory
        from traitlets.config import Config
        from traitlets.config.loader import PyFileConfigLoader
    except ImportError:
        raise GraderError("nbgrader is not installed here: pip install 'cnn-autograder[nbgrader]'.") from None
    if not any((root / name).exists() for name in _OF_A_COURSE):
        raise GraderError(
            f"{root}: is no course directory of nbgrader (it holds none of {', '.join(_OF_A_COURSE)}). Say where it is with --to."
        )
    config = Config()
    if (root / "nbgrader_config.py").is_file():
        try:
            config = PyFileConfigLoader("nbgrader_config.py", path=str(root.absolute())).load_config()
        except Exception as error:  # it is a program, and may raise anything
            raise GraderError(f"{root / 'nbgrader_config.py'}: {type(error).__name__}: {error}") from error
    config.CourseDirectory.root = str(root.absolute())  # nbgrader takes the folder that it is called in
    return CourseDirectory(config=config)


@contextmanager
def opened(directory: CourseDirectory, export: Export) -> Iterator[Gradebook | None]:
    """The gradebook; None in a dry run if there is none yet. What goes wrong in there becomes one sentence."""
    from nbgrader.api import Gradebook, InvalidEntry

    url = sa.make_url(directory.db_url)
    if url.drivername.startswith("sqlite") and url.database:
        path = Path(directory.root, url.database)
        url = url.set(database=str(path))
        if export.dry_run and not path.exists():
            yield None
            return
        if not export.dry_run:
            export.written.append(path)
    try:
        _refuse_others(url)
        with _programs_of_this_python():
            book = Gradebook(url.render_as_string(hide_password=False), directory.course_id)
        with book, warnings.catch_warnings():
            warnings.simplefilter("ignore", sa.exc.SAWarning)  # of how nbgrader builds its rows
            try:
                yield book
            finally:
                book.engine.dispose()
    except (sa.exc.SQLAlchemyError, InvalidEntry) as error:
        reason = str(getattr(error, "orig", None) or error).partition("\n")[0]
        raise GraderError(
            f"{url.render_as_string()}: nbgrader's gradebook cannot be used ({reason}). If nbgrader was upgraded since it was made, "
            "copy it and run `nbgrader db upgrade`."
        ) from None


def _refuse_others(url: sa.URL) -> None:
    """nbgrader adds its tables to any database, to our own gradebook of the same name, too."""
    engine = sa.create_engine(url)
    try:
        tables = sa.inspect(engine).get_table_names()
    finally:
        engine.dispose()
    if tables and "submitted_assignment" not in tables:
        raise GraderError(
            f"{url.render_as_string()}: is no gradebook of nbgrader; it holds other tables ({', '.join(sorted(tables)[:3])}). "
            "Say with --to where nbgrader's course directory is."
        )


@contextmanager
def _programs_of_this_python() -> Iterator[None]:
    """nbgrader calls `alembic` for a new database, and leaves half of one if it is not found: it lies beside Python."""
    before = os.environ.get("PATH", os.defpath)
    os.environ["PATH"] = os.pathsep.join((os.path.dirname(sys.executable), before))
    try:
        yield
    finally:
        os.environ["PATH"] = before
