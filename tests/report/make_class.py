"""A made-up class, as lively as a real one: what the report's tests draw and what one looks at while changing a template."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from autograder.course import Assignment, Course, TestSpec
from autograder.gradebook.models import State, Student
from autograder.result import CellError, Diagnosis, Difference, Outcome, Result, Status, TestResult
from autograder.scores import final
from autograder.scores.final import Row

ROOT = Path(__file__).parents[2]
START = datetime(2026, 12, 5, 8, 0, tzinfo=UTC)
FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ", "Ngô")
GIVEN = (
    "Văn An",
    "Thị Ánh",
    "Minh Đức",
    "Thu Hà",
    "Quốc Huy",
    "Khánh Linh",
    "Hoài Nam",
    "Bảo Ngọc",
    "Hữu Phước",
    "Thanh Trúc",
)
CASES = {"test_kernels": 6, "test_cases": 3, "test_naive_cases": 3, "test_rectangles": 2}
MISTAKES = {
    "kernel_turned": "The kernel was turned by 180 degrees. Deep learning's convolution is cross-correlation, which never turns it.",
    "bias_left_out": "The bias was left out: bias[f] is added to every number of output channel f.",
    "channels_not_summed": "Only one input channel was used: an output channel sums over all of them.",
    "rows_and_columns_swapped": "Height and width were swapped: axis 2 is the height, axis 3 the width.",
}
PATTERNS = (
    "The last row holds nothing but 0, and all the rest is right: do your loops reach it?",
    "Every number is 1/{n} of what it should be. {n} is the number of images in the batch here.",
)
EDGE = [[0.0, 30, 30, 0]] * 4
WRONG = [
    "{f}(x of shape (2, 3, 7, 5), weight of shape (4, 3, 3, 2)): {n} of 160 values wrong; the first is at [0, 0, {i}, 0].",
    "{f}(x of shape (1, 3, 4, 5), weight of shape (1, 3, 1, 1)): the shape is (1, 1, {n}, 5), expected (1, 1, 4, 5).",
    "{f}(x of shape (2, 2, 4, 5), weight of shape (3, 2, 3, 2)): expected a numpy array, got None (is a return missing?).",
]
RAISED = (
    "{f}(x of shape (3, 2, 4, 6), weight of shape (5, 2, 2, 3)) raised ValueError: operands could not be broadcast together with shapes (2,3) (2,{n})\n"
    "cell 7, line 12, in {f}\n    out[n, f, i, j] = np.sum(window * weight[f].reshape(-1, kernel_height * kernel_width)) + bias[f]  # every filter"
)
SLOW = (
    "Your conv2d takes {r:.0f} times as long as the reference; up to 40 times earns all points, up to 80 times half of them. "
    "Most of the time goes into Python loops: let one numpy or torch operation work on whole arrays."
)


def load() -> tuple[Course, Assignment]:
    course = Course(ROOT)
    return course, course.assignment("conv_forward")


def row_of(result: Result | None, name: str = "", student: str = "") -> Row:
    """The final score of one result, or of none."""
    who = Student(id=result.student if result else student, name=name, email="", section="", state=State.ENROLLED)
    return final.rows_of(*load(), [who], {who.id: result} if result else {})[0]


def rows_of(
    results: Sequence[Result], missing: Sequence[str] = (), names: Mapping[str, str] | None = None
) -> list[Row]:
    """The final scores of a class."""
    names = names or {}
    present = [row_of(result, names.get(result.student, "")) for result in results]
    return present + [row_of(None, names.get(student, ""), student) for student in missing]


def names_of(results: Sequence[Result]) -> dict[str, str]:
    return {result.student: f"{FAMILY[i % 10]} {GIVEN[i * 7 // 10 % 10]}" for i, result in enumerate(results)}


def make_class(assignment: Assignment, size: int, seed: int = 1) -> list[Result]:
    """``size`` results of varied skill; a few are unreadable or not gradable."""
    rng = random.Random(seed)
    return [make_result(assignment, f"{22020000 + 7 * i + 1}", rng) for i in range(size)]


def make_result(assignment: Assignment, student: str, rng: random.Random) -> Result:
    skill = min(1.0, max(0.03, rng.betavariate(3.2, 1.1)))
    fate = rng.random()
    status = Status.UNREADABLE if fate < 0.025 else Status.NOT_GRADABLE if fate > 0.985 else Status.GRADED
    message = {
        Status.UNREADABLE: "The file is cut off: its JSON ends too early, at line 212.",
        Status.NOT_GRADABLE: "The grader failed on this submission: its worker process ended (exit code -9)",
    }.get(status, "")
    habits = {question.id: min(0.995, max(0.0, skill * rng.uniform(0.8, 1.25))) for question in assignment.questions}
    habit_of = dict(zip(habits, rng.choices([*MISTAKES, ""], weights=[6, 4, 2, 1, 4], k=len(habits)), strict=True))
    absent = {question for question, habit in habits.items() if habit < 0.45 and rng.random() < 0.6}
    tests = [
        _diagnosed(
            _test(spec, part, many, status, habits[spec.question], spec.question in absent, rng),
            habit_of[spec.question],
            rng,
        )
        for spec in assignment.tests
        for many in [CASES.get(spec.name, 1)]
        for part in range(many)
    ]
    errors = ()
    if status is Status.GRADED and rng.random() < 0.2:
        errors = rng.choices([
            CellError(cell=4, line=3, error="ModuleNotFoundError: No module named 'google.colab'", traceback="cell 4, line 3\n    from google.colab import drive"),
            CellError(cell=11, line=1, error="SyntaxError: invalid syntax", traceback="cell 11, line 1\n    def conv2d(x, weight, bias=None)\n                                    ^"),
            CellError(cell=14, error="ran longer than 30 seconds and was stopped; grading went on without it"),
            CellError(cell=9, line=22, error="NameError: name 'out_height' is not defined", traceback="cell 9, line 22, in conv2d_naive\n    out = np.zeros((batch, filters, out_height, out_width))"),
        ], weights=[4, 2, 1, 2])  # fmt: skip
    seconds = round(sum(test.seconds for test in tests) + rng.uniform(0.05, 0.2), 3)
    submitted = START + timedelta(hours=rng.triangular(0, 66, 62))
    return Result(
        student=student, assignment=assignment.name, status=status, message=message, tests=tuple(tests), cell_errors=tuple(errors),
        path=f"submitted/{student}/conv_forward/conv_forward.ipynb", submitted_at=submitted, graded_at=START + timedelta(days=3),
        seconds=seconds, submission_fingerprint=f"{rng.getrandbits(256):064x}", assignment_fingerprint=f"{7**80:064x}"[:64],
        isolation=("namespaces", "seccomp", "limits"),
    )  # fmt: skip


def _test(
    spec: TestSpec, part: int, many: int, status: Status, habit: float, absent: bool, rng: random.Random
) -> TestResult:
    name = spec.name if many == 1 else f"{spec.name}[case {part}]"
    base = {
        "test": name,
        "question": spec.question,
        "title": spec.title,
        "public": spec.public,
        "points": spec.points / many,
    }
    if status is not Status.GRADED:
        return TestResult(**base, outcome=Outcome.NOT_GRADABLE)
    seconds = round(rng.uniform(0.002, 0.02), 4)
    function = spec.question
    if absent:
        return TestResult(
            **base,
            outcome=Outcome.SKIPPED,
            message="Not run: not written yet: it raises NotImplementedError.",
            seconds=0.001,
        )
    if "speed" in spec.name:
        ratio = round(rng.lognormvariate(3.0, 1.15) if habit > 0.5 else rng.lognormvariate(5, 0.5), 3)
        share = 1.0 if ratio <= 40 else 0.5 if ratio <= 80 else 0.0
        outcome = Outcome.PASSED if share == 1 else Outcome.FAILED
        note = "" if share == 1 else SLOW.format(r=ratio)
        return TestResult(
            **base,
            outcome=outcome,
            earned=base["points"] * share,
            ratio=ratio,
            limits=(40.0, 80.0),
            message=note,
            seconds=round(ratio / 90, 4),
        )
    if rng.random() < habit + (1 - habit) * 0.55:
        remark = (
            f"{function}(...): right, but only to float32 precision. Compute in float64." if rng.random() < 0.02 else ""
        )
        return TestResult(**base, outcome=Outcome.PASSED, earned=base["points"], message=remark, seconds=seconds)
    kind = rng.random()
    if kind < 0.06:
        return TestResult(
            **base,
            outcome=Outcome.TIMEOUT,
            message=f"{function}(x of shape (3, 2, 5, 4)) ran longer than 10 seconds and was stopped.",
            seconds=10.01,
        )
    if kind < 0.3:
        return TestResult(
            **base, outcome=Outcome.ERROR, message=RAISED.format(f=function, n=rng.randint(2, 9)), seconds=seconds
        )
    difference = make_difference(rng) if spec.public else make_signs(rng) if rng.random() < 0.8 else None
    text = rng.choices(WRONG, weights=[6, 2, 1])[0].format(f=function, n=rng.randint(1, 90), i=rng.randint(0, 3))
    return TestResult(**base, outcome=Outcome.FAILED, message=text, difference=difference, seconds=seconds)


def _diagnosed(test: TestResult, mistake: str, rng: random.Random) -> TestResult:
    """Most wrong answers to a question follow from one mistake."""
    if test.outcome is not Outcome.FAILED or test.ratio is not None or rng.random() < 0.2:
        return test
    hint = MISTAKES.get(mistake) or rng.choice(PATTERNS).format(n=rng.randint(2, 5))
    elsewhere = "cross_correlate2d" if test.question == "apply_kernel" and mistake == "kernel_turned" else ""
    return test.model_copy(update={"diagnosis": Diagnosis(mistake=mistake, function=elsewhere, hint=hint)})


def make_signs(rng: random.Random) -> Difference:
    """Where a hidden test differs, of a plane of any size."""
    height, width = rng.choice([(3, 4), (5, 7), (9, 16), (16, 16), (1, 6)])
    signs = tuple("".join(rng.choices("..+-x?", weights=[6, 6, 4, 4, 2, 0.2], k=width)) for _ in range(height))
    return Difference(case="f(x 2x3x7x5)", where=rng.choice(["", "[0, 1, :, :]"]), signs=signs)


def make_difference(rng: random.Random) -> Difference:
    """A wrong answer of a kind that students give."""
    kind = rng.randrange(4)
    if kind == 0:  # the kernel is turned
        return Difference(case="A with V", expected=EDGE, actual=[[-value for value in row] for row in EDGE])
    if kind == 1:  # one window was forgotten
        actual = [[value if (i, j) != (2, 1) else 0.0 for j, value in enumerate(row)] for i, row in enumerate(EDGE)]
        return Difference(case="B with V", expected=EDGE, actual=actual, where="[0, 1, :, :]")
    if kind == 2:  # division by zero
        return Difference(
            case="colours to grey", expected=[[18, 10], [0, 100]], actual=[[18, float("nan")], [float("inf"), 100.25]]
        )
    wide = [[float((i * 7 + j * 5) % 23 - 11) for j in range(16)] for i in range(16)]
    shifted = [row[1:] + row[:1] for row in wide]
    return Difference(case="A wide picture", expected=wide, actual=shifted, where="[0, 0, :, :]")
