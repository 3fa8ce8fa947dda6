"""One step of a chain on one half of a true set is found, by the property that is made for it; on untouched halves nothing is."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from sigforensics.audit import Acquisition, AuditEntry, audit_explains, audit_sets, measure_acquisition
from sigforensics.images import bytes_to_unit, grey_to_ink, unit_to_bytes
from sigforensics.preprocessing import ink_to_target
from sigforensics.scans import read_scan
from sigforensics.settings import Preprocessing

from .conftest import Signatures
from .steps import SHOWN_BY, STEPS, as_scan

Measured = dict[tuple[int, int], Acquisition]
Key = tuple[int, int]


def measure(signatures: Signatures) -> Measured:
    return {key: measure_acquisition(as_scan(image)) for key, image in signatures.items()}


def halves(keys: Sequence[Key], seed: int) -> tuple[list[Key], list[Key]]:
    order = np.random.default_rng(seed).permutation(len(keys))
    middle = len(keys) // 2
    return [keys[place] for place in order[:middle]], [keys[place] for place in order[middle:]]


def audit(
    one: Mapping[Key, Acquisition], other: Mapping[Key, Acquisition], *, by_writer: bool = True
) -> tuple[AuditEntry, ...]:
    def writers(images: Mapping[Key, Hashable]) -> list[str] | None:
        return [str(writer) for writer, _ in images] if by_writer else None

    return audit_sets(
        list(one.values()),
        list(other.values()),
        units_true=writers(one),
        units_fake=writers(other),
        rng=np.random.default_rng(0),
    )


def found(entries: Sequence[AuditEntry]) -> set[str]:
    return {entry.property for entry in entries if entry.explains}


@pytest.fixture(scope="module")
def measured(signatures: Signatures) -> Measured:
    return measure(signatures)


@pytest.mark.parametrize("name", STEPS)
def test_a_step_on_one_half_is_found(name: str, signatures: Signatures, measured: Measured) -> None:
    one, other = halves(list(signatures), seed=1)
    changed = measure({key: STEPS[name](signatures[key]) for key in other})
    for by_writer in (True, False):
        entries = audit({key: measured[key] for key in one}, changed, by_writer=by_writer)
        assert SHOWN_BY[name] in found(entries)
        assert audit_explains(entries)


@pytest.mark.parametrize("by_writer", [True, False])
def test_untouched_halves_do_not_differ(by_writer: bool, measured: Measured) -> None:
    for seed in range(20):
        parts = ({key: measured[key] for key in part} for part in halves(list(measured), seed))
        entries = audit(*parts, by_writer=by_writer)
        assert found(entries) == set()
        assert not audit_explains(entries)


def test_halves_by_different_writers_do_not_differ(measured: Measured) -> None:
    for seed in range(20):
        first = set(np.random.default_rng(seed).permutation(8)[:4].tolist())
        one = {key: value for key, value in measured.items() if key[0] in first}
        other = {key: value for key, value in measured.items() if key[0] not in first}
        assert found(audit(one, other)) == set()


@pytest.fixture(scope="module")
def targets(signatures: Signatures) -> Signatures:
    """The signatures prepared for a network, paper bright."""
    settings = Preprocessing(size=256)
    ink = {key: grey_to_ink(bytes_to_unit(image)) for key, image in signatures.items()}
    return {key: 255 - ink_to_target(image, settings=settings) for key, image in ink.items()}


@pytest.fixture(scope="module")
def targets_measured(targets: Signatures) -> Measured:
    return measure(targets)


@pytest.mark.parametrize("name", STEPS)
def test_a_step_on_one_half_of_prepared_targets_is_found(
    name: str, targets: Signatures, targets_measured: Measured
) -> None:
    one, other = halves(list(targets), seed=2)
    changed = measure({key: STEPS[name](targets[key]) for key in other})
    entries = audit({key: targets_measured[key] for key in one}, changed)
    assert audit_explains(entries) == (name != "threshold 25")  # they have been through that step


def test_untouched_halves_of_prepared_targets_do_not_differ(targets_measured: Measured) -> None:
    for seed in range(20):
        parts = (
            {key: targets_measured[key] for key in part} for part in halves(list(targets_measured), seed)
        )
        assert found(audit(*parts)) == set()


@pytest.fixture(scope="module")
def cedar(data_folder: Path) -> Signatures:
    """Writers 1 to 8, six genuine signatures each."""
    return {
        (writer, number): unit_to_bytes(
            read_scan(data_folder / "cedar" / "full_org" / f"original_{writer}_{number}.png").pixels
        )
        for writer in range(1, 9)
        for number in range(1, 7)
    }


@pytest.fixture(scope="module")
def cedar_measured(cedar: Signatures) -> Measured:
    return measure(cedar)


@pytest.mark.parametrize("name", STEPS)
def test_a_step_on_one_half_of_real_signatures_is_found(
    name: str, cedar: Signatures, cedar_measured: Measured
) -> None:
    one, other = halves(list(cedar), seed=1)
    changed = measure({key: STEPS[name](cedar[key]) for key in other})
    assert SHOWN_BY[name] in found(audit({key: cedar_measured[key] for key in one}, changed))


def test_untouched_halves_of_real_signatures_do_not_differ(cedar_measured: Measured) -> None:
    for seed in range(20):
        parts = ({key: cedar_measured[key] for key in part} for part in halves(list(cedar_measured), seed))
        assert found(audit(*parts)) == set()


def test_genuine_signatures_and_forgeries_by_hand_were_not_acquired_alike(data_folder: Path) -> None:
    sets = (
        {
            (writer, number): measure_acquisition(
                read_scan(data_folder / "cedar" / folder / f"{name}_{writer}_{number}.png")
            )
            for writer in range(1, 9)
            for number in (1, 2)
        }
        for folder, name in (("full_org", "original"), ("full_forg", "forgeries"))
    )
    entries = audit(*sets)
    assert {"mode", "dpi", "background", "missing_levels"} <= found(entries)
    assert "format" not in found(entries)
