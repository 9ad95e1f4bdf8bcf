"""What a file is, what it is for, and what of it can be read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness.errors import UsageError
from readiness.model import LanguageCoverage, RepositoryKind, Scope
from readiness.repo import (
    Limits,
    Repository,
    Source,
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
from readiness.repo.scope import scope_of, survey


def build(root: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def inventory(root: Path, files: dict[str, str | bytes], limits: Limits | None = None) -> Repository:
    with open_target(str(build(root, files)), limits=limits or Limits()) as repository:
        return repository


def source(repository: Repository, path: str) -> Source:
    return next(item for item in repository.sources if item.path == path)


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


# ------------------------------------------------------------------------------------------------ scopes

SCOPES = [
    ("src/app/main.py", Scope.PRODUCTION),
    ("app/api/chat/route.ts", Scope.PRODUCTION),
    ("app/tests/factories.py", Scope.TEST),
    ("tests/llm/utils/helper.py", Scope.TEST),
    ("src/test_client.py", Scope.TEST),
    ("conftest.py", Scope.TEST),
    ("pkg/ai/openai_test.go", Scope.TEST),
    ("src/chat.test.ts", Scope.TEST),
    ("src/chat.spec.tsx", Scope.TEST),
    ("src/__tests__/chat.ts", Scope.TEST),
    ("cypress/support/commands.ts", Scope.TEST),
    ("e2e/login.ts", Scope.TEST),
    ("playwright.config.ts", Scope.TEST),
    ("src/test/java/com/acme/ChatTests.java", Scope.TEST),
    ("Acme.Chat.Tests/ChatTest.cs", Scope.TEST),
    ("spec/models/chat_spec.rb", Scope.TEST),
    ("docker-compose.test.yml", Scope.TEST),
    (".env.test", Scope.TEST),
    ("src/main/java/com/acme/samples/demo/Chat.java", Scope.PRODUCTION),
    ("src/main/java/com/acme/ABTest.java", Scope.PRODUCTION),
    ("examples/chat.py", Scope.EXAMPLE),
    ("backend/examples/chat.py", Scope.EXAMPLE),
    ("demo/app.py", Scope.EXAMPLE),
    ("cookbook/rag.py", Scope.EXAMPLE),
    ("docs/examples/rag.py", Scope.EXAMPLE),
    ("src/frontend/components/Example/Example.tsx", Scope.PRODUCTION),
    ("src/billing/samples/reader.py", Scope.PRODUCTION),
    ("src/Button.stories.tsx", Scope.EXAMPLE),
    ("scripts/seed.py", Scope.SCRIPT),
    ("evals/run.py", Scope.SCRIPT),
    ("src/bot/evaluation/prepare.py", Scope.SCRIPT),
    ("agents/recency_benchmark.py", Scope.SCRIPT),
    ("setup.py", Scope.SCRIPT),
    ("agent/tools/search.py", Scope.PRODUCTION),
    ("lib/ai/tools/weather.ts", Scope.PRODUCTION),
    ("notebooks/train.ipynb", Scope.NOTEBOOK),
    ("backend/try.ipynb", Scope.NOTEBOOK),
    ("docs/conf.py", Scope.DOCS),
    ("README.md", Scope.DOCS),
    ("src/README.md", Scope.DOCS),
    ("AGENTS.md", Scope.DOCS),
    (".github/copilot-instructions.md", Scope.DOCS),
    (".github/prompts/review.md", Scope.DOCS),
    ("prompts/system.md", Scope.PRODUCTION),
    ("system_prompt.md", Scope.PRODUCTION),
    ("skills/search/SKILL.md", Scope.PRODUCTION),
    (".cursor/rules/style.mdc", Scope.DOCS),
    (".cursor/mcp.json", Scope.SCRIPT),
    (".github/dependabot.yml", Scope.SCRIPT),
    ("evals/README.md", Scope.DOCS),
    ("src/specs/cases/bug.md", Scope.TEST),
    ("src/app/fixtures/prompts.yaml", Scope.PRODUCTION),
    ("src/app/fixtures/user.py", Scope.TEST),
    ("gradlew", Scope.GENERATED),
    (".devcontainer/docker-compose.yml", Scope.SCRIPT),
    (".github/workflows/test.yml", Scope.PRODUCTION),
    ("migrations/0001_initial.py", Scope.PRODUCTION),
    ("vendor/github.com/x/y.go", Scope.VENDORED),
    ("src/_vendor/six.py", Scope.VENDORED),
    ("static/jquery-3.6.0.js", Scope.VENDORED),
    ("app/vendor/page.tsx", Scope.PRODUCTION),
    ("app/evaluation/page.tsx", Scope.PRODUCTION),
    ("app/api/examples/routes.py", Scope.PRODUCTION),
    ("app/scripts/seed.py", Scope.SCRIPT),
    ("proto/chat_pb2.py", Scope.GENERATED),
    ("static/app.min.js", Scope.GENERATED),
    ("package-lock.json", Scope.GENERATED),
    ("dist/index.js", Scope.GENERATED),
    ("build/lib/app.py", Scope.GENERATED),
    ("app.egg-info/PKG-INFO", Scope.GENERATED),
    ("src/build/pipeline.py", Scope.PRODUCTION),
    ("chart/templates/deployment.yaml", Scope.PRODUCTION),
]


@pytest.mark.parametrize(("path", "scope"), SCOPES)
def test_a_path_tells_what_a_file_is_for(path: str, scope: Scope) -> None:
    tree = survey([path, "pyproject.toml", "src/app/__init__.py"])
    assert scope_of(path, file_type(path), "", tree) is scope


def test_a_module_about_tests_is_no_test() -> None:
    tree = survey(["agents/__init__.py", "agents/test_generation.py"])
    kind = file_type("agents/test_generation.py")
    assert scope_of("agents/test_generation.py", kind, "class Generator:\n    pass\n", tree) is Scope.PRODUCTION
    assert scope_of("agents/test_generation.py", kind, "import pytest\n", tree) is Scope.TEST


def test_tools_at_the_root_are_scripts_unless_the_application_lives_there() -> None:
    kind = file_type("tools/release.py")
    assert scope_of("tools/release.py", kind, "", survey(["src/app.py"])) is Scope.SCRIPT
    assert scope_of("tools/search.py", kind, "", survey(["main.py", "tools/search.py"])) is Scope.PRODUCTION
    assert scope_of("tools/search.py", kind, "", survey(["src/a.py", "tools/__init__.py"])) is Scope.PRODUCTION


def test_a_documentation_site_is_documentation_wherever_it_lies() -> None:
    tree = survey(["website/docusaurus.config.ts", "website/src/pages/index.tsx", "bot/site/_includes/a.md"])
    assert scope_of("bot/site/share/index.md", file_type("index.md"), "", tree) is Scope.DOCS
    assert scope_of("bot/index.md", file_type("index.md"), "", tree) is Scope.PRODUCTION
    assert scope_of("website/src/pages/index.tsx", file_type("index.tsx"), "", tree) is Scope.DOCS


@pytest.mark.parametrize(
    "head",
    [
        "# Generated by the protocol buffer compiler.  DO NOT EDIT!\n",
        "// Code generated by protoc-gen-go. DO NOT EDIT.\n",
        "/* eslint-disable */\n// @generated\n",
        '"""This file was automatically generated from the schema."""\n',
        "#\n# This file is autogenerated by pip-compile with Python 3.11\n",
        "// <auto-generated />\n",
    ],
)
def test_a_file_that_says_it_is_generated_is(head: str) -> None:
    assert scope_of("src/api.py", file_type("api.py"), head + "x = 1\n", survey(["src/api.py"])) is Scope.GENERATED


@pytest.mark.parametrize(
    "head",
    ['PROMPT = "text generated by a model. Do not edit it."\n', "# answers are generated by the model\n", "def generated(): ...\n"],
)
def test_a_file_about_generation_is_not_generated(head: str) -> None:
    assert scope_of("src/api.py", file_type("api.py"), head, survey(["src/api.py"])) is Scope.PRODUCTION


def test_a_library_copied_into_the_tree_is_vendored() -> None:
    head = "/*!\n * Marked v4.0\n * Copyright (c) someone\n */\n"
    assert scope_of("static/js/marked.js", file_type("marked.js"), head, survey([])) is Scope.VENDORED


def test_a_declared_entry_point_is_production_wherever_it_lies(tmp_path: Path) -> None:
    found = inventory(
        tmp_path,
        {
            "pyproject.toml": '[project]\nname = "app"\n[project.scripts]\nrun = "app.scripts.serve:main"\n',
            "src/app/__init__.py": "",
            "src/app/scripts/serve.py": "x = 1\n",
            "src/app/scripts/once.py": "x = 1\n",
            "package.json": '{"bin": {"go": "./scripts/go.js"}}',
            "scripts/go.js": "x()\n",
        },
    )
    assert source(found, "src/app/scripts/serve.py").scope is Scope.PRODUCTION
    assert source(found, "scripts/go.js").scope is Scope.PRODUCTION
    assert source(found, "src/app/scripts/once.py").scope is Scope.SCRIPT


@pytest.mark.parametrize(
    ("files", "scopes"),
    [
        (["a.ipynb", "README.md"], {Scope.PRODUCTION, Scope.NOTEBOOK}),
        (["scripts/a.py", "config.yaml"], {Scope.PRODUCTION, Scope.SCRIPT}),
        (["examples/a.py", "a.ipynb", "tests/test_a.py"], {Scope.PRODUCTION, Scope.EXAMPLE, Scope.NOTEBOOK}),
        (["app.py", "a.ipynb", "examples/a.py"], {Scope.PRODUCTION}),
        (["tests/test_a.py"], {Scope.PRODUCTION}),
    ],
)
def test_a_repository_of_notebooks_scripts_or_examples_has_these_as_its_production(
    tmp_path: Path, files: list[str], scopes: set[Scope]
) -> None:
    assert inventory(tmp_path, dict.fromkeys(files, "x = 1\n")).production_scopes == scopes


@pytest.mark.parametrize(
    ("files", "shape"),
    [
        ({"pyproject.toml": '[project]\nname = "x"\n', "src/x/__init__.py": "a = 1\n"}, RepositoryKind.LIBRARY),
        (
            {"pyproject.toml": '[project]\nname = "x"\n', "src/x/__init__.py": "a = 1\n", "Dockerfile": "FROM a\n"},
            RepositoryKind.APPLICATION,
        ),
        ({"requirements.txt": "openai\n", "chat.py": "a = 1\n"}, RepositoryKind.APPLICATION),
        ({"PKG-INFO": "Name: x\n", "setup.py": "", "x/__init__.py": "a = 1\n"}, RepositoryKind.PACKAGE),
        (
            {"pyproject.toml": '[project]\nname="x"\n[project.scripts]\nx = "x.run:main"\n', "x/run.py": "a = 1\n"},
            RepositoryKind.APPLICATION,
        ),
    ],
)
def test_the_shape_of_a_repository(tmp_path: Path, files: dict[str, str | bytes], shape: RepositoryKind) -> None:
    assert inventory(tmp_path, files).shape is shape


def test_an_action_for_others_is_no_ci_of_ones_own(tmp_path: Path) -> None:
    assert not inventory(tmp_path, {"action.yml": "name: x\n", "a.py": "x = 1\n"}).has_ci


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
