"""What a file is, what it is for, and what of it can be read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness.errors import UsageError
from readiness.model import LanguageCoverage, Scope
from readiness.repo import (
    Limits,
    SourceKind,
    count_lines,
    decode,
    file_type,
    is_ci,
    language_stats,
    open_target,
)
from readiness.repo.encoding import is_binary
from readiness.repo.ignore import Ignore, is_usable
from tests.repo_builder import build, inventory, source

# ------------------------------------------------------------------------------------------------ kinds


@pytest.mark.parametrize(
    ("path", "kind", "language", "form"),
    [
        ("src/app.py", "code", "python", "python"),
        ("a/b.tsx", "code", "typescript", "typescript"),
        ("a/b.mjs", "code", "typescript", "typescript"),
        ("main.go", "code", "go", "go"),
        ("A.java", "code", "java", "java"),
        ("analysis.ipynb", "code", "python", "notebook"),
        ("run.sh", "code", "shell", "shell"),
        ("values.yaml", "config", "yaml", "yaml"),
        ("pyproject.toml", "config", "toml", "toml"),
        (".env", "config", "env", "env"),
        (".env.local.example", "config", "env", "env"),
        ("prod.env", "config", "env", "env"),
        ("Dockerfile", "config", "dockerfile", "dockerfile"),
        ("prod.Dockerfile", "config", "dockerfile", "dockerfile"),
        ("Dockerfile.fullstack", "config", "dockerfile", "dockerfile"),
        ("main.bicep", "config", "bicep", "bicep"),
        ("main.tf", "config", "terraform", "terraform"),
        ("Jenkinsfile", "config", "groovy", "groovy"),
        ("build.gradle", "config", "groovy", "groovy"),
        ("Makefile", "config", "makefile", "makefile"),
        ("requirements-dev.txt", "config", "requirements", "requirements"),
        ("requirements/prod.txt", "config", "requirements", "requirements"),
        ("requirements.in", "config", "requirements", "requirements"),
        ("application.properties", "config", "properties", "properties"),
        ("App.csproj", "config", "xml", "xml"),
        ("prompts/system.md", "document", "markdown", "markdown"),
        ("prompts/chat.jinja2", "document", "jinja", "jinja"),
        ("chat.prompt", "document", "prompt", "prompt"),
        ("notes.txt", "document", "text", "text"),
        ("cases.jsonl", "data", "jsonl", "jsonl"),
        ("logo.png", "other", "", ""),
        ("env.ts", "code", "typescript", "typescript"),
        ("env.d.ts", "code", "typescript", "typescript"),
        ("environment.py", "code", "python", "python"),
    ],
)
def test_a_name_tells_kind_language_and_format(path: str, kind: str, language: str, form: str) -> None:
    found = file_type(path)
    assert (found.kind.value, found.language, found.format) == (kind, language, form)


@settings(deadline=None)
@given(st.text(min_size=1, max_size=60))
def test_any_name_has_a_kind(name: str) -> None:
    assert isinstance(file_type(name).kind, SourceKind)


def test_files_without_an_extension_are_told_by_their_first_line(tmp_path: Path) -> None:
    found = inventory(
        tmp_path, {"bin/serve": "#!/usr/bin/env python3\nx = 1\n", "LICENSE": "MIT", "data": "plain", "prompts/system": "You are"}
    )
    assert source(found, "bin/serve").language == "python"
    assert source(found, "prompts/system").kind is SourceKind.DOCUMENT
    assert source(found, "data").kind is SourceKind.OTHER


@pytest.mark.parametrize(
    "path",
    [
        ".github/workflows/ci.yml", ".github/actions/setup/action.yml", ".gitlab-ci.yml", "azure-pipelines.yml", "Jenkinsfile", "ci/Jenkinsfile.deploy",
        ".circleci/config.yml", ".tekton/push.yaml", "bitbucket-pipelines.yml", ".drone.yml", ".buildkite/pipeline.yml", "cloudbuild.yaml",
    ],
)  # fmt: skip
def test_definitions_of_ci_are_known(path: str) -> None:
    assert is_ci(path)
    assert file_type(path).kind is SourceKind.CONFIG


@pytest.mark.parametrize(
    "path", ["workflows/ci.yml", ".github/dependabot.yml", "src/jenkins.py", "docs/gitlab-ci.md", ".github/workflows/README.md"]
)
def test_what_only_looks_like_ci_is_not(path: str) -> None:
    assert not is_ci(path)


# ------------------------------------------------------------------------------------------------ ignore rules


def test_ignored_files_are_left_out_with_nested_rules(tmp_path: Path) -> None:
    found = inventory(
        tmp_path,
        {
            ".gitignore": "*.log\nsecret/\n!keep.log\n/only_root.py\n",
            "a.log": "x", "keep.log": "x", "secret/a.py": "x", "only_root.py": "x", "sub/only_root.py": "x = 1\n",
            "sub/.gitignore": "local.py\n!b.log\n", "sub/local.py": "x", "sub/b.log": "x", "local.py": "x = 1\n",
            "node_modules/x/index.js": "x", "venv/pyvenv.cfg": "", "venv/lib/a.py": "x",
        },
    )  # fmt: skip
    assert {item.path for item in found.sources} == {
        ".gitignore", "keep.log", "sub/.gitignore", "sub/only_root.py", "sub/b.log", "local.py",
    }  # fmt: skip


@pytest.mark.parametrize("pattern", ["*a*a*a*a*a*a*a*b", "**/**/**/**/x", "a" * 5000])
def test_patterns_that_could_take_forever_are_not_used(pattern: str) -> None:
    assert not is_usable(pattern)
    assert not Ignore().below("", pattern).hides("a" * 200, directory=False)


@settings(deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200), st.text(alphabet="ab/.*", min_size=1, max_size=20))
def test_any_ignore_file_can_be_read(text: str, path: str) -> None:
    assert Ignore().below("", text).hides(path, directory=False) in (True, False)


# ------------------------------------------------------------------------------------------------ encodings


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("é\n".encode(), "é\n"),
        (b"\xef\xbb\xbfx\n", "x\n"),
        ("é\r\n".encode("utf-16"), "é\n"),
        (b"\xfe\xff" + "é".encode("utf-16-be"), "é"),
        (b"# -*- coding: latin-1 -*-\n\xe9\n", "# -*- coding: latin-1 -*-\né\n"),
        (b"#!x\n# coding: cp1252\n\x80\n", "#!x\n# coding: cp1252\n€\n"),
        (b"# coding: no-such-thing\nx\n", "# coding: no-such-thing\nx\n"),
        (b"# coding: zlib\nx\n", "# coding: zlib\nx\n"),
        (b"# coding: unicode_escape\n\\x41\n", "# coding: unicode_escape\n\\x41\n"),
        (b"\xe9\xff", "éÿ"),
        (b"", ""),
    ],
)
def test_text_is_decoded(content: bytes, text: str) -> None:
    assert decode(content) == text


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_decode(content: bytes) -> None:
    assert isinstance(decode(content), str)


@settings(deadline=None)
@given(st.lists(st.text(alphabet="ab ", max_size=5), max_size=6))
def test_lines_are_counted_as_editors_do(lines: list[str]) -> None:
    assert count_lines("".join(line + "\n" for line in lines)) == len(lines)
    assert count_lines("\n".join([*lines, "x"])) == len(lines) + 1


def test_binary_files_are_told_from_utf_16() -> None:
    assert is_binary(b"\x7fELF\0\0")
    assert not is_binary("x = 1\n".encode("utf-16"))


def test_a_video_called_ts_is_no_typescript(tmp_path: Path) -> None:
    found = source(inventory(tmp_path, {"clip.ts": b"G\0\0\0\xff" * 100, "a.py": "x = 1\n"}), "clip.ts")
    assert (found.kind, found.lines) == (SourceKind.OTHER, 0)


def test_a_link_checked_out_as_text_is_no_code(tmp_path: Path) -> None:
    found = inventory(tmp_path, {"a.py": "x = 1\n", "sub/b.py": "../a.py"})
    assert source(found, "sub/b.py").kind is SourceKind.OTHER


# ------------------------------------------------------------------------------------------------ limits


def test_a_huge_code_file_is_a_gap_and_never_read(tmp_path: Path) -> None:
    root = build(tmp_path, {"a.py": "x = 1\n"})
    with (root / "huge.py").open("wb") as file:
        file.truncate(100_000_000)
    with open_target(str(root)) as found:
        lost = source(found, "huge.py")
        assert (lost.size, lost.lines, lost.digest, lost.readable) == (100_000_000, 0, "", False)
        (gap,) = found.gaps
        assert (gap.path, gap.language) == ("huge.py", "python")
        assert gap.lines > 1_000_000
        assert "larger than" in gap.reason


def test_a_huge_data_file_is_listed_and_no_gap(tmp_path: Path) -> None:
    root = build(tmp_path, {"a.py": "x = 1\n"})
    for name in ("cases.jsonl", "big.json"):
        with (root / name).open("wb") as file:
            file.truncate(50_000_000)
    with open_target(str(root)) as found:
        assert found.gaps == ()
        assert source(found, "big.json").kind is SourceKind.DATA


def test_a_minified_file_is_a_gap_unless_it_is_generated(tmp_path: Path) -> None:
    line = "x = [" + "1, " * 70_000 + "]\n"
    found = inventory(
        tmp_path, {"a.py": line, "b.py": "# Code generated by x. DO NOT EDIT.\n" + line, "static/c.min.js": line, "d.js": line}
    )
    assert [(gap.path, gap.reason.partition(":")[0]) for gap in found.gaps] == [("a.py", "minified")]
    assert source(found, "d.js").scope is Scope.GENERATED


def test_there_is_a_limit_on_files_and_depth(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {f"f{number}.py": "x = 1\n" for number in range(20)}
    assert [gap.reason for gap in inventory(tmp_path / "a", files, Limits(files=5)).gaps] == [
        "more than 5 files; the rest was not read"
    ]
    found = inventory(tmp_path / "b", {"a.py": "x\n", "/".join("d" * 80) + "/deep.py": "x\n"})
    assert "nest deeper" in found.gaps[0].reason


def test_names_that_cannot_be_written_down_are_gaps(tmp_path: Path) -> None:
    root = build(tmp_path, {"a.py": "x = 1\n", "tab\tname.py": "x = 1\n", "rtl\u202ename.py": "x = 1\n"})
    with open(os.fsencode(root) + b"/bad\xff.py", "wb") as file:  # noqa: PTH123
        file.write(b"x = 1\n")
    with open_target(str(root)) as found:
        assert [item.path for item in found.sources] == ["a.py"]
        assert sorted(gap.path or "" for gap in found.gaps) == ["bad\\xff.py", "rtl\\x2ename.py", "tab\\x09name.py"]


def test_a_file_that_vanishes_is_a_gap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = build(tmp_path, {"a.py": "x = 1\n", "gone.py": "x = 1\n"})
    real = os.open

    def refuse(path: str, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        if path == "gone.py":
            raise PermissionError(13, "Permission denied")
        return real(path, flags, mode, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", refuse)
    with open_target(str(root)) as found:
        assert [(gap.path, gap.reason) for gap in found.gaps] == [("gone.py", "cannot be read: Permission denied")]
        assert not source(found, "gone.py").readable


def test_a_tree_of_ignored_files_only_is_empty(tmp_path: Path) -> None:
    with pytest.raises(UsageError), open_target(str(build(tmp_path, {"node_modules/a.js": "x"}))):
        pass


# ------------------------------------------------------------------------------------------------ statistics


def test_lines_are_counted_by_language(tmp_path: Path) -> None:
    found = inventory(
        tmp_path,
        {
            "app.py": "a\nb\nc\n",
            "tests/test_a.py": "a\n",
            "conf.yaml": "a: 1\n",
            "x.css": "a\n",
            "dist/a.js": "a\n",
            "README.md": "a\n",
        },
    )
    stats = {stat.name: stat for stat in language_stats(found, {"python": LanguageCoverage.FULL})}
    assert set(stats) == {"python", "yaml", "css"}
    assert (stats["python"].files, stats["python"].lines, stats["python"].production_lines) == (2, 4, 3)
    assert (stats["python"].coverage, stats["yaml"].coverage) == (LanguageCoverage.FULL, LanguageCoverage.NAMES)
    assert (stats["python"].programming, stats["css"].programming) == (True, False)
