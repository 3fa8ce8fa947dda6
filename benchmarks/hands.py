"""Ink by hand for composed pages: signatures, initials, and handwriting that is neither.

Signatures come from invented writers (``sigforensics.samples``) and, where a data folder is given, from its
CEDAR and NISDCC folders. Everything else is drawn by invented writers. All ink is absorbance at 200 dots an
inch, cropped to where it is visible.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from sigforensics.samples.ink import deposit_ink, trajectory_to_line
from sigforensics.samples.kinematics import Plan, move_pen
from sigforensics.samples.letters import CAPITALS, LOWER_CASE, points_of
from sigforensics.samples.planning import plan_signature
from sigforensics.samples.writer import WORDS, Writer, invent_writer
from sigforensics.settings import Sampling

__all__ = ["DPI", "Hands", "tight"]

Ink = NDArray[np.float32]
DPI = 200
PER_MM = DPI / 25.4
SAMPLING = Sampling()
VISIBLE = 0.15
INITIALS = "ABCDEGHJKLMNPRSTW"
SMALL = [word for word in WORDS if word[0].lower() in LOWER_CASE]
"""Words that can be written without a capital."""
DIGITS = {
    "0": ".5 2 .8, .1 1, .5 0, .9 1, .5 2",
    "1": ".2 1.6, .5 2 0, .5 0",
    "2": ".1 1.6, .5 2, .8 1.5, .1 0 0, .9 .05",
    "3": ".1 1.8, .5 2, .8 1.6, .4 1.1 .1, .9 .6, .4 0, .1 .2",
    "4": ".7 2, .1 .8 0, .95 .8 0, .7 1.2 0, .7 0",
    "5": ".9 2, .2 2 0, .2 1.2 0, .8 .9, .5 0, .1 .2",
    "6": ".7 2, .2 1, .3 .1, .8 .5, .3 .9",
    "7": ".1 2, .9 2 0, .4 0",
    "8": ".8 1.7, .3 1.9, .7 .6, .4 0, .2 .5, .8 1.7",
    "9": ".8 1.8, .2 1.8, .3 1.1, .8 1.7, .7 0",
    "/": ".1 -.2, .8 2.2",
    "-": ".1 .9, .8 1",
    ",": ".2 .2, .1 -.4",
    ".": ".2 .1, .26 .04",
}
"""Points that the pen aims at, as in ``sigforensics.samples.letters``."""
SHAPES = {
    "tick": "0 .6, .3 0 0, 1.2 1.8",
    "cross": "0 0, 1.4 1.4",
    "ring": "1 1.9, 0 1, 1 0, 2.4 1, 1.1 1.95",
    "bracket": ".4 2.5, 0 2.4, 0 0, .4 -.1",
    "wave": "0 .3, .5 .5, 1 .2, 2 .5, 3 .3, 4 .4",
    "arrow": "3 1, 0 .9 0, .5 1.3 0, 0 .9 0, .5 .5",
    "strike": "0 0, 5 2.2",
}


def tight(ink: Ink) -> Ink:
    """The part with visible ink."""
    rows, columns = np.flatnonzero((ink > VISIBLE).any(1)), np.flatnonzero((ink > VISIBLE).any(0))
    if not len(rows):
        return np.zeros((1, 1), np.float32)
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


class Hands:
    """Where a set of pages takes its ink from.

    Parameters
    ----------
    writers : range
        Numbers of the invented writers.
    scanned : sequence of Path
        Files of scanned signatures; may be empty.
    seed : int
        Seed of the invented writers.
    """

    def __init__(self, writers: range, scanned: list[Path], *, seed: int = 5) -> None:
        self._writers, self._scanned, self._seed = writers, scanned, seed

    def writer(self, rng: np.random.Generator) -> Writer:
        """Any of the invented writers."""
        return invent_writer(int(rng.choice(self._writers)), seed=self._seed)

    def signature(self, rng: np.random.Generator) -> Ink:
        """A signature, 18 to 90 mm wide."""
        if self._scanned and rng.random() < 0.6:
            return _sized(_scanned(self._scanned, rng), rng.uniform(25, 80), rng.uniform(8, 32))
        if rng.random() < 0.4:
            return _sized(
                self._scribble(rng, int(rng.integers(6, 22))), rng.uniform(20, 85), rng.uniform(10, 48)
            )
        writer = self.writer(rng)
        texts = [writer.text, writer.text.replace(" ", ""), writer.text[-3:].capitalize(), _initials(rng, 3)]
        text = str(rng.choice(texts, p=[0.6, 0.2, 0.1, 0.1]))
        if not all(letter in CAPITALS for letter in text if letter.isupper()):
            text = writer.text
        scrawl = replace(
            writer,
            text=text,
            care=writer.care * float(rng.choice([0.3, 1.0])),
            decay=float(rng.uniform(0.15, 1.0)),
            capital=writer.capital * rng.uniform(0.9, 1.6),
            pen_width=float(rng.uniform(0.25, 0.75)),
        )
        return _sized(_written(scrawl, rng), rng.uniform(20, 85), rng.uniform(8, 40))

    def initials(self, rng: np.random.Generator) -> Ink:
        """One to three capitals, a few strokes, or the first letters of a scanned signature; 6 to 34 mm high."""
        width, height = rng.uniform(7, 19), rng.uniform(6, 26)
        if self._scanned and rng.random() < 0.35:
            whole = _scanned(self._scanned, rng)
            end = max(int(whole.shape[1] * rng.uniform(0.15, 0.35)), 8)
            return _sized(tight(whole[:, :end]), width, height)
        if rng.random() < 0.35:  # a scribble, often one that goes up and down
            ink = self._scribble(rng, int(rng.integers(3, 9)))
            turned = np.ascontiguousarray(np.rot90(ink)) if rng.random() < 0.5 else ink
            return _sized(turned, width, rng.uniform(8, 34))
        writer = self.writer(rng)
        flourish = str(rng.choice(["none", "none", "tail", "underline", "return", "circle"]))
        short = replace(
            writer, text=_initials(rng, int(rng.integers(1, 4))), flourish=flourish,
            breadth=writer.breadth * rng.uniform(0.5, 1.1), pen_width=float(rng.uniform(0.25, 0.6)),
        )  # fmt: skip
        return _sized(_written(short, rng), width, height)

    def note(self, rng: np.random.Generator, *, words: int, lines: int) -> Ink:
        """Handwritten text: lines of words, all by one hand."""
        writer = replace(
            self.writer(rng), flourish="none", decay=1.0, x_height=float(rng.uniform(1.6, 3.2)),
            capital=float(rng.uniform(1.0, 1.4)), slope=float(rng.uniform(-2, 3)),
            pen_width=float(rng.uniform(0.25, 0.5)),
        )  # fmt: skip
        rows = []
        for _ in range(lines):
            chosen = [str(word).lower() for word in rng.choice(SMALL, words)]
            if rng.random() < 0.5:
                chosen[0] = chosen[0].capitalize()
            rows.append(_written(replace(writer, text=" ".join(chosen)), rng))
        height = sum(row.shape[0] for row in rows)
        sheet = np.zeros((height, max(row.shape[1] for row in rows)), np.float32)
        top = 0
        for row in rows:
            sheet[top : top + row.shape[0], : row.shape[1]] += row
            top += int(row.shape[0] * rng.uniform(0.7, 1.0))
        return tight(sheet)

    def figures(self, rng: np.random.Generator, text: str) -> Ink:
        """Digits and the signs that go with them."""
        strokes, start = [], 0.0
        for character in text:
            if character != " ":
                strokes.append(points_of(DIGITS[character]) + np.array([start, 0, 0]))
            start += rng.uniform(1.0, 1.25)
        return self._strokes(rng, strokes, rng.uniform(1.3, 2.6))

    def date(self, rng: np.random.Generator) -> Ink:
        """Day, month and year, sometimes with the month as a word."""
        day, month, year = int(rng.integers(1, 29)), int(rng.integers(1, 13)), int(rng.integers(70, 100))
        if rng.random() < 0.5:
            return self.figures(rng, f"{day}{rng.choice(list('/-. '))}{month}{rng.choice(list('/-.'))}{year}")
        parts = [
            self.figures(rng, str(day)),
            self.note(rng, words=1, lines=1),
            self.figures(rng, f"19{year}"),
        ]
        return _beside(parts, rng)

    def mark(self, rng: np.random.Generator) -> Ink:
        """A tick, cross, ring, bracket, line or arrow."""
        return self._strokes(rng, [points_of(SHAPES[str(rng.choice(list(SHAPES)))])], rng.uniform(2, 9))

    def _scribble(self, rng: np.random.Generator, count: int) -> Ink:
        """Loops and long strokes in which no letter can be read, around so many points."""
        x = np.cumsum(rng.uniform(-0.25, 0.9, count))
        fading = np.linspace(1, rng.uniform(0.15, 1), count)
        y = np.where(np.arange(count) % 2 == 0, 1, -0.3) * fading * rng.uniform(0.3, 2.2, count)
        body = np.stack([x, y, rng.uniform(0, 1, count)], axis=1)
        strokes = [body]
        for _ in range(int(rng.integers(0, 3))):
            ends = np.stack([rng.uniform(x.min() - 1, x.max() + 3, 3), rng.uniform(-1.5, 2.5, 3)], axis=1)
            strokes.append(np.column_stack([ends[np.argsort(ends[:, 0])], [1.0, 0.7, 1.0]]))
        return self._strokes(rng, strokes, rng.uniform(4, 10))

    def _strokes(self, rng: np.random.Generator, strokes: list[NDArray[np.float64]], unit: float) -> Ink:
        writer = replace(self.writer(rng), pen_width=float(rng.uniform(0.25, 0.55)), care=0.8)
        points = np.concatenate(strokes)
        down = np.ones(len(points) - 1, bool)
        down[np.cumsum([len(stroke) for stroke in strokes])[:-1] - 1] = False
        slant = np.tan(np.deg2rad(writer.slant))
        own = points[:, :2] + rng.normal(0, 0.06, (len(points), 2))
        own[:, 0] += slant * own[:, 1]
        return _inked(Plan(own * unit, points[:, 2], down), writer, rng)


def scanned_signatures(data: Path) -> dict[str, list[Path]]:
    """Files of a data folder's genuine and forged CEDAR and NISDCC signatures, by writer."""
    found: dict[str, list[Path]] = {}
    for path in sorted((data / "cedar" / "full_org").glob("original_*.png")):
        found.setdefault("cedar-" + path.stem.split("_")[1], []).append(path)
    for path in sorted((data / "nisdcc" / "genuine").iterdir() if (data / "nisdcc").is_dir() else []):
        name = re.search(r"_(\d+)_", path.stem)
        if name and path.suffix.lower() == ".png":
            found.setdefault("nisdcc-" + name.group(1), []).append(path)
    return found


def _scanned(files: list[Path], rng: np.random.Generator) -> Ink:
    grey = cv2.imread(str(files[int(rng.integers(len(files)))]), cv2.IMREAD_GRAYSCALE).astype(np.float32)
    paper = float(np.percentile(grey, 90))
    ink = -np.log(np.clip(grey / paper, 0.05, 1)).astype(np.float32)
    strokes = (ink > 0.12).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(strokes, connectivity=8)
    specks = stats[:, cv2.CC_STAT_AREA] < 2e-4 * ink.size
    specks[0] = True
    return tight(np.where(specks[labels], np.float32(0), ink))


def _sized(ink: Ink, width: float, height: float) -> Ink:
    """Scaled to fit into these mm, aspect kept within a factor of 1.3."""
    across, down = width * PER_MM / ink.shape[1], height * PER_MM / ink.shape[0]
    least = min(across, down)
    size = (round(min(across, 1.3 * least) * ink.shape[1]), round(min(down, 1.3 * least) * ink.shape[0]))
    size = (max(size[0], 4), max(size[1], 4))
    shrinks = size[0] < ink.shape[1]
    scaled = cv2.resize(ink, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    return np.asarray(scaled * max(1.0, 0.8 / max(float(scaled.max()), 0.1)), np.float32)


def _initials(rng: np.random.Generator, count: int) -> str:
    return "".join(rng.choice(list(INITIALS), count))


def _written(writer: Writer, rng: np.random.Generator) -> Ink:
    return _inked(plan_signature(writer, rng=rng, settings=SAMPLING), writer, rng)


def _inked(plan: Plan, writer: Writer, rng: np.random.Generator) -> Ink:
    path = move_pen(
        plan, deviation=SAMPLING.stroke_deviation, fluency=writer.fluency, pause=SAMPLING.pause,
        care=writer.care, isochrony=SAMPLING.isochrony, samples=40,
        timing=np.exp(rng.normal(0, SAMPLING.timing, len(plan.down))),
    )  # fmt: skip
    line = trajectory_to_line(path, writer, rng=rng, dpi=DPI, settings=SAMPLING)
    width, height = line.size
    return tight(deposit_ink(line, (height, width), rng=rng, settings=SAMPLING))


def _beside(parts: list[Ink], rng: np.random.Generator) -> Ink:
    gaps = [int(rng.uniform(1, 3) * PER_MM) for _ in parts]
    height = max(part.shape[0] for part in parts)
    sheet = np.zeros((height, sum(part.shape[1] for part in parts) + sum(gaps)), np.float32)
    left = 0
    for part, gap in zip(parts, gaps, strict=True):
        sheet[height - part.shape[0] :, left : left + part.shape[1]] += part
        left += part.shape[1] + gap
    return tight(sheet)
