#!/usr/bin/env python3
"""Measure the tool against labelled repositories: verdicts, call sites and prompts.

Usage: accuracy.py REPOSITORIES LABELS [--only NAME,...] [--check ID,...] [--as-of DATE] [--jobs N] [--json OUT] [--misses]

REPOSITORIES holds one folder (or archive) NAME for each LABELS/NAME.yaml. A label says `llm_application`, `checks` (id -> verdict)
and `facts` (`call_sites` and `prompts`, each with `where: path:line`). Every number is printed with the counts it comes from.

  agreement           verdicts equal to the label
  kappa               Cohen's kappa of label and verdict: 0 for a constant answer, 1 for full agreement
  off the commonest   agreement where the label is not the check's commonest one: near 0 for whoever answers out of habit
  severe              pass where the label says fail, or the other way round
  undecided           unknown or not applicable although the label decides
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import run
from typing import Any

import yaml

TOLERANCE = 3
"""Lines that a place may be off: a call that spans lines is read at either end."""
DECIDED = frozenset({"pass", "partial", "fail"})
STORE_WORDS = (
    "add_documents", "from_documents", "from_texts", "similarity_search", "retriever", "vectorstoreindex", "ingest",
    "kernel_memory",
)  # fmt: skip


@dataclass
class Places:
    """Wanted and found places of one kind."""

    hits: int = 0
    wanted: int = 0
    found: int = 0
    misses: list[str] = field(default_factory=list)

    def add(self, name: str, wanted: list[tuple[str, int]], found: list[tuple[str, int]]) -> None:
        free: dict[str, list[int]] = defaultdict(list)
        for path, line in found:
            free[path].append(line)
        self.wanted += len(wanted)
        self.found += len(found)
        for path, line in sorted(wanted):
            near = [other for other in free[path] if abs(other - line) <= TOLERANCE]
            if near:
                free[path].remove(min(near, key=lambda other: abs(other - line)))
                self.hits += 1
            else:
                self.misses.append(f"missed   {name} {path}:{line}")
        self.misses += [f"spurious {name} {path}:{line}" for path, lines in sorted(free.items()) for line in lines]


@dataclass
class Tally:
    """Everything counted."""

    cells: dict[str, Counter[tuple[str, str]]] = field(default_factory=lambda: defaultdict(Counter))
    calls: Places = field(default_factory=Places)
    prompts: Places = field(default_factory=Places)
    controls: Counter[bool] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)


def main() -> int:
    options = arguments()
    labels = {file.stem: yaml.safe_load(file.read_text(encoding="utf-8")) for file in sorted(options.labels.glob("*.yaml"))}
    names = [name for name in labels if not options.only or name in options.only]
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(options.jobs) as pool:
        assessments = dict(zip(names, pool.map(lambda name: audit(options, name, Path(scratch)), names), strict=True))
    tally = Tally()
    for name in names:
        count(tally, name, labels[name], assessments[name], options.check)
    figures = summary(tally)
    print("\n".join(f"{title:32s} {text}" for title, text in figures.items()))
    if options.misses:
        print("\n".join(["", *tally.differences, *tally.calls.misses, *tally.prompts.misses]))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repositories", type=Path)
    parser.add_argument("labels", type=Path)
    parser.add_argument("--only", type=lambda text: text.split(","))
    parser.add_argument("--check", type=lambda text: text.split(","))
    parser.add_argument("--as-of", default=None)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--misses", action="store_true")
    return parser.parse_args()


def audit(options: argparse.Namespace, name: str, scratch: Path) -> Mapping[str, Any]:
    """The assessment of one repository; an empty one, which counts as a miss of everything, where the audit failed."""
    out = scratch / name
    target = (options.repositories / name).resolve()
    dated = ["--as-of", options.as_of] if options.as_of else []
    done = run(
        [sys.executable, "-m", "readiness", "audit", str(target), "--out", str(out), "--format", "json", *dated],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if not (out / "assessment.json").is_file():
        print(f"{name}: exit {done.returncode}: {done.stderr.strip()[-300:]}", file=sys.stderr)
        return {}
    document: dict[str, Any] = json.loads((out / "assessment.json").read_text(encoding="utf-8"))
    return document


def count(tally: Tally, name: str, label: Mapping[str, Any], result: Mapping[str, Any], only: list[str] | None) -> None:
    if not label.get("llm_application", True):
        tally.controls[result.get("subject", {}).get("llm_application") is False] += 1
        return
    said = {check["id"]: check["verdict"] for check in result.get("checks", [])}
    for check, truth in label["checks"].items():
        if only and check not in only:
            continue
        verdict = "unknown" if said.get(check) == "needs_context" else said.get(check, "unknown")
        tally.cells[check][truth["verdict"], verdict] += 1
        if verdict != truth["verdict"]:
            tally.differences.append(f"{name} {check}: label {truth['verdict']}, tool {verdict}")
    facts, known = result.get("facts", {}), label.get("facts", {})
    wanted = [item for item in known.get("call_sites") or [] if not implicit(item)]
    spared = [place(item["where"]) for item in known.get("call_sites") or [] if implicit(item)]
    found = [(item["path"], item["line"]) for item in facts.get("model_calls", []) if not implicit(item)]
    explicit = [place(item["where"]) for item in wanted]
    tally.calls.add(name, explicit, [at for at in found if at in explicit or not near(at, spared)])
    written = [(item["path"], item["line"]) for item in facts.get("prompts", []) if item.get("scope") == "production"]
    tally.prompts.add(name, [place(item["where"]) for item in known.get("prompts") or []], written)


def place(where: str) -> tuple[str, int]:
    path, _, lines = where.rpartition(":")
    return (path, int(lines.split("-")[0])) if path else (where, 0)


def near(at: tuple[str, int], places: Iterable[tuple[str, int]]) -> bool:
    return any(path == at[0] and abs(line - at[1]) <= TOLERANCE for path, line in places)


def implicit(site: Mapping[str, Any]) -> bool:
    """An embedding model run inside a store's own operation: neither wanted nor spurious."""
    return site.get("kind") == "embedding" and any(word in str(site.get("api", "")).lower() for word in STORE_WORDS)


def summary(tally: Tally) -> dict[str, str]:
    everything = sum(tally.cells.values(), Counter())
    exact = sum(n for (want, said), n in everything.items() if want == said)
    rare, rare_exact = off_commonest(tally.cells)
    return {
        "agreement": share(exact, sum(everything.values())),
        "kappa": kappa(everything),
        "agreement off the commonest": share(rare_exact, rare),
        "severe": share(everything["pass", "fail"] + everything["fail", "pass"], sum(everything.values())),
        "undecided although decidable": share(
            sum(n for (want, said), n in everything.items() if want in DECIDED and said not in DECIDED),
            sum(n for (want, _), n in everything.items() if want in DECIDED),
        ),
        **{
            f"{kind} of {verdict}": share(
                everything[verdict, verdict], sum(n for pair, n in everything.items() if pair[side] == verdict)
            )
            for verdict in ("pass", "fail")
            for kind, side in (("precision", 1), ("recall", 0))
        },
        "call-site precision": share(tally.calls.hits, tally.calls.found),
        "call-site recall": share(tally.calls.hits, tally.calls.wanted),
        "prompt precision": share(tally.prompts.hits, tally.prompts.found),
        "prompt recall": share(tally.prompts.hits, tally.prompts.wanted),
        "controls recognised": share(tally.controls[True], sum(tally.controls.values())),
    }


def off_commonest(cells: Mapping[str, Counter[tuple[str, str]]]) -> tuple[int, int]:
    total = exact = 0
    for grid in cells.values():
        wanted: Counter[str] = Counter()
        for (want, _), n in grid.items():
            wanted[want] += n
        common = wanted.most_common(1)[0][0]
        total += sum(n for (want, _), n in grid.items() if want != common)
        exact += sum(n for (want, said), n in grid.items() if want != common and want == said)
    return total, exact


def kappa(cells: Counter[tuple[str, str]]) -> str:
    total = sum(cells.values())
    if not total:
        return "unmeasured"
    want: Counter[str] = Counter()
    said: Counter[str] = Counter()
    for (left, right), n in cells.items():
        want[left] += n
        said[right] += n
    observed = sum(n for (left, right), n in cells.items() if left == right) / total
    expected = sum(want[key] * said[key] for key in want) / total**2
    return f"{(observed - expected) / (1 - expected):.2f}" if expected < 1 else "undefined"


def share(hits: int, total: int) -> str:
    return f"{hits}/{total} = {hits / total:.3f}" if total else "unmeasured"


if __name__ == "__main__":
    sys.exit(main())
