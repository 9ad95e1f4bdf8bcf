"""Bad input and attacks on the auditor: no crash, no hang, a clear word, everything else kept, and nothing active in any output."""

from __future__ import annotations

import html
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final

import pytest
from markdown_it import MarkdownIt
from pypdf import PdfReader

APPS: Final = Path(__file__).parent.parent / "fixtures" / "apps"
HANG: Final = 240
"""Seconds, far beyond what any of these takes: only something that never ends reaches it."""

INVISIBLE: Final = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
"""Control characters but the line feed, and characters that reorder or hide text."""

CALL: Final = "import openai\n\nopenai.OpenAI().chat.completions.create(model='gpt-4o', messages=[])\n"
NAME: Final = "<img src=x onerror=alert('name')>"
MADE: Final = {
    f"{NAME}.py": CALL,
    "x](javascript:alert('name')) `|` {{ 7 * 7 }}.py": CALL,
    "\x1b[31mred\u202eyp.evil.py": CALL,
    "line\nbreak](javascript:alert('name')).py": CALL,
}
"""Files that only a test makes: no checkout should hold such names."""

GAPS: Final = {
    "broken/.github/workflows/ci.yml",
    "broken/config.yaml",
    "broken/deep.yaml",
    "broken/long.py",
    "broken/pyproject.toml",
    "broken/settings.json",
    "sparse.py",
}


def readiness(*args: str | Path) -> subprocess.CompletedProcess[str]:
    """One command, in a process of its own that has to end."""
    command = [sys.executable, "-m", "readiness", *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, timeout=HANG, check=False)


# ------------------------------------------------------------------------------------------------ targets that are none


def _empty(root: Path) -> Path:
    (root / "empty").mkdir()
    return root / "empty"


def _climbing_tar(root: Path) -> Path:
    with tarfile.open(root / "app.tar.gz", "w:gz") as file:
        for name in ("app/a.py", "app/../../climbed.py"):
            info = tarfile.TarInfo(name)
            info.size = len(CALL)
            file.addfile(info, io.BytesIO(CALL.encode()))
    return root / "app.tar.gz"


def _climbing_zip(root: Path) -> Path:
    with zipfile.ZipFile(root / "app.zip", "w") as file:
        file.writestr("app/a.py", CALL)
        file.writestr("app/../../climbed.py", CALL)
    return root / "app.zip"


def _no_archive(root: Path) -> Path:
    (root / "app.tar.gz").write_bytes(b"\x1f\x8b no archive at all")
    return root / "app.tar.gz"


def _missing(root: Path) -> Path:
    return root / "nowhere"


def _looping(root: Path) -> Path:
    (root / "loop").symlink_to(root / "loop")
    return root / "loop"


@pytest.mark.parametrize("made", [_missing, _empty, _no_archive, _looping])
def test_no_target_is_a_usage_error_that_names_it(made: Any, tmp_path: Path) -> None:
    target = made(tmp_path)
    done = readiness("audit", target, "--out", tmp_path / "out")
    assert (done.returncode, done.stdout) == (2, "")
    assert target.name in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("made", [_climbing_tar, _climbing_zip])
def test_an_archive_writes_nothing_outside_of_itself(made: Any, tmp_path: Path) -> None:
    done = readiness("audit", made(tmp_path), "--out", tmp_path / "out", "--format", "json")
    assert done.returncode in {0, 2}
    assert "Traceback" not in done.stderr
    assert done.returncode == 0 or ".." in done.stderr
    assert not list(tmp_path.parent.rglob("climbed.py"))


def test_what_calls_no_model_gets_no_score(tmp_path: Path) -> None:
    done = readiness("audit", APPS / "not_llm", "--out", tmp_path / "out", "--format", "json,md", "--fail-under", "50")
    assessment = json.loads((tmp_path / "out" / "assessment.json").read_bytes())
    assert (done.returncode, assessment["score"]) == (0, None)
    assert {check["verdict"] for check in assessment["checks"]} == {"not_applicable"}


# ------------------------------------------------------------------------------------------------ the hostile repository


@dataclass(frozen=True, slots=True)
class Audit:
    """One audit of everything hostile at once."""

    root: Path
    done: subprocess.CompletedProcess[str]

    @property
    def out(self) -> Path:
        return self.root.parent / "out"

    @property
    def assessment(self) -> Any:
        return json.loads((self.out / "assessment.json").read_bytes())

    def text(self, name: str) -> str:
        return (self.out / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Audit]:
    root = tmp_path_factory.mktemp("hostile") / f"{NAME} {{{{ 7 * 7 }}}}"
    shutil.copytree(APPS / "hostile", root)
    for name, text in MADE.items():
        (root / name).write_text(text, encoding="utf-8")
    (root / "loop").symlink_to(root)
    (root / "itself.py").symlink_to(root / "itself.py")
    (root / "gone.py").symlink_to("nowhere.py")
    os.mkfifo(root / "pipe.py")
    with (root / "sparse.py").open("wb") as file:
        file.truncate(100_000_000)
    done = readiness("audit", root, "--out", root.parent / "out", "--as-of", "2026-11-26", "--jobs", "2")
    assert done.returncode == 0, done.stderr
    yield Audit(root, done)
    shutil.rmtree(root)


def test_a_hostile_repository_is_audited_to_the_end(hostile: Audit) -> None:
    assert {path.name for path in hostile.out.iterdir()} == {"assessment.json", "report.pdf", "report.html", "comment.md"}
    assert "Traceback" not in hostile.done.stderr


def test_what_could_not_be_read_is_a_gap_and_everything_else_is_kept(hostile: Audit) -> None:
    found = hostile.assessment
    assert {gap["path"] for gap in found["gaps"]} >= GAPS
    calls = {(call["path"], call["line"]) for call in found["facts"]["model_calls"]}
    readable = {(name, 3) for name in MADE if name.isprintable()}
    assert calls == {("chat/answers.py", 24), ("chat/answers.py", 33), ("web/chat.ts", 5), *readable}


def test_names_that_cannot_be_printed_are_gaps(hostile: Audit) -> None:
    names = [gap["path"] or "" for gap in hostile.assessment["gaps"] if "printable" in gap["reason"]]
    assert len(names) == 2
    assert all(name.isprintable() for name in names)


def test_nothing_of_it_is_run(hostile: Audit) -> None:
    assert not list(hostile.root.parent.rglob("owned"))


def test_the_terminal_shows_no_control_character(hostile: Audit) -> None:
    assert not INVISIBLE.findall(hostile.done.stdout + hostile.done.stderr)


def test_the_listing_of_facts_shows_no_control_character(hostile: Audit) -> None:
    done = readiness("facts", hostile.root, "--as-of", "2026-11-26", "--jobs", "1")
    assert (done.returncode, INVISIBLE.findall(done.stdout + done.stderr)) == (0, [])
    assert "chat/answers.py" in done.stdout


def test_json_is_plain_ascii(hostile: Audit) -> None:
    assert (hostile.out / "assessment.json").read_bytes().isascii()


class _Page(HTMLParser):
    """Every tag with its attributes, and every text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_the_page_holds_no_active_part_of_the_repository(hostile: Audit) -> None:
    page = _Page(hostile.text("report.html"))
    assert not {tag for tag, _ in page.tags} & {"script", "img", "iframe", "object", "embed", "base", "form", "link", "b"}
    for tag, attributes in page.tags:
        assert not [name for name in attributes if name.startswith("on")], (tag, attributes)
        for name in ("href", "src", "xlink:href", "action", "style"):
            assert not re.search(r"javascript|attacker|onerror|alert", attributes.get(name, "")), (tag, attributes)
    assert "<img src=x onerror=alert('model')>" in "".join(page.texts), "the attack is shown as text"


def test_the_page_shows_what_hides(hostile: Audit) -> None:
    text = "".join(_Page(hostile.text("report.html")).texts)
    assert not INVISIBLE.findall(text.replace("\t", " "))


def test_templates_of_the_repository_are_not_filled_in(hostile: Audit) -> None:
    for name in ("report.html", "comment.md"):
        text = html.unescape(hostile.text(name))
        assert "{{ 7 * 7 }}" in text
        assert not re.search(r"alert\('name'\)> 49", text)


def test_the_comment_holds_no_markup_of_the_repository(hostile: Audit) -> None:
    text = hostile.text("comment.md")
    assert not INVISIBLE.findall(text)
    ours = re.compile(r"</?(?:details|summary|sub|br)/?>|<!-- readiness:[\w .:-]* -->")
    code = re.compile(r"(?P<ticks>`+)(?!`).*?(?<!`)(?P=ticks)(?!`)", re.DOTALL)
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    inline = [child for token in tokens for child in (token.children or ())]
    for token in (*tokens, *inline):
        if token.type in {"html_block", "html_inline"}:
            assert not re.search(r"<(?!!)", ours.sub("", code.sub("", token.content))), token.content
        assert not re.search(r"javascript:|attacker", str(token.attrGet("href") or token.attrGet("src") or ""))
        assert token.type != "image"


def test_the_comment_calls_nobody_and_links_nowhere(hostile: Audit) -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(hostile.text("comment.md"))
    plain = [child.content for token in tokens for child in (token.children or ()) if child.type == "text"]
    assert not [text for text in plain if re.search(r"@everyone|https?://attacker", text)]


def test_the_comment_keeps_its_own_structure(hostile: Audit) -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(hostile.text("comment.md"))
    assert [token.tag for token in tokens if token.type == "heading_open"] == ["h3"]
    assert not [token for token in tokens if token.type == "fence" and "alert" in token.info]
    assert tokens[-1].type in {"html_block", "paragraph_close"}


def test_the_document_links_nowhere_and_runs_nothing(hostile: Audit) -> None:
    reader = PdfReader(hostile.out / "report.pdf")
    root = reader.root_object
    assert not {"/OpenAction", "/AA", "/JavaScript"} & set(root)
    for page in reader.pages:
        for annotation in page.get("/Annots", ()):
            action = annotation.get_object().get("/A", {})
            assert action.get("/S", "/GoTo") in {"/GoTo", "/URI"}
            assert not re.search("javascript|attacker", str(action.get("/URI", "")))
    text = "\n".join(page.extract_text() for page in reader.pages)
    assert "onerror=alert" in text, "the attack is shown as text"
    assert not re.findall("[\x1b\u200b-\u200f\u202a-\u202e\u2066-\u2069]", text)
