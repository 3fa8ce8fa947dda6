"""A rectangle of pixels on a page."""

from __future__ import annotations

from dataclasses import astuple, dataclass

from sigforensics.scans.orientation import to_stored, to_upright

__all__ = ["Box"]


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels of a page; the origin is the page's upper left corner.

    It spans the columns ``left`` to ``right - 1`` and the rows ``top`` to ``bottom - 1``.

    >>> Box.parse("10,20,30,40")
    Box(left=10, top=20, width=30, height=40)
    >>> str(Box(10, 20, 30, 40))
    '10,20,30,40'

    Raises
    ------
    ValueError
        If ``left`` or ``top`` is negative, or ``width`` or ``height`` is not positive.
    """

    left: int
    top: int
    width: int
    height: int

    def __post_init__(self) -> None:
        if self.left < 0 or self.top < 0 or self.width < 1 or self.height < 1:
            raise ValueError(f"left and top must be at least 0, width and height at least 1, not {self}")

    def __str__(self) -> str:
        return f"{self.left},{self.top},{self.width},{self.height}"

    @property
    def right(self) -> int:
        """The first column beyond the box."""
        return self.left + self.width

    @property
    def bottom(self) -> int:
        """The first row beyond the box."""
        return self.top + self.height

    @property
    def area(self) -> int:
        """Pixels in the box."""
        return self.width * self.height

    @property
    def slices(self) -> tuple[slice, slice]:
        """Rows and columns, for indexing an image: ``page[box.slices]``."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    @classmethod
    def parse(cls, text: str) -> Box:
        """Read ``LEFT,TOP,WIDTH,HEIGHT``, four whole numbers of pixels.

        Raises
        ------
        ValueError
            If it is anything else.
        """
        try:
            left, top, width, height = (int(part) for part in text.split(","))
        except ValueError as error:
            raise ValueError(f"{text!r} is not LEFT,TOP,WIDTH,HEIGHT in whole pixels") from error
        return cls(left, top, width, height)

    @classmethod
    def spanning(cls, left: int, top: int, right: int, bottom: int) -> Box:
        """The box from its first column and row to the first ones beyond it."""
        return cls(left, top, right - left, bottom - top)

    def stored(self, orientation: int, shape: tuple[int, int]) -> Box:
        """A box of an upright page of shape (height, width) in pixels of the stored one; ``orientation`` is EXIF's."""
        return Box(*to_stored(astuple(self), orientation, shape))

    def upright(self, orientation: int, shape: tuple[int, int]) -> Box | None:
        """A box of the stored page in pixels of the upright one of shape (height, width); None if it lies beyond the page.

        What reaches beyond the page is cut off.
        """
        left, top, width, height = to_upright(astuple(self), orientation, shape)
        edges = max(left, 0), max(top, 0), min(left + width, shape[1]), min(top + height, shape[0])
        return Box.spanning(*edges) if edges[0] < edges[2] and edges[1] < edges[3] else None

    def intersection(self, other: Box) -> Box | None:
        """The common part of two boxes, or None."""
        left, top = max(self.left, other.left), max(self.top, other.top)
        right, bottom = min(self.right, other.right), min(self.bottom, other.bottom)
        return Box.spanning(left, top, right, bottom) if left < right and top < bottom else None

    def intersection_over_union(self, other: Box) -> float:
        """Area of the common part over the area of both together: 0 apart, 1 equal (the Jaccard index)."""
        common = self.intersection(other)
        shared = common.area if common else 0
        return shared / (self.area + other.area - shared)

    def grown(self, across: int, down: int, page_shape: tuple[int, int]) -> Box:
        """The box with a margin in pixels, cut off at the borders of a page of shape (height, width)."""
        height, width = page_shape
        return Box.spanning(
            max(self.left - across, 0),
            max(self.top - down, 0),
            min(self.right + across, width),
            min(self.bottom + down, height),
        )
