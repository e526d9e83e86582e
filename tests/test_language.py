"""What is said in which language, and what is filled in."""

import pickle

import pytest

from autograder import language
from autograder.language import Translated, _, in_english, joined, known_language, ngettext, original, speaking


class _Catalogue:
    """A catalogue that puts what is filled in into another order."""

    def gettext(self, message):
        return {"{call} returned {value}.": "{value} <- {call}", "nothing": "nichts"}.get(message, message)

    def ngettext(self, one, many, n):
        return {"{n} value": "{n} Wert"}.get(one, one)


@pytest.fixture
def _in_another_order(monkeypatch):
    monkeypatch.setattr(language, "_catalogue", lambda spoken: _Catalogue())


def test_english_needs_no_catalogue(monkeypatch):
    monkeypatch.setattr(language, "_catalogue", None)
    assert _("{call} returned {value}.", call="f(x)", value=3) == "f(x) returned 3."
    assert _("`{}` is a dict") == "`{}` is a dict"
    assert [ngettext("{n} value", "{n} values", n) for n in (1, 2)] == ["1 value", "2 values"]


@pytest.mark.usefixtures("_in_another_order")
def test_a_translation_may_put_what_is_filled_in_into_another_order_and_keeps_the_english():
    with speaking("vi"):
        text = _("{call} returned {value}.", call="f(x)", value=_("nothing"))
        assert text == "nichts <- f(x)"
        assert in_english(text) == "f(x) returned nothing."
        assert ngettext("{n} value", "{n} values", 2) == "2 Wert"
    assert original(_("nothing")) == ""


@pytest.mark.usefixtures("_in_another_order")
def test_the_english_survives_an_exception_joining_and_pickling():
    with speaking("vi"):
        text = str(ValueError(_("nothing")))
        both = pickle.loads(pickle.dumps(joined("\n", [text, "x"])))
    assert (both, in_english(both)) == ("nichts\nx", "nothing\nx")
    assert type(joined(" ", ["a", "b"])) is str


@pytest.mark.usefixtures("_in_another_order")
@pytest.mark.parametrize("spoken", ["en", "vi"])
def test_what_a_student_wrote_is_no_format(spoken):
    hostile = "{call.__class__.__mro__} {0} %(x)s {"
    with speaking(spoken):
        inner = _("{call} returned {value}.", call=hostile, value=hostile)
        outer = _("{call} returned {value}.", call=inner, value=1)
    assert outer.count(hostile) == 2


def test_what_is_spoken_ends_with_its_block_also_by_an_error():
    def fail():
        with speaking("vi"):
            raise RuntimeError(language.language())

    with pytest.raises(RuntimeError, match="vi"):
        fail()
    assert language.language() == "en"
    with pytest.raises(ValueError, match="'fr' is none of en, vi"), speaking("fr"):
        pass


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("vi", "vi"),
        ("vi-VN", "vi"),
        ("vi_VN", "vi"),
        ("Vietnamese", "vi"),
        ("Tiếng Việt", "vi"),
        ("Vietnamese (vi)", "vi"),
        ("EN", "en"),
        ("en-GB", "en"),
        ("English (UK)", "en"),
        ("Tiếng Anh", "en"),
        ("fr", ""),
        ("visual", ""),
        ("", ""),
    ],
)
def test_a_roster_may_write_a_language_in_many_ways(text, code):
    assert known_language(text) == code


def test_an_empty_sentence_stays_empty_and_is_not_the_catalogues_header():
    with speaking("vi"):
        assert _("") == ""
    assert isinstance(Translated("a", "b"), str)
