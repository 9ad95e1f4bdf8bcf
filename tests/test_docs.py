"""The documents keep what they promise: commands, options, links, dependencies and constants are those of the code."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from readiness import cli, errors, registry
from readiness.collect import engagement
from readiness.model import PILLARS
from readiness.repo.settings import parse_settings
from readiness.score import GATES, WEIGHTS

ROOT = Path(__file__).parents[1]
DOCUMENTS = (*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("**/*.md")))
LINK = re.compile(r"(?<!!)\[[^\]]+\]\((?P<target>[^)\s]+)\)")
FENCE = re.compile(r"^(?P<ticks>`{3,})(?P<language>\w*)[^\n]*\n(?P<text>.*?)^(?P=ticks)$", re.MULTILINE | re.DOTALL)


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(name: str, language: str) -> list[str]:
    """The fenced blocks of one language in a document."""
    return [match["text"] for match in FENCE.finditer(text(name)) if match["language"] == language]


@cache
def guide() -> str:
    """What a user reads: the README and everything under docs."""
    return "\n".join(
        path.read_text(encoding="utf-8") for path in DOCUMENTS if path.name == "README.md" or path.parent.name == "docs"
    )


def group() -> click.Group:
    """The command line's own click group, whatever `main` wraps it in."""
    return next(value for value in vars(cli).values() if isinstance(value, click.Group))


def commands(command: click.Command, path: str = "readiness") -> Iterator[tuple[str, click.Command]]:
    """Every command under `command`, with the words that call it."""
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            assert child is not None
            if not child.hidden:
                yield from commands(child, f"{path} {name}")


def option_names(command: click.Command) -> set[str]:
    """The long names of a command's visible options."""
    visible = (item for item in command.params if isinstance(item, click.Option) and not item.hidden)
    return {name for item in visible for name in (*item.opts, *item.secondary_opts) if name.startswith("--")}


def test_every_command_is_documented() -> None:
    missing = [path for path, _ in commands(group()) if path not in guide()]
    assert not missing


def test_every_option_is_documented() -> None:
    missing = [
        f"{path} {name}" for path, command in commands(group()) for name in option_names(command) if f"`{name}" not in guide()
    ]
    assert not missing


def test_every_option_in_the_readme_exists() -> None:
    known = {name for _, command in commands(group()) for name in option_names(command)} | {"--help"}
    promised = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text("README.md")))
    assert promised - known == set()


def test_every_command_in_the_readme_exists() -> None:
    known = {path for path, _ in commands(group())}
    promised = {
        f"readiness {name}"
        for block in blocks("README.md", "console")
        for name in re.findall(r"^readiness (\w\S*)", block, re.MULTILINE)
    }
    assert promised
    assert promised <= known


def test_the_readme_sets_up_with_targets_that_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", text("Makefile"), re.MULTILINE))
    promised = {name for block in blocks("README.md", "console") for name in re.findall(r"^make (\S+)", block, re.MULTILINE)}
    assert promised
    assert promised <= targets
    assert "\nexec make test\n" in text(".ci/run")


def test_the_readme_lists_every_exit_code() -> None:
    section = text("README.md").split("### Exit codes")[1].split("\n#")[0]
    listed = {int(code) for code in re.findall(r"^\| (\d+) \|", section, re.MULTILINE)}
    raised = {
        kind.exit_code for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.ReadinessError)
    }
    assert raised <= listed
    assert {0, 1, 130} <= listed


def test_the_settings_in_the_readme_are_accepted() -> None:
    (example,) = blocks("README.md", "toml")
    settings = parse_settings(example)
    assert settings.roots
    assert settings.exclude
    assert {item.check for item in settings.acceptances} <= {check.claim.id for check in registry.load()}
    assert settings.acceptances


def test_the_engagement_file_in_the_readme_is_accepted(tmp_path: Path) -> None:
    (example,) = [block for block in blocks("README.md", "yaml") if block.startswith("engagement:")]
    file = tmp_path / "engagement.yaml"
    file.write_text(example, encoding="utf-8")
    loaded = engagement.load(file)
    assert loaded.words.client
    assert loaded.answers


def test_the_action_takes_what_the_readme_gives_it() -> None:
    steps = [step for block in blocks("README.md", "yaml") if block.startswith("-") for step in yaml.safe_load(block)]
    (given,) = [step["with"] for step in steps if "with" in step]
    assert set(given) <= set(yaml.safe_load(text("action.yml"))["inputs"])


def test_the_changelog_says_what_is_unreleased_and_what_moves_verdicts() -> None:
    changelog = text("CHANGELOG.md")
    assert "## [Unreleased]" in changelog
    assert "### Verdict changes" in changelog


def test_contributing_opens_with_what_most_people_come_for() -> None:
    headings = re.findall(r"^## (.+)$", FENCE.sub("", text("CONTRIBUTING.md")), re.MULTILINE)
    assert headings[:2] == ["Add a check", "Add an SDK"]


def test_every_dependency_is_justified() -> None:
    project: dict[str, Any] = tomllib.loads(text("pyproject.toml"))["project"]
    required = {re.split(r"[<>=!~\[ ]", item)[0] for item in project["dependencies"]}
    assert set(re.findall(r"^\| `([\w-]+)` \| \S.*\. \|$", text("CONTRIBUTING.md"), re.MULTILINE)) == required


def test_the_scoring_page_has_the_constants_of_the_code() -> None:
    page = " ".join(text("docs/scoring.md").split())
    by_name = {severity.value: weight for severity, weight in WEIGHTS.items()}
    for title, weight in PILLARS.values():
        assert f"{title.lower()} {weight}" in page
    assert "a critical claim weighs {critical}, a high one {high}, a medium one {medium}, a low one {low}".format(**by_name) in page
    assert len(GATES) == 10
    assert "Ten claims are gates" in page


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_resolve(document: Path) -> None:
    prose = FENCE.sub("", document.read_text(encoding="utf-8"))
    for target in LINK.findall(prose):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        linked = (document.parent / path).resolve() if path else document
        assert linked.exists(), target
        assert not anchor or anchor in _anchors(linked), target


def _anchors(document: Path) -> set[str]:
    """The anchors that a forge makes of a document's headings."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("check", registry.load(), ids=lambda check: check.claim.id)
def test_every_case_of_a_check_says_why(check: registry.Check) -> None:
    """`readiness explain` prints the cases, and a bare example explains nothing."""
    assert not re.findall(r"^(## .+)\n+(?=```|## |- )", FENCE.sub("```\n", check.examples), re.MULTILINE)
