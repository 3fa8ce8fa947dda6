"""What type composed pages may be printed in."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest

import composing
import hands
import separation_data
from sigforensics.settings import Extraction

FONTS = Path(mpl.get_data_path()) / "fonts" / "ttf"


def test_typefaces_of_a_folder_are_those_that_have_latin_letters(tmp_path: Path) -> None:
    (tmp_path / "within").mkdir()
    for name in ("DejaVuSans.ttf", "STIXSizFiveSymReg.ttf"):
        (tmp_path / "within" / name).write_bytes((FONTS / name).read_bytes())
    (tmp_path / "cmr10.TTF").write_bytes((FONTS / "cmr10.ttf").read_bytes())
    (tmp_path / "broken.otf").write_bytes(b"no typeface")
    (tmp_path / "note.txt").write_text("no typeface")
    found = composing.typefaces(tmp_path)
    assert found[: len(composing.FACES)] == composing.FACES
    assert [Path(one).name for one in found[len(composing.FACES) :]] == ["cmr10.TTF", "DejaVuSans.ttf"]
    assert composing.typefaces(None) == composing.FACES
    with pytest.raises(ValueError, match="no typeface"):
        composing.typefaces(tmp_path / "nowhere")


def test_parts_are_printed_in_the_faces_that_are_given() -> None:
    people, settings = hands.Hands(range(5), []), Extraction()

    def made(*faces: str) -> separation_data.Mixed:
        return separation_data.mix(people, np.random.default_rng([8, 1]), settings=settings, faces=faces)

    one, other = (str(FONTS / f"{name}.ttf") for name in ("DejaVuSans", "cmr10"))
    assert (made(one).kind == separation_data.PRINT).sum() > 1000
    assert np.array_equal(made(one).grey, made(one).grey)
    assert not np.array_equal(made(one).kind, made(other).kind)


def test_one_part_in_five_or_so_is_printed_pale(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that are lose their print where pale is nothing, and the others do not change."""
    people, settings = hands.Hands(range(5), []), Extraction()

    def printed() -> list[int]:
        parts = (
            separation_data.mix(people, np.random.default_rng([9, number]), settings=settings)
            for number in range(30)
        )
        return [int((part.kind == separation_data.PRINT).sum()) for part in parts]

    usual = printed()
    monkeypatch.setattr(separation_data, "PALE", (0.0, 0.001))
    changed = [after for before, after in zip(usual, printed(), strict=True) if after != before]
    assert 3 <= len(changed) <= 9
    assert changed == [0] * len(changed)
