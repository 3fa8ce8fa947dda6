"""Figures: each function takes results and returns a ``matplotlib.figure.Figure``."""

from sigforensics.report.figures.comparison import draw_comparison
from sigforensics.report.figures.contact_sheet import cut_to_ink, draw_contact_sheet
from sigforensics.report.figures.frequency_map import draw_frequency_map
from sigforensics.report.figures.losses import draw_losses
from sigforensics.report.figures.peaks import draw_peaks
from sigforensics.report.figures.profiles import draw_profiles
from sigforensics.report.figures.saving import save_figure
from sigforensics.report.figures.spectra import draw_set, draw_spectra

__all__ = [
    "cut_to_ink",
    "draw_comparison",
    "draw_contact_sheet",
    "draw_frequency_map",
    "draw_losses",
    "draw_peaks",
    "draw_profiles",
    "draw_set",
    "draw_spectra",
    "save_figure",
]
