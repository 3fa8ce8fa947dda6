"""Two sets of spectra to a comparison: differences, intervals, p-values, true against true, and what may be concluded."""

from sigforensics.statistics.bootstrap import Intervals, difference_intervals
from sigforensics.statistics.comparison import compare_sets
from sigforensics.statistics.conclusions import conclude
from sigforensics.statistics.control import control_true_against_true
from sigforensics.statistics.deciding import Deciding, deciding_statistic
from sigforensics.statistics.discriminant import Separation
from sigforensics.statistics.frequencies import FrequencyTest, frequency_test, smallest_frequency_p
from sigforensics.statistics.frequency_map import FrequencyMap, frequency_map
from sigforensics.statistics.grouping import GroupedUnits, Members, group_units
from sigforensics.statistics.levels import level_of
from sigforensics.statistics.peaks import Peak, PeakTest, peaks_between, peaks_of_set
from sigforensics.statistics.permutation import PermutationTest, permutation_test
from sigforensics.statistics.profiles import ProfileBand, ProfileDifferences, differing_profiles
from sigforensics.statistics.results import (
    CODES,
    BandDifference,
    Comparison,
    Conclusion,
    ConclusionCode,
    Control,
    ControlBand,
    ControlFigure,
    Whole,
)
from sigforensics.statistics.units import IndependentUnits, Unit, independent_units
from sigforensics.statistics.whole import whole_test

__all__ = [
    "CODES",
    "BandDifference",
    "Comparison",
    "Conclusion",
    "ConclusionCode",
    "Control",
    "ControlBand",
    "ControlFigure",
    "Deciding",
    "FrequencyMap",
    "FrequencyTest",
    "GroupedUnits",
    "IndependentUnits",
    "Intervals",
    "Members",
    "Peak",
    "PeakTest",
    "PermutationTest",
    "ProfileBand",
    "ProfileDifferences",
    "Separation",
    "Unit",
    "Whole",
    "compare_sets",
    "conclude",
    "control_true_against_true",
    "deciding_statistic",
    "difference_intervals",
    "differing_profiles",
    "frequency_map",
    "frequency_test",
    "group_units",
    "independent_units",
    "level_of",
    "peaks_between",
    "peaks_of_set",
    "permutation_test",
    "smallest_frequency_p",
    "whole_test",
]
