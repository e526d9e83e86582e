"""The slowest of the assignments, in a file of its own because a file is what a processor takes."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from autograder.commands import grade as grade_in_sandboxes
from autograder.course import Course
from autograder.examine.examiner import Examiner
from autograder.examine.reference import StandIn
from autograder.kernel import Sources, grade
from autograder.kernel.process import Kernel
from autograder.result import Outcome, TestResult
from tests.assignments.test_assignments import test_the_assignment_holds as assert_the_assignment_holds
from tests.conftest import REPOSITORY, notebook

IMPORTS = "import numpy as np\nimport torch\nimport torch.nn.functional as F\nfrom torch import nn"
NETWORK = """
class SmallCNN(nn.Module):
    def __init__(self, in_channels=1, num_classes=10):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, 16, 3, padding=1)
        self.last = nn.Linear(256, num_classes)

    def forward(self, x):
        x = self.conv(x)
        x = F.max_pool2d(F.relu(x), 2)
        return self.last(x.flatten(1))
"""
ANSWERS = {
    "right": NETWORK,
    "inplace": NETWORK.replace("F.relu(x)", "x.clamp_(min=0)"),
    "numpy": NETWORK.replace("self.conv(x)", "torch.tensor(self.conv(x).detach().numpy())"),
    "complex": NETWORK.replace("self.conv(x)", "torch.fft.ifft(torch.fft.fft(self.conv(x))).real"),
    "raises": NETWORK.replace("self.conv(x)", "self.conv(x).reshape(3, -1)"),
    "log_softmax": NETWORK.replace("return self.last(x.flatten(1))", "return F.log_softmax(self.last(x.flatten(1)), dim=0)"),
    "softmax": NETWORK.replace("return self.last(x.flatten(1))", "return F.softmax(self.last(x.flatten(1)), dim=0)"),
    "less_the_mean": NETWORK.replace("return self.last(x.flatten(1))", "x = self.last(x.flatten(1)); return x - x.mean(0)"),
    "squeezed": NETWORK.replace("return self.last(x.flatten(1))", "return self.last(x.flatten(1)).squeeze()"),
    "sigmoid": NETWORK.replace("return self.last(x.flatten(1))", "return torch.sigmoid(self.last(x.flatten(1)))"),
    "never_looks": NETWORK.replace("self.conv(x)", "self.conv(torch.ones_like(x))"),
    "nothing_to_train": NETWORK.replace("super().__init__()", "super().__init__(); in_channels, f = 1, torch.zeros").replace(
        "self.conv(x)", "x[:, :1]"
    ).replace("nn.Linear(256, num_classes)", "lambda x: x[:, :num_classes]").replace("x.flatten(1)", "x.repeat(1, 2, 1, 1).flatten(1)"),
}  # fmt: skip


def test_pytorch_cnn_holds(lectures: Path) -> None:
    assert_the_assignment_holds("pytorch_cnn", 20, lectures)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory, lectures: Path) -> dict[str, dict[str, TestResult]]:
    folder = tmp_path_factory.mktemp("networks")
    for name, source in ANSWERS.items():
        (folder / f"{name}.ipynb").write_text(notebook(IMPORTS, source.strip()), encoding="utf-8")
    run = grade_in_sandboxes(
        course=lectures, assignment="pytorch_cnn", paths=[folder], gradebook=f"sqlite:///{folder}/gradebook.db"
    )
    return {
        result.student: {one.test: one for one in result.tests if one.question == "SmallCNN" and not one.public}
        for result in run.results
    }


@pytest.mark.parametrize("name", ["right", "inplace"])
def test_a_right_network_earns_all_points(results: dict[str, dict[str, TestResult]], name: str) -> None:
    assert [one.message for one in results[name].values() if one.outcome is not Outcome.PASSED] == []
    assert sum(one.earned for one in results[name].values()) == 29


@pytest.mark.parametrize(
    ("name", "says", "mistake"),
    [
        (
            "numpy",
            "numbers leave the tensors: .numpy() in line 8 of the cell that defines `SmallCNN`.",
            "history_cut_off",
        ),
        (
            "complex",
            "an operation that cannot be followed: _fft_r2c.default in line 8 of the cell that defines `SmallCNN`.",
            None,
        ),
        ("raises", "line 8 of the cell that defines `SmallCNN`", "flatten_size_wrong"),
        ("never_looks", "forward gives the same answer whatever the images are.", None),
        ("nothing_to_train", "forward uses no weights that could be trained.", None),
    ],
)
def test_why_a_network_cannot_be_judged_is_said_with_its_place(
    results: dict[str, dict[str, TestResult]], name: str, says: str, mistake: str | None
) -> None:
    first = results[name]["test_batch_sizes"]
    assert says in first.message
    assert (first.diagnosis.mistake if first.diagnosis else None) == mistake
    assert sum(one.earned for one in results[name].values()) == 0


@pytest.mark.parametrize(
    ("name", "tests", "says", "mistake"),
    [
        ("log_softmax", ["batch_sizes", "logits_are_not_probabilities", "images_do_not_touch"], "Over the images of the batch, the exp", "log_softmax_over_the_batch"),
        ("softmax", ["batch_sizes", "logits_are_not_probabilities", "images_do_not_touch"], "over the images of the batch, adds up to 1", "softmax_over_the_batch"),
        ("less_the_mean", ["batch_sizes", "images_do_not_touch"], "For one image alone, forward gives the same answer", None),
        ("squeezed", ["batch_sizes", "images_do_not_touch"], "For one image, the shape is (10,) instead of (1, 10).", "result_squeezed"),
        ("sigmoid", ["loss_can_become_small"], "a softmax or a sigmoid before the cross-entropy", None),
    ],
)  # fmt: skip
def test_what_shows_only_in_one_image_or_in_several_is_told_by_its_cause(
    results: dict[str, dict[str, TestResult]], name: str, tests: list[str], says: str, mistake: str | None
) -> None:
    for test in tests:
        one = results[name][f"test_{test}"]
        assert says in one.message, test
        assert (one.diagnosis.mistake if one.diagnosis else None) == mistake, test


def names(source: str) -> dict[str, Any]:
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(f"{IMPORTS}\n{source}", namespace)
    return namespace


def test_a_network_is_judged_in_a_notebooks_own_process_as_in_a_sandbox(
    results: dict[str, dict[str, TestResult]], lectures: Path
) -> None:
    course = Course(lectures)
    sources = Sources.from_json(Sources.of(course, course.assignment("pytorch_cnn")).to_json())
    for name in ("right", "numpy"):
        here = {one.test: one.earned for one in grade(sources, "SmallCNN", names(ANSWERS[name])) if not one.public}
        assert here == {one.test: one.earned for one in results[name].values()}


def test_the_reference_passes_where_it_stands_in_for_a_student() -> None:
    """Without a sandbox: it tells a test that is broken from an answer that is strange."""
    failed: dict[str, BaseException] = {}

    examiner = Examiner(Course(REPOSITORY).assignment("pytorch_cnn"), b"secret", Kernel({}))

    def serve() -> None:
        examiner.student = reference = StandIn(examiner.reference, examiner.reference.names)
        for item, spec, _ in examiner.items:
            if spec.question == "SmallCNN" and (problem := examiner.run_with(reference, item)):
                failed[item.name] = problem

    examiner.run(serve)
    assert failed == {}


def test_the_networks_that_are_raced_leave_no_doubt_which_logit_is_the_largest(pytestconfig: pytest.Config) -> None:
    """A filter may leave nothing of any image; `argmax` and `topk` may choose differently among logits that are equal."""
    pytestconfig.addinivalue_line("markers", "question: of the hidden tests")
    tests = runpy.run_path(str(Course(REPOSITORY).assignment("pytorch_cnn").hidden_tests_path))
    for seed in range(60):
        filters, weight, bias, images, _ = map(torch.from_numpy, tests["network"](np.random.default_rng(seed)))
        hidden = torch.max_pool2d(torch.relu(torch.conv2d(images, filters)), 2)
        largest = (hidden.flatten(1) @ weight.T + bias).topk(2).values
        assert (largest[:, 0] - largest[:, 1] < 1e-6).sum() < 8, seed


def test_the_share_that_the_evaluated_network_finds_cannot_be_guessed(pytestconfig: pytest.Config) -> None:
    pytestconfig.addinivalue_line("markers", "question: of the hidden tests")
    tests = runpy.run_path(str(Course(REPOSITORY).assignment("pytorch_cnn").hidden_tests_path))
    shares = []
    for seed in range(60):
        *arrays, _ = tests["evaluated"](np.random.default_rng(seed))
        filters, weight, bias, images, target = map(torch.from_numpy, arrays)
        hidden = torch.max_pool2d(torch.relu(torch.conv2d(images, filters)), 2)
        found = (hidden.flatten(1) @ weight.T + bias).argmax(1)
        shares.append(float((found == target).double().mean()))
    for guess in np.linspace(0.01, 1, 400):
        assert np.mean(np.isclose(shares, guess, rtol=0.02, atol=0)) < 0.15, guess
