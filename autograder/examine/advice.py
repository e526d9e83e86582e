"""One line beneath an error that old code, or code for other machines, is well known for: what to write instead.

A line is given only where it is true whatever else the code does: a name is said to be gone if this Python or numpy
has none of it, newer syntax is said to be the trouble if the cell can be read without it, and `/` is blamed if it is in
what the failing line works with. The error itself is never changed. What it says is the student's, and so only chosen by, never run or repeated.
"""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Callable, Sequence

import numpy as np

from autograder.examine.origins import Use, is_divided
from autograder.language import N_, Translated, _
from autograder.notebook import Code, Place, parse, without_magics

_LARGEST = 10_000
"""Characters of a cell that is read again without newer syntax."""
_LONGEST_FIELD = 200
_THIS_PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
_NO_GPU = N_(
    'This grader has no GPU. Write `device = "cuda" if torch.cuda.is_available() else "cpu"` once, and `.to(device)` '
    "instead of `.cuda()`."
)
_EXITS = (
    (r"\bparse_(?:known_)?args\b", N_("There is no command line here, and so no argument: give each one a `default`, and require none.")),
    (r"\b_?exit\b|\bquit\b|\bSystemExit\b", N_("`exit()` and the like end whatever is running, here as in a notebook: write `return`, or leave it out.")),
)  # fmt: skip
"""What ended the code, in the student's own line, and what to do."""


def advise(kind: str, message: str, places: Sequence[Place], code: Code) -> str:
    """What to do about an error, or an empty string.

    Args:
        kind: the error's type.
        message: its whole message.
        places: the student's own frames, the innermost last.
    """
    try:
        return _advise(kind, message, places, code)
    except (MemoryError, RecursionError):  # a submission whose errors have no advice is graded all the same
        return ""


def _advise(kind: str, message: str, places: Sequence[Place], code: Code) -> str:
    for types, pattern, text in _TABLE:
        if kind in types and (found := re.search(pattern, message)):
            told = _(text)
            if "\\" not in text:
                return told
            filled = found.expand(told)
            return Translated(filled, found.expand(text)) if isinstance(told, Translated) else filled
    if kind == "SystemExit":
        for pattern, text in _EXITS:
            if places and re.search(pattern, places[-1].text):
                return _(text)
    if kind in ("NameError", "AttributeError", "ImportError", "ModuleNotFoundError"):
        return _name(message, places[-1].text if places else "", code.packages)
    if kind == "SyntaxError" and places:
        return _syntax(next((cell.source for cell in code.cells if cell.number == places[-1].cell), ""))
    if kind in ("TypeError", "IndexError"):
        return _float(message, places, code)
    if kind in ("ValueError", "RuntimeError"):
        line = places[-1].text if places else ""
        return _(_EMPTY_SLICE) if re.search(_INTO_NOTHING, message) and re.search(_FRAME, line) else ""
    return ""


_INTO_NOTHING = r"could not (?:be )?broadcast.*[(,]0[,)]|^The expanded size of the tensor \(0\) must match"
_FRAME = r"\b(\w+)(\[\d\])?[ ]?:[ ]?-[ ]?\1(?!\w)"
_EMPTY_SLICE = N_(
    "A slice such as `[p:-p]` holds nothing if `p` is 0: write `[p : p + n]`, n being how many there are."
)


# Names

_TABLE: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (("AssertionError", "RuntimeError", "AcceleratorError"), r"Torch not compiled with CUDA enabled|Found no NVIDIA driver|No CUDA GPUs are available|no NVIDIA GPU|Cannot access accelerator device when none is available", _NO_GPU),
    (("AttributeError",), r"^module 'torch\._C' has no attribute '_cuda_\w+'$", _NO_GPU),
    (("RuntimeError",), r"Attempting to deserialize object on a CUDA device but torch\.cuda\.is_available\(\) is False", N_("This grader has no GPU: write `torch.load(..., map_location=\"cpu\")`.")),
    (("AssertionError", "RuntimeError", "NotImplementedError"), r"Torch not compiled with (?:XPU|MTIA) enabled|not linked with support for (?:mps|xpu) devices|from the '(?:MPS|XPU|CUDA)' backend", N_('This grader computes on the CPU alone: write `device = "cpu"`.')),
    (("AttributeError",), r"^'dict' object has no attribute '(?:iter|view)(items|keys|values)'$", N_(r"This is Python 2. Write `.\1()`.")),
    (("AttributeError",), r"^'dict' object has no attribute 'has_key'$", N_("This is Python 2. Write `key in dictionary`.")),
    (("AttributeError",), r"^'\w*(?:iterator|generator|map|zip|filter|enumerate)' object has no attribute 'next'$", N_("This is Python 2. Write `next(iterator)`.")),
    (("TypeError",), r"^'(map|zip|filter|dict_keys|dict_values|dict_items)' object is not subscriptable$|^object of type '(?:map|zip|filter)' has no len\(\)$", N_("In Python 3 this is no list: `list(...)` makes one of it.")),
    (("TypeError",), r"^'range' object does not support item assignment$|^unsupported operand type\(s\) for \+: '(?:range' and '(?:list|range)|list' and 'range)'$", N_("In Python 3 `range` is no list: `list(range(...))` makes one of it.")),
    (("AttributeError",), r"^'numpy\.ndarray' object has no attribute 'tostring'$", N_("numpy has given it another name: write `.tobytes()`.")),
    (("Exception",), r"^File `.*\.ipynb(?:\.py)?'` not found", N_("Other notebooks are not there when yours is run: put what it needs of them into it, or into a module beside it.")),
    (("FileNotFoundError",), r"(?:^|')/(?:content/drive|kaggle/input)/", N_('Nobody\'s Drive or data set is here: hand the file in beside the notebook, and open it by its name alone, as in `open("w.csv")`.')),
    (("SyntaxError",), r"^Missing parentheses in call to '(print|exec)'", N_(r"This is Python 2; in Python 3, `\1` is a function: write `\1(...)`.")),
)  # fmt: skip
"""Types, what the message says, and what to do."""

_PYTHON_2 = {
    "xrange": "`range`", "raw_input": "`input`", "unicode": "`str`", "basestring": "`str`", "long": "`int`",
    "unichr": "`chr`", "reduce": N_("`from functools import reduce` first"), "reload": N_("`from importlib import reload` first"),
    "cmp": "`(a > b) - (a < b)`", "execfile": "`exec(open(name).read())`",
}  # fmt: skip
_MODULES_OF_PYTHON_2 = {
    "cPickle": "`import pickle`", "urllib2": "`import urllib.request`", "StringIO": "`from io import StringIO`",
    "cStringIO": "`from io import StringIO`", "Queue": "`import queue`", "ConfigParser": "`import configparser`",
    "Tkinter": "`import tkinter`", "__builtin__": "`import builtins`", "itertools.izip": N_("`zip`, which needs no import,"),
    "itertools.imap": N_("`map`, which needs no import,"), "itertools.ifilter": N_("`filter`, which needs no import,"),
    "itertools.izip_longest": "`zip_longest`", "past": N_("nothing: `range` and the like need no import"),
    "past.builtins": N_("nothing: `range` and the like need no import"), "string.maketrans": "`str.maketrans`",
    "string.letters": "`string.ascii_letters`",
}  # fmt: skip
_MOVED = {
    "time.clock": "`time.perf_counter`", "fractions.gcd": "`math.gcd`", "inspect.getargspec": "`inspect.getfullargspec`",
        **{f"collections.{name}": f"`collections.abc.{name}`" for name in "Callable Iterable Iterator Mapping MutableMapping Sequence Set Hashable Sized".split()},
}  # fmt: skip
_NUMPY = {
    "float": N_("`float`, or np.float64"), "int": N_("`int`, or np.int64"), "bool": N_("`bool`, or np.bool_"), "object": "`object`",
    "str": N_("`str`, or np.str_"), "complex": N_("`complex`, or np.complex128"), "long": N_("`int`, or np.int64"),
    "unicode": N_("`str`, or np.str_"), "bool8": "`np.bool_`", "int0": "`np.intp`", "uint0": "`np.uintp`",
    "object0": "`np.object_`", "str0": "`np.str_`", "bytes0": "`np.bytes_`", "void0": "`np.void`",
    "float_": "`np.float64`", "complex_": "`np.complex128`", "string_": "`np.bytes_`", "unicode_": "`np.str_`",
    "Inf": "`np.inf`", "Infinity": "`np.inf`", "infty": "`np.inf`", "PINF": "`np.inf`", "NINF": "`-np.inf`", "NaN": "`np.nan`",
    "NAN": "`np.nan`", "PZERO": "`0.0`", "NZERO": "`-0.0`", "product": "`np.prod`", "cumproduct": "`np.cumprod`",
    "alltrue": "`np.all`", "sometrue": "`np.any`", "in1d": "`np.isin`", "trapz": "`np.trapezoid`", "row_stack": "`np.vstack`",
    "round_": "`np.round`", "asfarray": "`np.asarray(..., dtype=float)`", "asscalar": "`.item()`", "rank": "`np.ndim`",
    "mat": "`np.asmatrix`", "msort": "`np.sort(..., axis=0)`", "math": "`import math`", "loads": "`pickle.loads`",
    "find_common_type": "`np.result_type`", "issubclass_": "`issubclass`", "typeDict": "`np.sctypeDict`", "disp": "`print`",
    "cast": "`.astype`", "float96": "`np.longdouble`", "float128": "`np.longdouble`",
}  # fmt: skip
_IN_MODULE = (
    r"^module '(?P<module>[\w.]+)' has no attribute '(?P<name>\w+)'",
    r"^cannot import name '(?P<name>\w+)' from '(?P<module>[\w.]+)'",
    r"^`(?P<module>np)\.(?P<name>\w+)` was removed in the NumPy [\d.]+ release",
)


def _name(message: str, line: str, packages: Sequence[str]) -> str:
    """What has taken the place of a name that is gone; ``line`` is where it is used."""
    if found := re.match(r"^name '(\w+)' is not defined", message):
        # Anything else may be a variable of the student's own that was forgotten.
        called = re.search(rf"\b{found[1]}\s*\(|\bisinstance\(.*\b{found[1]}\b", line)
        instead = _PYTHON_2.get(found[1], "") if called else ""
        return _python_2(found[1], instead) if instead else ""
    if found := re.match(r"^No module named '([\w.]+)'$", message):
        package = found[1].partition(".")[0]
        if instead := _MODULES_OF_PYTHON_2.get(found[1]) or _MODULES_OF_PYTHON_2.get(package, ""):
            return _python_2(found[1], instead)
        if not packages or package in packages:
            return ""
        return _(
            "`{package}` is not there: beside the standard library, this assignment has {packages}.",
            package=package,
            packages=", ".join(packages),
        )
    found = re.match(_IN_MODULE[0], message) or re.match(_IN_MODULE[1], message) or re.match(_IN_MODULE[2], message)
    if found is None:
        return ""
    module, name = found["module"], found["name"]
    if module in ("numpy", "np"):
        instead = _NUMPY.get(name, "")
        gone = bool(instead) and name not in np.__all__
        text = N_("numpy {version} has no `np.{name}` any more: write {instead}.")
        return _(text, version=np.__version__, name=name, instead=_(instead)) if gone else ""
    whole = f"{module}.{name}"
    if instead := _MODULES_OF_PYTHON_2.get(whole, ""):
        return _python_2(whole, instead)
    instead = _MOVED.get(whole, "")
    return _("Python has no `{name}` any more: write {instead}.", name=whole, instead=instead) if instead else ""


def _python_2(name: str, instead: str) -> str:
    return _("`{name}` is Python 2. In Python 3, write {instead}.", name=name, instead=_(instead))


# Syntax

_BRACKETS = r"\[(?:[^\[\]]|\[[^\[\]]*\])*\]"
_REWRITES: tuple[tuple[tuple[int, int], str, str, str], ...] = (
    ((3, 0), r"^([ \t]*except[ \t]+(?:[\w.]+|\([\w., \t]+\)))[ \t]*,[ \t]*([a-z_]\w*)[ \t]*:", r"\1 as \2:", N_("`except Error, e` is Python 2: write `except Error as e`.")),
    ((3, 0), r"^([ \t]*raise[ \t]+[\w.]+)[ \t]*,[ \t]*(.+)$", r"\1(\2)", N_("`raise Error, text` is Python 2: write `raise Error(text)`.")),
    ((3, 0), r"^((?:.*[:;])?[ \t]*)print[ \t]+(?![=>])([^\s(;][^;\n]*)$", r"\1print(\2)", N_("`print x` is Python 2: write `print(x)`.")),
    ((3, 0), r"(?<![\w.])0(\d+)\b(?!\.)", r"0o\1", N_("`0777` is Python 2: write `0o777`.")),
    ((3, 0), r"`([^`\n]+)`", r"repr(\1)", N_("Backquotes are Python 2: write `repr(x)`.")),
    ((3, 0), r"<>", "!=", N_("`<>` is Python 2: write `!=`.")),
    ((3, 0), r"(?<![\w.])(\d+)[lL]\b", r"\1", N_("`1L` is Python 2: leave the `L` out.")),
    ((3, 0), r"\bur(?=['\"])", "r", N_("`ur\"...\"` is Python 2: leave the `u` out.")),
    ((3, 12), rf"^([ \t]*(?:async[ \t]+def|def|class)[ \t]+\w+)[ \t]*{_BRACKETS}(?=\s*[(:])", r"\1", N_("Type parameters, as in `def f[T](x)`, need Python 3.12, and this grader runs Python {here}: leave the brackets out.")),
    ((3, 12), rf"^([ \t]*)type[ \t]+(\w+)[ \t]*(?:{_BRACKETS})?[ \t]*=", r"\1\2 =", N_("`type X = ...` needs Python 3.12, and this grader runs Python {here}: write `X = ...`.")),
    ((3, 14), r"^([ \t]*except\*?[ \t]+)([\w.]+(?:[ \t]*,[ \t]*[\w.]+)+)[ \t]*:", r"\1(\2):", N_("`except A, B:` needs Python 3.14, and this grader runs Python {here}: write `except (A, B):`.")),
    ((3, 14), r"(?<!\w)(?:t|tr|rt|T)(?=['\"])", "f", N_("Strings that begin with `t\"` need Python 3.14, and this grader runs Python {here}: write `f\"`.")),
)  # fmt: skip
"""Since when Python reads it, or 3.0 if it no longer does; what it looks like; the same for every Python 3; and what to do."""
_NEW_F_STRING = N_(
    "An f-string with its own quotes, a backslash or a comment inside the braces needs Python 3.12, and "
    "this grader runs Python {here}: use the other kind of quotes inside, or take that part out of the string."
)


def _syntax(source: str) -> str:
    """What is too old or too new for this Python, if that is all that keeps a cell from being read."""
    found = _too_old_or_new(source)
    return _(found, here=_THIS_PYTHON) if found else ""


@functools.lru_cache(maxsize=64)
def _too_old_or_new(source: str) -> str:
    """The sentence on it, still to be filled in and translated."""
    if not source or len(source) > _LARGEST:
        return ""
    source = without_magics(source)
    if parse(source) is not None:
        return ""
    rewrites: list[tuple[Callable[[str], str], str]] = []
    for version, pattern, replacement, text in _REWRITES:
        if version == (3, 0) or sys.version_info < version:
            rewrite = functools.partial(re.compile(pattern, re.MULTILINE).sub, replacement)
            rewrites.append((rewrite, text))
    if sys.version_info < (3, 12):
        rewrites.append((_without_fields, _NEW_F_STRING))
    applied = [one for one in rewrites if one[0](source) != source]
    if parse(_rewritten(source, applied)) is None:
        return ""
    needed = applied
    for one in reversed(applied):  # text and comments are rewritten, too, which is never needed
        without = [other for other in needed if other is not one]
        needed = needed if parse(_rewritten(source, without)) is None else without
    return needed[0][1]


def _rewritten(source: str, rewrites: Sequence[tuple[Callable[[str], str], str]]) -> str:
    for rewrite, _text in rewrites:
        source = rewrite(source)
    return source


_F_STRING = re.compile(r"(?<!\w)(?:[fF][rR]?|[rR][fF])('''|\"\"\"|'|\")")


def _without_fields(source: str) -> str:
    """The source with a number for what is between the braces of its f-strings, where that is an expression, as Python 3.12 reads it."""
    written, last = [], 0
    while found := _F_STRING.search(source, last):
        written.append(source[last : found.end()])
        at, end, quote = found.end(), found.end(), found[1]
        while at < len(source) and not source.startswith(quote, at):
            if source[at] == "\\" or source.startswith(("{{", "}}"), at):
                at += 2
                continue
            if source[at] == "{":
                end = _end_of_field(source, at + 1)
                if end - at > _LONGEST_FIELD:
                    return source
                field = (
                    re.split(r"!(?=[rsa][:}])|:(?![^(\[]*[)\]])", source[at + 1 : end], maxsplit=1)[0]
                    .strip()
                    .rstrip("=")
                )
                if end == len(source) or parse(f"({field}\n)") is None:
                    return source
                written.append("{0")
                at = end
                continue
            if source[at] == "\n" and len(quote) == 1:
                return source
            written.append(source[at])
            at += 1
        written.append(source[at : at + len(quote)])
        last = at + len(quote)
    return "".join(written) + source[last:]


def _end_of_field(source: str, at: int) -> int:
    """Where the brace is that closes a field of an f-string, strings in it left out."""
    depth = 0
    while at < len(source):
        char = source[at]
        if char in "'\"":
            quote = char * 3 if source.startswith(char * 3, at) else char
            at = source.find(quote, at + len(quote))
            if at < 0:
                return len(source)
            at += len(quote)
            continue
        if char == "#":
            at = source.find("\n", at)
            if at < 0:
                return len(source)
        if char == "}" and depth == 0:
            return at
        depth += (char in "([{") - (char in ")]}")
        at += 1
    return at


# Floats

_INTERPRETED = (
    r"'(?:numpy\.)?float\d*' object cannot be interpreted as an integer"
    r"|expected a sequence of integers or a single integer, got '(?:np\.float\d+\()?-?[\d.e+-]+\)?'"
    r"|must be (?:tuple of ints|int), ?(?:but found element of type float|but got float|not float)"
)
_INDEX = r"(?:list|tuple|string) indices must be integers(?: or slices)?, not '?(?:numpy\.)?float\d*'?$|are valid indices \(got float\)"
_FACTOR = r"can't multiply sequence by non-int of type '(?:numpy\.)?float\d*'"
_NO_INDEX = (
    r"slice indices must be integers or None or have an __index__ method|only integers, slices \(`:`\), ellipsis"
    r"|arrays used as indices must be of integer|^tensors used as indices must be long"
)
_FLOATS: tuple[tuple[str, Use, bool], ...] = (
    (_INTERPRETED, Use.ARGUMENT, True), (_INDEX, Use.INDEX, True), (_FACTOR, Use.FACTOR, True),
    (_NO_INDEX, Use.INDEX, False), (r"`pad_width` must be of integral type", Use.ARGUMENT, False),
)  # fmt: skip
"""What a message says, what its value was used as, and whether it says that this was a float."""
_DIVIDED = N_(
    "`/` gives a float, even where it divides without remainder, and a whole number is needed here: use `//`."
)


def _float(message: str, places: Sequence[Place], code: Code) -> str:
    """What to do about a float where only an integer will do."""
    for pattern, use, known in _FLOATS:
        if re.search(pattern, message):
            if is_divided(code, places, use):
                return _(_DIVIDED)
            return _("A float stands where a whole number is needed: `int(...)` makes one of it.") if known else ""
    return ""
