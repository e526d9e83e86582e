"""`grader`: one file per command; each parses, calls `autograder.commands` and prints, nothing else."""

from __future__ import annotations

import importlib
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from autograder import __version__
from autograder.errors import GraderError

_COMMANDS = (
    "build",
    "check",
    "import",
    "grade",
    "status",
    "show",
    "replay",
    "report",
    "export",
    "override",
    "roster",
    "person",
    "doctor",
)


_MODULES = {"import": "import_"}
"""Where a command's name is no name for a module."""


class _Group(click.Group):
    """Loads a command's file only when it is needed, and shows the grader's own errors as one sentence."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command = importlib.import_module(f"autograder.cli.{_MODULES.get(cmd_name, cmd_name)}").command
        assert isinstance(command, click.Command)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        for number in (signal.SIGTERM, signal.SIGHUP):  # as Ctrl-C, unless whoever started us has them ignored
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, signal.default_int_handler)
        try:
            return super().invoke(ctx)
        except GraderError as error:
            raise click.ClickException(str(error)) from error
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except Exception as error:  # a bug of ours: told in a sentence, its traceback kept in a file
            raise click.ClickException(_told(ctx, error)) from error


def _told(ctx: click.Context, error: Exception) -> str:
    """A fault of the grader's own in a sentence, its traceback kept; without a course to keep it in, it is shown."""
    import re
    import traceback

    from autograder.course import Course
    from autograder.fault_log import keep_fault

    try:
        root = Course.find(ctx.params.get("course")).root
    except GraderError:
        raise error from None
    arguments = re.sub(r"//[^/\s]*@", "//...@", " ".join(sys.argv[1:]))  # a database's password
    kept = keep_fault(root, arguments, "".join(traceback.format_exception(error)))
    return f"This is a fault of grader ({type(error).__name__}). {kept}: please report it."


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="grader")
@click.option(
    "--course",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="The course's folder. [default: the course that the working directory lies in]",
)
@click.pass_context
def main(ctx: click.Context, course: Path | None) -> None:
    """Build, grade and export the assignments of a course on convolutional neural networks.

    Student code runs in a sandbox that never holds a hidden test or an expected answer.
    """
    ctx.obj = course


def gradebook_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--gradebook URL`, as all commands that read or write scores have it."""
    return click.option(
        "--gradebook",
        metavar="URL",
        envvar="GRADER_GRADEBOOK",
        show_envvar=True,
        help="Database, as in postgresql+psycopg://user@host/name. [default: gradebook.db in the course's folder]",
    )(function)
