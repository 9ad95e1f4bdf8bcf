"""Manifests and lockfiles."""

from pathlib import Path
from readiness.model import Dependency, Gap


def read_dependencies(root, sources, limits) -> tuple[tuple[Dependency, ...], tuple[Gap, ...]]:
    return (), ()


def entry_points(root: Path, paths) -> frozenset[str]:
    return frozenset()
