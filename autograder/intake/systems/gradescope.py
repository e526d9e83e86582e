"""Gradescope's export: `submission_metadata.yml` and a folder for each submission."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from autograder.errors import GraderError
from autograder.intake.archive import Entry, Folder, Refused
from autograder.intake.delivery import Delivery, Download, Fit, files_below
from autograder.people.person import Person
from autograder.times import UnclearTime, read_time

_METADATA = "submission_metadata.yml"


def fit(source: Path, root: Folder, assignment: str) -> Fit | None:
    metadata = next((entry for entry in root.files() if entry.path.name == _METADATA), None)
    if metadata is None:
        return None
    why = f"{_METADATA} lies at the top"
    return Fit("gradescope", why, 1, 0, lambda: _read_gradescope(source, root, metadata))


def _read_gradescope(source: Path, root: Folder, metadata: Entry) -> Download:
    import yaml

    try:
        submissions = yaml.load(metadata.read(), Loader=_timeless_loader(yaml))
        if not isinstance(submissions, dict):
            raise Refused("is no list of submissions")
    except (yaml.YAMLError, Refused, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise GraderError(f"{source}: submission_metadata.yml cannot be read ({error}). Download it again.") from None
    folders = {folder.path.name: folder for folder in root.folders()}
    deliveries = []
    others = [f"{name}: {_METADATA} does not name it" for name in folders if name not in submissions]
    for name, facts in submissions.items():
        if not isinstance(name, str) or not isinstance(facts, dict):
            others.append(f"{name!s:.100}: {_METADATA} does not say whose it is")
            continue
        submitters = _field(facts, "submitters")
        people = tuple(
            Person(_text(one, "name"), tuple(filter(None, (_text(one, "sid"), _text(one, "email")))))
            for one in (submitters if isinstance(submitters, list) else ())
            if isinstance(one, dict)
        )
        # Without any id, nothing tells whether two submissions are of the same people.
        known = all(person.ids for person in people)
        sender = repr(sorted(repr(person.ids) for person in people)) if known else name
        files = files_below(folders[name]) if name in folders else Delivery(()).files
        time, unclear = None, ""
        try:
            time = read_time(_field(facts, "created_at"))
        except UnclearTime as problem:
            unclear = str(problem)
        deliveries.append(Delivery(people, name, sender, files, time, unclear=unclear))
    return Download("Gradescope", deliveries, others=others)


def _timeless_loader(yaml: Any) -> Any:
    """YAML's safe loader, with times left as text: Ruby writes some that it does not know."""
    safe = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    resolvers = {
        first: [(tag, pattern) for tag, pattern in those if tag != "tag:yaml.org,2002:timestamp"]
        for first, those in safe.yaml_implicit_resolvers.items()
    }
    return type("Loader", (safe,), {"yaml_implicit_resolvers": resolvers})


def _field(facts: dict[Any, Any], name: str) -> Any:
    """A value under a Ruby symbol, or under the plain name."""
    return facts.get(f":{name}", facts.get(name))


def _text(facts: dict[Any, Any], name: str) -> str:
    value = _field(facts, name)
    return str(value).strip()[:300] if isinstance(value, str | int) else ""
