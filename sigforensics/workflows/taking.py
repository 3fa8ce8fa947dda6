"""Which signatures of a scan are taken: found, given by a box, or the whole of an image that is cropped already."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sigforensics.errors import InputError, MaskUnfit, PageMissing, PaperTooDark, SignatureNotFound
from sigforensics.extraction import (
    UNSEPARATED,
    Box,
    Candidate,
    Signature,
    cut_by_mask,
    extract,
    find_on_page,
    level_page,
    looks_cropped,
    undithered,
    whole_page,
)
from sigforensics.preprocessing import check_paper
from sigforensics.scans import Scan, check_exposure, read_scans
from sigforensics.settings import Extraction, Levelling, Preprocessing, Scanning
from sigforensics.workflows.masks import read_mask

__all__ = ["Choice", "Taken", "take_signatures"]


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What the user said about where the signatures are."""

    layout: Literal["auto", "page", "cropped"] = "auto"
    """``auto`` decides by :func:`sigforensics.extraction.looks_cropped`."""
    page: int | None = None
    """This page alone; all pages of the file if None."""
    box: Box | None = None
    """Overrules the finder; in pixels of the page as it is stored."""
    mask: Path | None = None
    """With a box, for one page: a picture of its size that is white where the signature is, in place of what is told from paper
    and print."""
    every: bool = False
    """All candidates above the least confidence, not the best alone."""

    def __post_init__(self) -> None:
        """Refuse a mask that would be ignored."""
        if self.mask is not None and self.box is None:
            raise ValueError("a mask needs the box that it is of")


@dataclass(frozen=True)
class Taken:
    """A signature that was taken from a scan."""

    name: str
    """Fit for a file name, not yet unique among files: stem, page where the file has several, number where there are several."""
    scan: Scan
    """The page, upright."""
    signature: Signature
    candidates: tuple[Candidate, ...]
    """All that the finder proposed on that page."""
    how: str
    """One sentence: found, given, or cropped already."""
    rivals: int = 0
    """Candidates beside it that are confident enough, too, and were not taken."""
    quarters: int = 0
    """Quarter turns to the right that made the page upright after it was read."""
    notes: tuple[str, ...] = ()
    """How the page was read and looked at."""

    @property
    def stored_box(self) -> Box:
        """Where it lies, in pixels of the page as its file stores it."""
        height, width = self.scan.pixels.shape
        return self.signature.box.stored(self.scan.orientation, (height, width))


def take_signatures(
    path: Path,
    *,
    choice: Choice,
    scanning: Scanning,
    extraction: Extraction,
    preprocessing: Preprocessing,
    levelling: Levelling | None = None,
) -> Iterator[Taken | InputError]:
    """The signatures of a file that the choice takes, page by page.

    A file of one page, or a page that was asked for, either gives signatures or is refused. A file of several pages may have
    some that give none; each of them is yielded as the error that says why.

    Raises
    ------
    InputError
        As reading, exposure, finding and masks raise it; :class:`SignatureNotFound` lists what the finder rejected, or says that
        no page of several gave a signature; :class:`PageMissing` if there is no such page.
    """
    pages, found, refused = 0, False, list[SignatureNotFound]()
    scans = read_scans(path, settings=scanning, only=choice.page)
    while True:
        try:
            scan = next(scans, None)
        except InputError as error:
            if not pages:
                raise
            yield error  # the pages before it were whole
            break
        if scan is None:
            break
        pages += 1
        _check_one_page(choice, scan)
        try:
            check_exposure(undithered(scan, settings=levelling), settings=scanning)
            taken = list(_take_from_page(scan, choice, extraction, levelling or Levelling(), preprocessing))
        except InputError as error:
            if scan.pages == 1 or choice.page is not None:
                raise
            refused += [error] if isinstance(error, SignatureNotFound) else []
            yield error
        else:
            found = True
            yield from taken
    if not pages:
        raise PageMissing(path, "has no pages" if choice.page is None else f"has no page {choice.page}")
    if not found:
        said = "".join(f"; {one.where.removeprefix(f'{path} ')}: {one.what}" for one in refused[:3])
        raise SignatureNotFound(path, f"none of its {pages} pages gave a signature{said}")


def _check_one_page(choice: Choice, scan: Scan) -> None:
    """A mask is of one page."""
    if choice.mask is not None and choice.page is None and scan.pages > 1:
        what = f"has {scan.pages} pages, and the mask is of one"
        raise MaskUnfit(scan.source.path, what, "name it with --page")


def _take_from_page(
    scan: Scan,
    choice: Choice,
    extraction: Extraction,
    levelling: Levelling,
    preprocessing: Preprocessing,
) -> Iterator[Taken]:
    stem = scan.source.path.stem + (f"-p{scan.page}" if scan.pages > 1 else "")
    if choice.box is not None:
        yield _take_box(stem, scan, choice, choice.box, extraction, levelling)
        return
    if choice.layout == "cropped" or (choice.layout == "auto" and looks_cropped(scan, settings=extraction)):
        signature = whole_page(scan)
        _check_paper(signature, scan, preprocessing)
        said = "The user said" if choice.layout == "cropped" else "The image was recognised"
        how = f"{said} to be a cropped signature; the whole of it was taken."
        yield Taken(stem, scan, signature, (), how, notes=scan.notes)
        return
    page, found = find_on_page(scan, settings=extraction, levelling=levelling)
    candidates = tuple(found)
    accepted = [one for one in candidates if one.confidence >= extraction.min_confidence]
    if not accepted:
        raise SignatureNotFound(scan.where, _rejected(page.scan, candidates, extraction))
    chosen = accepted if choice.every else accepted[:1]
    for number, candidate in enumerate(chosen, start=1):
        signature = extract(page.scan, candidate, settings=extraction)
        how = f"Found with confidence {candidate.confidence:.2f}, the best of {len(candidates)} candidate(s)."
        if choice.every:
            how = f"Found with confidence {candidate.confidence:.2f}, number {number} of {len(candidates)}."
        name = stem + (f"-{number}" if number > 1 else "")
        rivals, quarters = len(accepted) - len(chosen), page.stand.quarters
        notes = (*page.scan.notes, *page.notes)
        yield Taken(name, page.scan, signature, candidates, how, rivals, quarters, notes)


def _take_box(
    stem: str, scan: Scan, choice: Choice, box: Box, extraction: Extraction, levelling: Levelling
) -> Taken:
    """What lies in a box of the stored page."""
    page = level_page(scan, settings=extraction, levelling=levelling)
    height, width = page.scan.pixels.shape
    upright = box.upright(page.scan.orientation, (height, width))
    if upright is None:
        whole = Box(0, 0, width, height).stored(page.scan.orientation, (height, width))
        what = f"the box {box} lies beyond its {whole.width} x {whole.height} pixels"
        raise SignatureNotFound(scan.where, what)
    if choice.mask is None:
        signature = extract(page.scan, upright, evened=page.evened, settings=extraction)
    else:
        marked = read_mask(choice.mask, (upright.height, upright.width))
        signature = cut_by_mask(
            page.scan, upright, marked, where=choice.mask, evened=page.evened, settings=extraction
        )
    alike = ("all ink in the box was kept: hardly any is left without print and lines",)
    stored = upright.stored(page.scan.orientation, (height, width))
    cut = () if stored == box else (f"the box {box} reaches beyond the page: it was cut to {stored}",)
    notes = (*page.scan.notes, *page.notes, *cut, *(alike if signature.background == UNSEPARATED else ()))
    how = "The user gave the box." if choice.mask is None else "The user gave the box and the mask."
    return Taken(stem, page.scan, signature, (), how, 0, page.stand.quarters, notes)


def _check_paper(signature: Signature, scan: Scan, preprocessing: Preprocessing) -> None:
    """The generator's threshold cannot be raised here: its fakes have the same."""
    try:
        check_paper(signature.ink, where=scan.where, settings=preprocessing)
    except PaperTooDark as error:
        advice = "say --on-page, so that the ink is separated from the paper, or give a lighter scan"
        raise PaperTooDark(error.where, error.what, advice) from error


def _rejected(scan: Scan, candidates: tuple[Candidate, ...], extraction: Extraction) -> str:
    """Boxes are those of the stored page, as ``--box`` takes them."""
    if not candidates:
        return "no ink on it looks like a signature"
    height, width = scan.pixels.shape
    boxes = [one.box.stored(scan.orientation, (height, width)) for one in candidates[:3]]
    listed = ", ".join(f"{box} ({one.confidence:.2f})" for box, one in zip(boxes, candidates, strict=False))
    return f"no candidate reaches confidence {extraction.min_confidence:g}; the best: {listed}"
