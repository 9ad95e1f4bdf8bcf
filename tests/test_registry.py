"""A folder is a check and nothing else registers; what is wrong with one is named by file and line."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from readiness import registry, resources
from readiness.errors import ConfigurationError
from readiness.model import PILLARS, Aggregate, Effort, NotApplicable, Reference, Severity, Status
from readiness.score import GATES
from tests.facts_builder import facts

YAML = """\
title: Timeouts
question: Does every call have a timeout?
holds: Every call has one.
fails: Calls have none.
partly: Some calls have one.
why: A call
  hangs.
remedy: Set one.
severity: high
effort: S
aggregate: share
gate: false
status: stable
observes: [repository]
needs: code
references:
  - {work: "OWASP AISVS 1.0", id: "3.2.1"}
"""
PYTHON = """\
from readiness.model import Facts, NotApplicable, Verdict


def assess(facts: Facts) -> Verdict:
    return NotApplicable("No call.")
"""


def folder(root: Path, name: str = "rel/call_timeouts", *, yaml: str = YAML, python: str = PYTHON) -> Path:
    """A whole check under `root`."""
    place = root / name
    place.mkdir(parents=True)
    (place / "check.yaml").write_text(yaml, encoding="utf-8")
    (place / "check.py").write_text(python, encoding="utf-8")
    (place / "cases.md").write_text("# Cases\n", encoding="utf-8")
    return place


def refused(root: Path) -> str:
    with pytest.raises(ConfigurationError) as refusal:
        registry.load(root)
    return str(refusal.value)


def test_the_id_is_where_the_folder_stands_and_the_words_are_read(tmp_path: Path) -> None:
    place = folder(tmp_path)
    (check,) = registry.load(tmp_path)
    claim = check.claim
    assert (claim.id, claim.pillar, claim.why) == ("rel.call-timeouts", "rel", "A call hangs.")
    assert (claim.severity, claim.effort, claim.aggregate, claim.status) == (
        Severity.HIGH,
        Effort.SMALL,
        Aggregate.SHARE,
        Status.STABLE,
    )
    assert claim.references == (Reference("OWASP AISVS 1.0", "3.2.1"),)
    assert check.cases == place / "cases.md"
    assert check.assess(facts()) == NotApplicable("No call.")


def test_the_proof_is_no_example(tmp_path: Path) -> None:
    place = folder(tmp_path)
    (place / "cases.md").write_text("# Cases\n\n## One: pass\n\n# Proof\n\nTaken out.\n", encoding="utf-8")
    (check,) = registry.load(tmp_path)
    assert (check.examples, check.proof) == ("# Cases\n\n## One: pass\n", "\nTaken out.\n")


def test_checks_stand_in_the_order_of_the_report(tmp_path: Path) -> None:
    for name in ("rel/b", "rel/a", "sec/z", "model/m"):
        folder(tmp_path, name)
    assert [check.claim.id for check in registry.load(tmp_path)] == ["model.m", "sec.z", "rel.a", "rel.b"]


def test_a_check_is_loaded_under_a_name_of_its_own(tmp_path: Path) -> None:
    folder(tmp_path)
    registry.load(tmp_path)
    assert "_readiness_checks.rel.call_timeouts" in sys.modules
    assert "checks.rel.call_timeouts.check" not in sys.modules


def test_what_is_no_folder_of_a_check_does_not_register(tmp_path: Path) -> None:
    folder(tmp_path)
    (tmp_path / "README.md").write_text("", encoding="utf-8")
    (tmp_path / "rel" / "__pycache__").mkdir()
    (tmp_path / "rel" / "notes.md").write_text("", encoding="utf-8")
    assert len(registry.load(tmp_path)) == 1
    assert registry.load(tmp_path / "nowhere") == ()


@pytest.mark.parametrize("name", registry.FILES)
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    place = folder(tmp_path)
    (place / name).unlink()
    assert refused(tmp_path).startswith(f"{place / name}: is missing")


def test_a_folder_of_no_pillar_is_named(tmp_path: Path) -> None:
    folder(tmp_path, "speed/x")
    assert f"{tmp_path / 'speed'}: is no pillar" in refused(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("severity: high", "severity: grave", 9, "severity: 'grave' is not one of"),
        ("effort: S\n", "", 1, "'effort' is a required property"),
        ("gate: false", "gate: false\ncolour: red", 13, "'colour' was unexpected"),
        ("fails: Calls have none.", "fails: Calls have none", 4, "fails: 'Calls have none' does not match"),
        ('id: "3.2.1"', "id: 3.2", 17, "references: 0: id: 3.2 is not of type 'string'"),
        ("needs: code", "needs: code\nneeds: ci", 16, "'needs' is said twice"),
        ("observes: [repository]", "observes: [repository", 15, ""),
        ("observes: [repository]", "observes: []", 14, "observes: [] should be non-empty"),
        (YAML, "", 1, "None is not of type 'object'"),
        (YAML, "- a\n", 1, "is not of type 'object'"),
    ],
)
def test_what_is_wrong_with_the_words_is_named_by_line(tmp_path: Path, old: str, new: str, line: object, words: str) -> None:
    place = folder(tmp_path, yaml=YAML.replace(old, new))
    message = refused(tmp_path)
    assert message.startswith(f"{place / 'check.yaml'}:{line}: ")
    assert words in message


@pytest.mark.parametrize(
    ("python", "line", "words"),
    [
        ("def assess(:\n", ":1", "SyntaxError"),
        ("x = 1\ny = 1 / 0\n", ":2", "ZeroDivisionError"),
        ("import nowhere_at_all\n", ":1", "ModuleNotFoundError"),
        ("x = 1\n", "", "has no attribute 'assess'"),
    ],
)
def test_what_is_wrong_with_the_code_is_named_by_line(tmp_path: Path, python: str, line: object, words: str) -> None:
    place = folder(tmp_path, python=python)
    message = refused(tmp_path)
    assert message.startswith(f"{place / 'check.py'}{line}: ")
    assert words in message
    assert "_readiness_checks.rel.call_timeouts" not in sys.modules


# ------------------------------------------------------------------------------------------------ the shipped checks

SHIPPED = sorted(resources.root("checks").glob("*/*/check.py"))


def test_every_shipped_check_registers_once_and_ten_of_the_catalogue_are_gates() -> None:
    checks = registry.load()
    assert len(checks) == len(SHIPPED) == len({check.claim.id for check in checks})
    assert {check.claim.pillar for check in checks} <= set(PILLARS)
    assert [check.claim.id for check in checks if check.claim.gate != (check.claim.id in GATES)] == []


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: f"{file.parent.parent.name}.{file.parent.name}")
def test_a_shipped_check_is_a_pure_function_over_the_model(file: Path) -> None:
    pure = {
        "__future__",
        "collections",
        "dataclasses",
        "enum",
        "functools",
        "itertools",
        "math",
        "operator",
        "re",
        "typing",
        "datetime",
        "readiness.model",
    }
    imports = [
        node for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    named = {
        name
        for node in imports
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [item.name for item in node.names])
    }
    assert {name for name in named if name not in pure and not name.startswith(("collections.", "readiness.model."))} == set()
