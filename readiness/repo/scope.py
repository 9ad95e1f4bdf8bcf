"""What a file is for, told from its path, its neighbours and its first lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from readiness.model import Scope
from readiness.repo import scope_words as words
from readiness.repo.ci import is_ci
from readiness.repo.generated import is_generated_name, says_generated
from readiness.repo.languages import FileType, SourceKind
from readiness.repo.walk import ancestors


@dataclass(frozen=True, slots=True)
class Tree:
    """What the scope of one file depends on in the rest of the tree.

    `packages` are directories with an `__init__.py`, `projects` those with a manifest, `sites` those that make a documentation
    site; `flat` is whether the root itself holds application code; `entries` are files that a manifest installs as commands.
    """

    packages: frozenset[str]
    projects: frozenset[str]
    sites: frozenset[str]
    flat: bool
    entries: frozenset[str]


def survey(paths: Iterable[str], entries: frozenset[str] = frozenset()) -> Tree:
    """The directories that matter to scopes, from all paths of a repository; `entries` are declared entry points."""
    packages, projects, sites, flat = set(), set(), set(), False
    for path in paths:
        directory, _, name = path.rpartition("/")
        if name == "__init__.py":
            packages.add(directory)
        if name in words.MANIFESTS:
            projects.add(directory)
        if directory and words.SITE.match(name):
            sites.add(directory)
        sites.update(above for above in _above_site_parts(directory) if above)
        flat = flat or (not directory and bool(words.CODE_FILE.match(name)) and not words.NO_APPLICATION.match(name))
    return Tree(frozenset(packages), frozenset(projects), frozenset(sites), flat, entries)


def _above_site_parts(directory: str) -> Iterator[str]:
    parts = directory.split("/")
    return ("/".join(parts[:index]) for index, part in enumerate(parts) if part in words.SITE_PARTS)


def scope_of(path: str, kind: FileType, head: str, tree: Tree) -> Scope:
    """The scope of the file at `path`, whose text starts with `head` (a few kilobytes suffice).

    From the strongest sign to the weakest: vendored, generated, test, notebook, example, script, docs; production is what is left.
    """
    if is_ci(path):
        return Scope.PRODUCTION
    file = _File(path, kind, head, tree)
    if file.vendored():
        return Scope.VENDORED
    if is_generated_name(path, tree.projects) or says_generated(kind, head):
        return Scope.GENERATED
    if path in tree.entries:
        return Scope.PRODUCTION
    if file.test():
        return Scope.TEST
    if kind.format == "notebook":
        return Scope.NOTEBOOK
    if file.example():
        return Scope.EXAMPLE
    if file.note():
        return Scope.DOCS
    if file.script():
        return Scope.SCRIPT
    return Scope.DOCS if file.docs() else Scope.PRODUCTION


def _meaningful(path: str) -> list[str]:
    """The directories of `path` that say something: those of a Java-like package path under `src/main` or `src/test` do not."""
    parts = path.split("/")[:-1]
    for index in range(len(parts) - 1):
        if parts[index] == "src" and parts[index + 1] in words.SOURCE_SETS:
            return parts[: index + 2]
    return parts


def _unrouted(directories: list[str], language: str) -> list[str]:
    """The directories down to the first below which names belong to the product's pages and features."""
    routed = words.ROUTED_WEB if language in words.WEB else words.ROUTED
    for index, part in enumerate(directories):
        if part in routed or part.startswith("("):
            return directories[: index + 1]
    return directories


class _File:
    """One file on its way to a scope."""

    def __init__(self, path: str, kind: FileType, head: str, tree: Tree) -> None:
        self.path, self.kind, self.head, self.tree = path, kind, head, tree
        self.directory, _, self.name = path.rpartition("/")
        self.directories = _meaningful(path)
        self.unrouted = _unrouted(self.directories, kind.language)

    def vendored(self) -> bool:
        if any(part.lower() in words.VENDORED for part in self.unrouted) or words.VENDORED_FILE.match(self.name):
            return True
        return self.kind.language in ("typescript", "css") and bool(words.BANNER.match(self.head))

    def test(self) -> bool:
        if any(part.lower() in words.TESTS or words.TEST_DIRECTORY.match(part) for part in self.directories):
            return True
        if any(part.lower() in words.TESTS_UNROUTED for part in self.unrouted) and not self._seeds():
            return True
        match self.kind.kind:
            case SourceKind.CODE:
                return self._test_code()
            case SourceKind.CONFIG:
                return bool(words.TEST_CONFIG.match(self.name))
            case _:
                return False

    def _seeds(self) -> bool:
        """Whether the file may be a fixture that the product loads into its own database."""
        return self.kind.kind is SourceKind.CONFIG and "fixtures" in self.directories

    def _test_code(self) -> bool:
        if words.PYTHON_TEST.match(self.name):
            return self.directory not in self.tree.packages or bool(words.PYTHON_TEST_CODE.search(self.head))
        shipped = self.directories[-2:] == ["src", "main"]
        return bool(words.TEST_FILE.match(self.name)) or (not shipped and bool(words.CLASS_TEST.match(self.name)))

    def example(self) -> bool:
        if any(part.lower() in words.EXAMPLES for part in self.unrouted) or self._beside_manifest(words.EXAMPLES_OF_PROJECT):
            return True
        return bool(words.EXAMPLE_FILE.match(self.name)) or (not self.directory and bool(words.EXAMPLE_AT_ROOT.match(self.name)))

    def script(self) -> bool:
        if any(
            part.lower() in words.SCRIPTS or part in words.TOOLING or words.SCRIPT_DIRECTORY.match(part) for part in self.unrouted
        ):
            return True
        if self._beside_manifest(words.SCRIPTS_OF_PROJECT) and self.directories[0] not in self.tree.packages:
            return True
        if self.directories[:1] == ["tools"] and "tools" not in self.tree.packages and not self.tree.flat:
            return True
        if words.SCRIPT_FILE.match(self.name):
            return True
        return self.directory not in self.tree.packages and bool(words.SCRIPT_OUTSIDE_PACKAGE.match(self.name))

    def docs(self) -> bool:
        if any(above in self.tree.sites for above in ancestors(self.path)):
            return True
        prose = self.kind.kind in (SourceKind.DOCUMENT, SourceKind.DATA)
        if self._beside_manifest(words.DOCS) or (prose and any(part.lower() in words.DOCS for part in self.directories)):
            return True
        return self._prose() and not self.directory and not words.PROMPT_WORD.search(self.name)

    def note(self) -> bool:
        """Whether this is prose for people or their coding assistants: by its name, its format, or a hidden directory around it."""
        if not self._prose():
            return False
        hidden = any(part.startswith(".") for part in self.directories)
        return hidden or bool(words.NOTE.match(self.name)) or self.path.endswith((".rst", ".adoc"))

    def _prose(self) -> bool:
        return self.kind.kind is SourceKind.DOCUMENT and self.kind.format in ("markdown", "text")

    def _beside_manifest(self, names: frozenset[str]) -> bool:
        """Whether one of `names` stands at the root or beside a manifest."""
        return any(
            part.lower() in names and (index == 0 or "/".join(self.directories[:index]) in self.tree.projects)
            for index, part in enumerate(self.directories)
        )
