"""Fetching a git repository without running anything of it."""

from __future__ import annotations

import contextlib
import os
import re
import resource
import subprocess
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from readiness.errors import UsageError
from readiness.model import Gap
from readiness.repo.archive import TooMuch, unpack_tar
from readiness.repo.limits import Limits

_URL: Final = re.compile(r"(?:https|ssh|git|file)://(?!-)[^\s\x00-\x1f]+|[\w.-]+@[\w.-]+:(?!/?/?-)[\w./~-]+")
_USER: Final = re.compile(r"(?<=://)[^/@\s]+@")
_CONFIG: Final = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.askPass=",
    "protocol.allow=never",
    "protocol.https.allow=always",
    "protocol.ssh.allow=always",
    "protocol.git.allow=always",
    "protocol.file.allow=always",
    "filter.lfs.smudge=",
    "filter.lfs.process=",
    "filter.lfs.required=false",
    "submodule.recurse=false",
    "uploadpack.packObjectsHook=",
)
_ENVIRONMENT: Final[Mapping[str, str]] = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "",
    "SSH_ASKPASS": "",
    "SSH_ASKPASS_REQUIRE": "never",
    "GCM_INTERACTIVE": "never",
    "GIT_LFS_SKIP_SMUDGE": "1",
    "LC_ALL": "C",
}
_ATTRIBUTES: Final = "* -export-ignore -export-subst -filter -text -ident -working-tree-encoding -eol\n"
"""Overrides the repository's own attributes: nothing is hidden from the archive, substituted or converted in it."""


@dataclass(frozen=True, slots=True)
class Clone:
    """A fetched tree: its commit, and what of it was left out."""

    commit: str
    gaps: tuple[Gap, ...]


def is_git_url(target: str) -> bool:
    """Whether `target` reads as a URL rather than a path; it may still be one that is refused."""
    return bool(_URL.fullmatch(target) or re.match(r"^[a-zA-Z][\w+.-]*(?:://|::)", target))


def repository_name(url: str) -> str:
    """The last part of a git URL without `.git`."""
    return re.split(r"[/:]", url.rstrip("/"))[-1].removesuffix(".git") or "repository"


def without_credentials(text: str) -> str:
    """`text` with user names and passwords taken out of its URLs."""
    return _USER.sub("", text)


def clone(url: str, scratch: Path, into: Path, limits: Limits) -> Clone:
    """The newest tree of the default branch of `url`, written into the empty directory `into`; `scratch` holds git's objects.

    Git fetches one commit into a bare repository; the tree is then streamed out through the same door as any archive, so that no
    checkout, hook, filter, submodule or link of the repository ever happens.

    Raises:
        UsageError: the URL is refused, cannot be fetched without a prompt, or is larger than the limits allow.
    """
    if not _URL.fullmatch(url):
        raise UsageError(
            f"{without_credentials(url)}: refused; a git URL starts with https://, ssh://, git://, file:// or user@host:"
        )
    shown = without_credentials(url)
    bare = scratch / "objects.git"
    fetch = ["clone", "--quiet", "--bare", "--depth=1", "--single-branch", "--no-tags", "--no-recurse-submodules", "--template="]
    _git([*fetch, "--", url, str(bare)], shown, limits)
    info = bare / "info"
    info.mkdir(exist_ok=True)
    (info / "attributes").write_text(_ATTRIBUTES)
    commit = _git([f"--git-dir={bare}", "rev-parse", "--verify", "HEAD^{commit}"], shown, limits).strip()
    return Clone(commit, tuple(_export(bare, commit, into, limits, shown)))


def _export(bare: Path, commit: str, into: Path, limits: Limits, shown: str) -> list[Gap]:
    command = _command([f"--git-dir={bare}", "archive", "--format=tar", commit])
    with subprocess.Popen(  # noqa: S603 - a fixed command; the commit is git's own answer
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, env=_environment()
    ) as git:
        assert git.stdout is not None
        try:
            return unpack_tar(git.stdout, into, limits)
        except (TooMuch, tarfile.TarError) as error:
            git.kill()
            raise UsageError(f"{shown}: {error}") from error


def _git(arguments: list[str], shown: str, limits: Limits) -> str:
    try:
        git = subprocess.Popen(  # noqa: S603 - the URL is checked, and follows `--`
            _command(arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, env=_environment()
        )
    except FileNotFoundError as error:
        raise UsageError("git is not installed; install it, or audit a directory or an archive") from error
    with git:
        _bound_files(git.pid, limits.archive_bytes)
        try:
            said, complained = git.communicate(timeout=limits.clone_seconds)
        except subprocess.TimeoutExpired as error:
            git.kill()
            raise UsageError(f"{shown}: git took longer than {limits.clone_seconds} s") from error
    if git.returncode:
        reason = without_credentials(complained.decode("utf-8", errors="replace").strip().replace("\n", "; "))
        raise UsageError(
            f"{shown}: git cannot fetch it: {reason[:500]}; check the URL and that it needs no password, or clone it yourself"
        )
    return said.decode("ascii", errors="replace")


def _bound_files(process: int, size: int) -> None:
    """Lets no file that `process` and its children write, above all a pack of objects, outgrow `size` bytes; where it can."""
    if hasattr(resource, "prlimit"):
        with contextlib.suppress(OSError):
            resource.prlimit(process, resource.RLIMIT_FSIZE, (size, size))


def _command(arguments: list[str]) -> list[str]:
    return ["git", *(part for setting in _CONFIG for part in ("-c", setting)), *arguments]


def _environment() -> dict[str, str]:
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX", "GIT_TRACE"))
    }
    ssh = os.environ.get("GIT_SSH_COMMAND", "ssh")
    return {**inherited, **_ENVIRONMENT, "GIT_SSH_COMMAND": f"{ssh} -oBatchMode=yes"}
