"""Turns the folders under `checks/` into checks: `<pillar>/<slug>/{check.yaml, check.py, cases.md}`, and nothing else registers."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from readiness import resources
from readiness.documents import read_yaml
from readiness.errors import ConfigurationError
from readiness.model import PILLARS, Aggregate, Claim, Effort, Facts, Reference, Severity, Status, Verdict

FILES: Final = ("check.yaml", "check.py", "cases.md")
PROOF: Final = "# Proof"
"""Heads what only the tests of a check need, at the end of its `cases.md`."""


@dataclass(frozen=True, slots=True)
class Check:
    """One claim, the pure function that judges it, and its literate examples."""

    claim: Claim
    assess: Callable[[Facts], Verdict]
    cases: Path

    @property
    def examples(self) -> str:
        """The examples, as Markdown."""
        return self.cases.read_text(encoding="utf-8").partition(f"\n{PROOF}\n")[0]

    @property
    def proof(self) -> str:
        """What comes after the examples, as Markdown."""
        return self.cases.read_text(encoding="utf-8").partition(f"\n{PROOF}\n")[2]


def load(root: Path | None = None) -> tuple[Check, ...]:
    """Every check under `root` (default: the shipped ones), by pillar in the order of the report, then by id.

    Raises:
        ConfigurationError: a folder lacks one of its three files, or one of them is not what it should be; names file and line.
    """
    folders = sorted(
        _folders(root or resources.root("checks")), key=lambda folder: (list(PILLARS).index(folder.parent.name), folder.name)
    )
    return tuple(_check(folder) for folder in folders)


def _folders(root: Path) -> Iterator[Path]:
    for pillar in root.iterdir() if root.is_dir() else ():
        for folder in pillar.iterdir() if pillar.is_dir() else ():
            if folder.is_dir() and folder.name.isidentifier() and not folder.name.startswith("_"):
                if pillar.name not in PILLARS:
                    raise ConfigurationError(f"{pillar}: is no pillar; these are: {', '.join(PILLARS)}")
                yield folder


def _check(folder: Path) -> Check:
    for name in FILES:
        if not (folder / name).is_file():
            raise ConfigurationError(f"{folder / name}: is missing; a check is {', '.join(FILES)}")
    return Check(_claim(folder), _assess(folder / "check.py"), folder / "cases.md")


def _claim(folder: Path) -> Claim:
    words = read_yaml(folder / "check.yaml", resources.schema("check.schema"))
    assert isinstance(words, dict)
    return Claim(
        id=f"{folder.parent.name}.{folder.name.replace('_', '-')}",
        pillar=folder.parent.name,
        title=words["title"],
        question=words["question"],
        severity=Severity(words["severity"]),
        effort=Effort(words["effort"]),
        aggregate=Aggregate(words["aggregate"]),
        gate=words["gate"],
        status=Status(words["status"]),
        observes=tuple(words["observes"]),
        needs=words["needs"],
        references=tuple(Reference(item["work"], item["id"]) for item in words["references"]),
        **{name: " ".join(words[name].split()) for name in ("holds", "fails", "partly", "why", "remedy")},
    )


def _assess(file: Path) -> Callable[[Facts], Verdict]:
    name = f"_readiness_checks.{file.parent.parent.name}.{file.parent.name}"
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # as the import system does: dataclasses and pickling look a class's module up there
    try:
        spec.loader.exec_module(module)
        assess: Callable[[Facts], Verdict] = module.assess
    except Exception as error:
        del sys.modules[name]
        raise ConfigurationError(f"{_place(error, file)}: {type(error).__name__}: {error}") from error
    return assess


def _place(error: Exception, file: Path) -> str:
    if isinstance(error, SyntaxError) and error.filename == str(file):
        return f"{file}:{error.lineno}"
    lines = []
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(file):
            lines.append(trace.tb_lineno)
        trace = trace.tb_next
    return f"{file}:{lines[-1]}" if lines else str(file)
