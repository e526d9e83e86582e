"""Which column of a grading worksheet of Moodle holds what, in whatever language the site is.

Moodle's own order (`mod/assign/gradingtable.php`): the identifier; the full name and what else tells who it is, unless marking is blind;
status, due date, group and marker; the grade, its maximum, the state of the marking workflow, and whether the grade can be changed; times,
texts and feedback. The titles and the words Yes and No are in the site's language; a maximum is the same in every row.
"""

from __future__ import annotations

from dataclasses import dataclass

from autograder.errors import GraderError
from autograder.export.sheet import Sheet, parse_number
from autograder.people.columns import participant_cell, participant_of
from autograder.people.person import Ids, Person

_GRADE = {
    "grade", "điểm", "bewertung", "note", "calificación", "cualificación", "qualificació", "nota", "avaliação", "valutazione", "cijfer", "beoordeling",
    "ocena", "оценка", "成绩", "評点", "評定",
}  # fmt: skip
_FEEDBACK = {
    "feedback comments", "nhận xét phản hồi", "phản hồi", "feedback als kommentar", "feedback par commentaires", "commentaires de feedback",
    "comentarios de retroalimentación", "retroalimentación mediante comentarios", "commenti", "comentários de feedback", "comentários de retorno",
}  # fmt: skip
_STATUS = {"status", "trạng thái", "statut", "estado", "estat", "stato", "状态", "ステータス", "статус"}
_YES = set(
    "yes có ja oui sí si sì sim tak ano áno da да так igen kyllä jah jā taip ναι evet نعم כן بله 是 はい 예 ใช่ ya bai".split()
)
_NO = set(
    "no không nein non não nee nej nei nie ne нет ні не nu nem ei nē όχι hayır لا לא خیر 否 いいえ 아니오 아니요 ไม่ไช่ ไม่ใช่ tidak ez".split()
)


@dataclass(frozen=True)
class Worksheet:
    """A worksheet that has been understood. Columns are counted from 0, rows as in the file.

    Attributes:
        rows: those of participants.
        most: the highest grade that Moodle gives; None if the worksheet does not tell.
        changeable: the column that says whether a grade can be changed; None if there is none whose words are known.
        feedback: the column of comments; None if there is none whose title is known.
    """

    sheet: Sheet
    rows: tuple[int, ...]
    grade: int
    most: float | None
    changeable: int | None
    feedback: int | None

    @property
    def locked(self) -> set[int]:
        """Rows whose grade Moodle does not let be changed."""
        if self.changeable is None:
            return set()
        return {row for row in self.rows if _word(self.sheet, row, self.changeable) in _NO}

    def people(self, row: int, assignment: str) -> tuple[Person, ...]:
        """Who it may be: a number of the assignment's, and what else stands before the grade; with blind marking there is but the number."""
        cell = self.sheet.value(row, 0).strip()
        match = participant_cell(cell)
        others = [self.sheet.value(row, column).strip() for column in range(1, self.grade)]
        blind = self.sheet.value(0, 1).strip().casefold() in _STATUS
        name = "" if blind else next(iter(others), "")
        return (
            Person(
                cell if blind else "",
                (match["number"] if match else "",),
                Ids.PARTICIPANT,
                (participant_of(assignment),),
            ),
            Person(name, tuple(filter(None, others[1:]))),
        )


def read_worksheet(sheet: Sheet, asked: str | None) -> Worksheet:
    """Find the columns by their titles where these are known, and else by what they hold.

    Args:
        asked: the title of the column for the grade.

    Raises:
        GraderError: it is no worksheet; which column is the grade's is not clear; that column holds something else than grades.
    """
    rows = _participants(sheet)
    width = len(sheet.rows[0])
    titles = [" ".join(sheet.value(0, column).split()) for column in range(width)]
    if not rows:
        raise GraderError(
            f"{sheet.path}: is no grading worksheet of Moodle: its first column does not number participants. Download it from the "
            "assignment's page ('Offline grading worksheet' must be switched on in the assignment's settings)."
        )
    by_content = [column for column in range(1, width - 2) if _is_grade(sheet, rows, column)]
    if asked is not None:
        found = [column for column in range(width) if titles[column].casefold() == " ".join(asked.split()).casefold()]
        if len(found) != 1:
            many = f"{len(found)} columns are" if found else "no column is"
            raise GraderError(f"{sheet.path}: {many} called '{asked}'. It has: {', '.join(titles)}.")
    else:
        by_title = [column for column in range(1, width) if titles[column].casefold() in _GRADE]
        found = by_title if len(by_title) == 1 else by_content
        if len(found) != 1 or (by_content and found[0] not in by_content):
            some = [titles[column] for column in sorted({*by_title, *by_content})]
            likely = f"; it may be {' or '.join(some)}" if some else ""
            raise GraderError(
                f"{sheet.path}: which column is to hold the grade is not clear{likely}. Say so with --grade-column NAME. It has: {', '.join(titles)}."
            )
    grade = found[0]
    most = _constant(sheet, rows, grade + 1) if grade + 1 < width else None
    for row in rows:
        _must_be_a_grade(sheet, row, grade, titles[grade], most)
    return Worksheet(
        sheet, rows, grade, most,
        changeable=next((column for column in (grade + 2, grade + 3) if _tells_yes_or_no(sheet, rows, column)), None),
        feedback=next((column for column, title in enumerate(titles) if title.casefold() in _FEEDBACK), None),
    )  # fmt: skip


def _participants(sheet: Sheet) -> tuple[int, ...]:
    """The rows that begin with the same word and each with a number of its own: `Participant 41`, `Teilnehmer/in41`."""
    found = {row: participant_cell(sheet.value(row, 0).strip()) for row in range(1, len(sheet.rows))}
    matches = {row: match for row, match in found.items() if match}
    words = {match["word"].strip() for match in matches.values()}
    numbers = {match["number"] for match in matches.values()}
    return tuple(matches) if len(words) == 1 and len(numbers) == len(matches) else ()


def _is_grade(sheet: Sheet, rows: tuple[int, ...], column: int) -> bool:
    """Whether nothing else can be meant: no more than the maximum beside it, behind which stands whether it can be changed."""
    most = _constant(sheet, rows, column + 1)
    if most is None or not any(_tells_yes_or_no(sheet, rows, column + more) for more in (2, 3)):
        return False
    return all(_is_within(sheet.value(row, column), most) for row in rows)


def _constant(sheet: Sheet, rows: tuple[int, ...], column: int) -> float | None:
    """The number above 0 that every row holds."""
    values = {parse_number(sheet.value(row, column)) for row in rows}
    only = values.pop() if len(values) == 1 else None
    return only if only is not None and only > 0 else None


def _is_within(cell: str, most: float) -> bool:
    value = parse_number(cell)
    return cell.strip() in ("", "-") or (value is not None and 0 <= value <= most)


def _tells_yes_or_no(sheet: Sheet, rows: tuple[int, ...], column: int) -> bool:
    words = {_word(sheet, row, column) for row in rows}
    return "" not in words and words <= _YES | _NO


def _word(sheet: Sheet, row: int, column: int) -> str:
    return sheet.value(row, column).strip().casefold()


def _must_be_a_grade(sheet: Sheet, row: int, column: int, title: str, most: float | None) -> None:
    cell = sheet.value(row, column)
    if most is None:
        fits = not cell.strip() or cell.strip() == "-" or parse_number(cell) is not None
    else:
        fits = _is_within(cell, most)
    if not fits:
        raise GraderError(
            f"{sheet.path}: the column '{title}' holds '{cell.strip()[:60]}' in row {row + 1}, which is no number of points"
            + (f" from 0 to {most:g}" if most else "")
            + ". Name another with --grade-column; scales and rubrics cannot be filled in."
        )
