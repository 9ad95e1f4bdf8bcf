"""Every check is held by its control: taken out, the verdict gets worse; only talked about, it gets no better."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Final

import pytest

from readiness import registry
from readiness.model import Assessment, Outcome
from readiness.registry import Check
from tests.case_files import Case, parse
from tests.one_process import assess
from tests.proofs import Removal, Talk, parse_proof

APPS: Final = Path(__file__).parent.parent / "fixtures" / "apps"
AS_OF: Final = date(2026, 11, 26)
CHECKS: Final = {check.claim.id: check for check in registry.load()}
PROOFS: Final = {name: parse_proof(check.proof) for name, check in CHECKS.items()}
ORDER: Final = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.PARTIAL, Outcome.PASS)
"""From worst to best. What cannot be told is no better than half a control, and no worse than none."""
NOT_READY: Final = {
    "python": ("python_rag_chat_not_ready", "python_extraction_not_ready"),
    "typescript": ("typescript_chat_not_ready",),
}
ENDINGS: Final = {"python": (".py",), "typescript": (".ts", ".tsx")}

Files = dict[str, str]


class Way(StrEnum):
    """How a control is talked about without being there."""

    COMMENT = "comment"
    STRING = "string"
    IMPORT = "import"
    DEPENDENCY = "dependency"


# ------------------------------------------------------------------------------------------------ taken out


@pytest.mark.parametrize(
    ("check", "removal"),
    [pytest.param(check, item, id=f"{check}:{item.app}") for check, proof in PROOFS.items() for item in proof.removals],
)
def test_without_its_control_a_check_is_worse(check: str, removal: Removal) -> None:
    assert outcome(ready(removal.app), check) is Outcome.PASS
    mutated = outcome(audited(removed(files_of(removal.app), removal), engagement(removal.app), (CHECKS[check],)), check)
    assert mutated in {Outcome.PARTIAL, Outcome.FAIL}


def removed(files: Files, removal: Removal) -> Files:
    """The files after the hunks of a removal, each of which must find what it replaces."""
    changed = dict(files)
    for hunk in removal.hunks:
        text = f"\n{changed[hunk.path]}"
        assert text.count(f"\n{hunk.old}") == 1, f"{hunk.path}: {hunk.old!r} is there {text.count(hunk.old)} times"
        changed[hunk.path] = text.replace(f"\n{hunk.old}", f"\n{hunk.new}").removeprefix("\n")
    return changed


# ------------------------------------------------------------------------------------------------ only talked about


@dataclass(frozen=True, slots=True)
class Lacking:
    """A repository that a check finds lacking: a not-ready application, or a case of its own."""

    name: str
    language: str


def lacking(check: Check, language: str) -> Lacking | None:
    """Where a check has something to miss in a language; None where it has no such example."""
    for name in NOT_READY[language]:
        if outcome(ready(name), check.claim.id) in {Outcome.FAIL, Outcome.PARTIAL}:
            return Lacking(name, language)
    case = next((case for case in cases(check) if case.verdict is Outcome.FAIL and written_in(case, language)), None)
    return Lacking(str(case.line), language) if case else None


@pytest.mark.parametrize("way", Way)
@pytest.mark.parametrize("language", NOT_READY)
@pytest.mark.parametrize("check", CHECKS)
def test_a_control_that_is_only_talked_about_is_none(check: str, language: str, way: Way) -> None:
    found = lacking(CHECKS[check], language)
    assert found is not None, f"{check} has no failing example in {language}"
    before, after = before_and_after(check, found, way)
    assert after is not Outcome.PASS
    assert ORDER.index(after) <= ORDER.index(before), f"{before} became {after} by a {way}"


def test_every_check_has_a_failing_example_in_some_language() -> None:
    assert not [name for name, check in CHECKS.items() if not any(lacking(check, language) for language in NOT_READY)]


def before_and_after(check: str, found: Lacking, way: Way) -> tuple[Outcome, Outcome]:
    """The verdict on a repository, and on the same with a control that is only talked about."""
    if not found.name.isdigit():
        return outcome(ready(found.name), check), outcome(talking(found.name, found.language, way), check)
    case = next(case for case in cases(CHECKS[check]) if str(case.line) == found.name)
    files = dict(case.files)
    answers = files.pop("engagement.yaml", "")
    mutated = talked(files, found.language, way, (PROOFS[check].talk,))
    checks = (CHECKS[check],)
    return outcome(audited(files, answers, checks), check), outcome(audited(mutated, answers, checks), check)


@cache
def talking(app: str, language: str, way: Way) -> Assessment:
    """An application that talks of every control at once."""
    return audited(
        talked(files_of(app), language, way, tuple(proof.talk for proof in PROOFS.values())),
        engagement(app),
        tuple(CHECKS.values()),
    )


def talked(files: Files, language: str, way: Way, words: tuple[Talk, ...]) -> Files:
    """The files with the words of controls in one way, in every file of a language and in the definitions of CI."""
    if way is Way.DEPENDENCY:
        return depending(files, language, words)
    changed = dict(files)
    for path, text in files.items():
        if path.endswith(ENDINGS[language]):
            changed[path] = told(text, language, way, words)
        elif path.endswith((".yml", ".yaml")) and way is Way.COMMENT:
            changed[path] = text + "".join(f"# {word.text}\n" for word in words)
        elif ".github/workflows" in path and way is Way.STRING:
            said = "".join(f"      - run: |\n          echo {json.dumps(word.text)}\n" for word in words)
            changed[path] = text.replace("      - run: ", f"{said}      - run: ", 1)
    return changed


def told(text: str, language: str, way: Way, words: tuple[Talk, ...]) -> str:
    """One file of code with the words of controls in it."""
    python = language == "python"
    match way:
        case Way.COMMENT:
            lines = [f"{'#' if python else '//'} {word.text}" for word in words]
            return "\n".join([*lines, text.rstrip("\n"), *lines, ""])
        case Way.STRING:
            lines = [f"{'' if python else 'const '}NOTE_{index} = {json.dumps(word.text)}" for index, word in enumerate(words)]
            return "\n".join([text.rstrip("\n"), *lines, ""])
        case _:
            return "\n".join([*(word.python if python else word.typescript for word in words), text])


def depending(files: Files, language: str, words: tuple[Talk, ...]) -> Files:
    """The files with a package of each control declared."""
    if language == "python":
        packages = [word.pypi for word in words]
        return {**files, "requirements.txt": "\n".join([files.get("requirements.txt", ""), *packages, ""])}
    manifest = json.loads(files.get("package.json", "{}"))
    manifest["dependencies"] = manifest.get("dependencies", {}) | {word.npm: "*" for word in words}
    return {**files, "package.json": json.dumps(manifest)}


# ------------------------------------------------------------------------------------------------ audits


def outcome(assessment: Assessment, check: str) -> Outcome:
    return next(result.outcome for result in assessment.results if result.claim.id == check)


@cache
def ready(app: str) -> Assessment:
    """The assessment of an application as it is."""
    return audited(files_of(app), engagement(app), tuple(CHECKS.values()))


def audited(files: Mapping[str, str], engagement: str, checks: tuple[Check, ...]) -> Assessment:
    with TemporaryDirectory() as folder:
        root = Path(folder) / "app"
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        answers = Path(folder) / "engagement.yaml"
        answers.write_text(engagement or "{}", encoding="utf-8")
        return assess(root, checks, AS_OF, answers)


@cache
def files_of(app: str) -> Files:
    root = APPS / app
    return {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in root.rglob("*") if path.is_file()}


def engagement(app: str) -> str:
    path = APPS / f"{app}.engagement.yaml"
    return path.read_text(encoding="utf-8") if path.exists() else ""


@cache
def cases(check: Check) -> tuple[Case, ...]:
    return parse(check.examples)


def written_in(case: Case, language: str) -> bool:
    return any(PurePosixPath(path).suffix in ENDINGS[language] for path, _ in case.files)
