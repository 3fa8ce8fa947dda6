"""Images to log-spectra: the cosine transform, mergeable means and variances, radial bands and profiles.

Two statistics go by the name of "mean DCT spectrum", and they are different: the mean of ln|DCT| over the set
(:attr:`Spectrum.mean_of_log`, the reference's) and ln of |the mean of the signed DCT|
(:attr:`Spectrum.log_of_mean`, Frank et al. 2020). Both are computed, and neither is ever called "the mean
spectrum" here.
"""

from sigforensics.spectra.accumulator import SpectrumAccumulator
from sigforensics.spectra.bands import MAX_FREQUENCY, RadialBands, band_edges, radial_bands
from sigforensics.spectra.grid import (
    NYQUIST,
    FrequencyGrid,
    FrequencyUnit,
    common_grid,
    nyquist_per_mm,
    onto_grid,
    sampling_density,
)
from sigforensics.spectra.lines import DIRECTIONS, line_bands, line_edges
from sigforensics.spectra.parts import Part, Skipped, read_part
from sigforensics.spectra.peaks import peak_excess, peak_places
from sigforensics.spectra.pixels import crop_pixels, pad_pixels, resize_pixels
from sigforensics.spectra.spectrum import PROFILES, Profile, ProfileKind, Spectrum
from sigforensics.spectra.streaming import PartReader, StreamedSpectrum, stream_spectrum
from sigforensics.spectra.transform import (
    DB_PER_NAT,
    dct_coefficients,
    dct_frequencies,
    dct_magnitude_log,
    nats_to_db,
)

__all__ = [
    "DB_PER_NAT",
    "DIRECTIONS",
    "MAX_FREQUENCY",
    "NYQUIST",
    "PROFILES",
    "FrequencyGrid",
    "FrequencyUnit",
    "Part",
    "PartReader",
    "Profile",
    "ProfileKind",
    "RadialBands",
    "Skipped",
    "Spectrum",
    "SpectrumAccumulator",
    "StreamedSpectrum",
    "band_edges",
    "common_grid",
    "crop_pixels",
    "dct_coefficients",
    "dct_frequencies",
    "dct_magnitude_log",
    "line_bands",
    "line_edges",
    "nats_to_db",
    "nyquist_per_mm",
    "onto_grid",
    "pad_pixels",
    "peak_excess",
    "peak_places",
    "radial_bands",
    "read_part",
    "resize_pixels",
    "sampling_density",
    "stream_spectrum",
]
