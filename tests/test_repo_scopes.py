"""What a file and a whole repository are for."""

from __future__ import annotations

from pathlib import Path

import pytest

from readiness.model import RepositoryKind, Scope
from readiness.repo import (
    file_type,
)
from readiness.repo.scope import scope_of, survey
from tests.repo_builder import inventory, source

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
