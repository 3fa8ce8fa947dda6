"""Every number of the method, on one page: one frozen dataclass a stage, each field with its unit and its source.

The defaults of the command line and the record of every run are read from here. Where a default keeps a figure of the
work that sigforensics carries on (Ma-Marcinowski, Generative-Model), the field says "reference".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Polarity = Literal["dark", "bright"]
Resampling = Literal["area", "bilinear"]
UnitChoice = Literal["auto", "image", "pair", "writer"]
PixelChange = Literal["pad", "crop", "resize"]
Precision = Literal["auto", "float32", "mixed_bfloat16"]


@dataclass(frozen=True, kw_only=True)
class Scanning:
    """How a file becomes a page of grey values."""

    ink: Polarity = "dark"
    """What the ink is in the files; ``bright`` inverts them. What our own PNG files say of themselves counts instead."""
    max_megapixels: float = 200.0
    """Megapixels; larger images are refused before they are decoded. An A3 sheet at 1 000 dpi has 193."""
    dpi: tuple[float, float] | None = None
    """Dots per inch across and down of stored pages, in place of what files state; None believes them."""
    min_side: int = 16
    """Pixels; a smaller width or height cannot hold a signature."""
    pdf_dpi: float = 300.0
    """Dots per inch at which a PDF page is rendered when it is not one scanned image."""
    blank_range: float = 8 / 255
    """Brightness; a page whose values span less bears no ink."""
    parts: int = 12
    """Into so many parts a page is cut each way, to tell a negative from a page in a shadow or beside a dark table."""
    black_level: float = 0.25
    """Brightness, 0 to 1; a page with its brightest values below is black all over."""


@dataclass(frozen=True, kw_only=True)
class Preprocessing:
    """A cropped signature becomes the tensors of the network (reference, unless said otherwise)."""

    size: int = 512
    """Pixels: side of the square target (reference: 512)."""
    threshold: int = 25
    """Ink values of 255 below this become 0 (reference: 25 and below become 0). Applied to true and generated images alike."""
    resampling: Resampling = "area"
    """``area`` averages over the pixels that shrink into one (no aliasing); ``bilinear`` is the reference's, which
    aliases when an image shrinks. Enlarging is bilinear in both."""
    blur_size: int = 3
    """Pixels: side of the Gaussian kernel before the edge detector (reference: 3)."""
    blur_sigma: float = 0.8
    """Pixels: its standard deviation, by OpenCV's rule 0.3 * ((size - 1) * 0.5 - 1) + 0.8 (reference: none stated, where OpenCV
    takes the kernel 1 : 2 : 1, that of 0.849, instead of its rule; 2 % of the edge pixels of CEDAR differ)."""
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
    """Pixels at size 512, scaled with the size: those of the control points are uniform in
    [-50, 50] (reference: [0, 50), one way); the spline between them overshoots by up to a third."""
    hole: int = 128
    """Pixels at size 512, scaled with the size: side of the erased square (reference: 128)."""
    holes: int = 1
    """Erased squares an image (reference: 1); any part of the image can be erased, its last rows and columns too."""


@dataclass(frozen=True, kw_only=True)
class Bridging:
    """How strokes are carried on across holes in edges. Pixels at size 512, which scale with it, unless another is said."""

    least_ink: int = 40
    """Grey level of 255 from which a pixel of the deformed signature bears ink."""
    least_edge: int = 64
    """Grey level of 255 from which a pixel of deformed edges belongs to an edge."""
    snap: float = 4.0
    """Pixels at any size: so near an edge the border of a stroke is moved onto it."""
    least_run: int = 2
    """Pixels at any size of ink along the border of a hole that are a stroke."""
    widest_stroke: float = 40.0
    """Pixels of ink along the border of a hole, at most: a stroke may be cut slantwise."""
    trace: int = 16
    """Pixels that a stroke is followed away from the hole, by which its direction and curvature are told."""
    least_trace: int = 4
    """Pixels at any size: shorter pieces end nothing."""
    broadened: float = 1.6
    """A stroke that is followed forks where a layer of its ink is so many times as large as those before it in the median, or
    falls apart."""
    broadening: float = 1.2
    """Layers before a fork tell nothing of the direction if they are so many times as large as the first half in the median."""
    least_curved: int = 8
    """Pixels at any size: shorter ones count as straight."""
    most_uneven: float = 4.0
    """Largest width of one end over that of the other."""
    stiffnesses: tuple[float, ...] = (1.0, 1.5)
    """Lengths of the tangents of the cubic curve that are tried, over the gap (1: Hermite's curve at even speed)."""
    least_likely: float = 0.5
    """Likelihood from which two ends are joined: more likely than not."""
    pointed: float = 2.5
    """Length of the point of a stroke that ends in the hole, over its width ..."""
    point: tuple[float, float] = (8.0, 24.0)
    """... at least and at most, pixels."""


@dataclass(frozen=True, kw_only=True)
class Grafting:
    """How a hole is filled from another specimen of the writer. Pixels at size 512, which scale with it."""

    compared: int = 128
    """Side that pictures are brought to before surroundings are compared."""
    fainter: float = 0.5
    """Share of ``Bridging.least_ink`` from which a pixel bears ink there: thin strokes become fainter."""
    around: float = 44.0
    """Pixels around the hole that are compared."""
    farthest: float = 0.2
    """Weight of what is farthest from the hole; next to it 1."""
    far: float = 28.0
    """Ink that far from the other's counts as no worse than this."""
    least_amount: float = 1 / 3
    """A specimen that has less than this share of the ink there is compared as if it had so much."""
    shift: float = 48.0
    """Pixels by which a specimen is shifted each way, at most."""
    widths: tuple[float, ...] = (0.86, 1.0, 1.16)
    """Factors by which it is made wider ..."""
    heights: tuple[float, ...] = (0.88, 1.0, 1.13)
    """... and higher."""
    turns: tuple[float, ...] = (-16.0, -8.0, 0.0, 8.0, 16.0)
    """Degrees."""
    shifts: int = 2
    """Shifts that are kept of each specimen, size and turn ..."""
    shifts_apart: float = 10.0
    """... and pixels between them, at least."""
    tried: int = 160
    """Places, the most alike first, in which ends of strokes are paired."""
    brought_nearer: int = 40
    """Of these, the best, which are moved, turned and sized so that paired ends come nearer ..."""
    times: int = 4
    """... so many times at most, ..."""
    resized: float = 1.15
    """... by this factor each time at most, as long as the cost falls by ..."""
    least_gain: float = 0.1
    """... this."""
    finished: int = 12
    """Of these, the best, which are moved to meet the ends and compared along the border."""
    meet: float = 18.0
    """Ends are paired if they are nearer than this ..."""
    least_cosine: float = 0.6
    """... and the cosine of the angle between them is larger."""
    touching: float = 6.0
    """Of a piece that was bent, ends count as met if they are nearer than this."""
    unmet: float = 16.0
    """Cost of an end without a partner, in pixels between ends ..."""
    turned: float = 25.0
    """... of 1 less the cosine between two that are paired ..."""
    uneven: float = 3.0
    """... of the logarithm of the ratio of their widths ..."""
    unlike: float = 2.0
    """... of a pixel of the compared size between the ink of both around the hole ..."""
    seam: float = 15.0
    """... and of a pixel between the ink of both along the hole's border."""
    border: float = 5.0
    """Pixels around the hole that are compared last."""
    back: float = 10.0
    """Pixels before an end at which its direction is made to fit, too."""
    stiffnesses: tuple[float, ...] = (0.5, 5.0, 50.0, 500.0)
    """Smoothing of the thin-plate spline: the least that does not ..."""
    stretched: float = 2.0
    """... stretch or squeeze a piece by more than this anywhere in the hole."""
    least_met: float = 0.5
    """Share of the cut ends that must meet one of the specimen's."""
    soft: float = 2.0
    """Pixels by which a stroke that begins in a point is cut beside its width, for its grey border."""
    darkened: float = 4.0
    """Factor by which the ink of a piece is made as dark as that of the strokes that it meets, or lighter, at most."""
    draws: int = 16
    """Places for the holes that are tried, at most. Each has ink in the middle half of every hole, if such are found; their own
    is the first if it has. The one whose pieces cost least is used ..."""
    enough: float = 6.5
    """... or the first whose pieces cost no more than this a hole, ..."""
    least_ends: int = 2
    """... of those in which so many cut ends a hole are met, if there are any: a hole beside the strokes is easily filled."""


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


Architecture = Literal["unet", "spade_residual"]
Upsampling = Literal["smoothed", "transposed", "nearest", "bilinear", "pixel_shuffle"]
Normalisation = Literal["spade", "instance", "batch", "none"]


@dataclass(frozen=True, kw_only=True)
class Network:
    """The generator and the discriminator. ``REFERENCE`` below has the reference's figures; the defaults repair it."""

    size: int = 512
    """Pixels: side of the square image; a power of two."""
    multiplier: int = 16
    """Filters of the first block; the others are multiples of it (reference: 64)."""
    architecture: Architecture = "unet"
    """``unet``: edges are encoded down to one pixel and decoded (reference; Isola et al. 2017). ``spade_residual``: no encoder;
    residual blocks from a small image upward, told by SPADE alone what to draw (Park et al. 2019)."""
    upsampling: Upsampling = "smoothed"
    """How features double their side. ``transposed``: 4 x 4 transposed convolution of stride 2 (reference, Isola et al. 2017),
    whose four interleaved kernels leave a lattice even on blank paper. ``smoothed``: the same, then a fixed 1 : 2 : 1 average
    in each direction, which passes nothing of that lattice (Karras et al. 2019, who smooth by the same kernel).
    ``nearest`` and ``bilinear``: enlarged, then a 3 x 3 convolution (Odena et al. 2016). ``pixel_shuffle``: a 3 x 3 convolution
    to four times the filters, which become the four pixels of each (Shi et al. 2016)."""
    normalisation: Normalisation = "spade"
    """What follows the convolutions of the generator: ``spade`` (reference, Park et al. 2019), ``instance`` (Ulyanov et al.
    2016; what Isola et al. 2017 have at batch 1), ``batch`` (Ioffe & Szegedy 2015; running means while generating) or
    ``none``. The discriminator has instance normalisation throughout (reference)."""
    batch_momentum: float = 0.99
    """With ``batch``: what a training step leaves of the running mean and variance. They average over the last hundred steps or
    so, which at batch 1 is a hundred images."""
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
    """Biases where no normalisation follows, and in SPADE's convolutions, as Isola et al. 2017 and Park et al. 2019 have them:
    without them no such layer can shift its output (reference: False everywhere)."""
    epsilon: float = 1e-5
    """Added to the variance in every normalisation (Park et al. 2019)."""
    leak: float = 0.2
    """Slope of the leaky ReLU below zero (Isola et al. 2017; reference: Keras' layer of that time, 0.3)."""
    dropout: float = 0.5
    """Rate in the first three up blocks during training (reference, Isola et al. 2017)."""
    discriminator_multiplier: int = 16
    """Filters of the first layer of the discriminator (reference: 64)."""
    spectral_normalisation: bool = False
    """Spectral normalisation of the discriminator (Park et al. 2019; reference: none). Measured on CEDAR while blank patches
    counted like others, it changed little: the hinge loss stayed near 1.96 of 2 with and without. Not measured since."""

    grain_width: int = 0
    """Channels of the grain head, which paints the grain of ink and the specks of paper over the image from noise, pixel by
    pixel; 0: none (reference). ``refine`` adds one to a trained generator."""
    grain_layers: int = 4
    """Hidden 3 x 3 convolutions of the grain head: with the last one it sees 11 x 11 pixels."""

    def __post_init__(self) -> None:
        if self.architecture == "spade_residual" and self.normalisation != "spade":
            raise ValueError(
                "spade_residual sees the edges through SPADE alone, and takes no other normalisation"
            )


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
    adversarial_weight: float = 1.0
    """Weight of the adversarial loss (reference, Isola et al. 2017: 1; 0: the generator does not hear the discriminator)."""
    l1_weight: float = 100.0
    """Weight of the mean absolute error beside the adversarial loss (Isola et al. 2017: 100; reference: 0)."""
    initial_deviation: float = 0.02
    """Standard deviation of the normal initial weights (reference, Isola et al. 2017)."""
    precision: Precision = "auto"
    """Arithmetic of the convolutions; weights, moments and losses stay float32. ``auto``: mixed_bfloat16 where the CPU or the
    GPU has units for it (1.3 to 1.5 times faster there, and 6 times slower on a CPU without), else float32; a resumed run
    keeps what it began with."""
    seed: int = 0
    """Seed of the initial weights, of the order of the rows, and of what is varied, erased and dropped."""
    decay: float = 0.5
    """Share of the epochs, the last ones, over which both step sizes fall by equal steps towards 0 (Isola et al. 2017's
    implementation: half; reference: none)."""
    holes: float = 0.5
    """Share of the rows of an epoch, drawn anew in each, from whose edges a square is erased, while the target stays whole: so
    the generator is asked to bridge what the augmented inputs lack (reference: 0, holes in validation and testing alone)."""
    hole: tuple[int, int] = (32, 128)
    """Pixels at size 512, scaled with the size: least and greatest side of that square, whose centre is on an edge."""
    varied: float = 0.0
    """Share of the rows of an epoch, drawn anew in each, that are varied: bent, made darker or fainter, and in a share of them a
    part enlarged, target and mask alike; the edges are traced from the varied target (reference: 0)."""
    bent: float = 50.0
    """Pixels of the result at size 512, scaled with the size: greatest displacement of the control points, 5 x 5 as by default in
    ``Augmentation`` (as ``Augmentation.max_displacement``)."""
    enlarged_share: float = 0.5
    """Share of the varied rows of which a part is enlarged to fill the image."""
    enlarged: tuple[float, float] = (1.0, 4.0)
    """Least and greatest factor by which a part is enlarged; its logarithm is uniform. The window is drawn around
    a pixel of ink, as far as it lies within the image."""
    darkened: tuple[float, float] = (0.7, 1.7)
    """Least and greatest factor of the ink values; its logarithm is uniform."""
    blank_weight: float = 0.05
    """Weight in the hinge losses of a patch whose surroundings hold neither edges nor ink in the target, where 1 is that of the
    others (reference, Isola et al. 2017: 1). Nine patches in ten are blank paper: at 1 they outvote the strokes, and on
    CEDAR the discriminator learns nothing."""
    checkpoint_minutes: float = 5.0
    """Minutes between checkpoints within an epoch; each epoch ends with one."""


@dataclass(frozen=True, kw_only=True)
class Paper:
    """How the paper of a true signature is described to the grain head: by its share of specks above the threshold."""

    reach: int = 6
    """Pixels at size 512: whatever is no farther from an edge belongs to a stroke."""
    sigma: float = 16.0
    """Pixels at size 512: standard deviation of the Gaussian window over which the share is taken."""


@dataclass(frozen=True, kw_only=True)
class Graining:
    """How a grain head learns: patches of its fakes are brought to the distribution of patches of the true images."""

    width: int = 24
    """Channels of the head (:attr:`Network.grain_width`)."""
    layers: int = 4
    """Hidden convolutions of the head."""
    steps: int = 8000
    """Updates."""
    rows: int = 1000
    """Most rows that are trained on, drawn with the seed: their drawings are kept in memory, about 2 MB each at size 512."""
    crops: int = 12
    """Crops a step, each of a row drawn at random."""
    side: int = 64
    """Pixels: side of a crop, a multiple of 4; of smaller images it is the whole."""
    stroke_share: float = 0.7
    """Share of the crops that hold an edge at a random place in them; the others lie anywhere on the sheet (the rectangle
    around the mask's ink). Where the true image has ink never decides: there would be no crops without it to learn from."""
    rate: float = 1e-3
    """Adam step size; falls linearly to 0 over the second half of the steps."""
    beta_1: float = 0.5
    """Adam."""
    beta_2: float = 0.99
    """Adam."""
    averaging: float = 0.995
    """The weights that are kept are a running average over about 1 / (1 - averaging) steps."""
    seed: int = 0
    """Seed of the initial weights, of crops, noise, and directions."""
    patch: int = 5
    """Pixels: side of the patches whose distributions are compared."""
    directions: int = 64
    """Random directions a step in which patches are projected (sliced Wasserstein distance: Bonneel et al. 2015; for patches:
    Elnekave & Weiss 2022)."""
    stroke_patches: int = 5000
    """Patches a step near edges."""
    paper_patches: int = 2000
    """Patches a step elsewhere, with ink in or around them."""
    near: int = 5
    """Pixels from an edge within which a patch counts as near."""
    huber: float = 2.0
    """Grey levels of 255: smaller distances of sorted projections count by their square (Huber 1964), so that steps shrink
    where little is left to do."""
    stroke_weight: float = 0.2
    """Weight of the distance near edges, a grey level of 255."""
    paper_weight: float = 0.3
    """Weight of the distance elsewhere."""
    low_weight: float = 3.0
    """Weight of the mean absolute error of images smoothed over ``patch`` pixels: it keeps the strokes where they are."""
    density_cell: int = 16
    """Pixels: cells in whose mean grey level specks are counted."""
    density_weight: float = 5.0
    """Weight of the mean squared error of these means, in squared grey levels."""
    spectrum_bands: int = 32
    """Radial bands of the log-DCT of each crop (regularisation of the spectrum: Durall et al. 2020)."""
    spectrum_floor: float = 0.3
    """Added to the coefficients' absolute values, on the scale 0 to 255: below the coefficients of grain."""
    spectrum_weight: float = 2.0
    """Weight of the mean squared difference of the bands, crop by crop, in squared nats."""
    bias_weight: float = 10.0
    """Weight of the mean squared difference of the bands' means over the crops of a step."""
    log_steps: int = 250
    """Steps to a row of the log."""
    checkpoint_minutes: float = 3.0
    """Minutes between checkpoints."""


@dataclass(frozen=True, kw_only=True)
class Validation:
    """What is measured after each epoch, and when a training is called unhealthy. Has no influence on the weights."""

    rows: int = 64
    """Rows of the validation frame that are forged after each epoch: whole signatures, evenly spaced over the frame, the same
    ones each time. 0 leaves validation out. With 864 training rows, 64 take about 4 % of an epoch's time."""
    ssim_sigma: float = 1.5
    """Pixels: standard deviation of the Gaussian window of the structural similarity (Wang et al. 2004)."""
    ssim_k1: float = 0.01
    """Constant that keeps the ratio of the means finite, over the range of the values (Wang et al. 2004)."""
    ssim_k2: float = 0.03
    """Likewise that of the variances (Wang et al. 2004)."""
    ink_reach: int = 5
    """Pixels around the ink of target and fake, within which structural similarity is averaged: the radius of its window. On the
    rest of the image, blank in both, it is 1 whatever the generator does."""
    winning_accuracy: float = 0.9
    """Share of the targets' patches scored above 0 from which, with ``deceived`` below, the discriminator wins. (The last row of
    the reference: 0.924.)"""
    deceived: float = 0.1
    """Share of the fakes' patches scored above 0, up to which it does: nine in ten are told apart on either side. (The last row
    of the reference: 0.072.)"""
    idle_loss: float = 1.9
    """Hinge loss from which the discriminator has learnt nothing: it is 2 where all scores are 0, and where it is not
    saturated 2 less the distance between the mean scores of targets and fakes, here a twentieth of what it strives for."""
    idle_gap: float = 0.1
    """Difference between the shares of targets' and fakes' patches scored above 0, up to which it does not tell them apart."""
    least_variety: float = 0.1
    """Mean difference between fakes of different signatures, over that between their targets; below, the generator makes the
    same image of all."""
    least_ink: float = 0.1
    """Sum of the ink of the fakes over that of the targets; below, they are blank."""


Holes = Literal["graft", "rule", "leave"]


@dataclass(frozen=True, kw_only=True)
class Forging:
    """How a generator is used."""

    variants: int = 1
    """Fakes a signature."""
    seed: int = 0
    """Seed of all that is random about a fake, which differs from variant to variant; of the augmented input, which all variants
    of a signature share (those of a prepared corpus were drawn with the seed of its preparation); and of restored paper."""
    dropout: bool = False
    """Dropout while generating; off, so that one input gives one fake (reference: always on, unseeded). On from two variants
    upward, which would else be equal; the record of a run then says so."""
    augmented: bool = False
    """Feed augmented edges (reference: its testing frame) instead of plain ones."""
    holes: Holes = "graft"
    """How strokes are carried on across the holes of augmented edges before the generator sees them. ``graft``: as the writer's
    specimens have them, where there are any and a piece of one fits (:class:`Grafting`), else by rule. ``rule``: ends that are
    likely to belong together are joined (:class:`Bridging`). ``leave``: not at all; the generator is asked to bridge them
    (reference)."""
    onto_scan: bool = False
    """Put fakes in the place of the true signature on copies of its page, and the true one back on another as their control."""
    enlarged: float = 2.0
    """Factor of enlargement to the generator's size, beyond which a run notes that strokes become thicker than any that the
    default has learnt from (CEDAR's signatures are enlarged 0.76 to 1.86 times, median 0.91)."""
    dark: int = 100
    """Of 255, paper 0: pixels of a target from which on its dark ink is taken."""
    darkest: float = 0.58
    """Mean ink (paper 0) of a target's dark pixels, beyond which a run notes that it is blacker than any that the bundled
    generators but one have learnt from (864 signatures of CEDAR's writers 1 to 36: at most 0.575, median 0.49)."""


@dataclass(frozen=True, kw_only=True)
class Extraction:
    """How the signature is found on a page."""

    min_confidence: float = 0.5
    """Candidates below are listed, but not taken: 0.5 is where one is more likely than not."""
    least_listed: float = 0.02
    """Confidence; candidates below are not even listed."""
    dpi: float = 200.0
    """Dots per inch at which candidates are looked for; their ink is taken at the page's own resolution."""
    longest_page: float = 450.0
    """Millimetres; a stated resolution that makes the page longer (A3: 420) is not believed."""
    aspect_tolerance: float = 0.05
    """Relative; a page without a resolution may be A4 or letter if its height over width is within it."""
    print_tolerance: float = 1.8
    """Factor between the resolutions by the size of the page and by its print; beyond it, the print decides."""
    print_height: float = 2.1
    """Millimetres: median height of characters of running text (x-height and capitals, 10 to 12 points)."""
    least_characters: int = 30
    """Pieces of the size of print, below which their median height is not relied on."""
    threshold_window: float = 5.0
    """Millimetres: side of the window of Sauvola's threshold."""
    threshold_k: float = 0.2
    """Sauvola's k (Sauvola & Pietikainen 2000: 0.5; lower keeps faint strokes; 0.2 is usual in software)."""
    always_ink: float = 0.25
    """Brightness, 0 to 1; darker pixels are ink whatever is around them."""
    line_gap: float = 0.6
    """Millimetres: gaps in a ruled line that are bridged."""
    line_run: float = 8.0
    """Millimetres: a ruled line has level stretches of at least this."""
    line_length: float = 20.0
    """Millimetres: shortest ruled line."""
    line_slope: float = 0.03
    """Steepest ruled line (1.7 degrees), height over length."""
    line_straightness: float = 0.09
    """Millimetres: greatest root mean square deviation of a ruled line from a straight one."""
    line_skew: float = 0.007
    """Greatest difference (0.4 degrees) between the slope of a ruled line and the page's skew."""
    line_end: float = 1.0
    """Millimetres beyond both ends of a level stretch; where joined ink goes on so far, a pen drew it."""
    line_edge: float = 5.0
    """Millimetres: rim of the scan whose lines, the edges of the paper, say nothing about the skew of the page."""
    line_prior: float = 40.0
    """Millimetres: weight of a level line in the page's skew, the median slope of its lines by length."""
    line_thickness: float = 1.2
    """Millimetres: thickest ruled line."""
    line_crossing: float = 0.4
    """Millimetres that ink must run on beyond a line to count as a stroke that crosses it."""
    contour_sigma: float = 1.2
    """Sheet pixels: Gaussian smoothing before the directions of contours are measured."""
    axial_angle: float = 10.0
    """Degrees from an axis of the page within which a contour runs along it."""
    solid_width: float = 2.2
    """Millimetres: wider areas of ink are no pen strokes."""
    most_solid: float = 0.3
    """Share of a piece's ink in such areas, above which it is a logo, a hole or a dark margin."""
    character_heights: tuple[float, float] = (0.8, 5.0)
    """Millimetres: least and greatest height of a character of running text."""
    tallest_character: float = 2.0
    """In median character heights: tallest piece that belongs to running text."""
    widest_word: float = 15.0
    """In median character heights: widest piece that belongs to running text (characters that touch)."""
    word_gap: float = 1.2
    """In median character heights: gaps bridged within a row."""
    shortest_row: int = 3
    """Pieces in a row of print."""
    sure_row: int = 7
    """Pieces from which on a row is print for sure; shorter ones may turn out to belong to a signature."""
    baseline_tolerance: float = 0.17
    """In median character heights: how far a character may end from the baseline of its neighbours."""
    axial_weight: float = 1.0
    """How much the direction of contours counts beside the share of characters on the baseline."""
    axial_print: float = 0.3
    """Share of contours along the axes at which a row is neither more nor less like print (uniform: 0.22)."""
    row_score: float = 0.6
    """Share of characters on the baseline, corrected by the contours' directions, from which a row is print."""
    least_heading: float = 0.7
    """In median character heights: lowest character of a heading."""
    tallest_heading: float = 6.0
    """In median character heights: tallest character of a heading."""
    heading_tolerance: float = 0.15
    """Relative difference of height and top among the characters of a heading or number."""
    heading_gap: float = 1.2
    """In character heights: gaps in a heading or number."""
    shortest_heading: int = 4
    """Characters of a heading or number."""
    speck: float = 0.5
    """Millimetres; smaller pieces are noise."""
    border: float = 1.0
    """Millimetres: the rim of the page."""
    border_contact: float = 4.0
    """Millimetres along the rim, above which a piece is a dark margin of the scan."""
    largest: float = 150.0
    """Millimetres: greatest width or height of a piece of a signature."""
    smallest: float = 3.0
    """Millimetres: least width and height of a candidate."""
    large_piece: float = 4.0
    """Millimetres; pieces of this extent and more are joined over ``reach``, others over ``small_reach``."""
    distances: tuple[float, ...] = (0.5, 1.0, 1.7)
    """Factors of ``reach``, ``small_reach``, ``name_gap`` and ``widest_gap`` with which hypotheses are made."""
    alone: float = 6.0
    """Millimetres; a piece of this extent is a hypothesis by itself, too."""
    reach: tuple[float, float] = (3.0, 1.5)
    """Millimetres across and down."""
    small_reach: tuple[float, float] = (1.5, 0.8)
    """Millimetres across and down."""
    name_gap: float = 0.8
    """Gap between groups side by side, over the lower one's height, up to which they are one signature."""
    name_gap_by_width: float = 0.5
    """Likewise over the wider one's width."""
    widest_gap: float = 7.0
    """Millimetres: greatest such gap."""
    name_overlap: float = 0.5
    """Share of the lower group's height over which they must stand side by side."""
    stamp_sides: tuple[float, float] = (14.0, 60.0)
    """Millimetres: least and greatest diameter of a round stamp."""
    stamp_reach: float = 1.2
    """Millimetres: gaps within a round stamp."""
    stamp_ring: float = 0.8
    """Share of the radius from which on a stamp has ink all around."""
    stamp_sectors: int = 36
    """Sectors of 10 degrees."""
    stamp_cover: float = 0.85
    """Share of the sectors with ink, from which a group is a round stamp."""
    line_piece: float = 2.5
    """Millimetres: shortest piece of a line along its direction, gaps up to ``crossing`` closed; more than a line is thick."""
    line_break: float = 4.0
    """Millimetres: widest gap between such pieces that is closed, since strokes left it."""
    crossing: float = 1.5
    """Millimetres along a ruled line from where a stroke meets it to where it comes out on the other side, at most."""
    passage: float = 8.0
    """Millimetres: longest way of a stroke along a ruled line that it meets at a flat angle and leaves on the other side."""
    passage_seen: float = 1.5
    """Millimetres around the place where a stroke meets a line, by which its direction is told."""
    passage_least: int = 6
    """Pixels of ink within that, at least, at any resolution (and two)."""
    passage_turn: float = 60.0
    """Degrees, in pixels of the page, between a stroke's direction where it meets a line and the way to where it leaves it."""
    context: float = 6.0
    """Millimetres around a signature that are looked at to tell its strokes from print."""
    least_hand: float = 0.1
    """Likelihood of being by hand below which ink is print: strokes shall stay whole, even if some print stays with them."""
    sure_print: float = 0.03
    """Likelihood of being by hand below which some pixel must be of each connected part that is taken for print."""
    least_part: float = 0.4
    """Square millimetres: smaller parts of ink are by hand or print as what they touch."""
    sure_hand: float = 0.9
    """Likelihood of being by hand from which ink of a candidate is a sample of the pen's colour; that of print is what is below
    ``sure_print``."""
    sure_lone: float = 0.95
    """Mean likelihood of being by hand from which a piece of ink that lies in the box of a candidate's own pieces, is no print
    and of no other candidate, belongs to it ..."""
    least_lone: float = 0.1
    """... if it has so many square millimetres: smaller specks may be of a printed ground, or of nothing."""
    colour_pixels: int = 100
    """Pixels at 200 dpi that each sample must have for colour to be asked, ..."""
    colour_apart: float = 0.1
    """... distance of their mean chromaticities: how much more red and blue light is taken than of all kinds, as a share, ..."""
    colour_auc: float = 0.98
    """... and probability that a pixel of one is on its side of a pixel of the other."""
    colour_window: float = 0.4
    """Millimetres a side of the square over which the colour of ink is averaged."""
    colour_odds: float = 300.0
    """Factor by which colour changes the odds of a pixel to be by hand, at most."""
    colour_part: float = 0.1
    """As ``least_part`` where colour is asked."""
    least_by_hand: float = 0.3
    """Share of the ink taken for a signature; if less were by hand, none of it is taken for print."""
    halo: int = 2
    """Pixels of the page by which the ink mask is widened, to keep the soft borders of the strokes."""
    ground: float = 0.95
    """Quantile of the ink values of the paper beside the ink that counts as the paper's own. What is darker than the palest
    twentieth (1 less this) of the ink is no paper."""
    margin: float = 2.0
    """Millimetres of paper around the ink of a candidate, as boxes drawn by hand have it (2 to 3 on contracts)."""
    least_left: float = 0.2
    """Share of the ink in a given box; if less would be left without print and lines, all is kept."""
    cropped_longest: int = 3000
    """Pixels: a larger image is taken for a page, never for a cropped signature."""
    cropped_sigma: float = 1.0
    """Pixels: Gaussian smoothing before its ink is told from paper by Otsu's threshold."""
    cropped_speck: float = 0.004
    """Of the longer side: side of a square; smaller pieces of ink are not counted."""
    cropped_pieces: int = 60
    """Most pieces of ink of a cropped signature."""
    cropped_few: int = 12
    """How many of its largest pieces hold most of its ink."""
    cropped_held: float = 0.8
    """Share of the ink that they hold."""
    cropped_span: float = 0.5
    """Share of the width or height of the image that the ink spans."""


@dataclass(frozen=True, kw_only=True)
class Levelling:
    """How a page is brought to stand upright and level, in even light, before a signature is looked for on it.

    Set on 78 real pages and turned copies of them (``benchmarks/turned_pages.py``).
    """

    characters: tuple[float, float] = (0.8, 5.0)
    """Millimetres: least and greatest height of a piece of print, a character or a word of joined ones."""
    widest: float = 30.0
    """Millimetres: widest such piece."""
    least_pieces: int = 20
    """Pieces of print, below which nothing is said about how a page stands."""
    bin: float = 0.25
    """Millimetres: height of the bins into which the feet of the pieces are counted."""
    steepest: float = 10.0
    """Degrees: largest skew that is looked for, either way."""
    coarse_step: float = 0.5
    """Degrees between the slopes that are tried first."""
    fine_step: float = 0.05
    """Degrees between those that are tried around the best of them."""
    least_sharpness: float = 3.0
    """How much sharper than at the median slope the rows must be at the best one (real pages: 4 and more; columns: up to 4)."""
    axis_ratio: float = 1.5
    """By what factor rows along one axis must be sharper than along the other (real pages: 1.9 and more)."""
    neighbour_ratio: float = 1.5
    """By what factor pieces with their nearest neighbour along that axis must outnumber the others (real pages: 2 and more)."""
    word_gap: float = 4.0
    """Millimetres: gaps that are bridged to make rows."""
    row_width: float = 8.0
    """Millimetres: shortest row whose ascenders and descenders count."""
    row_heights: tuple[float, float] = (1.2, 8.0)
    """Millimetres: least and greatest height of such a row."""
    core_share: float = 0.5
    """Ink in a line of pixels, over that in the fullest tenth of a row's lines, from which it is part of the row's core."""
    core_heights: tuple[float, float] = (0.6, 5.0)
    """Millimetres: least and greatest height of a core, the height of an x or a capital."""
    zone_gap: float = 0.15
    """Height of the core: so far above and below it ascenders and descenders begin to count."""
    zone_height: float = 0.35
    """Height of the core: over so much they count."""
    least_vote: float = 3.0
    """Standard deviations of chance by which ascenders must outnumber descenders, or these those, for a way up to be told."""
    least_skew: float = 0.5
    """Degrees; smaller skews are left, they do not disturb the finder."""
    light_grid: int = 200
    """Points over the longer side of a page at which the shade of its paper is taken (A4: every 1.5 mm)."""
    light_window: int = 9
    """Such points: side of the square within which the brightest is paper."""
    light_sigma: float = 3.0
    """Such points: Gaussian smoothing of the shade."""
    darkest_paper: float = 0.3
    """Share of the brightest paper; darker areas are logos, pictures or dark margins, and no paper in shadow."""
    uneven: float = 0.15
    """Difference of the shade of the paper between the 5th and the 95th hundredth of a page, over the latter, from which its
    light is evened out (flat-bed scans: up to 0.1; photographs in the light of one window: 0.2 to 0.6)."""
    largest_dot: int = 4
    """Pixels: a larger piece of ink, or of paper within ink, is no dot of a dithered page."""
    dithered: float = 0.03
    """Dots a pixel, from which a page is taken to be dithered (77 real pages: 76 of them up to 0.003, one 0.011; dithered ones:
    0.055 and more)."""
    dot_contrast: float = 0.2
    """Brightness, 1 the paper's: least difference of the two halves of a page's grey values, in the mean, of which dots are
    made; the grain of blank paper is far below it."""
    dot_sigma: float = 1.2
    """Pixels: Gaussian smoothing of such a page."""


@dataclass(frozen=True, kw_only=True)
class Placing:
    """How a signature is taken off its page, and another put in its place (``--onto-scan``). Set by eye on scans."""

    border: float = 0.2
    """Millimetres by which strokes are widened before they are taken away: their soft borders, and what JPEG leaves there."""
    deviations: float = 3.0
    """Standard deviations (from the median absolute deviation) within which a pixel is bare paper."""
    shade: float = 1.0
    """Millimetres: standard deviation of the Gaussian over which the shade of the paper is a mean."""
    reach: float = 8.0
    """Millimetres: how far around the signature paper is looked at, and its grain copied from."""
    block: int = 8
    """Pixels: grain is moved by multiples of it (the block of JPEG)."""
    line: float = 2.0
    """Millimetres: shortest level or upright run of dark pixels that is a printed line."""
    dots: float = 0.5
    """Millimetres: widest gap within it (dotted lines, microprint)."""
    thickness: float = 1.2
    """Millimetres: thickest such line."""
    gap: float = 3.0
    """Millimetres: widest hole through which such a line is drawn on."""
    dark_share: float = 0.5
    """Share of a signature's ink pixels, the darkest, whose mean is the darkness of its pen; that of a fake is made that of the
    true one, since the generator draws with the pens that it learnt from. With half of them, black came back black and no pen
    much darker than it was. With a quarter, uneven pens came back darker: the generator fills its strokes evenly."""


@dataclass(frozen=True, kw_only=True)
class Peaks:
    """Where up-sampling leaves peaks in a spectrum, and what they are measured against."""

    periods: tuple[int, ...] = (2, 4, 8)
    """Pixels: periods of the patterns that are looked for. Up-sampling by 2 leaves one of period 2, and what was up-sampled once
    more before, one of period 4 (Odena et al. 2016; Frank et al. 2020). The blocks of JPEG have period 8."""
    half_width: float = 1.5
    """Coefficients either side of a peak's place that belong to it: a pattern whose phase is not that of the cosine falls on
    the two next to the place."""
    gap: int = 3
    """Coefficients from a peak's place to where its neighbourhood begins."""
    reach: int = 16
    """Coefficients to where it ends: at 512 pixels 1/64 cycles per pixel. In images below 256 pixels it is a sixteenth of the
    side; below 64 there is no room for it."""


@dataclass(frozen=True, kw_only=True)
class Spectrum:
    """The statistic of the spectra."""

    floor: float = 1e-3
    """Added to |DCT| before the logarithm, on the scale of 8-bit values (0 to 255). It is part of the statistic: it keeps
    a blank image finite, and no band of an image moves by more than 0.00001 nats between float32 and float64 arithmetic.
    (Single coefficients do: of 512-pixel targets, many of them nearly zero, by 0.012, and of a mean over 12 by 0.001.)"""
    bands: int = 32
    """Radial bands of equal width between frequency 0 and the corner of the spectrum at sqrt(1/2) cycles per pixel."""
    line_half_width: float = 1 / 32
    """Share of the highest frequency of an axis (1/2 cycles per pixel) within which a coefficient lies on the axis or the
    diagonal, for the profiles along these: 1/64 cycles per pixel, 16 coefficients of 512."""
    peaks: Peaks = field(default_factory=Peaks)
    """Peaks of up-sampling."""
    batch: int = 16
    """Images that a thread takes at a time, and whose sums are merged together. Has no influence on the figures beyond
    the rounding of float64."""
    part: int = 128
    """Images whose sums are merged before they join those of all: what a checkpoint ends with, and what a worker of a cluster
    does at a time and sends back (6 MB at 512 x 512 pixels). Has no influence on the figures beyond the rounding of float64."""
    memory: float = 1000.0
    """Megabytes that the threads may hold together; with large images there are fewer threads (one thread holds 10 MB at 512 x
    512 pixels, 350 MB at A4 and 300 dpi). The sums of the set come on top, up to three times as much as one thread. Has no
    influence on the figures."""


@dataclass(frozen=True, kw_only=True)
class Comparing:
    """How two sets are compared."""

    unit: UnitChoice = "auto"
    """What counts as independent; ``auto``: writers where known, else pairs of one file name, else images."""
    leave_out_shared: bool = False
    """Whether files that are in both sets, byte for byte, are left out of both; sets that share any are refused otherwise."""
    confidence: float = 0.95
    """Coverage of the intervals."""
    resamples: int = 2000
    """Bootstrap resamples for an interval."""
    min_resampled: int = 10
    """Independent units a side; with fewer the resampled t is erratic (1.6 times as wide at 5 normal differences, for the
    same coverage: benchmarks/interval_coverage.py), and intervals are Student's (Welch's) instead."""
    permutations: int = 2000
    """Random permutations for a p-value, where not all can be enumerated; and as many sign flips of deviations."""
    min_deviations: int = 4
    """Units in each of two unpaired sets; with fewer, p-values allow for no difference in spread, and a note says so
    (benchmarks/permutation_level.py: at 3 units of fourfold spread, 41 % of null cases have a corrected p of at most 0.05)."""
    control_splits: int = 200
    """Random true-against-true splits of the control."""
    folds: int = 10
    """Parts into which the units are cut to train and to try the classifier; fewer where each would have no two (of unpaired
    sets four) units."""
    partitions: int = 10
    """Random ways of cutting them, over which the AUC is taken: of one alone that of 8 writers scatters by 0.02, of ten by
    0.006."""
    control_partitions: int = 2
    """The same for each split of the control, where the splits differ by far more."""
    min_separated: int = 4
    """Units a side; with fewer there is no AUC."""
    whole_images: int = 4000
    """Images, of both sets together, that AUC and energy distance take at most; of more, random ones. Distances grow with the
    square."""
    frequency_map: bool = True
    """Whether single frequencies are tested, too."""
    map_units: int = 64
    """Rows a set in the map of single frequencies: of more units, means of random groups are its rows. At 512 x 512 pixels
    64 take 67 MB a set, and more find hardly more: the means of groups vary less."""
    map_least_units: int = 16
    """Rows to which the groups of the smaller of two unpaired sets are kept at least, where it has as many units."""
    map_side: int = 512
    """Frequencies in either direction, at most: spectra of larger images are averaged onto a grid of so many."""
    map_permutations: int = 1000
    """Random exchanges behind the map, at most; a corrected p of 0.05 then has a standard error of 0.007."""
    power: float = 0.8
    """Probability with which the smallest effect that is stated would have been found (Cohen 1988: the usual choice)."""
    seed: int = 0
    """Seed of everything random."""


@dataclass(frozen=True, kw_only=True)
class Auditing:
    """How the acquisition of two sets is measured and compared.

    Thresholds and least differences lie between what scans show that nothing was done to (CEDAR, NISDCC, drawn ones) and what
    one step of a chain does to them; greys are on the scale 0 to 255, paper bright.
    """

    most_images: int = 1000
    """Images of a set that are measured; of larger sets so many, evenly spread over the list."""
    window: int = 512
    """Pixels: side of the square in the middle in which traces of JPEG and of resampling are looked for."""
    vanishing: float = 0.95
    """Grey levels: a DCT coefficient of 8 x 8 pixels below it counts as vanished; rounding to integers leaves 0.29. Not 1, nor
    any eighth, which coefficients of whole grey levels may have exactly, but for rounding."""
    jpeg_grid: float = 0.08
    """Share of the coefficients that vanish on one grid only, from which an image was compressed: by JPEG of quality 75 0.3 to
    0.65, 90 0.16 to 0.28, 95 0.03 to 0.17; nothing done 0.01 to 0.06."""
    jpeg_deviations: float = 4.0
    """Standard deviations (Poisson) by which they must stand out as well: small images have few coefficients."""
    jpeg_blocks: int = 400
    """Blocks by which the quality is estimated."""
    heavy_jpeg: int = 75
    """Quality up to which a JPEG file counts as heavily compressed: for the higher half of the frequencies its luminance steps
    are 26 grey levels and more, and coefficients below half a step are lost (ITU-T T.81, annex K; 75 is libjpeg's default)."""
    jpeg_rounding: float = 0.35
    """Grey levels: standard deviation of a coefficient from a multiple of its quantisation step, after rounding."""
    jpeg_strays: float = 0.05
    """Share of coefficients that are taken to lie anywhere."""
    jpeg_likelihood: float = 0.5
    """Nats a coefficient by which the best quality must be likelier than no quantisation; 1 to 2 where there was one."""
    lowest_frequency: float = 0.05
    """Cycles per pixel: slower periods are those of the writing."""
    neighbours: int = 15
    """Frequencies on either side whose median a peak stands against."""
    resampling_peak: float = 30.0
    """Factor over that median from which a peak is a trace of resampling: 50 to 2000 after one; 5 to 20 without."""
    paper_range: float = 30.0
    """Grey levels below the background that still are paper."""
    edge: float = 32.0
    """Grey levels across two pixels: a stroke's border is at least as steep; paper is not."""
    expected_pixels: float = 8.0
    """Pixels that a grey level should have by those around it, from which it counts as missing if it has none."""
    level_reach: int = 3
    """Grey levels on either side that say so."""
    permutations: int = 2000
    """Random permutations for a p-value, where not all can be enumerated."""
    alpha: float = 0.005
    """The corrected p at which sets differ ..."""
    alpha_few: float = 0.05
    """... or the smallest p that can come out, where units are so few that it is larger, but no larger than this."""
    least_share: float = 0.1
    """Least difference that counts: of shares of images (format, mode and other kinds), in total variation;"""
    least_pixels: float = 1.0
    """of width and height, pixels;"""
    least_background: float = 2.0
    """of the background, grey levels;"""
    least_saturation: float = 0.02
    """of the share of saturated pixels;"""
    least_gap: float = 3.0
    """of the gap below the background, grey levels;"""
    least_missing: float = 3.0
    """of missing grey levels, levels;"""
    least_comb: float = 0.05
    """of the comb of the histogram;"""
    least_levels: float = 8.0
    """of the number of grey levels;"""
    least_grid: float = 0.03
    """of coefficients that vanish on one grid only, share;"""
    least_resampling: float = 0.3
    """of the peak of resampling, decimal logarithm (a factor of 2);"""
    least_sharpness: float = 0.03
    """of sharpness (a Gaussian blur of half a pixel takes 0.08 to 0.18);"""
    least_noise: float = 0.25
    """of the noise of the paper, grey levels."""


@dataclass(frozen=True, kw_only=True)
class Sampling:
    """How invented writers and their pages are drawn.

    Greys, widths and grain are as measured on CEDAR (ball pen on paper, 300 dpi); the others are judged by eye. Two
    figures are a range, from which each writer draws once.
    """

    x_height: tuple[float, float] = (2.5, 4.0)
    """mm: height of a lower-case letter without its loops."""
    longest: float = 45.0
    """mm: a longer text is written smaller; flourishes, gaps and slant come on top."""
    pen_width: tuple[float, float] = (0.27, 0.42)
    """mm: line of a ball pen."""
    slant: tuple[float, float] = (-4.0, 33.0)
    """Degrees from the upright to the right."""
    slope: tuple[float, float] = (-1.0, 9.0)
    """Degrees by which the base line rises."""
    breadth: tuple[float, float] = (1.15, 1.8)
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
    """sigma of the strokes' lognormal speed (Plamondon 1995); larger is more lopsided in time."""
    care: tuple[float, float] = (0.25, 1.0)
    """Share by which a writer aims beyond the points for what the overlap of the strokes cuts off; 0 is a scrawl."""
    pause: float = 1.8
    """Factor of the time between two strokes where the pen is lifted or put down."""
    isochrony: float = 0.25
    """Exponent of a stroke's duration over its length (isochrony principle: well below 1)."""
    wobble: float = 0.04
    """x-heights: standard deviation of a point between the signatures of one writer; grows with the length of a longer
    stroke (Harris & Wolpert 1998: noise in the command to the muscle is proportional to it)."""
    bowing: float = 0.12
    """x-heights: standard deviation, across and up, of the middle of a line between signatures."""
    timing: float = 0.08
    """Relative standard deviation of a stroke's duration between signatures."""
    scaling: float = 0.05
    """Relative standard deviation of height and width between signatures."""
    turning: float = 1.5
    """Degrees: standard deviation of slant and slope between signatures."""
    darkness: tuple[float, float] = (0.8, 2.1)
    """Optical density of ink laid down by one pass at full pressure, times ln 10 (absorbance)."""
    pressing: tuple[float, float] = (0.1, 0.5)
    """Share by which a down stroke deposits more ink than an up stroke."""
    haste: float = 0.35
    """How much less ink a pen of median speed leaves than a resting one: it leaves 1 / (1 + haste * relative speed)."""
    widening: float = 0.2
    """Relative growth of the line's width for that of the pressure."""
    landing: float = 0.6
    """Share of a landing or leaving movement over which the pressure builds up or fades."""
    tip: float = 0.55
    """Width of the line at its tips beside that at full pressure."""
    flow_drift: float = 0.3
    """Standard deviation of the logarithm of the ink's flow along the line ..."""
    flow_length: float = 0.6
    """mm: ... and its correlation length."""
    ink_grain: float = 0.45
    """Relative standard deviation of the deposit from pixel to pixel: the ball misses the valleys of the paper."""
    saturation: float = 1.55
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
    clouds: float = 0.0045
    """Relative standard deviation of the paper's formation, clouds of fibres, on two scales ..."""
    cloud_sizes: tuple[float, float] = (0.5, 2.5)
    """mm: ... with these correlation lengths."""
    streaks: float = 0.0032
    """Standard deviation between the columns: the elements of the scanner's sensor."""
    margin: tuple[float, float] = (2.5, 6.5)
    """mm of paper around a signature, one draw a side."""


@dataclass(frozen=True, kw_only=True)
class Demo:
    """How much ``sigforensics demo`` draws."""

    writers: int = 8
    """Invented writers: with 8, permutations of writers can give p-values down to 1/128; with 5 not even 0.05."""
    signatures: int = 5
    """Cropped signatures of each."""
    pages: int = 5
    """Document pages, each with one signature."""
    page_dpi: float = 200.0
    """Dots per inch of the pages."""
    signature_dpi: float = 300.0
    """Dots per inch of the cropped signatures."""
    seed: int = 0
    """Seed of all that is drawn."""


REFERENCE_NETWORK = Network(
    multiplier=64,
    upsampling="transposed",
    spade_width=128,
    gamma_offset=0.0,
    moments="batch",
    normalise_bottleneck=True,
    biases=False,
    leak=0.3,
    discriminator_multiplier=64,
)
"""The networks of the reference."""

REFERENCE_TRAINING = Training(
    epochs=260, l1_weight=0.0, decay=0.0, holes=0.0, blank_weight=1.0, precision="float32"
)
"""The training of the reference."""
