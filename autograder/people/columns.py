"""What the columns of class lists are called, in the systems and languages that schools use."""

from __future__ import annotations

import re
import unicodedata

NUMBER, LOGIN, EMAIL = "student number", "login", "e-mail address"
CANVAS, LMS, INTEGRATION = "Canvas id", "LMS id", "integration id"
GITHUB, GITHUB_ID, GITLAB = "GitHub login", "GitHub id", "GitLab login"
SCHOOLS = {NUMBER, LOGIN, EMAIL}
"""Kinds that the school gives: one's login may be another list's student number."""
CHOSEN = (GITHUB, GITLAB)
"""Kinds that students choose themselves, so that one may be called like somebody else's student number."""
GIVEN = "id of a system that is not known"
"""What `--map` tells of a download that does not say whose its ids are."""

IDS = {
    "student id": NUMBER, "studentid": NUMBER, "student number": NUMBER, "student no": NUMBER, "sid": NUMBER, "sis login id": LOGIN,
    "id number": NUMBER, "idnumber": NUMBER, "orgdefinedid": NUMBER, "identifier": NUMBER,
    "mssv": NUMBER, "mã sinh viên": NUMBER, "mã số sinh viên": NUMBER, "mã sv": NUMBER, "masv": NUMBER, "msv": NUMBER, "mã số sv": NUMBER,
    "mã học viên": NUMBER, "mã số id": NUMBER, "mã số": NUMBER,
    "id nummer": NUMBER, "matrikelnummer": NUMBER, "matrikelnr": NUMBER,
    "numéro d'identification": NUMBER, "numéro étudiant": NUMBER, "numéro d'étudiant": NUMBER, "n° étudiant": NUMBER,
    "username": LOGIN, "user name": LOGIN, "login": LOGIN, "anmeldename": LOGIN, "nom d'utilisateur": LOGIN, "identifiant": LOGIN,
    "tên đăng nhập": LOGIN, "tên tài khoản": LOGIN,
    "sis user id": NUMBER, "id": NUMBER,
    "gitlab username": GITLAB, "gitlab login": GITLAB, "gitlab": GITLAB,
    "github username": GITHUB, "github login": GITHUB, "github": GITHUB,
}  # fmt: skip
"""Title -> kind. The first of them that a list has becomes the student's id; it knows the student by the others, too."""
ALSO_IDS = {"lms user id": LMS, "integration id": INTEGRATION, "github id": GITHUB_ID}
"""Numbers of other systems, which nobody calls a student by."""
SYSTEMS = {CANVAS, *ALSO_IDS.values()}
"""Kinds of such numbers."""

_FIELDS = {
    "name": "name, full name, student name, display name, họ và tên, họ tên, họ tên sinh viên, họ và tên sinh viên, tên sinh viên, "
    "tên đầy đủ, họ tên đầy đủ, nom complet, vollständiger name, first name / last name, first name / surname",
    "first": "first name, given name, given names, vorname, prénom, tên, tên đệm và tên",
    "last": "last name, surname, family name, nachname, nom, nom de famille, họ, họ đệm, họ và đệm, họ và tên đệm, họ tên đệm, họ lót",
    "email": "email, email address, e mail, e mail address, mail, institutional email, e mail adresse, adresse de courriel, courriel, "
    "adresse électronique, adresse e mail, adresse courriel, adresse de messagerie, địa chỉ thư điện tử, thư điện tử, địa chỉ email",
    "section": "section, sections, class, group, groups, cohort, lớp, lớp học phần, nhóm, các nhóm, tổ, gruppe, gruppen, groupe, groupes",
    "role": "role, roles, rolle, rollen, rôle, rôles, vai trò, các vai trò",
    "language": "language, preferred language, sprache, langue, ngôn ngữ",
}
FIELDS = {title: name for name, titles in _FIELDS.items() for title in titles.split(", ")}
"""Title -> what else a list says of a student."""

_STUDENTS = {
    "",
    "student",
    "learner",
    "sinh viên",
    "học viên",
    "học sinh",
    "người học",
    "étudiant",
    "étudiante",
    "étudiant/e",
    "participant",
    "teilnehmer",
    "teilnehmerin",
    "teilnehmer/in",
    "studierende",
    "studierende/r",
    "student/in",
    "studentenrollment",
}

_PARTICIPANT = "participant of "
_PARTICIPANT_CELL = re.compile(r"(?P<word>[^\d\s]\D*)(?P<number>\d+)")


def participant_of(assignment: str) -> str:
    """The kind of the number that stands for a student in one assignment of Moodle's."""
    return f"{_PARTICIPANT}{assignment}"


def is_participant(kind: str) -> bool:
    return kind.startswith(_PARTICIPANT)


def participant_cell(cell: str) -> re.Match[str] | None:
    """The `word` and the `number` that stand first in a row of Moodle's worksheets: `Participant 41`, `Teilnehmer/in41`; None for a number alone."""
    return _PARTICIPANT_CELL.fullmatch(cell)


def title_of(cell: str) -> str:
    """A column's title, however it is written: in any case, with spaces, `_`, `-` or a full stop."""
    text = unicodedata.normalize("NFC", cell).casefold().replace("’", "'")
    return " ".join(text.translate(dict.fromkeys(map(ord, "_-.:*"), " ")).split())


def is_student(role: str) -> bool:
    """Whether a role is a student's, and not that of somebody who teaches; Moodle and Canvas join several by commas."""
    roles = [one.strip().casefold() for one in role.replace(";", ",").split(",")]
    return any(one in _STUDENTS for one in roles)
