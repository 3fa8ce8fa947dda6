"""What ``sigforensics find --evaluate`` says of the finder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sigforensics.cli.console import STDOUT, check_json_target, console_progress, emit_json, emit_text

if TYPE_CHECKING:
    from sigforensics.extraction.evaluating import Evaluation, KindFigures, Share
    from sigforensics.workflows.evaluating import EvaluatedFolder
    from sigforensics.workflows.find import FindSettings

__all__ = ["evaluate"]

SCHEMA = "sigforensics-find-evaluation/1"
"""Of the document that ``--json`` writes."""


def evaluate(
    tables: Sequence[Path],
    output: Path | None,
    settings: FindSettings,
    *,
    target: str | None,
    overwrite: bool,
    quiet: bool,
) -> None:
    """Evaluate the finder on the pages of some tables, and say the figures."""
    from sigforensics.workflows.evaluating import evaluate_finder

    check_json_target(target, SCHEMA, overwrite=overwrite, inputs=tables)
    with console_progress(quiet=quiet) as progress:
        evaluated = evaluate_finder(tables, output, settings=settings, overwrite=overwrite, progress=progress)
    document = {
        "schema": SCHEMA,
        "folder": output,
        "min_confidence": settings.extraction.min_confidence,
        "folders": [_fields(one) for one in evaluated],
    }
    emit_json(document, target, overwrite=overwrite)
    if target != STDOUT:
        for one in evaluated:
            for line in _lines(one):
                emit_text(line)
        if output:
            failed = any(one.failures for one in evaluated)
            pages = f"Pages with a miss or a false find are in {output / 'failures'}."
            emit_text(pages if failed else f"No page has a miss or a false find. The record is in {output}.")


def _fields(one: EvaluatedFolder) -> dict[str, Any]:
    figures = one.figures
    return {
        "folder": one.folder or None,
        "pages": figures.pages,
        "signature": _kind_fields(figures.kinds["signature"]),
        "initials": _kind_fields(figures.kinds["initials"]),
        "either": _kind_fields(figures.either),
        "false_pages": _share_fields(figures.false_pages),
        "calibration_error": figures.calibration_error,
        "calibration": [
            {"low": bin_.low, "high": bin_.high, "said": bin_.said, "right": _share_fields(bin_.right)}
            for bin_ in figures.calibration
        ],
        "median_seconds": figures.median_seconds,
        "worst_seconds": figures.worst_seconds,
        "failures": list(one.failures),
    }


def _kind_fields(kind: KindFigures) -> dict[str, Any]:
    return {
        "recall": _share_fields(kind.recall),
        "precision": _share_fields(kind.precision),
        "average_precision": kind.average_precision,
        "as_other": kind.as_other,
    }


def _share_fields(share: Share) -> dict[str, Any]:
    low, high = share.interval or (None, None)
    return {"part": share.part, "whole": share.whole, "value": share.value, "low": low, "high": high}


def _lines(one: EvaluatedFolder) -> list[str]:
    figures: Evaluation = one.figures
    lines = [
        f"{one.folder or 'all'}: {figures.pages} pages, {figures.median_seconds:.2f} s a page (worst {figures.worst_seconds:.2f})"
    ]
    for title, kind in [*figures.kinds.items(), ("either kind", figures.either)]:
        area = "-" if kind.average_precision is None else f"{kind.average_precision:.2f}"
        lines.append(
            f"  {title}: recall {_written(kind.recall)}, precision {_written(kind.precision)}, average precision {area}, "
            f"taken for the other kind {kind.as_other}"
        )
    lines.append(f"  pages without either that have a find: {_written(figures.false_pages)}")
    error = figures.calibration_error
    lines.append(f"  calibration: expected error {'-' if error is None else f'{error:.3f}'}")
    lines += [
        f"    {one_.low:.1f} to {one_.high:.1f}: said {one_.said:.2f}, right {_written(one_.right)}"
        for one_ in figures.calibration
    ]
    return lines


def _written(share: Share) -> str:
    if share.interval is None:
        return "-"
    low, high = share.interval
    return f"{share.part}/{share.whole} = {share.value:.2f} ({low:.2f} to {high:.2f})"
