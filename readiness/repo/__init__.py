"""The repository inventory: what there is to read, what each file is for, and what it depends on."""

from readiness.repo.ci import is_ci
from readiness.repo.encoding import count_lines, decode
from readiness.repo.files import Unreadable
from readiness.repo.languages import FileType, SourceKind, file_type, is_programming
from readiness.repo.limits import Limits
from readiness.repo.settings import Settings, parse_settings
from readiness.repo.source import Repository, Source
from readiness.repo.target import open_target

__all__ = [
    "FileType", "Limits", "Repository", "Settings", "Source", "SourceKind", "Unreadable", "count_lines", "decode", "file_type", "is_ci",
    "is_programming", "open_target", "parse_settings",
]  # fmt: skip
