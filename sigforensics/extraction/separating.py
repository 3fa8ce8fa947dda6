"""Strokes apart from the print that they cross or that stands among them, pixel by pixel."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from sigforensics.extraction.box import Box
from sigforensics.extraction.handwriting import bundled_handwriting, by_hand
from sigforensics.extraction.inks import weighed_by_colour
from sigforensics.extraction.sheet import Sheet
from sigforensics.settings import Extraction

__all__ = ["Told", "likelihood_by_hand", "printed_among", "strokes_of"]

Bools = NDArray[np.bool_]


class Told(NamedTuple):
    """Print that was told from strokes."""

    print_: Bools
    by_colour: bool
    """Whether the colour of the ink told, too."""
    likely: NDArray[np.float32]
    """How likely each pixel of the part that was asked about is by hand, with its colour or without it, whichever says less: the
    ground of a cheque may have the pen's hue. 0 to 1, without meaning off ink."""


def printed_among(sheet: Sheet, around: Box, ink: Bools, *, settings: Extraction) -> Told:
    """Which of this ink is print rather than by hand, rubber stamps included.

    A network says of each pixel how likely it is by hand, from what is up to ``settings.context`` around, and on pages with a
    hue the colour of the ink where that tells (:mod:`sigforensics.extraction.inks`); below ``settings.least_hand`` it is print,
    if somewhere in a connected part it is below ``settings.sure_print``. Parts smaller than ``settings.least_part``, or
    ``settings.colour_part`` where colour tells, are as what they touch.

    Parameters
    ----------
    sheet : Sheet
    around : Box
        On the sheet.
    ink : bool, shape (around.height, around.width)

    Returns
    -------
    Told
        The print is within ``ink``, of its shape.
    """
    window, inner = _window(sheet, around, settings)
    likely, told = _likelihood(sheet, window), None
    least = likely
    colours = sheet.colours(window)
    if colours is not None:
        own = np.zeros(likely.shape, bool)
        own[inner] = ink
        seen = sheet.ink[window.slices]
        told = weighed_by_colour(likely, colours, seen, own, per_mm=sheet.per_mm, settings=settings)
        if told is not None:
            likely, settings = told, replace(settings, least_part=settings.colour_part)
            least = np.minimum(least, told)
    hand = strokes_of(ink, likely[inner], per_mm=sheet.per_mm, settings=settings)
    return Told(ink & ~hand, told is not None, least[inner])


def _window(sheet: Sheet, around: Box, settings: Extraction) -> tuple[Box, tuple[slice, slice]]:
    """What is looked at around a box on the sheet, and where the box lies in that."""
    reach = round(settings.context * sheet.per_mm)
    window = around.grown(reach, reach, sheet.ink.shape)
    return window, Box(around.left - window.left, around.top - window.top, around.width, around.height).slices


def likelihood_by_hand(sheet: Sheet, around: Box, *, settings: Extraction) -> NDArray[np.float32]:
    """How likely ink within a box on the sheet is by hand, without its colour: 0 to 1, shape (around.height, around.width)."""
    window, inner = _window(sheet, around, settings)
    return _likelihood(sheet, window)[inner]


def _likelihood(sheet: Sheet, window: Box) -> NDArray[np.float32]:
    return by_hand(bundled_handwriting(), sheet.grey[window.slices], sheet.threshold[window.slices])


def strokes_of(ink: Bools, likely: NDArray[np.float32], *, per_mm: float, settings: Extraction) -> Bools:
    """The ink that is by hand; small parts are as what they touch, and print is sure somewhere. All of one shape."""
    hand = ink & (likely >= settings.least_hand)
    least = settings.least_part * per_mm**2
    hand |= _small_beside(ink & ~hand, hand, least)
    hand &= ~_small_beside(hand, ink & ~hand, least)
    return hand | _without(ink & ~hand, likely < settings.sure_print)


def _without(parts: Bools, sure: Bools) -> Bools:
    """The connected parts that hold no such pixel."""
    _, labels = cv2.connectedComponents(parts.astype(np.uint8), connectivity=8, ltype=cv2.CV_32S)
    return np.asarray(parts & ~np.isin(labels, np.unique(labels[parts & sure])), np.bool_)


def _small_beside(parts: Bools, others: Bools, least: float) -> Bools:
    """The connected parts of fewer pixels that touch one of the others."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(
        parts.astype(np.uint8), connectivity=8, ltype=cv2.CV_32S
    )
    touched = labels[cv2.dilate(others.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0]
    chosen = np.zeros(len(stats), bool)
    chosen[touched] = True
    chosen &= stats[:, cv2.CC_STAT_AREA] < least
    chosen[0] = False
    return np.asarray(chosen[labels], np.bool_)
