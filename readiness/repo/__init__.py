"""The repository inventory: what there is to read, what each file is for, and what it depends on."""

from readiness.repo.ci import is_ci
from readiness.repo.encoding import count_lines, decode
from readiness.repo.files import Unreadable, read_inside
from readiness.repo.languages import FileType, SourceKind, file_type, is_programming
from readiness.repo.limits import Limits
from readiness.repo.manifests import Ecosystem, mark_llm, normalise
from readiness.repo.settings import Settings, parse_settings
from readiness.repo.source import Repository, Source
from readiness.repo.statistics import language_stats
from readiness.repo.target import open_target

__all__ = [
    "Ecosystem", "FileType", "Limits", "Repository", "Settings", "Source", "SourceKind", "Unreadable", "count_lines", "decode",
    "file_type", "is_ci", "is_programming", "language_stats", "mark_llm", "normalise", "open_target", "parse_settings",
    "read_inside",
]  # fmt: skip
