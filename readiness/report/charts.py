"""Charts as plain shapes: the geometry is computed here, a template only writes it down."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from readiness.model.assessment import LEVELS, PillarScore, Score
from readiness.report.text import MINUS, clipped, tenth, whole
from readiness.report.words import LEVEL_RULE
from readiness.score import whole_parts

WIDTH: Final = 510.0
"""Units across every chart: the text column of an A4 page, 170 mm in points with a margin for strokes."""

THRESHOLDS: Final = ((40, "Pilot"), (60, "Production"), (80, "At scale"))
"""Proven points that the weakest pillar needs for a level (docs/scoring.md)."""


class Paint(StrEnum):
    """What a shape stands for; the template gives it colour and texture."""

    INK = "ink"
    MUTED = "muted"
    PANEL = "panel"
    STEEL = "steel"
    PAPER = "paper"
    PROVEN = "proven"
    OPEN = "open"
    LOST = "lost"
    PARTIAL = "partial"
    FAIL = "fail"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float
    paint: Paint
    radius: float = 0.0
    stroke: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """A label; `y` is its base line, `anchor` start | middle | end."""

    x: float
    y: float
    words: str
    paint: Paint = Paint.INK
    size: float = 7.5
    bold: bool = False
    anchor: str = "start"


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line through points, or a filled shape when `filled`."""

    points: tuple[tuple[float, float], ...]
    paint: Paint = Paint.INK
    width: float = 1.0
    dashed: bool = False
    filled: bool = False

    @property
    def path(self) -> str:
        """The points as SVG wants them."""
        return " ".join(f"{x:.2f},{y:.2f}" for x, y in self.points)


Shape = Box | Text | Stroke


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing of `WIDTH` by `height` units; `title` tells someone who cannot see it what it says."""

    title: str
    height: float
    shapes: tuple[Shape, ...]


def ladder(level: int | None) -> Chart:
    """The four levels as steps, the reached one dark and marked."""
    shapes = tuple(shape for index in range(len(LEVELS)) for shape in _step(index, here=index == level))
    reached = "no level could be named" if level is None else f"level {level}, {LEVELS[level]}, is reached"
    return Chart(f"The four readiness levels; {reached}.", 95, shapes)


def _step(index: int, *, here: bool) -> Iterator[Shape]:
    """One level: a step as high as its number, its name in it and its rule below."""
    gap = 8.0
    width = (WIDTH - gap * (len(LEVELS) - 1)) / len(LEVELS)
    x, top = index * (width + gap), 50.0 - index * 12
    yield Box(x, top, width, 80 - top, Paint.INK if here else Paint.PANEL, 2)
    yield Text(x + 9, top + 15, f"{index} {LEVELS[index]}", Paint.PAPER if here else Paint.MUTED, 8.5, bold=True)
    yield Text(x + 9, 90, LEVEL_RULE[index], Paint.INK if here else Paint.MUTED, 6.1, bold=here)
    if here:
        signal = Paint.FAIL if index < 2 else Paint.PROVEN
        yield Box(x, top - 14, 1.8, 11, signal)
        yield Text(x + 9, top - 6, "You are here", signal, 7.5, bold=True)


def balance(score: Score) -> Chart:
    """The hundred points as one bar: proven, open, lost."""
    proven, unknown, lost = whole_parts((score.proven, score.open, score.lost))
    scale = WIDTH / 100
    shapes: list[Shape] = [*_parts(Box(0, 18, WIDTH, 22, Paint.PAPER), score.proven, score.proven + score.open)]
    shapes.append(Text(0, 11, f"{proven} proven", Paint.PROVEN, 9, bold=True))
    shapes.append(Text(WIDTH, 11, f"{lost} lost", Paint.FAIL, 9, bold=True, anchor="end"))
    if unknown:
        middle = (score.proven + score.open / 2) * scale
        shapes.append(Text(min(max(middle, 100), WIDTH - 90), 11, f"{unknown} open", Paint.MUTED, 9, bold=True, anchor="middle"))
    for mark, name in THRESHOLDS:
        shapes.append(Stroke(((mark * scale, 40), (mark * scale, 46)), Paint.INK, 0.9))
        shapes.append(Text(mark * scale, 54, f"{mark} {name}", Paint.MUTED, 6.5, anchor="middle"))
    shapes += [Text(0, 54, "0", Paint.MUTED, 6.5), Text(WIDTH, 54, "100", Paint.MUTED, 6.5, anchor="end")]
    return Chart(f"Of 100 points {proven} are proven, {unknown} are open and {lost} are lost.", 58, tuple(shapes))


def _parts(frame: Box, proven: float, possible: float) -> Iterator[Box]:
    """A bar of 100 in a frame: proven, then open as far as `possible`, then lost."""
    scale = frame.width / 100
    for start, end, paint in ((0.0, proven, Paint.PROVEN), (proven, possible, Paint.OPEN), (possible, 100.0, Paint.LOST)):
        if end - start > 0.05:
            yield Box(frame.x + start * scale, frame.y, (end - start) * scale, frame.height, paint)


def pillar_bars(pillars: Sequence[tuple[PillarScore, str]]) -> Chart:
    """One bar a pillar with the thresholds through all of them; each comes with the words under its name."""
    left, width, row = 152.0, 300.0, 30.0
    shapes: list[Shape] = []
    for index, (pillar, counts) in enumerate(pillars):
        y = 6 + index * row
        shapes += [Text(0, y + 6, pillar.title, Paint.INK, 8.4, bold=True), Text(0, y + 15, counts, Paint.MUTED, 6.3)]
        shapes += _parts(Box(left, y, width, 12, Paint.PAPER), pillar.proven, pillar.possible)
        shapes.append(Text(WIDTH, y + 10, whole(pillar.proven), Paint.INK, 11.5, bold=True, anchor="end"))
        if pillar.possible - pillar.proven >= 1:
            shapes.append(Text(WIDTH - 24, y + 9.5, f"up to {whole(pillar.possible)}", Paint.MUTED, 6.5, anchor="end"))
    bottom = 6 + len(pillars) * row
    for mark, _ in THRESHOLDS:
        x = left + mark * width / 100
        shapes.append(Stroke(((x, 0), (x, bottom - 6)), Paint.INK, 0.7, dashed=True))
        shapes.append(Text(x, bottom + 3, str(mark), Paint.MUTED, 6.5, anchor="middle"))
    said = "; ".join(f"{pillar.title} {whole(pillar.proven)}" for pillar, _ in pillars)
    return Chart(f"Proven points of 100 in each pillar: {said}.", bottom + 6, tuple(shapes))


@dataclass(frozen=True, slots=True)
class Loss:
    """What one check takes from the and whether it is lost or only open."""

    title: str
    points: float
    paint: Paint


def waterfall(losses: Sequence[Loss], proven: float, rows: int = 11) -> Chart:
    """From one hundred down to the proven points, largest losses first; what does not fit is one grey step."""
    left, right, row = 262.0, WIDTH - 34, 14.4
    shown, rest = losses[:rows], losses[rows:]
    floor = max(int((proven - 4) / 10) * 10, 0)
    scale = (right - left) / (100 - floor)

    def x(points: float) -> float:
        return left + (points - floor) * scale

    shapes: list[Shape] = [*_row(0, "All applicable checks", "100.0", bold=True), Box(left, 2, right - left, 9, Paint.STEEL)]
    level, y = 100.0, row
    for loss in (*shown, *_others(rest)):
        shapes += _row(y, loss.title, f"{MINUS}{tenth(loss.points)}")
        shapes.append(Stroke(((x(level), y - row + 11), (x(level), y + 11)), Paint.INK, 0.6))
        shapes.append(Box(x(level - loss.points), y + 2, loss.points * scale, 9, loss.paint))
        level, y = level - loss.points, y + row
    shapes += [
        *_row(y, "Proven today", tenth(proven), bold=True, paint=Paint.PROVEN),
        Box(left, y + 2, x(proven) - left, 9, Paint.PROVEN),
    ]
    if floor:
        shapes.append(Text(left, y + 20, f"axis starts at {floor}", Paint.MUTED, 6.2))
    return Chart(
        f"From 100 points to {tenth(proven)} proven: what each check takes away.", y + (24 if floor else 14), tuple(shapes)
    )


def _others(rest: Sequence[Loss]) -> Iterator[Loss]:
    if rest:
        name = "1 other check" if len(rest) == 1 else f"{len(rest)} other checks"
        yield Loss(name, sum(loss.points for loss in rest), Paint.MUTED)


def _row(y: float, title: str, points: str, *, bold: bool = False, paint: Paint = Paint.INK) -> Iterable[Shape]:
    yield Text(0, y + 9, clipped(title, 58), paint, 7.3, bold=bold)
    yield Text(WIDTH, y + 9, points, paint, 7.3, bold=bold, anchor="end")


@dataclass(frozen=True, slots=True)
class Tile:
    """One check in the matrix: its number in the pillar, how it stands, whether it is a gate."""

    number: int
    tone: str
    gate: bool
    title: str


TONES: Final = {"pass": Paint.PROVEN, "partial": Paint.PARTIAL, "fail": Paint.FAIL, "open": Paint.OPEN, "none": Paint.NONE}

_SIDE: Final = 26.0
_PITCH: Final = 29.6
_LEFT: Final = 152.0
_PER_ROW: Final = 12


def matrix(rows: Sequence[tuple[str, Sequence[Tile]]]) -> Chart:
    """One tile a check, one row a pillar (more when a pillar has over twelve), and a legend."""
    shapes: list[Shape] = []
    y = 2.0
    for name, tiles in rows:
        shapes.append(Text(0, y + 16, name, Paint.INK, 8.4, bold=True))
        for index, tile in enumerate(tiles):
            shapes += _tile(_LEFT + index % _PER_ROW * _PITCH, y + index // _PER_ROW * _PITCH, tile)
        y += _PITCH * max((len(tiles) + _PER_ROW - 1) // _PER_ROW, 1) + 3
    shapes += _legend(y + 3)
    total = sum(len(tiles) for _, tiles in rows)
    return Chart(f"{total} checks as tiles, by pillar; the tables below say the same in words.", y + 20, tuple(shapes))


def _tile(x: float, y: float, tile: Tile) -> Iterator[Shape]:
    paint = TONES[tile.tone]
    light = paint in {Paint.OPEN, Paint.NONE}
    yield Box(x, y, _SIDE, _SIDE, paint, 1.5, stroke=light)
    mark = Paint.INK if light else Paint.PAPER
    if tile.tone == "open":
        yield Box(x + 7, y + 3, 12, 21.5, Paint.PAPER, 2)
    yield from _glyph(x + 13, y + 10, tile.tone, mark)
    yield Text(x + 13, y + 23, str(tile.number), mark, 5.8, bold=True, anchor="middle")
    if tile.gate:
        yield Stroke(((x + 17, y), (x + _SIDE, y), (x + _SIDE, y + 9)), Paint.INK, filled=True)


def _glyph(x: float, y: float, tone: str, paint: Paint) -> Iterator[Shape]:
    """A sign for a verdict, centred on a point, so that a grey print reads the same."""
    match tone:
        case "pass":
            yield Stroke(((x - 4, y), (x - 1.2, y + 3), (x + 4.2, y - 3.2)), paint, 1.7)
        case "partial":
            yield Stroke(((x - 4, y), (x + 4, y)), paint, 1.7)
        case "fail":
            yield Stroke(((x - 3, y - 3), (x + 3, y + 3)), paint, 1.7)
            yield Stroke(((x - 3, y + 3), (x + 3, y - 3)), paint, 1.7)
        case "open":
            yield Text(x, y + 4, "?", paint, 11, bold=True, anchor="middle")
        case _:
            yield Stroke(((x - 3, y + 3), (x + 3, y - 3)), Paint.MUTED, 1.2)


def _legend(y: float) -> Iterator[Shape]:
    x = _LEFT
    for tone, name in (
        ("pass", "Pass"),
        ("partial", "Partial"),
        ("fail", "Fail"),
        ("open", "Not assessed"),
        ("none", "Not applicable"),
    ):
        paint = TONES[tone]
        yield Box(x, y, 11, 11, paint, 1, stroke=paint in {Paint.OPEN, Paint.NONE})
        yield Text(x + 15, y + 8.4, name, Paint.MUTED, 7)
        x += 27 + 4.2 * len(name)
    yield Stroke(((x, y), (x + 10, y), (x + 10, y + 10)), Paint.INK, filled=True)
    yield Text(x + 15, y + 8.4, "Gate", Paint.MUTED, 7)
