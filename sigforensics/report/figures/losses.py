"""The losses and accuracies of a training, epoch by epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from sigforensics.report.figures.style import COLOURS, LINES, styled

__all__ = ["draw_losses"]


@styled
def draw_losses(rows: Sequence[Mapping[str, float]]) -> Figure:
    """Draw the losses of both networks, and below them their accuracies, against the epoch.

    Parameters
    ----------
    rows : sequence of mappings
        One an epoch: ``epoch``, ``generator_loss``, ``discriminator_loss``, ``generator_accuracy`` and
        ``discriminator_accuracy`` (shares, 0 to 1).

    Raises
    ------
    ValueError
        If there is no row.
    """
    if not rows:
        raise ValueError("no epoch to draw")
    figure = Figure(figsize=(6.3, 4.6), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True)
    _draw_pair(above, rows, "loss")
    _draw_pair(below, rows, "accuracy")
    above.set_ylabel("loss")
    above.legend(ncols=2)
    below.set_ylabel("accuracy")
    below.set_ylim(-0.03, 1.03)
    below.set_xlabel("epoch")
    below.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    return figure


def _draw_pair(axes: Axes, rows: Sequence[Mapping[str, float]], quantity: str) -> None:
    epochs = [float(row["epoch"]) for row in rows]
    marker = "o" if len(rows) < 30 else ""
    for index, network in enumerate(("generator", "discriminator")):
        values = [float(row[f"{network}_{quantity}"]) for row in rows]
        axes.plot(
            epochs,
            values,
            color=COLOURS[index],
            linestyle=LINES[index],
            marker=marker,
            markersize=3.0,
            label=network,
        )
