"""Manifests and lockfiles of every ecosystem: what the repository asks for, and which versions it gets."""

from readiness.repo.manifests.dependencies import mark_llm, read_dependencies
from readiness.repo.manifests.entries import entry_points
from readiness.repo.manifests.found import Ecosystem, normalise
from readiness.repo.manifests.registry import is_manifest

__all__ = ["Ecosystem", "entry_points", "is_manifest", "mark_llm", "normalise", "read_dependencies"]
