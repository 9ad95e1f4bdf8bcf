"""What the tree is as a whole: application, library or package; and which scopes are its production."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from readiness.model import RepositoryKind, Scope
from readiness.repo.languages import SourceKind, is_programming
from readiness.repo.source import Source

_DEPLOYED: Final = re.compile(
    r"(?i)(?:^|/)(?:dockerfile|containerfile|procfile|chart\.yaml|app\.yaml|fly\.toml|vercel\.json|netlify\.toml|render\.yaml|railway\.(?:json|toml)|"
    r"serverless\.ya?ml|langgraph\.json|host\.json|wrangler\.(?:toml|jsonc?)|(?:docker-)?compose(?:[.-][\w.-]+)?\.ya?ml|manage\.py|wsgi\.py|asgi\.py|"
    r"next\.config\.[cm]?[jt]s|nuxt\.config\.[jt]s|vite\.config\.[cm]?[jt]s|main\.go|program\.cs|.*application\.(?:java|kt|ya?ml|properties))$|\.(?:tf|bicep)$|"
    r"(?:^|/)dockerfile\.[\w-]+$|(?:^|/)(?:app|main|server|cli|__main__|streamlit_app)\.(?:py|[cm]?[jt]s)$"
)
"""Files that start or deploy something."""
_PUBLISHED: Final = re.compile(r"^(?:.*/)?(?:pyproject\.toml|setup\.py|setup\.cfg|[^/]+\.gemspec|Cargo\.toml|[^/]+\.nuspec)$")


def kind_of(paths: Iterable[str], sources: Sequence[Source], entries: frozenset[str]) -> RepositoryKind:
    """The shape of the repository. `paths` are all its files, `entries` those that manifests declare as entry points.

    A root with `PKG-INFO` is a source distribution. A library is published and neither starts nor deploys anything.
    """
    if "PKG-INFO" in paths:
        return RepositoryKind.PACKAGE
    own = [source.path for source in sources if source.scope is Scope.PRODUCTION]
    if not entries and any(_PUBLISHED.match(path) for path in own) and not any(_DEPLOYED.search(path) for path in own):
        return RepositoryKind.LIBRARY
    return RepositoryKind.APPLICATION


def production_scopes(sources: Sequence[Source]) -> frozenset[Scope]:
    """The scopes that count as production: production where any of it is written in a programming language, else what there is."""
    present = {
        source.scope for source in sources if source.kind is SourceKind.CODE and is_programming(source.language) and source.lines
    }
    if Scope.PRODUCTION in present:
        return frozenset({Scope.PRODUCTION})
    return frozenset({Scope.PRODUCTION}) | (present & {Scope.NOTEBOOK, Scope.SCRIPT, Scope.EXAMPLE})
