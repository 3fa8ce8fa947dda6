"""Two sets of spectra to a comparison: differences, intervals, p-values, and true against true."""

from sigforensics.statistics.bootstrap import Intervals, difference_intervals
from sigforensics.statistics.comparison import compare_sets
from sigforensics.statistics.control import control_true_against_true
from sigforensics.statistics.peaks import Peak, PeakTest, peaks_between, peaks_of_set
from sigforensics.statistics.permutation import PermutationTest, permutation_test
from sigforensics.statistics.results import BandDifference, Comparison, Control, ControlBand
from sigforensics.statistics.units import IndependentUnits, Unit, independent_units

__all__ = [
    "BandDifference",
    "Comparison",
    "Control",
    "ControlBand",
    "IndependentUnits",
    "Intervals",
    "Peak",
    "PeakTest",
    "PermutationTest",
    "Unit",
    "compare_sets",
    "control_true_against_true",
    "difference_intervals",
    "independent_units",
    "peaks_between",
    "peaks_of_set",
    "permutation_test",
]
