"""What a file is for, told from its path, its neighbours and its first lines."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from readiness.model import Scope
from readiness.repo.generated import is_generated_name, says_generated
from readiness.repo.languages import FileType, SourceKind
from readiness.repo.walk import ancestors

# fmt: off
_VENDORED: Final = frozenset({"vendor", "vendors", "vendored", "_vendor", "_vendored", "third_party", "third-party", "thirdparty", "3rdparty", "pods"})
_TESTS: Final = frozenset({
    "test", "tests", "__tests__", "__mocks__", "__fixtures__", "__snapshots__", "testdata", "unittests", "e2e", "cypress", "playwright", "cassettes",
    "androidtest", "integrationtest", "testfixtures", "loadtest", "loadtests",
})
_TESTS_UNROUTED: Final = frozenset({"testing", "spec", "specs", "mocks", "fixtures"})
_EXAMPLES: Final = frozenset({"example", "examples", "cookbook", "cookbooks", "tutorial", "tutorials", "quickstart", "quickstarts", ".storybook"})
_EXAMPLES_OF_PROJECT: Final = frozenset({"demo", "demos", "sample", "samples", "playground", "playgrounds", "recipes", "starters", "showcase", "getting-started"})
"""Words that can also name a feature: they count at the root and beside a manifest only."""
_SCRIPTS: Final = frozenset({
    "script", "scripts", "benchmark", "benchmarks", "benchmarking", "bench", "eval", "evals", "evaluation", "evaluations", "devtools", "ablations",
})
_SCRIPTS_OF_PROJECT: Final = frozenset({"experiments", "hack", "maintenance", "leaderboard"})
_DOCS: Final = frozenset({"doc", "docs", "documentation", "docs_src", "doc_src", "wiki", "javadoc"})
_TOOLING: Final = frozenset({
    ".vscode", ".idea", ".devcontainer", ".cursor", ".claude", ".codex", ".gemini", ".windsurf", ".aider", ".continue", ".roo", ".kiro", ".agents",
    ".husky", ".changeset", ".mvn", ".codex-plugin", ".claude-plugin",
})
"""Settings of editors and of coding assistants."""
_ROUTED: Final = frozenset({"app", "pages", "routes", "components", "views", "controllers", "features", "screens", "api"})
"""Below these directories a name is a page or a feature of the product, whatever it says."""
# fmt: on

_TEST_DIRECTORY: Final = re.compile(
    r"(?i)^.+[-_.](?:tests?|e2e)$|^(?:tests|e2e)[-_.].+$|^test[-_](?:data|utils|helpers|fixtures|cases|support|suite|resources|unit|integration)s?$|"
    r"^.+\.(?:Unit|Integration|Functional)?Tests?$"
)
_TEST_FILE: Final = re.compile(
    r".+\.(?:test|tests|spec|e2e|cy|e2e-spec|test-d)\.(?:[cm]?[jt]sx?|vue|svelte)$|(?:^|.+[-_])(?:test|spec)\.[cm]?[jt]sx?$|"
    r"^conftest\.py$|^tests?\.py$|.+_test\.(?:go|rb|exs|cc|cpp|c|dart|rs|ml)$|^test_.+\.(?:rb|c|cc|cpp|ml)$|.+_spec\.(?:rb|lua)$|"
    r".+Spec\.(?:groovy|scala)$|^(?:jest|vitest|cypress|playwright|karma|wdio)[.\w-]*\.config\.[cm]?[jt]s$|"
    r"^(?:jest|vitest|test)[.-]?setup\.[cm]?[jt]sx?$|^setupTests\.[jt]sx?$"
)
_CLASS_TEST: Final = re.compile(
    r".+(?:Tests?|TestCase|[a-z]IT)\.(?:java|kt|cs|fs|php|swift|scala|groovy|m)$|^Test[A-Z].*\.(?:java|kt|php)$"
)
_PYTHON_TEST: Final = re.compile(r"^tests?[-_].*\.pyi?$|.+_tests?\.pyi?$")
_PYTHON_TEST_CODE: Final = re.compile(
    r"(?m)^\s*(?:async )?def test|^class Test|^\s*(?:import|from) (?:pytest|unittest|hypothesis)\b|TestCase\)"
)
_EXAMPLE_FILE: Final = re.compile(
    r".+\.stories\.[jt]sx?$|.+\.(?:sample|example)\.(?:py|[jt]sx?|go|java|rb|cs)$|^example_.*_test\.go$"
)
_EXAMPLE_AT_ROOT: Final = re.compile(r"^(?:example|demo|sample)s?(?:[-_].+)?\.(?:py|[cm]?[jt]sx?|go|rb)$")
_SCRIPT_FILE: Final = re.compile(
    r"^(?:setup|noxfile|fabfile|locustfile|dodo|versioneer)\.py$|^(?:gulpfile|gruntfile)\.[cm]?[jt]s$|"
    r".+[_-]benchmarks?\.(?:py|[cm]?[jt]s|go|rs|rb|sh)$|.+_bench\.(?:go|rs)$|^benchmarks?(?:[_-].+)?\.(?:py|[cm]?[jt]s|rb|sh)$|.+\.bench\.[cm]?[jt]sx?$"
)
_SCRIPT_OUTSIDE_PACKAGE: Final = re.compile(
    r"^(?:run[_-])?(?:evals?|evaluate|evaluation|ablation)(?:[_-].+)?\.(?:py|[cm]?[jt]s|sh)$|.+[_-]evals?\.(?:py|[cm]?[jt]s|sh)$"
)
_VENDORED_FILE: Final = re.compile(
    r"(?i)^(?:jquery|bootstrap|react|vue|d3|lodash|moment|highlight|marked|mermaid|katex|purify|htmx|alpine)(?:[.-].*)?\.min\.(?:js|css)$|.+[-.]v?\d+\.\d+(?:\.\d+)?(?:[.-]min)?\.(?:js|css)$"
)
_BANNER: Final = re.compile(r"^\s*/\*!(?:(?!\*/).){0,1500}?(?:licen[sc]e|copyright|\(c\)|v\d+\.\d+)", re.IGNORECASE | re.DOTALL)
_NOTE: Final = re.compile(
    r"(?i)^(?:readme|changelog|changes|history|news|contributing|license|licence|copying|notice|authors?|maintainers|security|"
    r"code_of_conduct|governance|roadmap|adopters|todo|agents|claude|gemini|copilot-instructions|release|releases|upgrading|upgrade|"
    r"migration|support|faq|install|installation|development|developing|architecture|design|acknowledge?ments|credits|citation|projects|"
    r"pull_request_template|issue_template|third[-_]party[-_]?\w*)(?:[-_.].*)?$"
)
_PROMPT_WORD: Final = re.compile(r"(?i)prompt|system|instruction|persona|template|skill|agent")


@dataclass(frozen=True, slots=True)
class Tree:
    """What the scope of one file may depend on in the rest of the tree: which directories are packages, projects, flat applications."""

    packages: frozenset[str]
    """Directories with an `__init__.py`."""
    projects: frozenset[str]
    """Directories with a manifest."""
    sites: frozenset[str]
    """Directories whose files make a documentation site."""
    flat: bool
    """Whether the root itself holds application code."""
    entries: frozenset[str]
    """Files that a manifest declares as entry points."""


_MANIFESTS: Final = frozenset(
    {
        "package.json",
        "pyproject.toml",
        "setup.py",
        "setup.cfg",
        "go.mod",
        "pom.xml",
        "build.gradle",
        "build.gradle.kts",
        "Cargo.toml",
    }
)
_SITE: Final = re.compile(r"^(?:docusaurus\.config\.[cm]?[jt]s|_config\.yml|book\.toml|\.vitepress|mint\.json)$")
_NO_APPLICATION: Final = re.compile(
    r"^(?:setup|conftest|noxfile|tasks|fabfile|locustfile|versioneer)\.py$|.*\.config\.[cm]?[jt]s$|.*\.d\.ts$"
)
_CODE_FILE: Final = re.compile(r".+\.(?:py|[cm]?[jt]sx?|rb|php)$")


def survey(paths: Iterable[str], entries: frozenset[str] = frozenset()) -> Tree:
    """The directories that matter to scopes, from all paths of a repository; `entries` are declared entry points."""
    packages, projects, sites, flat = set(), set(), set(), False
    for path in paths:
        directory, _, name = path.rpartition("/")
        if name == "__init__.py":
            packages.add(directory)
        if name in _MANIFESTS:
            projects.add(directory)
        if _SITE.match(name) and directory:
            sites.add(directory)
        flat = flat or (not directory and bool(_CODE_FILE.match(name)) and not _NO_APPLICATION.match(name))
    return Tree(frozenset(packages), frozenset(projects), frozenset(sites), flat, entries)


def scope_of(path: str, kind: FileType, head: str, tree: Tree) -> Scope:
    """The scope of the file at `path`, whose text starts with `head` (a few kilobytes suffice).

    From the strongest sign to the weakest: vendored, generated, test, notebook, example, script, docs; production is what is left.
    """
    directories = _directories(path)
    name = path.rpartition("/")[2]
    if (
        any(part.lower() in _VENDORED for part in _unrouted(directories))
        or _VENDORED_FILE.match(name)
        or _is_library_copy(kind, head)
    ):
        return Scope.VENDORED
    if is_generated_name(path, tree.projects) or says_generated(kind, head):
        return Scope.GENERATED
    if path in tree.entries:
        return Scope.PRODUCTION
    if _is_test(path, directories, name, kind, head, tree):
        return Scope.TEST
    if kind.format == "notebook":
        return Scope.NOTEBOOK
    if _is_example(directories, name, tree):
        return Scope.EXAMPLE
    if _is_script(path, directories, name, tree):
        return Scope.SCRIPT
    return Scope.DOCS if _is_docs(path, directories, name, kind, tree) else Scope.PRODUCTION


def _is_library_copy(kind: FileType, head: str) -> bool:
    """Whether a script starts with the preserved licence banner that published JavaScript libraries carry."""
    return kind.language in ("typescript", "css") and bool(_BANNER.match(head))


def _directories(path: str) -> list[str]:
    """The directories of `path` that carry meaning: those of a Java-like package path under `src/main` or `src/test` do not."""
    parts = path.split("/")[:-1]
    for index in range(len(parts) - 1):
        if parts[index] == "src" and parts[index + 1] in ("main", "test", "androidTest", "integrationTest", "testFixtures"):
            return parts[: index + 2]
    return parts


def _unrouted(directories: list[str]) -> list[str]:
    """The directories down to the first below which names belong to the product's pages and features."""
    for index, part in enumerate(directories):
        if part in _ROUTED or part.startswith("("):
            return directories[: index + 1]
    return directories


def _is_test(path: str, directories: list[str], name: str, kind: FileType, head: str, tree: Tree) -> bool:
    if any(part.lower() in _TESTS or _TEST_DIRECTORY.match(part) for part in directories):
        return True
    if kind.kind is SourceKind.CODE and any(part.lower() in _TESTS_UNROUTED for part in _unrouted(directories)):
        return True
    if _PYTHON_TEST.match(name):
        return path.rpartition("/")[0] not in tree.packages or bool(_PYTHON_TEST_CODE.search(head))
    return bool(_TEST_FILE.match(name)) or (directories[-2:] != ["src", "main"] and bool(_CLASS_TEST.match(name)))


def _of_project(directories: list[str], names: frozenset[str], tree: Tree) -> bool:
    """Whether one of `names` stands at the root or beside a manifest."""
    return any(
        part.lower() in names and (index == 0 or "/".join(directories[:index]) in tree.projects)
        for index, part in enumerate(directories)
    )


def _is_example(directories: list[str], name: str, tree: Tree) -> bool:
    if any(part.lower() in _EXAMPLES for part in _unrouted(directories)) or _of_project(directories, _EXAMPLES_OF_PROJECT, tree):
        return True
    return bool(_EXAMPLE_FILE.match(name)) or (not directories and bool(_EXAMPLE_AT_ROOT.match(name)))


def _is_script(path: str, directories: list[str], name: str, tree: Tree) -> bool:
    if any(
        part.lower() in _SCRIPTS or part in _TOOLING or part.startswith(("eval_", "benchmark_")) for part in _unrouted(directories)
    ):
        return True
    if _of_project(directories, _SCRIPTS_OF_PROJECT, tree) and directories[0] not in tree.packages:
        return True
    if directories[:1] == ["tools"] and "tools" not in tree.packages and not tree.flat:
        return True
    outside = path.rpartition("/")[0] not in tree.packages
    return bool(_SCRIPT_FILE.match(name)) or (outside and bool(_SCRIPT_OUTSIDE_PACKAGE.match(name)))


def _is_docs(path: str, directories: list[str], name: str, kind: FileType, tree: Tree) -> bool:
    if any(above in tree.sites for above in ancestors(path)):
        return True
    for index, part in enumerate(directories):
        above = "/".join(directories[:index])
        if part.lower() in _DOCS and (not above or above in tree.projects or kind.kind in (SourceKind.DOCUMENT, SourceKind.DATA)):
            return True
    if kind.kind is not SourceKind.DOCUMENT or kind.format not in ("markdown", "text"):
        return False
    return bool(_NOTE.match(name)) or (not directories and not _PROMPT_WORD.search(name)) or path.endswith((".rst", ".adoc"))
