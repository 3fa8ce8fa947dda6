from __future__ import annotations

import pytest

from sigforensics.samples.letters import CAPITALS, LOWER_CASE, letter_of, points_of
from sigforensics.samples.writer import INITIALS, WORDS


def test_every_letter_of_the_words_and_initials_has_a_skeleton():
    for character in set("".join(WORDS) + INITIALS):
        assert len(letter_of(character).body) > 1


@pytest.mark.parametrize(("character", "letter"), [*LOWER_CASE.items(), *CAPITALS.items()])
def test_skeletons_stay_within_the_height_of_their_kind(character, letter):
    for stroke in (letter.body, *letter.before, *letter.after):
        x, y, roundness = stroke.T
        assert x.min() >= -0.2
        assert x.max() <= letter.width + 0.3
        assert y.min() >= (-1.2 if character in "fgpyGJ" else -0.1)
        assert y.max() <= (2.2 if character in "bdfhkl" or character.isupper() else 1.7)
        assert ((roundness >= 0) & (roundness <= 1)).all()


def test_points_are_round_unless_they_say_otherwise():
    assert points_of("1 2, .5 -1 0").tolist() == [[1, 2, 1], [0.5, -1, 0]]


def test_a_character_without_a_skeleton_is_refused():
    with pytest.raises(KeyError):
        letter_of("ß")
