"""Worker processes that extract files within limits of time and memory; a file that breaks a worker is a gap, not a crash."""

from __future__ import annotations

import multiprocessing
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import TYPE_CHECKING, Final

from readiness.collect import ir
from readiness.collect.task import Task
from readiness.model import Gap
from readiness.repo.encoding import decode
from readiness.repo.files import Unreadable, read_inside

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

SECONDS_PER_FILE: Final = 20.0
"""Largest real file seen takes 0.3 s; what takes longer than this is hostile."""
MEMORY: Final = 512 * 1024 * 1024
"""Bytes of address space that a worker may add for its data."""
BATCH: Final = 24

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Extraction:
    """The trees of all files that could be read, in the order of their paths, and a gap for each that could not."""

    files: tuple[ir.FileFacts, ...]
    gaps: tuple[Gap, ...]


@dataclass(slots=True)
class _Worker:
    process: BaseProcess
    pipe: Connection
    batch: deque[Task] = field(default_factory=deque)
    since: float = 0.0


def run(root: Path, tasks: Sequence[Task], *, file_bytes: int, jobs: int, progress: Progress | None = None) -> Extraction:
    """Extract every task.

    Args:
        root: the folder that the paths are relative to.
        tasks: the files.
        file_bytes: largest file that is read.
        jobs: worker processes; one is enough for a small repository.
        progress: called with files done and files in all.
    """
    return _Pool(root, tasks, file_bytes, max(1, jobs), progress).run()


class _Pool:
    def __init__(self, root: Path, tasks: Sequence[Task], file_bytes: int, jobs: int, progress: Progress | None) -> None:
        self.root = root
        self.waiting = deque(tasks)
        self.total = len(tasks)
        self.file_bytes = file_bytes
        self.jobs = min(jobs, max(1, len(tasks) // BATCH))
        self.progress = progress
        self.files: list[ir.FileFacts] = []
        self.gaps: list[Gap] = []
        self.workers: list[_Worker] = []
        self.context = multiprocessing.get_context("spawn")

    def run(self) -> Extraction:
        try:
            while self.waiting or any(worker.batch for worker in self.workers):
                self._feed()
                self._receive()
        finally:
            for worker in self.workers:
                worker.process.kill()
                worker.process.join()
                worker.pipe.close()
        files = tuple(sorted(self.files, key=lambda file: file.path))
        return Extraction(files, tuple(sorted(self.gaps, key=lambda gap: (gap.path or "", gap.reason))))

    def _feed(self) -> None:
        while len(self.workers) < self.jobs and self.waiting:
            self.workers.append(self._start())
        for worker in self.workers:
            if not worker.batch and self.waiting:
                size = min(BATCH, max(1, len(self.waiting) // (2 * self.jobs)))
                worker.batch.extend(self.waiting.popleft() for _ in range(min(size, len(self.waiting))))
                worker.since = time.monotonic()
                worker.pipe.send(tuple(worker.batch))

    def _start(self) -> _Worker:
        ours, theirs = self.context.Pipe()
        process = self.context.Process(target=work, args=(theirs, self.root, self.file_bytes), daemon=True)
        process.start()
        theirs.close()
        return _Worker(process, ours)

    def _receive(self) -> None:
        busy = {worker.pipe: worker for worker in self.workers if worker.batch}
        ready = wait(list(busy), timeout=1.0)
        for pipe in ready:
            assert isinstance(pipe, Connection)
            self._take(busy[pipe])
        for worker in busy.values():
            # A new worker's first file also waits for its start-up, which a busy machine can stretch to seconds.
            if worker in self.workers and worker.batch and time.monotonic() - worker.since > SECONDS_PER_FILE:
                self._lose(worker, f"took longer than {SECONDS_PER_FILE:.0f} s")

    def _take(self, worker: _Worker) -> None:
        try:
            result = worker.pipe.recv()
        except (EOFError, OSError):
            self._lose(worker, "its parser crashed or ran out of memory")
            return
        task = worker.batch.popleft()
        worker.since = time.monotonic()
        if isinstance(result, str):
            self.gaps.append(_gap(task, result))
        else:
            self.files.append(result)
        if self.progress is not None:
            self.progress(len(self.files) + len(self.gaps), self.total)

    def _lose(self, worker: _Worker, reason: str) -> None:
        worker.process.kill()
        worker.process.join()
        worker.pipe.close()
        self.workers.remove(worker)
        if worker.batch:
            self.gaps.append(_gap(worker.batch.popleft(), reason))
        self.waiting.extendleft(reversed(worker.batch))


def _gap(task: Task, reason: str) -> Gap:
    return Gap("syntax" if task.kind == "code" else task.kind, reason, task.path, 0, task.language or task.format)


def work(pipe: Connection, root: Path, file_bytes: int) -> None:
    """The body of a worker: batches of tasks in; for each a tree, or the reason why there is none, out."""
    import resource  # noqa: PLC0415 - POSIX only, and only here
    import signal  # noqa: PLC0415

    from readiness.collect.extract import extract  # noqa: PLC0415 - loads the parser, which the parent never needs
    from readiness.collect.lower import LoweringError  # noqa: PLC0415

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    while True:
        try:
            tasks: Iterable[Task] = pipe.recv()
        except EOFError:
            return
        for task in tasks:
            try:
                pipe.send(extract(decode(read_inside(root, task.path, file_bytes)), task))
            except (LoweringError, Unreadable, RecursionError, MemoryError, ValueError) as error:
                pipe.send(str(error)[:300] or type(error).__name__)
