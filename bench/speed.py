#!/usr/bin/env python3
"""Time an audit by stages, with lines per second and the peak memory of all its processes together.

Usage: speed.py TARGET [TARGET ...] [--jobs N] [--repeat N] [--pdf]

Stages run in this process (inventory, parse, link, judge) and, with --pdf, the report. Compare two versions side by side in one
session, as ratios: the machine's other work moves every absolute number.
"""

from __future__ import annotations

import argparse
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from readiness import registry
from readiness.audit import audit
from readiness.collect import parse
from readiness.collect.assemble import assemble
from readiness.collect.memory import uncollected
from readiness.identity import identify, knowledge_digest
from readiness.model import Engagement
from readiness.repo import open_target


class Stages:
    """Seconds by stage, summed over nested use."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start


class Memory:
    """Peak of the proportional set size of this process and all it started, in bytes, sampled every 50 ms."""

    def __init__(self) -> None:
        self.peak = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(0.05):
            self.peak = max(self.peak, sum(proportional(pid) for pid in family()))


def family() -> list[int]:
    """This process and its descendants."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, IndexError):
                continue
    mine = {int(Path("/proc/self").resolve().name)}
    while True:
        more = {pid for pid, parent in parents.items() if parent in mine} - mine
        if not more:
            return sorted(mine)
        mine |= more


def proportional(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("Pss:"))


def once(target: str, jobs: int, *, pdf: bool) -> tuple[Stages, int, int]:
    stages = Stages()
    with Memory() as memory:
        start = time.perf_counter()
        with open_target(target) as repository:
            stages.seconds["inventory"] = time.perf_counter() - start
            with stages.stage("parse"), uncollected():
                extraction = parse(repository, jobs=jobs)
            with stages.stage("link"), uncollected():
                facts = assemble(repository, extraction, datetime.now(UTC).date(), ())
        with stages.stage("judge"):
            checks = registry.load()
            identity = identify(knowledge=knowledge_digest(), config="", as_of=facts.as_of)
            assessment = audit(checks, facts, identity=identity, engagement=Engagement(), acceptances=())
        if pdf:
            from readiness.report import RENDERERS, build_view  # noqa: PLC0415

            with stages.stage("report"):
                RENDERERS["pdf"].render(build_view(assessment))
    return stages, facts.subject.lines, memory.peak


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="+")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--pdf", action="store_true")
    options = parser.parse_args()
    for target in options.targets:
        for _ in range(options.repeat):
            stages, lines, peak = once(target, options.jobs, pdf=options.pdf)
            total = sum(stages.seconds.values())
            parts = "  ".join(f"{name} {seconds:.2f}" for name, seconds in stages.seconds.items())
            rates = f"{total:6.2f} s  {lines / total:8.0f} lines/s  {peak / 2**20:6.0f} MiB"
            print(f"{Path(target).name:32s} {lines:8d} lines  {rates}  ({parts})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
