"""Unpacking archives that may be hostile: regular files only, inside one directory, within bounds."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Final, Protocol

from readiness.errors import UsageError
from readiness.model import Gap
from readiness.repo.limits import Limits
from readiness.repo.walk import COLLECTOR, is_plain, printable

_BROKEN: Final = (
    tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError,
)  # fmt: skip
_CHUNK: Final = 1 << 20
_HEADER_BYTES: Final = 4 << 20
_RATIO_FROM: Final = 50_000_000
_REGULAR: Final = 0o10
_SYMLINK: Final = 0o12


class _Stream(Protocol):
    def read(self, size: int = ..., /) -> bytes: ...


class TooMuch(Exception):  # noqa: N818 - turned into a UsageError that names the archive
    """An archive is larger than the limits allow."""


def unpack_sdist(archive: Path, into: Path, limits: Limits) -> list[Gap]:
    """Unpacks a `.tar.gz` into the empty directory `into`; returns a gap for every entry that was left out.

    Links, devices and entries that would land outside are never made.

    Raises:
        UsageError: it is broken, or unpacks to more than the limits allow.
    """
    unpacking = _Unpacking(into, limits, archive.stat().st_size)
    with _naming(archive), archive.open("rb") as packed, gzip.open(packed) as stream:
        unpacking.tar(_ForwardReader(stream))
    return unpacking.gaps


def unpack_tar(stream: IO[bytes], into: Path, limits: Limits) -> list[Gap]:
    """Unpacks an uncompressed tar stream; otherwise as `unpack_sdist`.

    Raises:
        TooMuch: it is larger than the limits allow.
        tarfile.TarError: it is broken.
    """
    unpacking = _Unpacking(into, limits, None)
    unpacking.tar(_ForwardReader(stream))
    return unpacking.gaps


def unpack_zip(archive: Path, into: Path, limits: Limits) -> list[Gap]:
    """Unpacks a `.zip`; otherwise as `unpack_sdist`.

    Raises:
        UsageError: it is broken, or unpacks to more than the limits allow.
    """
    unpacking = _Unpacking(into, limits, archive.stat().st_size)
    with _naming(archive), zipfile.ZipFile(archive) as file:
        unpacking.zip(file)
    return unpacking.gaps


@contextmanager
def _naming(archive: Path) -> Iterator[None]:
    """Turns whatever a broken archive raises into one clear error that names it."""
    try:
        yield
    except TooMuch as error:
        raise UsageError(f"{archive.name}: {error}") from error
    except _BROKEN as error:
        raise UsageError(f"{archive.name} is not a readable archive: {error}") from error


@dataclass(slots=True)
class _Unpacking:
    """One archive on its way to disk, with what it has cost so far."""

    into: Path
    limits: Limits
    packed: int | None
    """Size of the archive in bytes; None where the ratio means nothing."""
    gaps: list[Gap] = field(default_factory=list)
    entries: int = 0
    written: int = 0

    def tar(self, reader: _ForwardReader) -> None:
        with tarfile.open(fileobj=reader, mode="r:") as file:
            for entry in file:
                self._count()
                if entry.isreg() and not entry.issparse():
                    content = file.extractfile(entry)
                    if content is not None:
                        self._file(entry.name, content)
                elif not (entry.isdir() or entry.issym()):  # a symbolic link adds nothing: what it names is read where it is
                    self._leave_out(entry.name, "not a regular file")

    def zip(self, file: zipfile.ZipFile) -> None:
        for entry in file.infolist():
            self._count()
            form = entry.external_attr >> 28  # the file type of Unix, 0 where the archive was made elsewhere
            if entry.is_dir() or form == _SYMLINK:
                continue
            if form not in (0, _REGULAR):
                self._leave_out(entry.filename, "not a regular file")
            elif entry.flag_bits & 1:
                self._leave_out(entry.filename, "encrypted")
            else:
                with file.open(entry) as content:
                    self._file(entry.filename, content)

    def _count(self) -> None:
        self.entries += 1
        if self.entries > 2 * self.limits.files:
            raise TooMuch(f"has more than {2 * self.limits.files:,} entries")

    def _file(self, name: str, content: IO[bytes]) -> None:
        target = self._target(name)
        if target is None:
            return
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            out = target.open("wb")
        except OSError as error:
            self._leave_out(name, f"archive entry cannot be unpacked: {error.strerror}")
            return
        with out:
            while chunk := content.read(_CHUNK):
                self.written += len(chunk)
                self._check()
                out.write(chunk)

    def _check(self) -> None:
        if self.written > self.limits.archive_bytes:
            raise TooMuch(f"unpacks to more than {self.limits.archive_bytes:,} bytes")
        if self.packed and self.written > _RATIO_FROM and self.written > self.packed * self.limits.archive_ratio:
            raise TooMuch(f"unpacks to more than {self.limits.archive_ratio} times its size")

    def _target(self, name: str) -> Path | None:
        """Where an entry goes, or None (and a gap) when that is outside, hidden metadata of git, or cannot be written down."""
        parts = PurePosixPath(name).parts
        if not parts or name.startswith("/") or ".." in parts or "\\" in name or len(parts) > self.limits.depth:
            self._leave_out(name, "archive entry lies outside the archive or too deep")
            return None
        if not is_plain(name):
            self._leave_out(name, "name is not printable UTF-8")
            return None
        return self.into.joinpath(*parts)

    def _leave_out(self, name: str, reason: str) -> None:
        self.gaps.append(Gap(COLLECTOR, reason, printable(name)[:300]))


class _ForwardReader(io.RawIOBase):
    """A stream for `tarfile` that only moves forward and refuses to be asked for much at once.

    `tarfile` steps back by a single byte between entries, and reads extended headers in one piece of whatever size they claim.
    """

    def __init__(self, stream: _Stream) -> None:
        super().__init__()
        self._stream = stream
        self._at = 0
        self._last = b""
        self._again = b""

    def tell(self) -> int:
        return self._at

    def read(self, size: int = -1, /) -> bytes:
        if not 0 <= size <= _HEADER_BYTES:
            raise TooMuch("has a header larger than any file name")
        if size == 0:
            return b""
        content, self._again = self._again, b""
        while len(content) < size and (more := self._stream.read(size - len(content))):
            content += more
        self._at += len(content)
        self._last = content[-1:] or self._last
        return content

    def seek(self, offset: int, whence: int = 0, /) -> int:
        if whence != 0 or offset < self._at - 1:
            raise tarfile.ReadError("entries are out of order")
        if offset == self._at - 1:
            self._at, self._again = offset, self._last
        while self._at < offset:
            if not self.read(min(_CHUNK, offset - self._at)):
                raise tarfile.ReadError("unexpected end of data")
        return self._at
