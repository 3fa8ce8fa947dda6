"""The error tree: every way to fail has its own exit status, and says what happened, where, and what to do.

Raise these with the place first (``where``: a file, a folder, a page) and the fact second; the advice comes with the
class unless the place that raises knows better. :mod:`sigforensics.cli` is the only place that turns one into a line on
stderr and an exit status; ``docs/exit-status.md`` is generated from this tree.
"""

from __future__ import annotations


class SigforensicsError(Exception):
    """Anything that sigforensics refuses to do, with the reason.

    Parameters
    ----------
    where : str or path-like
        What the trouble is with: a file, ``file page 2``, a folder, an option.
    what : str
        What is wrong with it, as one clause without a full stop.
    advice : str, optional
        What to do about it; the class's own advice if not given.
    """

    status = 1
    advice = "please report this with the command that you ran"

    def __init__(self, where: object, what: str, advice: str | None = None) -> None:
        self.where = str(where)
        self.what = what
        self.advice = advice or type(self).advice
        super().__init__(f"{self.where}: {self.what}; {self.advice}")

    def __reduce__(self) -> tuple[type[SigforensicsError], tuple[str, str, str]]:
        return type(self), (self.where, self.what, self.advice)  # so that it comes back from another process


class SkippedInputs(SigforensicsError):
    """A batch went through, but some of its inputs could not be used."""

    status = 3
    advice = "the lines above name each one; use --strict to stop at the first"


class InputError(SigforensicsError):
    """An input that cannot be used."""

    status = 10
    advice = "check the path"


class FileUnreadable(InputError):
    """The file is missing, is not a file, or may not be read."""

    status = 11
    advice = "check the path and its permissions"


class FileEmpty(InputError):
    """The file holds no bytes."""

    status = 12
    advice = "copy or scan it again"


class NotAnImage(InputError):
    """The file is no image of a kind that we read."""

    status = 13
    advice = "give a PNG, JPEG, TIFF or PDF file"


class FileTruncated(InputError):
    """The file ends or breaks before its image is complete."""

    status = 14
    advice = "copy or scan it again: half an image is not evidence"


class PdfEncrypted(InputError):
    """The PDF file asks for a password."""

    status = 15
    advice = "save it without a password first"


class PageMissing(InputError):
    """The file has no page of that number."""

    status = 16
    advice = "give a page that it has; pages count from 1"


class ImageTooSmall(InputError):
    """The image has too few pixels (or none) to hold a signature."""

    status = 17
    advice = "scan the signature at 150 dpi or more"


class ImageTooLarge(InputError):
    """The image has more pixels than we are ready to decode."""

    status = 18
    advice = "crop it, or raise the limit with --max-megapixels"


class ImageBlank(InputError):
    """The page or image bears no ink at all."""

    status = 19
    advice = "check that it is the right page and side"


class ImageBlack(InputError):
    """The page or image is black all over."""

    status = 20
    advice = "check the scan's exposure"


class PolarityWrong(InputError):
    """The image looks like light ink on a dark ground."""

    status = 21
    advice = "say so with --ink bright, if that is what it is"


class PaperTooDark(InputError):
    """The paper is so dark that the threshold would leave it in the picture."""

    status = 22
    advice = "give the whole page and let the finder separate ink from paper, or raise --threshold"


class SignatureNotFound(InputError):
    """No ink on the page looks enough like a signature."""

    status = 23
    advice = (
        "give its place with --box LEFT,TOP,WIDTH,HEIGHT, or use --cropped for an image of a signature alone"
    )


class NoImages(InputError):
    """The folder holds no images, or none of several files can be used."""

    status = 24
    advice = "give a folder of PNG, JPEG, TIFF or PDF files"


class CorpusInvalid(InputError):
    """The corpus does not have the shape that the task needs."""

    status = 25
    advice = "see 'Layouts of a corpus' in the command reference"


class SpecimensMissing(InputError):
    """A writer has no signature left from which the mask could be averaged."""

    status = 26
    advice = "give more signatures of that writer, or a smaller share for validation and testing"


class ModelInvalid(InputError):
    """The file is no generator of ours, or not a whole one."""

    status = 27
    advice = "give a .safetensors file that 'sigforensics train' wrote"


class TableInvalid(InputError):
    """A manifest, table or record lacks what it must have."""

    status = 28
    advice = "make it again, or correct the line that is named"


class SizesDiffer(InputError):
    """Images of different sizes were to be averaged pixel by pixel, or coefficient by coefficient."""

    status = 29
    advice = "give images of one size: their spectra have different frequencies"


class TooFewImages(InputError):
    """There are too few images for the statistic that was asked for."""

    status = 30
    advice = "give at least two images a set"


class GeneratorUnknown(InputError):
    """No generator that ships has the name, and no file or folder."""

    status = 31
    advice = "see 'sigforensics generators' for the names, or give a model file"


class MaskUnfit(InputError):
    """A mask by hand cannot be read, has another size than its box, or does not mark the ink in it."""

    status = 32
    advice = "correct one of those in masks/ that 'sigforensics find -o' writes, and give the box that candidates.csv has for it"


class ResolutionMissing(InputError):
    """Frequencies per millimetre were asked for, and a file does not say how large its pixels are."""

    status = 35
    advice = "leave out --per-millimetre: frequencies per pixel need no resolution"


class SharedFiles(InputError):
    """Two sets that were to be compared have files in common."""

    status = 36
    advice = "give sets without a common file, or leave those out of both with --leave-out-shared"


class OutputExists(SigforensicsError):
    """The output is already there, and nothing is overwritten silently."""

    status = 40
    advice = "choose another name, or say --overwrite"


class OutputUnwritable(SigforensicsError):
    """The output cannot be written where it was asked for."""

    status = 41
    advice = "choose a folder that may be written to, with room left"


class OutputHoldsInputs(SigforensicsError):
    """The output would replace files that are being read, or stand among them."""

    status = 42
    advice = "choose an output folder outside the inputs: evidence is never overwritten"


class OutputFormat(SigforensicsError):
    """The output's name ends in no format that we write."""

    status = 43
    advice = "end the name in .png, .pdf or .svg"


class CheckpointDiffers(SigforensicsError):
    """A checkpoint is of another run, or what was read before has changed since."""

    status = 44
    advice = "run the same command on the same files, or remove the checkpoint and begin anew"


class TrainingDiverged(SigforensicsError):
    """A training has run into numbers that are none: its steps are too large for these data."""

    status = 50
    advice = "train into a new folder with a smaller --generator-rate and --discriminator-rate"


class DevicesMissing(SigforensicsError):
    """The machine has fewer devices than the training was to be shared among."""

    status = 51
    advice = "ask for fewer with --devices, or for what there is with --devices all"


class ClusterUnusable(SigforensicsError):
    """A scheduler does not answer, or one of its workers cannot do what it is asked for."""

    status = 52
    advice = "mend it, or leave out --scheduler"


class PackageMissing(SigforensicsError):
    """An option needs a package that is not installed, because few need it."""

    status = 53
    advice = "install it, or leave out the option"


class DifferenceFound(SigforensicsError):
    """Two sets differ, and ``--exit-on difference`` asked for that to be the exit status."""

    status = 60
    advice = "it says nothing of the cause: see the control, and what else differs between the sets"


class NoDifferenceFound(SigforensicsError):
    """No difference between two sets was found, and ``--exit-on no-difference`` asked for that to be the exit status."""

    status = 61
    advice = "that is no proof that there is none: see the smallest difference that would have been found"


class Inconclusive(SigforensicsError):
    """Too few units to say whether two sets differ, and ``--exit-on`` asked for an answer."""

    status = 62
    advice = "compare more writers, pairs or images"
