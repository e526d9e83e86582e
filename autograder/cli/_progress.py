"""Live progress of a grading run: bar, rate and time left on a terminal, nothing elsewhere."""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from autograder.result import Result


class _RateColumn(ProgressColumn):
    """Submissions a minute."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed * 60:.0f} a minute" if task.speed else "starting")


class GradingProgress:
    """Context manager with the two callbacks that `autograder.commands.grade` takes."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            TextColumn("grading"),
            BarColumn(),
            MofNCompleteColumn(),
            _RateColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.description}"),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task("", total=None)
        self.done = 0

    def start(self, total: int, unchanged: int) -> None:
        self._progress.update(self._task, total=total)

    def advance(self, result: Result) -> None:
        self.done += 1
        name = "".join(char for char in result.student if char.isprintable())[:40].replace("[", "\\[")
        self._progress.update(self._task, advance=1, description=name)

    def __enter__(self) -> GradingProgress:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()
