"""Generators by name: what to train when a detector is to meet fakes that it was not made for.

Each recipe is a choice of settings; what it does not state is the default of ``settings.py``. The small ones differ in one
thing from each other, as far as that goes, so that what a detector makes of them can be put down to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sigforensics.settings import REFERENCE_NETWORK, REFERENCE_TRAINING, Network, Training

__all__ = ["RECIPES", "Recipe"]


@dataclass(frozen=True)
class Recipe:
    """A generator that can be trained by name."""

    purpose: str
    """What it is for, as a sentence."""
    source: str
    """Where its design comes from."""
    network: Network
    training: Training


def _small(purpose: str, source: str, *, adversarial_weight: float = 1.0, **network: Any) -> Recipe:
    """A generator of the zoo: 256 pixels, an eighth of the reference's filters, a training of an hour or so on two cores."""
    return Recipe(
        purpose,
        source,
        Network(size=256, multiplier=8, spade_width=16, discriminator_multiplier=8, **network),
        Training(
            epochs=8,
            batch=1,
            decay=0.0,
            holes=0.0,
            blank_weight=1.0,
            precision="float32",
            adversarial_weight=adversarial_weight,
        ),
    )


RECIPES: dict[str, Recipe] = {
    "default": Recipe(
        "The reference's generator with its defects repaired; what to use where nothing else is said.",
        "Ma-Marcinowski; Isola et al. 2017; Park et al. 2019",
        Network(),
        Training(),
    ),
    "reference": Recipe(
        "The generator of the work that sigforensics carries on, as it is described there, defects included.",
        "Ma-Marcinowski",
        REFERENCE_NETWORK,
        REFERENCE_TRAINING,
    ),
    "varied": Recipe(
        "For thick, black and bent strokes: half the signatures are varied, none are erased; to go on from trained weights.",
        "as the default; Simard et al. 2003",
        Network(),
        Training(epochs=12, varied=0.5, holes=0.0, discriminator_rate=4e-4),
    ),
    "pix2pix-transposed": _small(
        "Pix2pix as it is known: transposed convolutions, whose uneven overlap leaves a checkerboard, and no SPADE.",
        "Isola et al. 2017, with the hinge loss of Park et al. 2019",
        normalisation="instance",
        upsampling="transposed",
    ),
    "pix2pix-nearest": _small(
        "The same but for its up-sampling: each pixel four times, then a convolution, against the checkerboard.",
        "Isola et al. 2017; Odena et al. 2016",
        normalisation="instance",
        upsampling="nearest",
    ),
    "pix2pix-batch": _small(
        "The same as pix2pix-transposed but for batch normalisation, whose running means scale every image alike.",
        "Isola et al. 2017; Ioffe & Szegedy 2015",
        normalisation="batch",
        upsampling="transposed",
    ),
    "pix2pix-l1": _small(
        "The same as pix2pix-transposed without an adversarial loss: smooth means of what cannot be predicted.",
        "Isola et al. 2017, their comparison of losses",
        normalisation="instance",
        upsampling="transposed",
        adversarial_weight=0.0,
    ),
    "spade-unet-bilinear": _small(
        "The default's architecture with bilinear up-sampling: no uneven overlap, and blunt high frequencies.",
        "Park et al. 2019; Odena et al. 2016",
        normalisation="spade",
        upsampling="bilinear",
    ),
    "spade-unet-shuffle": _small(
        "The default's architecture with pixel shuffle, whose four pixels of a cell come from filters of their own.",
        "Park et al. 2019; Shi et al. 2016",
        normalisation="spade",
        upsampling="pixel_shuffle",
    ),
    "spade-residual-nearest": _small(
        "SPADE's own kind of generator: residual blocks told by edges and mask what to draw, and no encoder.",
        "Park et al. 2019",
        architecture="spade_residual",
        upsampling="nearest",
    ),
}
