"""Every number of the method, on one page: one frozen dataclass a stage, each field with its unit and its source.

The defaults of the command line and the record of every run are read from here. Where a default keeps a figure of the
work that sigforensics carries on (Ma-Marcinowski, Generative-Model), the field says "reference".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Polarity = Literal["dark", "bright"]
Resampling = Literal["area", "bilinear"]


@dataclass(frozen=True, kw_only=True)
class Scanning:
    """How a file becomes a page of grey values."""

    max_megapixels: float = 200.0
    """Megapixels; larger images are refused before they are decoded. An A3 sheet at 1 000 dpi has 193."""
    min_side: int = 16
    """Pixels; a smaller width or height cannot hold a signature."""
    pdf_dpi: float = 300.0
    """Dots per inch at which a PDF page is rendered when it is not one scanned image."""
    blank_range: float = 8 / 255
    """Brightness; a page whose values span less bears no ink."""
    black_level: float = 0.25
    """Brightness, 0 to 1; a page with its brightest values below is black all over."""


@dataclass(frozen=True, kw_only=True)
class Preprocessing:
    """A cropped signature becomes the tensors of the network (reference, unless said otherwise)."""

    size: int = 512
    """Pixels: side of the square target (reference: 512)."""
    threshold: int = 25
    """Ink values of 255 below this become 0 (reference: 25). Applied to true and generated images alike."""
    resampling: Resampling = "area"
    """``area`` averages over the pixels that shrink into one (no aliasing); ``bilinear`` is the reference's, which
    aliases when an image shrinks. Enlarging is bilinear in both."""
    blur_size: int = 3
    """Pixels: side of the Gaussian kernel before the edge detector (reference: 3)."""
    blur_sigma: float = 0.8
    """Pixels: its standard deviation (reference: 0.3 * ((size - 1) * 0.5 - 1) + 0.8 = 0.8, OpenCV's rule)."""
    canny_low: int = 100
    """Lower hysteresis threshold of the Canny detector, of 255, OpenCV's scale (reference: 100)."""
    canny_high: int = 200
    """Upper hysteresis threshold, likewise (reference: 200)."""
    canny_aperture: int = 3
    """Pixels: side of the Sobel kernels (reference: 3)."""
    canny_l2: bool = False
    """Gradient magnitude |gx| + |gy| (False, reference) or its Euclidean norm (True)."""


@dataclass(frozen=True, kw_only=True)
class Augmentation:
    """What validation and testing do to the edges of a signature, seeded."""

    grid: int = 5
    """Control points a side of the elastic deformation (reference: 5)."""
    max_displacement: float = 50.0
    """Pixels at size 512, scaled with the size: displacements are uniform in [-50, 50] (reference: [0, 50), one way)."""
    hole: int = 128
    """Pixels at size 512, scaled with the size: side of the erased square (reference: 128)."""
    holes: int = 1
    """Erased squares an image (reference: 1); any part of the image can be erased, its last rows and columns too."""


@dataclass(frozen=True, kw_only=True)
class Splitting:
    """Which signatures train, validate and test."""

    by: Literal["sample", "writer"] = "writer"
    """``sample``: some signatures of every writer are held out; ``writer``: all signatures of some writers are."""
    validation_share: float = 0.1
    """Share of the samples of a writer, or of the writers, rounded, at least 1 (reference: 2 writers' worth, also trained on)."""
    testing_share: float = 0.1
    """Likewise; 0 leaves the testing frame empty."""
    specimens: int = 12
    """Split by writer only: signatures of a held-out writer that are set aside for the mask (never validated or tested on);
    at most half of them."""
    seed: int = 0
    """Seed of the split and of the augmented inputs."""


Upsampling = Literal["transposed"]
Normalisation = Literal["spade"]


@dataclass(frozen=True, kw_only=True)
class Network:
    """The generator and the discriminator. ``REFERENCE`` below has the reference's figures; the defaults repair it."""

    size: int = 512
    """Pixels: side of the square image; a power of two."""
    multiplier: int = 16
    """Filters of the first block; the others are multiples of it (reference: 64)."""
    spade_width: int = 32
    """Hidden channels of SPADE's shared convolution (reference: 128; Park et al. 2019: 128). Twice the multiplier keeps
    its share of the work level."""
    gamma_offset: float = 1.0
    """SPADE scales by gamma_offset + gamma: 1 in Park et al.'s reference implementation, 0 in the reference, where a fresh
    network multiplies its features by nearly zero."""
    moments: Literal["image", "batch"] = "image"
    """Over what SPADE takes mean and variance: one image (a fake never depends on its neighbours) or the batch
    (reference; equal at batch 1)."""
    normalise_bottleneck: bool = False
    """Whether the innermost 1 x 1 feature map is normalised (reference: True, which makes it exactly zero at batch 1; Isola et
    al. 2017 leave it unnormalised)."""
    biases: bool = True
    """Biases where no normalisation follows and in SPADE's convolutions (reference: False everywhere)."""
    epsilon: float = 1e-5
    """Added to the variance in every normalisation (Park et al. 2019)."""
    leak: float = 0.2
    """Slope of the leaky ReLU below zero (Isola et al. 2017; reference: Keras' layer of that time, 0.3)."""
    dropout: float = 0.5
    """Rate in the first three up blocks during training (reference, Isola et al. 2017)."""
    discriminator_multiplier: int = 16
    """Filters of the first layer of the discriminator (reference: 64)."""
    spectral_normalisation: bool = True
    """Spectral normalisation of the discriminator (Park et al. 2019; reference: none, and its discriminator wins)."""


@dataclass(frozen=True, kw_only=True)
class Training:
    """How the two networks learn."""

    epochs: int = 40
    """Passes over the training frame (reference: 260)."""
    batch: int = 1
    """Rows a step (reference, Isola et al. 2017: 1)."""
    generator_rate: float = 2e-4
    """Adam step size of the generator (reference, Isola et al. 2017)."""
    discriminator_rate: float = 2e-4
    """Adam step size of the discriminator (reference)."""
    beta_1: float = 0.5
    """Adam (reference, Isola et al. 2017)."""
    beta_2: float = 0.999
    """Adam (reference, Isola et al. 2017)."""
    generator_updates: int = 1
    """Updates of the generator a step (reference: 1)."""
    discriminator_updates: int = 1
    """Updates of the discriminator a step (reference: 1)."""
    l1_weight: float = 100.0
    """Weight of the mean absolute error beside the adversarial loss (Isola et al. 2017: 100; reference: 0)."""
    initial_deviation: float = 0.02
    """Standard deviation of the normal initial weights (reference, Isola et al. 2017)."""
    precision: Literal["float32", "mixed_bfloat16"] = "float32"
    """Arithmetic of the convolutions; weights, moments and losses stay float32."""
    seed: int = 0
    """Seed of the initial weights, of the order of the rows and of dropout."""
    checkpoint_minutes: float = 5.0
    """Minutes between checkpoints within an epoch; each epoch ends with one."""


@dataclass(frozen=True, kw_only=True)
class Forging:
    """How a generator is used."""

    variants: int = 1
    """Fakes a signature."""
    seed: int = 0
    """Seed of what varies between the variants: dropout and the augmented inputs."""
    dropout: bool = False
    """Dropout while generating (reference: always on). On from two variants upward, which would else be equal."""
    augmented: bool = False
    """Feed augmented edges (reference: its testing frame) instead of plain ones."""
    batch: int = 8
    """Images a call of the network; has no influence on the images."""


@dataclass(frozen=True, kw_only=True)
class Extraction:
    """How the signature is found on a page."""

    min_confidence: float = 0.5
    """Candidates below are listed, but not taken."""


@dataclass(frozen=True, kw_only=True)
class Spectrum:
    """The statistic of the spectra."""

    floor: float = 1e-3
    """Added to |DCT| before the logarithm, on the scale of 8-bit values (0 to 255). It is part of the statistic: it keeps
    a blank image finite, and no mean moves by more than 0.0003 nats between float32 and float64 arithmetic."""
    bands: int = 32
    """Radial bands of equal width between frequency 0 and the corner of the spectrum at sqrt(1/2) cycles per pixel."""
    batch: int = 8
    """Images transformed together; larger batches leave the cache. Has no influence on the figures beyond rounding."""


@dataclass(frozen=True, kw_only=True)
class Comparing:
    """How two sets are compared."""

    confidence: float = 0.95
    """Coverage of the intervals."""
    resamples: int = 2000
    """Bootstrap resamples for an interval."""
    permutations: int = 2000
    """Random permutations for a p-value, where not all can be enumerated."""
    control_splits: int = 200
    """Random true-against-true splits of the control."""
    seed: int = 0
    """Seed of all three."""


@dataclass(frozen=True, kw_only=True)
class Sampling:
    """How invented writers and their pages are drawn.

    Greys, widths and grain are as measured on CEDAR (ball pen on paper, 300 dpi); the others are judged by eye. Two
    figures are a range, from which each writer draws once.
    """

    x_height: tuple[float, float] = (2.5, 4.0)
    """mm: height of a lower-case letter without its loops."""
    longest: float = 46.0
    """mm: the letters of a longer text are written smaller."""
    pen_width: tuple[float, float] = (0.27, 0.42)
    """mm: line of a ball pen."""
    slant: tuple[float, float] = (-4.0, 38.0)
    """Degrees from the upright to the right."""
    slope: tuple[float, float] = (-1.0, 9.0)
    """Degrees by which the base line rises."""
    breadth: tuple[float, float] = (0.9, 1.7)
    """Width of the letters beside that of the skeletons."""
    capital: tuple[float, float] = (1.15, 2.1)
    """Height of the capitals beside that of the skeletons."""
    loops: tuple[float, float] = (0.75, 1.2)
    """Height of the loops above and below beside that of the skeletons."""
    decay: tuple[float, float] = (0.35, 1.0)
    """Height of the last letter beside the first: signatures trail off."""
    habit: float = 0.09
    """x-heights: standard deviation of a writer's points from the skeletons. It is what makes a hand."""
    fluency: tuple[float, float] = (2.1, 3.1)
    """Standard deviations between successive strokes of the sigma-lognormal model; smaller is more fluent."""
    stroke_deviation: float = 0.3
    """sigma of the strokes' lognormal speed (Plamondon & Djioua 2006 report 0.1 to 0.5)."""
    care: tuple[float, float] = (0.25, 1.0)
    """Share by which a writer aims beyond the points for what the overlap of the strokes cuts off; 0 is a scrawl."""
    pause: float = 1.8
    """Factor of the time between two strokes where the pen is lifted or put down."""
    isochrony: float = 0.25
    """Exponent of a stroke's duration over its length (isochrony principle: well below 1)."""
    wobble: float = 0.05
    """x-heights: standard deviation of a point between the signatures of one writer."""
    timing: float = 0.08
    """Relative standard deviation of a stroke's duration between signatures."""
    scaling: float = 0.05
    """Relative standard deviation of height and width between signatures."""
    turning: float = 1.5
    """Degrees: standard deviation of slant and slope between signatures."""
    darkness: tuple[float, float] = (1.1, 2.4)
    """Optical density of ink laid down by one pass at full pressure, times ln 10 (absorbance)."""
    pressing: tuple[float, float] = (0.1, 0.5)
    """Share by which a down stroke deposits more ink than an up stroke."""
    flow_drift: float = 0.3
    """Standard deviation of the logarithm of the ink's flow along the line ..."""
    flow_length: float = 0.6
    """mm: ... and its correlation length."""
    ink_grain: float = 0.45
    """Relative standard deviation of the deposit from pixel to pixel: the ball misses the valleys of the paper."""
    saturation: float = 1.7
    """Absorbance that no number of passes of the pen exceeds."""
    print_absorbance: float = 3.0
    """Optical density of toner, times ln 10."""
    visible: float = 0.05
    """Absorbance from which a pixel counts as ink in the box of a signature; it darkens the paper by four times the
    standard deviation of the noise."""
    sampling_step: float = 0.5
    """Pixels between the places where the moving pen leaves ink."""
    glare: float = 0.06
    """Brightness of what absorbs all light: the scanner's stray light."""
    optics: float = 0.0425
    """mm: standard deviation of the scanner's point spread (half a pixel at 300 dpi)."""
    paper: float = 0.94
    """Brightness of the paper (239 of 255)."""
    noise: float = 0.0105
    """Standard deviation of the brightness from pixel to pixel (2.7 of 255)."""
    clouds: float = 0.006
    """Standard deviation of the paper's formation, clouds of fibres ..."""
    cloud_size: float = 0.8
    """mm: ... and their correlation length."""
    streaks: float = 0.0032
    """Standard deviation between the columns: the elements of the scanner's sensor."""
    margin: tuple[float, float] = (2.5, 6.5)
    """mm of paper around a signature, one draw a side."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All stages together, as the record of a run keeps them."""

    scanning: Scanning = field(default_factory=Scanning)
    extraction: Extraction = field(default_factory=Extraction)
    preprocessing: Preprocessing = field(default_factory=Preprocessing)
    augmentation: Augmentation = field(default_factory=Augmentation)
    splitting: Splitting = field(default_factory=Splitting)
    network: Network = field(default_factory=Network)
    training: Training = field(default_factory=Training)
    forging: Forging = field(default_factory=Forging)
    spectrum: Spectrum = field(default_factory=Spectrum)
    comparing: Comparing = field(default_factory=Comparing)


REFERENCE_NETWORK = Network(
    multiplier=64,
    spade_width=128,
    gamma_offset=0.0,
    moments="batch",
    normalise_bottleneck=True,
    biases=False,
    leak=0.3,
    discriminator_multiplier=64,
    spectral_normalisation=False,
)
"""The networks of the reference."""

REFERENCE_TRAINING = Training(epochs=260, l1_weight=0.0)
"""The training of the reference."""
