"""From bytes to bytes: the same files give the same outputs, moved code keeps its names, and printed numbers are the assessment's."""

from __future__ import annotations

import ast
import json
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import date
from functools import cache
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final

import pytest

from readiness import registry
from readiness.cli import run
from readiness.documents import refusal
from readiness.model import Assessment
from readiness.model.wire import dumps, loads
from readiness.report import RENDERERS, build_view
from readiness.resources import schema
from readiness.score import whole_parts
from tests.one_process import assess

APPS: Final = Path(__file__).parent.parent / "fixtures" / "apps"
AS_OF: Final = date(2026, 11, 26)
NAMES: Final = sorted(path.name for path in APPS.iterdir() if path.is_dir())
TEXTS: Final = ("json", "html", "md")
"""The formats that take no child process; the PDF has a test of its own."""

apps = pytest.mark.parametrize("name", NAMES)


@cache
def audited(name: str) -> Assessment:
    return audit(APPS / name)


def audit(root: Path) -> Assessment:
    """What the shipped checks say of a directory; the answers of an engagement stand beside the application it is a copy of."""
    return assess(root, registry.load(), AS_OF, APPS / f"{root.name}.engagement.yaml")


def outputs(assessment: Assessment) -> dict[str, bytes]:
    view = build_view(assessment)
    return {name: RENDERERS[name].render(view) for name in TEXTS}


def copied(name: str, home: Path) -> Path:
    """A copy whose files were created in the opposite order, so that a directory may list them in another."""
    root = home / name
    for file in sorted((file for file in (APPS / name).rglob("*") if file.is_file()), reverse=True):
        place = root / file.relative_to(APPS / name)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, place)
    return root


def fingerprints(assessment: Assessment, *, moved: bool = False) -> Counter[tuple[str, str, str]]:
    """What every site shows, by check and fingerprint."""
    return Counter(
        (result.claim.id, site.evidence.shows, site.fingerprint_moved if moved else site.fingerprint)
        for result in assessment.results
        for site in result.sites
    )


@apps
def test_the_same_bytes_give_the_same_outputs(name: str, tmp_path: Path) -> None:
    assert outputs(audit(copied(name, tmp_path))) == outputs(audited(name))


@apps
def test_a_saved_assessment_gives_the_same_outputs(name: str) -> None:
    assert outputs(loads(dumps(audited(name)))) == outputs(audited(name))


def test_the_report_command_writes_what_the_audit_wrote(tmp_path: Path) -> None:
    saved = tmp_path / "assessment.json"
    made = RENDERERS["pdf"].render(build_view(audited("not_llm")))
    saved.write_bytes(dumps(audited("not_llm")))
    assert run(["report", str(saved), "--out", str(tmp_path / "again")]) == 0
    assert (tmp_path / "again" / "report.pdf").read_bytes() == made
    again = {name: (tmp_path / "again" / RENDERERS[name].file).read_bytes() for name in TEXTS}
    assert again == outputs(audited("not_llm"))


@apps
def test_the_assessment_is_what_its_schema_says(name: str) -> None:
    assert refusal(json.loads(dumps(audited(name))), schema("assessment.v1")) is None


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith(("python", "typescript"))])
def test_moved_lines_change_no_fingerprint(name: str, tmp_path: Path) -> None:
    root = copied(name, tmp_path)
    for file in [*root.rglob("*.py"), *root.rglob("*.ts"), *root.rglob("*.tsx")]:
        file.write_text("\n" * 7 + file.read_text(encoding="utf-8"), encoding="utf-8")
    moved = audit(root)
    assert fingerprints(moved) == fingerprints(audited(name))
    assert moved.model_calls[0].span.line != audited(name).model_calls[0].span.line


def reordered(source: str) -> str:
    """The functions of a module in the opposite order, everything else where it was."""
    lines = source.splitlines(keepends=True)
    spans = [
        (min([node.lineno, *(item.lineno for item in node.decorator_list)]) - 1, node.end_lineno or 0)
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    bodies = ["".join(lines[first:last]) for first, last in spans]
    for (first, last), body in zip(reversed(spans), bodies, strict=True):
        lines[first:last] = [body if body.endswith("\n") else f"{body}\n"]
    return "".join(lines)


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("python")])
def test_reordered_functions_change_no_fingerprint(name: str, tmp_path: Path) -> None:
    root = copied(name, tmp_path)
    changed = 0
    for file in root.rglob("*.py"):
        before = file.read_text(encoding="utf-8")
        after = reordered(before)
        changed += before != after
        file.write_text(after, encoding="utf-8")
    assert changed
    assert fingerprints(audit(root)) == fingerprints(audited(name))


def test_a_renamed_file_keeps_the_second_fingerprint(tmp_path: Path) -> None:
    name = "python_extraction_not_ready"
    root = copied(name, tmp_path)
    (root / "read.py").rename(root / "scan.py")
    for file in root.rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        file.write_text(re.sub(r"\b(from|import) read\b", r"\1 scan", text), encoding="utf-8")
    renamed = audit(root)
    assert fingerprints(renamed, moved=True) == fingerprints(audited(name), moved=True)
    assert fingerprints(renamed) != fingerprints(audited(name))


class Words(HTMLParser):
    """The text of a page without its style sheet, and of every table row its cells."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.text = ""
        self._style = self._cell = False
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._style = self._style or tag == "style"
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"} and self.rows:
            self.rows[-1].append("")
            self._cell = True
        self.text += " "

    def handle_endtag(self, tag: str) -> None:
        self._style = self._style and tag != "style"
        self._cell = self._cell and tag not in {"td", "th"}

    def handle_data(self, data: str) -> None:
        if not self._style:
            self.text += data
            if self._cell:
                self.rows[-1][-1] += data


def tenths(value: float) -> str:
    return f"{round(value, 1):.1f}"


def numbers(text: str) -> set[str]:
    return set(re.findall(r"\d+(?:,\d{3})*(?:\.\d+)?", text))


def leaves(value: Any) -> Iterator[str]:
    """Every text and number of a document, as text."""
    match value:
        case dict():
            for item in value.values():
                yield from leaves(item)
        case list():
            for item in value:
                yield from leaves(item)
        case _:
            yield f"{value:,}" if isinstance(value, int | float) else str(value)


def derived(document: Any) -> set[str]:
    """Every number that a reader may work out from an assessment."""
    found = {number for leaf in leaves(document) for number in numbers(leaf)}
    checks, facts, score = document["checks"], document["facts"], document["score"]
    points = [check["points"] for check in checks]
    lost = [point["at_stake"] - point["proven"] for point in points]
    steps = [action["points"] for action in document["actions"]]
    found |= {tenths(value) for value in [*lost, *steps, sum(steps[:5]), *(v for p in points for v in p.values())]}
    sized = [
        checks,
        facts["model_calls"],
        facts["prompts"],
        document["gaps"],
        [c for c in facts["model_calls"] if in_production(c)],
    ]
    found |= {f"{len(items):,}" for items in sized}
    for check in checks:
        places = [site for site in check["evidence"] if site["where"] != "repository" and site["shows"] != "unresolved"]
        found |= {str(len(places)), str(sum(site["shows"] == "met" for site in places))}
    if score is not None:
        found |= {str(part) for part in whole_parts((score["proven"], score["open"], score["lost"]))}
        states = Counter(gate["state"] for gate in score["gates"])
        found |= {str(count) for count in states.values()}
    return found


def in_production(call: Any) -> bool:
    return bool(call["scope"] in {"production", "notebook"})


@apps
def test_every_number_of_the_comment_is_the_assessments(name: str) -> None:
    document = json.loads(dumps(audited(name)))
    comment = re.sub("\u2039U.+?\u203a", "", unescape(RENDERERS["md"].render(build_view(audited(name))).decode()))
    places = set(map(str, range(20)))  # numbers of findings and steps, levels, gates: counts of rows that are there
    assert numbers(comment) - derived(document) - places - {"100"} == set()


@apps
def test_every_check_is_printed_with_its_points_and_places(name: str) -> None:
    document = json.loads(dumps(audited(name)))
    page = Words(RENDERERS["html"].render(build_view(audited(name))))
    if document["score"] is None:
        assert "points lost" not in page.text
        return
    rows = {row[1]: [cell.strip() for cell in row] for row in page.rows if len(row) == 7}
    for check in document["checks"]:
        row = next(row for title, row in rows.items() if title.startswith(check["title"]))
        if check["verdict"] in {"pass", "partial", "fail"}:
            assert row[5] == tenths(check["points"]["proven"])
            assert row[6] == tenths(check["points"]["at_stake"])
            places = [site for site in check["evidence"] if site["where"] != "repository" and site["shows"] != "unresolved"]
            met = sum(site["shows"] == "met" for site in places)
            assert (f"{met}/{len(places)}" in row[2]) is bool(places)
        assert check["summary"] in row[1]


@apps
def test_the_figures_of_the_summary_are_those_of_the_score(name: str) -> None:
    document = json.loads(dumps(audited(name)))
    score = document["score"]
    if score is None:
        return
    text = " ".join(Words(RENDERERS["html"].render(build_view(audited(name)))).text.split())
    proven, unread, lost = whole_parts((score["proven"], score["open"], score["lost"]))
    verdicts = Counter(check["verdict"] for check in document["checks"])
    assert f"{proven} of 100 points proven" in text
    assert re.search(rf"\b{unread} points open:", text)
    findings = verdicts["fail"] + verdicts["partial"]
    assert f"{lost} points lost in {findings} finding" in text
    undecided = verdicts["unknown"] + verdicts["needs_context"]
    assert (f"{undecided} check{'s' if undecided != 1 else ''} could not be assessed" in text) is bool(undecided)
    gates = Counter(gate["state"] for gate in score["gates"])
    assert f"{gates['open']} of {len(score['gates'])} gates open, {gates['to_confirm']} to confirm" in text
