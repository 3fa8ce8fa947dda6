"""A signature off its page and another in its place: bare paper where the true ink was, and ink laid on it."""

from sigforensics.placement.paper import Ground, restore_paper
from sigforensics.placement.pen import colour_of_ink, darkness_of_pen, lay_ink
from sigforensics.placement.place import Place, Placed

__all__ = ["Ground", "Place", "Placed", "colour_of_ink", "darkness_of_pen", "lay_ink", "restore_paper"]
