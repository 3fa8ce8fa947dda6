"""Both networks and their losses in NumPy, float64, with gradients: a second implementation that shares no line with the first.

A :class:`Node` is an array that remembers what it was made from; :func:`gradients` walks back from a loss by the chain rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from sigforensics.settings import Network

Array = np.ndarray
Weights = dict[str, Array]


class Node:
    """An array, and how a gradient passes on to each of its parents."""

    def __init__(self, value: Array, parents: Iterable[tuple[Node, Callable[[Array], Array]]] = ()) -> None:
        self.value = np.asarray(value, np.float64)
        self.parents = list(parents)

    def __add__(self, other: Node | Array | float) -> Node:
        other = as_node(other)
        parents = [(it, lambda up, it=it: fold(up, it.value.shape)) for it in (self, other)]
        return Node(self.value + other.value, parents)

    def __mul__(self, other: Node | Array | float) -> Node:
        other = as_node(other)
        parents = [
            (self, lambda up: fold(up * other.value, self.value.shape)),
            (other, lambda up: fold(up * self.value, other.value.shape)),
        ]
        return Node(self.value * other.value, parents)

    def __sub__(self, other: Node | Array | float) -> Node:
        return self + as_node(other) * -1.0

    def __pow__(self, power: float) -> Node:
        return Node(self.value**power, [(self, lambda up: up * power * self.value ** (power - 1))])

    def mean(self, axes: tuple[int, ...] | None = None) -> Node:
        mean = self.value.mean(axis=axes, keepdims=axes is not None)
        count = self.value.size / mean.size
        return Node(mean, [(self, lambda up: np.broadcast_to(up / count, self.value.shape))])


def as_node(value: Node | Array | float) -> Node:
    return value if isinstance(value, Node) else Node(value)


def fold(up: Array, shape: tuple[int, ...]) -> Array:
    """The gradient of an array that was repeated to fit another: the sum over the repeats."""
    up = up.sum(axis=tuple(range(up.ndim - len(shape))))
    repeated = tuple(axis for axis, side in enumerate(shape) if side == 1 and up.shape[axis] != 1)
    return up.sum(axis=repeated, keepdims=True)


def gradients(loss: Node, leaves: Mapping[str, Node]) -> Weights:
    """Of a loss, by its leaves' names; zeros where it does not depend on one."""
    order: list[Node] = []
    seen: set[int] = set()
    waiting = [(loss, False)]
    while waiting:
        node, done = waiting.pop()
        if done:
            order.append(node)
        elif id(node) not in seen:
            seen.add(id(node))
            waiting += [(node, True), *((parent, False) for parent, _ in node.parents)]
    ups = {id(loss): np.ones_like(loss.value)}
    for node in reversed(order):
        for parent, pass_on in node.parents:
            ups[id(parent)] = ups.get(id(parent), 0.0) + pass_on(ups[id(node)])
    return {name: ups.get(id(leaf), np.zeros_like(leaf.value)) for name, leaf in leaves.items()}


def relu(x: Node, leak: float = 0.0) -> Node:
    slope = np.where(x.value > 0, 1.0, leak)
    return Node(x.value * slope, [(x, lambda up: up * slope)])


def tanh(x: Node) -> Node:
    value = np.tanh(x.value)
    return Node(value, [(x, lambda up: up * (1 - value**2))])


def absolute(x: Node) -> Node:
    return Node(abs(x.value), [(x, lambda up: up * np.sign(x.value))])


def reshape(x: Node, *shape: int) -> Node:
    return Node(x.value.reshape(shape), [(x, lambda up: up.reshape(x.value.shape))])


def concatenate(*parts: Node) -> Node:
    ends = np.cumsum([0, *(part.value.shape[-1] for part in parts)])
    spans = [slice(*pair) for pair in pairwise(ends)]
    parents = [(part, lambda up, span=span: up[..., span]) for part, span in zip(parts, spans, strict=True)]
    return Node(np.concatenate([part.value for part in parts], axis=-1), parents)


def smooth(x: Node) -> Node:
    """A quarter of either neighbour and half of the pixel itself, down and across: one matrix for both."""
    side = x.value.shape[1]
    matrix = np.eye(side) / 2
    for pixel in range(side):
        matrix[pixel, max(pixel - 1, 0)] += 0.25
        matrix[pixel, min(pixel + 1, side - 1)] += 0.25

    def both(values: Array, one: Array) -> Array:
        return np.einsum("ij,njkc,lk->nilc", one, values, one)

    return Node(both(x.value, matrix), [(x, lambda up: both(up, matrix.T))])


def windows(side: int, size: int, stride: int) -> tuple[int, tuple[int, int]]:
    """Pixels of the result, and zeros before and after, an odd one of them after: TensorFlow's SAME."""
    out = -(-side // stride)
    zeros = max((out - 1) * stride + size - side, 0)
    return out, (zeros // 2, zeros - zeros // 2)


def convolve(x: Node, kernel: Node, stride: int = 1) -> Node:
    size, side = kernel.value.shape[0], x.value.shape[1]
    out, around = windows(side, size, stride)
    last = stride * (out - 1) + 1
    padded = np.pad(x.value, ((0, 0), around, around, (0, 0)))
    places = [
        (i, j, np.s_[:, i : i + last : stride, j : j + last : stride]) for i, j in np.ndindex(size, size)
    ]

    def to_images(up: Array) -> Array:
        spread = np.zeros_like(padded)
        for i, j, place in places:
            spread[place] += up @ kernel.value[i, j].T
        inner = slice(around[0], around[0] + side)
        return spread[:, inner, inner]

    def to_kernel(up: Array) -> Array:
        result = np.empty_like(kernel.value)
        for i, j, place in places:
            result[i, j] = np.tensordot(padded[place], up, ((0, 1, 2), (0, 1, 2)))
        return result

    value = sum(padded[place] @ kernel.value[i, j] for i, j, place in places)
    return Node(value, [(x, to_images), (kernel, to_kernel)])


def convolve_transposed(x: Node, kernel: Node) -> Node:
    """Every pixel spreads the 4 x 4 kernel at twice the distance, and one pixel all round is cut off."""
    count, side, _, _ = x.value.shape
    places = [(i, j, np.s_[:, i : i + 2 * side : 2, j : j + 2 * side : 2]) for i, j in np.ndindex(4, 4)]
    spread = np.zeros((count, 2 * side + 2, 2 * side + 2, kernel.value.shape[2]))
    for i, j, place in places:
        spread[place] += x.value @ kernel.value[i, j].T

    def to_images(up: Array) -> Array:
        wide = np.pad(up, ((0, 0), (1, 1), (1, 1), (0, 0)))
        return sum(wide[place] @ kernel.value[i, j] for i, j, place in places)

    def to_kernel(up: Array) -> Array:
        wide, result = np.pad(up, ((0, 0), (1, 1), (1, 1), (0, 0))), np.empty_like(kernel.value)
        for i, j, place in places:
            result[i, j] = np.tensordot(wide[place], x.value, ((0, 1, 2), (0, 1, 2)))
        return result

    return Node(spread[:, 1:-1, 1:-1], [(x, to_images), (kernel, to_kernel)])


def enlarge(x: Node, method: str) -> Node:
    """By a matrix that says what share each new pixel of a row has of each old one."""
    side = x.value.shape[1]
    matrix = np.zeros((2 * side, side))
    for new in range(2 * side):
        near, far = new // 2, new // 2 + (1 if new % 2 else -1)
        share = 1.0 if method == "nearest" else 0.75
        matrix[new, near] += share
        matrix[new, min(max(far, 0), side - 1)] += 1 - share
    value = np.einsum("ai,bj,nijc->nabc", matrix, matrix, x.value, optimize=True)
    back = lambda up: np.einsum("ai,bj,nabc->nijc", matrix, matrix, up, optimize=True)  # noqa: E731
    return Node(value, [(x, back)])


def shuffle(x: Node) -> Node:
    """Channels (row, column, filter) of each pixel become a cell of 2 x 2 pixels."""
    count, side, _, channels = x.value.shape
    cells = x.value.reshape(count, side, side, 2, 2, channels // 4)

    def back(up: Array) -> Array:
        apart = up.reshape(count, side, 2, side, 2, channels // 4)
        return apart.transpose(0, 1, 3, 2, 4, 5).reshape(x.value.shape)

    value = cells.transpose(0, 1, 3, 2, 4, 5).reshape(count, 2 * side, 2 * side, channels // 4)
    return Node(value, [(x, back)])


def standardise(x: Node, axes: tuple[int, ...], epsilon: float) -> Node:
    centred = x - x.mean(axes)
    return centred * ((centred * centred).mean(axes) + epsilon) ** -0.5


@dataclass
class Networks:
    """Both networks of some settings with given weights."""

    settings: Network
    generator: dict[str, Node]
    discriminator: dict[str, Node]

    @classmethod
    def of(cls, settings: Network, generator: Weights, discriminator: Weights) -> Networks:
        nodes = [{name: Node(value) for name, value in it.items()} for it in (generator, discriminator)]
        return cls(settings, *nodes)

    def generate(
        self, edges: Array, mask: Array, *, training: bool = False, kept: list[Array] | None = None
    ) -> Node:
        """``kept`` has what dropout multiplies the first three blocks by; ``training`` is for batch normalisation."""
        self.training, self.kept = training, kept or [np.ones(())] * 3
        build = self._unet if self.settings.architecture == "unet" else self._residual
        return tanh(build(edges.astype(np.float64), mask.astype(np.float64)))

    def _unet(self, edges: Array, mask: Array) -> Node:
        settings, values, skips = self.settings, Node(edges), []
        depth = int(np.log2(settings.size))
        for level in range(depth):
            values = self._convolved(f"down_{level}", values, 2)
            if 0 < level < depth - 1 or (level == depth - 1 and settings.normalise_bottleneck):
                values = self._normalised(f"down_{level}", values, mask)
            values = relu(values, settings.leak)
            skips.append(values)
        for level in range(depth - 1):
            values = self._normalised(f"up_{level}", self._doubled(f"up_{level}", values), mask)
            if level < 3:
                values = values * self.kept[level]
            values = concatenate(relu(values), skips[depth - 2 - level])
        return self._doubled("last", values)

    def _residual(self, edges: Array, mask: Array) -> Node:
        settings = self.settings
        conditions = np.concatenate([edges, mask], axis=-1)
        doublings = min(5, int(np.log2(settings.size)) - 2)
        values = None
        for level in range(doublings + 1):
            cell = 2 ** (doublings - level)
            count, side = len(edges), settings.size // cell
            here = conditions.reshape(count, side, cell, side, cell, 2).mean(axis=(2, 4))
            if values is None:
                values = self._convolved("start", Node(here), 1)
            elif settings.upsampling in {"nearest", "bilinear"}:
                values = enlarge(values, settings.upsampling)
            else:
                values = self._doubled(f"up_{level}", values)
            values = self._block(f"block_{level}", values, here, self.kept[level] if level < 3 else 1.0)
        return self._convolved("last", relu(values, settings.leak), 1)

    def _block(self, name: str, values: Node, here: Array, kept: Array | float) -> Node:
        leak = self.settings.leak
        inner = relu(self._spade(f"{name}_first_spade", values, here), leak)
        inner = self._convolved(f"{name}_first", inner, 1)
        inner = relu(self._spade(f"{name}_second_spade", inner, here), leak) * kept
        inner = self._convolved(f"{name}_second", inner, 1)
        if f"{name}_shortcut/kernel" in self.generator:
            values = self._spade(f"{name}_shortcut_spade", values, here)
            values = self._convolved(f"{name}_shortcut", values, 1)
        return values + inner

    def _biased(self, name: str, values: Node) -> Node:
        return values + self.generator[f"{name}/bias"] if f"{name}/bias" in self.generator else values

    def _convolved(self, name: str, values: Node, stride: int) -> Node:
        return self._biased(name, convolve(values, self.generator[f"{name}/kernel"], stride))

    def _doubled(self, name: str, values: Node) -> Node:
        way = self.settings.upsampling
        if way in ("transposed", "smoothed"):
            values = self._biased(name, convolve_transposed(values, self.generator[f"{name}/kernel"]))
            return smooth(values) if way == "smoothed" else values
        if way == "pixel_shuffle":
            return shuffle(self._convolved(name, values, 1))
        return self._convolved(name, enlarge(values, way), 1)

    def _normalised(self, name: str, values: Node, mask: Array) -> Node:
        kind, epsilon, weights = self.settings.normalisation, self.settings.epsilon, self.generator
        if kind == "spade":
            return self._spade(f"{name}_spade", values, mask)
        if kind == "none":
            return values
        name = f"{name}_norm"
        if kind == "batch" and not self.training:
            scale = (weights[f"{name}/moving_variance"].value + epsilon) ** -0.5
            plain = (values - weights[f"{name}/moving_mean"].value) * scale
        else:
            plain = standardise(values, (1, 2) if kind == "instance" else (0, 1, 2), epsilon)
            self._move_on(name, values)
        return plain * weights[f"{name}/gamma"] + weights[f"{name}/beta"]

    def _move_on(self, name: str, values: Node) -> None:
        """The running moments after this step, under their names in ``moved``."""
        share = self.settings.batch_momentum
        moments = {"mean": values.value.mean(axis=(0, 1, 2)), "variance": values.value.var(axis=(0, 1, 2))}
        for kind, moment in moments.items():
            before = self.generator.get(f"{name}/moving_{kind}")
            if before is not None:
                self.moved[f"{name}/moving_{kind}"] = share * before.value + (1 - share) * moment

    def __post_init__(self) -> None:
        self.moved: Weights = {}

    def _spade(self, name: str, values: Node, conditions: Array) -> Node:
        cell = conditions.shape[1] // values.value.shape[1]
        hidden = relu(self._convolved(f"{name}/shared", Node(conditions[:, ::cell, ::cell]), 1))
        axes = (1, 2) if self.settings.moments == "image" else (0, 1, 2)
        plain = standardise(values, axes, self.settings.epsilon)
        gamma = self._convolved(f"{name}/gamma", hidden, 1) + self.settings.gamma_offset
        return plain * gamma + self._convolved(f"{name}/beta", hidden, 1)

    def iterate(self, vectors: list[Array]) -> list[tuple[Array, Array]]:
        """Left and right vectors of every layer after one power iteration."""
        pairs = []
        for level, vector in enumerate(vectors):
            matrix = self.discriminator[f"layer_{level}/kernel"].value.reshape(-1, vector.shape[-1])
            left = vector @ matrix.T
            left /= np.linalg.norm(left)
            right = left @ matrix
            pairs.append((left, right / np.linalg.norm(right)))
        return pairs

    def score(
        self, edges: Array, image: Node | Array, pairs: list[tuple[Array, Array]] | None = None
    ) -> Node:
        settings, weights = self.settings, self.discriminator
        values = concatenate(Node(edges), as_node(image))
        for level, stride in enumerate((2, 2, 2, 1, 1)):
            kernel = weights[f"layer_{level}/kernel"]
            if settings.spectral_normalisation:
                left, right = pairs[level]
                matrix = reshape(kernel, -1, kernel.value.shape[-1])
                largest = (matrix * (left.T * right)).mean() * matrix.value.size
                kernel = kernel * largest**-1.0
            values = convolve(values, kernel, stride)
            if f"layer_{level}/bias" in weights:
                values = values + weights[f"layer_{level}/bias"]
            if level in (1, 2, 3):
                values = standardise(values, (1, 2), settings.epsilon)
                norm = f"layer_{level}_norm"
                values = values * weights[f"{norm}/gamma"] + weights[f"{norm}/beta"]
            if level < 4:
                values = relu(values, settings.leak)
        return values
