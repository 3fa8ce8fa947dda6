"""Foreign decoders fed with foreign bytes: all that goes wrong in them is said as one of our errors."""

from __future__ import annotations

import os
import re
import threading
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import cv2
import numpy as np

from sigforensics.errors import FileTruncated, ImageTooLarge, SigforensicsError
from sigforensics.native import ERROR_OUTPUT, error_output_held

__all__ = ["check_jpeg", "complaints_reported", "damage_reported", "quiet_decoders"]

CV2_LOG: Any = getattr(cv2.utils, "logging", cv2)
"""Where OpenCV keeps its level of logging: the former from version 5 on."""
SILENT = 0
COMPLAINTS = re.compile(
    rb"^(?:Corrupt JPEG data(?!: [1-3] extraneous bytes before marker 0xd9)|Premature end of JPEG|"
    rb"(?:Fax|LZW|PackBits|ZIP|Pixar|JPEG|Thunder|NeXT|LogLuv)\w*: ).*\n?",
    re.MULTILINE,
)
"""Lines in which libjpeg and libtiff say that what they decode is damaged; up to three bytes after the last row of a JPEG file,
as some cameras leave them, are no damage."""


@contextmanager
def damage_reported(where: object) -> Iterator[None]:
    """Turn what a decoder raises within the block into :class:`~sigforensics.errors.FileTruncated`.

    Over damaged bytes Pillow raises OSError, SyntaxError, ValueError, TypeError, KeyError, struct.error, zlib.error and others,
    OpenCV and PDFium theirs; a list of them would be incomplete with their next versions. So the block must hold calls
    of decoders and little else. Only a name that does not exist goes through: no file can be the cause of that.

    Raises
    ------
    FileTruncated
    ImageTooLarge
        If memory runs out.
    """
    try:
        yield
    except SigforensicsError:
        raise
    except MemoryError as error:
        raise ImageTooLarge(where, "there is too little memory to decode it") from error
    except Exception as error:
        if type(error) is NameError:  # and not UnboundLocalError, which Pillow raises over damaged files, too
            raise
        reason = " ".join(str(error).split()) or type(error).__name__
        raise FileTruncated(where, f"the file breaks off or is damaged ({reason})") from error


@contextmanager
def complaints_reported(where: object) -> Iterator[None]:
    """Turn what libjpeg and libtiff write to the standard error output within the block into an error.

    Over damaged rows they go on with made-up ones and write a line, and neither Pillow nor OpenCV raises anything. All else that
    is written meanwhile, by whatever thread, is passed on at the end of the block. Nothing is seen where there is no standard
    error output.

    Raises
    ------
    FileTruncated
    """
    held: list[bytes] = []
    try:
        with error_output_held() as held:
            yield
    finally:
        written = b"".join(held)
        if others := COMPLAINTS.sub(b"", written):
            os.write(ERROR_OUTPUT, others)
    if complaint := COMPLAINTS.search(written):
        said = " ".join(complaint[0].decode(errors="replace").split()).rstrip(".")
        raise FileTruncated(where, f"the file is damaged ({said})")


def check_jpeg(data: bytes, where: object) -> None:
    """Refuse a JPEG file over whose rows libjpeg complains: Pillow and PDFium hold its complaints back, OpenCV does not.

    Raises
    ------
    FileTruncated
    """
    with complaints_reported(where):
        cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_REDUCED_GRAYSCALE_8)


class _QuietDecoders:
    """See :data:`quiet_decoders`: the first thread to enter silences them, the last to leave restores what was."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._before = ExitStack()

    @contextmanager
    def __call__(self) -> Iterator[None]:
        with self._lock:
            if self._inside == 0:
                self._before.enter_context(warnings.catch_warnings())
                warnings.filterwarnings("ignore", module=r"PIL\.")
                self._before.callback(CV2_LOG.setLogLevel, CV2_LOG.getLogLevel())
                CV2_LOG.setLogLevel(SILENT)
            self._inside += 1
        try:
            yield
        finally:
            with self._lock:
                self._inside -= 1
                if self._inside == 0:
                    self._before.close()


quiet_decoders = _QuietDecoders()
"""A block in which Pillow and OpenCV do not comment on odd metadata: what matters for the pixels, they raise.

``warnings.catch_warnings`` alone is not made for threads: when two overlap, the filters of one outlive it.
"""
