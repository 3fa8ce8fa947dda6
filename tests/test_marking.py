"""What generated pictures say, read by Pillow and by an XML parser."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import numpy as np
import pytest
from PIL import Image

from sigforensics import __version__
from sigforensics.marking import composite_texts, processed_texts, sheet_texts, synthetic_texts
from sigforensics.png import write_png

EXTENSION = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}"
CORE = "{http://purl.org/dc/elements/1.1/}"
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
MADE = {"generator": "Größe & <7> 签\x01 abc", "seed": 12345678901234567890}
FAKES = [
    (synthetic_texts, "trainedAlgorithmicMedia"),
    (composite_texts, "compositeWithTrainedAlgorithmicMedia"),
]


@pytest.fixture
def written(tmp_path):
    """Texts as a reader of the file finds them, and the properties of its XMP packet."""

    def write(texts):
        write_png(tmp_path / "a.png", np.zeros((4, 5), np.uint8), texts=texts)
        with Image.open(tmp_path / "a.png") as image:
            found = dict(image.text)
        root = ET.fromstring(found["XML:com.adobe.xmp"])  # noqa: S314 - our own
        (description,) = root.iter(f"{RDF}Description")
        properties = {element.tag: "".join(element.itertext()) for element in description}
        return found, properties

    return write


@pytest.mark.parametrize(("texts", "source"), FAKES)
def test_a_fake_says_by_which_generator_and_seed_it_was_made(written, texts, source):
    found, properties = written(texts(**MADE, variant=2, dropout=True))
    assert found["sigforensics:synthetic"] == "true"
    assert found["sigforensics:generator"] == MADE["generator"]
    assert found["sigforensics:seed"] == "12345678901234567890"
    assert (found["sigforensics:variant"], found["sigforensics:dropout"]) == ("2", "true")
    assert "synthetic" in found["Description"].lower()
    assert "Not written by a person" in found["Description"]
    assert (
        properties[f"{EXTENSION}DigitalSourceType"]
        == f"http://cv.iptc.org/newscodes/digitalsourcetype/{source}"
    )
    assert "Größe & <7> 签\ufffd abc" in properties[f"{EXTENSION}AISystemUsed"]
    assert properties[f"{EXTENSION}AISystemVersionUsed"] == __version__
    said = properties[f"{CORE}description"]
    assert said.startswith(found["Description"])
    assert "seed 12345678901234567890, variant 2, dropout true, edges as they are" in said


def test_a_sheet_is_a_composite_with_generated_elements(written):
    found, properties = written(sheet_texts(**MADE))
    assert found["sigforensics:synthetic"] == "true"
    assert found["sigforensics:seed"] == "12345678901234567890"
    assert properties[f"{EXTENSION}DigitalSourceType"].endswith("/compositeSynthetic")


def test_a_page_that_got_its_own_signature_back_is_processed_but_not_synthetic(written):
    found, properties = written(processed_texts())
    assert found["sigforensics:processed"] == "true"
    assert "not the original scan" in found["Description"]
    assert not [key for key in found if "synthetic" in key or "generator" in key]
    assert properties[f"{EXTENSION}DigitalSourceType"].endswith("/algorithmicallyEnhanced")
    assert f"{EXTENSION}AISystemUsed" not in properties
