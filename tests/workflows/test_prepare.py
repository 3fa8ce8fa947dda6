from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sigforensics.augmentation import augment, deform, draw_distortion, erase_squares, image_rng
from sigforensics.bridging import CarriedOn
from sigforensics.corpus import FRAMES, read_frame
from sigforensics.errors import (
    CorpusInvalid,
    FileTruncated,
    ImageBlank,
    NoImages,
    OutputExists,
    PaperTooDark,
    TableInvalid,
)
from sigforensics.images import unit_to_bytes
from sigforensics.png import read_png, write_png
from sigforensics.preprocessing import ink_to_target, preprocessing_of, target_to_edges
from sigforensics.provenance import read_record
from sigforensics.samples import draw_signature, invent_writer
from sigforensics.scans import read_scan
from sigforensics.settings import Forging, Preprocessing, Scanning, Splitting
from sigforensics.workflows.cases import GenerateSettings, frame_cases
from sigforensics.workflows.generate import generate_frame
from sigforensics.workflows.prepare import PrepareSettings, prepare
from sigforensics.workflows.progress import SilentProgress

CHAIN = Preprocessing(size=64)
BY_SAMPLE = PrepareSettings(
    preprocessing=CHAIN, splitting=Splitting(by="sample", validation_share=0.2, testing_share=0.2, seed=4)
)
BY_WRITER = PrepareSettings(
    preprocessing=CHAIN,
    splitting=Splitting(by="writer", validation_share=0.25, testing_share=0.25, specimens=2),
)


@pytest.fixture(scope="module")
def drawn_corpus(tmp_path_factory) -> Path:
    """Four invented writers, five signatures each, one folder a writer; not to be written to."""
    folder = tmp_path_factory.mktemp("corpus")
    for number in range(1, 5):
        writer = invent_writer(number, seed=1)
        (folder / f"w{number}").mkdir()
        for sample in range(5):
            pixels = draw_signature(writer, rng=np.random.default_rng([number, sample]), dpi=100)
            Image.fromarray(unit_to_bytes(pixels)).save(
                folder / f"w{number}" / f"s{sample}.png", dpi=(100, 100)
            )
    return folder


@pytest.fixture
def corpus(drawn_corpus, tmp_path) -> Path:
    """A copy, to be spoilt."""
    return shutil.copytree(drawn_corpus, tmp_path / "corpus")


@pytest.fixture(scope="module")
def by_sample(drawn_corpus, tmp_path_factory):
    return prepare(drawn_corpus, tmp_path_factory.mktemp("prepared") / "data", settings=BY_SAMPLE)


@pytest.fixture(scope="module")
def by_writer(drawn_corpus, tmp_path_factory):
    return prepare(drawn_corpus, tmp_path_factory.mktemp("prepared") / "data", settings=BY_WRITER)


def manifest(folder):
    with (folder / "manifest.csv").open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def contents(folder):
    """The bytes of every file but the record, which bears the time."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "record.json"
    }


def test_frames_by_sample_have_the_rows_of_the_method(by_sample):
    frames = {name: read_frame(by_sample.folder, name) for name in FRAMES}
    assert {name: len(rows) for name, rows in frames.items()} == {
        "training": 12,
        "validation": 8,
        "testing": 4,
    }
    assert by_sample.rows == {"testing": 4, "training": 12, "validation": 8}
    assert by_sample.writers == 4
    assert all(row.augmented == 0 for row in frames["training"])
    assert all(row.augmented == 1 for row in frames["testing"])
    # each validation signature twice: with its plain and with its augmented input
    by_signature = {}
    for row in frames["validation"]:
        by_signature.setdefault((row.writer, row.sample, row.target), []).append(row.augmented)
    assert list(by_signature.values()) == [[0, 1]] * 4
    samples = [{(row.writer, row.sample) for row in rows} for rows in frames.values()]
    assert len(set.union(*samples)) == sum(map(len, samples)) == 20  # no signature in two frames


def test_frames_by_writer_hold_whole_writers_out(by_writer):
    frames = {name: read_frame(by_writer.folder, name) for name in FRAMES}
    writers = {name: {row.writer for row in rows} for name, rows in frames.items()}
    assert {name: len(found) for name, found in writers.items()} == {
        "training": 2,
        "validation": 1,
        "testing": 1,
    }
    assert len(set.union(*writers.values())) == 4
    assert by_writer.rows == {"specimen": 4, "testing": 3, "training": 10, "validation": 6}
    specimens = {
        (row["writer"], row["sample"]) for row in manifest(by_writer.folder) if row["split"] == "specimen"
    }
    held_out = {(row.writer, row.sample) for name in ("validation", "testing") for row in frames[name]}
    assert len(specimens) == 4
    assert not specimens & held_out


@pytest.mark.parametrize("prepared", ["by_sample", "by_writer"])
def test_masks_are_the_means_of_what_is_neither_validated_nor_tested_on(request, prepared):
    folder = request.getfixturevalue(prepared).folder
    rows = manifest(folder)
    for writer in {row["writer"] for row in rows}:
        chosen = {
            row["target"]
            for row in rows
            if row["writer"] == writer and row["split"] in {"training", "specimen"}
        }
        everything = {row["target"] for row in rows if row["writer"] == writer}
        (mask,) = {row["mask"] for row in rows if row["writer"] == writer}
        mean = np.mean([np.asarray(Image.open(folder / target), float) for target in sorted(chosen)], axis=0)
        assert np.array_equal(read_png(folder / mask), np.rint(mean))
        of_all = np.mean(
            [np.asarray(Image.open(folder / target), float) for target in sorted(everything)], axis=0
        )
        assert np.array_equal(mean, of_all) == (chosen == everything)


def test_targets_and_inputs_are_those_of_the_chain(by_sample):
    for row in manifest(by_sample.folder)[::5]:
        scan = read_scan(Path(row["source"]))
        target = ink_to_target(1 - scan.pixels, settings=CHAIN)
        assert np.array_equal(read_png(by_sample.folder / row["target"]), target)
        edges = target_to_edges(target, settings=CHAIN)
        if row["augmented"] == "1":
            rng = image_rng(4, row["writer"], row["sample"])
            edges = augment(edges, rng=rng, settings=BY_SAMPLE.augmentation)
        assert np.array_equal(read_png(by_sample.folder / row["input"]), edges)
        assert row["source_sha256"] == hashlib.sha256(Path(row["source"]).read_bytes()).hexdigest()


def test_augmented_inputs_differ_from_plain_ones_and_from_each_other(by_sample):
    rows = read_frame(by_sample.folder, "validation")
    plain = {
        row.sample + row.writer: read_png(by_sample.folder / row.input) for row in rows if not row.augmented
    }
    bent = {row.sample + row.writer: read_png(by_sample.folder / row.input) for row in rows if row.augmented}
    assert not any(np.array_equal(plain[name], bent[name]) for name in plain)
    assert len({image.tobytes() for image in bent.values()}) == 4


def test_the_same_seed_gives_the_same_bytes_and_another_one_does_not(drawn_corpus, by_sample, tmp_path):
    prepare(drawn_corpus, tmp_path / "again", settings=BY_SAMPLE)
    assert contents(tmp_path / "again") == contents(by_sample.folder)
    other = replace(BY_SAMPLE, splitting=replace(BY_SAMPLE.splitting, seed=5))
    prepare(drawn_corpus, tmp_path / "other", settings=other)
    assert contents(tmp_path / "other") != contents(by_sample.folder)


@pytest.mark.parametrize("how", ["graft", "rule", "leave"])
def test_augmented_inputs_of_a_frame_are_carried_on_across_their_holes_and_plain_ones_are_not(
    by_sample, how, monkeypatch
):
    given, bridged = [], how != "leave"

    def bridge(edges, holes, *, ink, specimens, chain, **_):
        given.append((edges, holes, ink, specimens))
        assert chain == CHAIN
        return CarriedOn(255 - edges, 1, 2, len(specimens), (0,) if specimens else (), 0.0)

    monkeypatch.setattr("sigforensics.workflows.holes.bridge_strokes", bridge)
    monkeypatch.setattr("sigforensics.workflows.holes._takes_ink", lambda *_: True)  # their own place will do
    rows = read_frame(by_sample.folder, "validation")
    assert {row.augmented for row in rows} == {0, 1}
    settings = GenerateSettings(forging=Forging(holes=how))
    cases = frame_cases(by_sample.folder, "validation", rows, settings, SilentProgress())
    for row, case in zip(rows, cases, strict=True):
        if bridged and row.augmented:
            np.testing.assert_array_equal(case.edges, 255 - given[-1][0])
            others = [other for other in manifest(by_sample.folder) if other["split"] == "training"]
            names = [other["sample"] for other in others if other["writer"] == row.writer]
            assert case.facts["specimens"] == (names[0] if how == "graft" else "")
            assert case.facts["grafted"] == (len(names) if how == "graft" else 0)
        else:
            np.testing.assert_array_equal(case.edges, read_png(by_sample.folder / row.input))
            assert "specimens" not in case.facts
    augmented = [row for row in rows if row.augmented]
    assert len(given) == (len(augmented) if bridged else 0)
    for row, (edges, holes, ink, specimens) in zip(augmented, given, strict=bridged):
        for sample, specimen in zip(specimens_of(by_sample, row), specimens, strict=how == "graft"):
            np.testing.assert_array_equal(specimen, read_png(by_sample.folder / sample["target"]))
        rng = image_rng(BY_SAMPLE.splitting.seed, row.writer, row.sample)
        distortion = draw_distortion(CHAIN.size, rng=rng)
        assert holes == distortion.holes
        target = read_png(by_sample.folder / row.target)
        np.testing.assert_array_equal(ink, deform(target, distortion.displacements))
        np.testing.assert_array_equal(edges, erase_squares(target_to_edges(ink, settings=CHAIN), holes))


def specimens_of(prepared, row):
    """The rows that the mask of a row is the mean of, without itself."""
    return [
        other
        for other in manifest(prepared.folder)
        if (other["split"], other["writer"]) == ("training", row.writer) and other["sample"] != row.sample
    ]


def test_a_signature_is_not_filled_from_itself(by_sample, monkeypatch):
    """A row of the training frame, which its own mask is made of, where it is augmented."""
    given = []

    def bridge(edges, holes, *, specimens, **_):
        given.append(specimens)
        return CarriedOn(edges, 0, 0, 2, (0,), 0.0)

    monkeypatch.setattr("sigforensics.workflows.holes.bridge_strokes", bridge)
    monkeypatch.setattr(
        "sigforensics.workflows.cases.distortion_of",
        lambda *_: (draw_distortion(CHAIN.size, rng=image_rng(0)), image_rng(1)),
    )
    rows = [replace(row, augmented=1) for row in read_frame(by_sample.folder, "training")]
    list(frame_cases(by_sample.folder, "training", rows, GenerateSettings(), SilentProgress()))
    for row, specimens in zip(rows, given, strict=True):
        own = read_png(by_sample.folder / row.target)
        assert len(specimens) == len(specimens_of(by_sample, row)) > 0
        assert not any(np.array_equal(own, specimen) for specimen in specimens)


def test_an_augmented_input_that_is_not_what_the_record_says_is_refused(by_sample, tmp_path):
    shutil.copytree(by_sample.folder, tmp_path / "data")
    row = next(row for row in read_frame(tmp_path / "data", "validation") if row.augmented)
    write_png(tmp_path / "data" / row.input, np.full((CHAIN.size,) * 2, 255, np.uint8))
    with pytest.raises(TableInvalid, match=r"has ink where .* its hole is"):
        list(frame_cases(tmp_path / "data", "validation", [row], GenerateSettings(), SilentProgress()))
    left = GenerateSettings(forging=Forging(holes="leave"))
    assert list(frame_cases(tmp_path / "data", "validation", [row], left, SilentProgress()))


def test_augmented_rows_are_not_made_of_a_frame_that_has_none(by_sample, tmp_path):
    settings = GenerateSettings(forging=Forging(augmented=True))
    with pytest.raises(NoImages, match="has no augmented rows"):
        generate_frame(by_sample.folder, "training", tmp_path / "out", settings=settings)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "change", [{"augmentation": None}, {"augmentation": {"future": 1}}, {"splitting": {}}]
)
def test_a_record_that_does_not_say_how_the_corpus_was_augmented_is_refused(by_sample, tmp_path, change):
    shutil.copytree(by_sample.folder, tmp_path / "data")
    document = json.loads((tmp_path / "data" / "record.json").read_text())
    document["settings"]["prepare"] |= change
    (tmp_path / "data" / "record.json").write_text(json.dumps(document))
    row = next(row for row in read_frame(tmp_path / "data", "validation") if row.augmented)
    with pytest.raises(TableInvalid, match="does not state how the corpus was augmented"):
        list(frame_cases(tmp_path / "data", "validation", [row], GenerateSettings(), SilentProgress()))


def test_an_augmented_input_does_not_depend_on_the_rest_of_the_corpus(drawn_corpus, by_sample, tmp_path):
    chosen = prepare(drawn_corpus, tmp_path / "one", settings=BY_SAMPLE, writers=["w3"])
    assert chosen.writers == 1
    all_, one = contents(by_sample.folder), contents(tmp_path / "one")
    shared = [name for name in one if name.startswith("augmented/") and name in all_]
    assert all(one[name] == all_[name] for name in shared)
    assert all(
        one[name] == all_[name] for name in one if name.startswith(("targets/", "edges/")) and name in all_
    )


def test_the_record_says_what_went_in_and_came_out(by_sample, drawn_corpus):
    record = read_record(by_sample.folder)
    assert record["command"] == "prepare"
    assert record["arguments"]["source"] == str(drawn_corpus)
    assert len(record["inputs"]) == 20
    assert record["results"] == {"writers": 4, "rows": {"testing": 4, "training": 12, "validation": 8}}
    assert record["skipped"] == []
    assert preprocessing_of(record, where="data") == CHAIN
    written = contents(by_sample.folder)
    assert {entry["path"] for entry in record["outputs"]} == set(written)
    for entry in record["outputs"]:
        assert entry["sha256"] == hashlib.sha256(written[entry["path"]]).hexdigest()


def test_a_specimen_has_a_target_and_no_edges_that_nobody_would_read(by_writer):
    rows = [row for row in manifest(by_writer.folder) if row["split"] == "specimen"]
    for row in rows:
        assert row["input"] == ""
        assert (by_writer.folder / row["target"]).is_file()
        assert not (by_writer.folder / "edges" / row["writer"] / f"{row['sample']}.png").exists()
    assert len(rows) == 4


class Listening(SilentProgress):
    def __init__(self):
        self.skipped, self.steps = [], 0

    def advance(self, steps=1, **_):
        self.steps += steps

    def skip(self, error):
        self.skipped.append(error)


def spoil(corpus):
    """One file is cut short, one is blank, one has dark paper."""
    cut = corpus / "w2" / "s1.png"
    cut.write_bytes(cut.read_bytes()[:-200])
    Image.new("L", (120, 80), 240).save(corpus / "w2" / "s3.png")
    dark = np.asarray(Image.open(corpus / "w4" / "s0.png")).astype(int) - 40
    Image.fromarray(dark.clip(0, 255).astype(np.uint8)).save(corpus / "w4" / "s0.png")


def test_files_that_cannot_be_used_are_named_and_the_rest_is_done(corpus, tmp_path):
    spoil(corpus)
    progress = Listening()
    prepared = prepare(corpus, tmp_path / "data", settings=BY_SAMPLE, progress=progress)
    assert [type(error) for error in prepared.skipped] == [FileTruncated, ImageBlank, PaperTooDark]
    assert [Path(error.where).name for error in prepared.skipped] == ["s1.png", "s3.png", "s0.png"]
    assert progress.skipped == list(prepared.skipped)
    assert progress.steps == 20 + 17
    assert len({(row["writer"], row["sample"]) for row in manifest(prepared.folder)}) == 17
    record = read_record(prepared.folder)
    assert [entry["status"] for entry in record["skipped"]] == [14, 19, 22]
    assert record["skipped"][0]["path"] == str(corpus / "w2" / "s1.png")


@pytest.mark.parametrize("seed", range(4))
def test_a_copy_of_a_signature_is_left_out_so_that_no_split_can_part_the_two(corpus, tmp_path, seed):
    shutil.copy(corpus / "w1" / "s3.png", corpus / "w1" / "s9.png")
    settings = replace(BY_SAMPLE, splitting=replace(BY_SAMPLE.splitting, seed=seed))
    prepared = prepare(corpus, tmp_path / "data", settings=settings)
    (skipped,) = prepared.skipped
    assert type(skipped) is CorpusInvalid
    assert skipped.where == str(corpus / "w1" / "s9.png")
    assert f"same bytes as {corpus / 'w1' / 's3.png'}" in skipped.what
    splits = {}
    for row in manifest(prepared.folder):
        splits.setdefault(row["source_sha256"], set()).add((row["sample"], row["split"]))
    assert len(splits) == 20
    assert all(len(found) == 1 for found in splits.values())
    (entry,) = read_record(prepared.folder)["skipped"]
    assert entry["status"] == CorpusInvalid.status
    with pytest.raises(CorpusInvalid, match="same bytes"):
        prepare(corpus, tmp_path / "strict", settings=settings, strict=True)


def test_a_signature_that_is_given_to_two_writers_is_refused(corpus, tmp_path):
    shutil.copy(corpus / "w1" / "s3.png", corpus / "w3" / "other.png")
    with pytest.raises(CorpusInvalid, match=r"of writer w3 holds the same bytes .* of writer w1") as caught:
        prepare(corpus, tmp_path / "data", settings=BY_WRITER)
    assert caught.value.where == str(corpus / "w3" / "other.png")
    assert not (tmp_path / "data").exists()


def test_strict_stops_at_the_first_and_leaves_nothing(corpus, tmp_path):
    spoil(corpus)
    with pytest.raises(FileTruncated, match=r"s1\.png"):
        prepare(corpus, tmp_path / "data", settings=BY_SAMPLE, strict=True)
    assert [path.name for path in tmp_path.iterdir()] == ["corpus"]


def test_a_failure_leaves_what_was_there(drawn_corpus, tmp_path, monkeypatch):
    prepare(drawn_corpus, tmp_path / "data", settings=BY_SAMPLE, writers=["w1", "w2"])
    before = contents(tmp_path / "data")
    monkeypatch.setattr("sigforensics.workflows.prepare.write_frames", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        prepare(drawn_corpus, tmp_path / "data", settings=BY_SAMPLE, overwrite=True)
    assert contents(tmp_path / "data") == before
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_a_folder_is_replaced_only_when_asked_for(drawn_corpus, tmp_path):
    prepare(drawn_corpus, tmp_path / "data", settings=BY_SAMPLE, writers=["w1"])
    with pytest.raises(OutputExists):
        prepare(drawn_corpus, tmp_path / "data", settings=BY_SAMPLE)
    prepare(drawn_corpus, tmp_path / "data", settings=BY_SAMPLE, writers=["w2"], overwrite=True)
    assert {row["writer"] for row in manifest(tmp_path / "data")} == {"w2"}


def test_what_cannot_be_split_is_refused_before_anything_is_read(drawn_corpus, tmp_path, monkeypatch):
    monkeypatch.setattr("sigforensics.workflows.prepare.read_scan", lambda *_, **__: 1 / 0)
    for options, what in (
        ({"writers": ["w1"]}, "too few to train on some"),
        ({"writers": ["w1", "nobody"]}, "writer nobody: is not in the corpus"),
        ({"validation_writers": ["w9"]}, "writer w9: is not in the corpus"),
    ):
        with pytest.raises(CorpusInvalid, match=what):
            prepare(drawn_corpus, tmp_path / "data", settings=BY_WRITER, **options)
    assert list(tmp_path.iterdir()) == []


def test_a_corpus_of_which_nothing_can_be_used_is_refused(tmp_path):
    (tmp_path / "corpus" / "w1").mkdir(parents=True)
    for name in ("a", "b", "c"):
        Image.new("L", (40, 40), 250).save(tmp_path / "corpus" / "w1" / f"{name}.png")
    with pytest.raises(NoImages, match="no signature of it can be used"):
        prepare(tmp_path / "corpus", tmp_path / "data", settings=BY_SAMPLE)
    assert not (tmp_path / "data").exists()


def test_named_writers_are_held_out(drawn_corpus, tmp_path):
    prepared = prepare(
        drawn_corpus, tmp_path / "data", settings=BY_WRITER, validation_writers=["w4"], testing_writers=["w1"]
    )
    assert {row.writer for row in read_frame(prepared.folder, "validation")} == {"w4"}
    assert {row.writer for row in read_frame(prepared.folder, "testing")} == {"w1"}


def test_bright_ink_is_prepared_alike_where_the_user_says_so(corpus, by_sample, tmp_path):
    for path in corpus.rglob("*.png"):
        Image.fromarray(255 - np.asarray(Image.open(path))).save(path)
    prepare(corpus, tmp_path / "data", settings=replace(BY_SAMPLE, scanning=Scanning(ink="bright")))
    expected = {name: data for name, data in contents(by_sample.folder).items() if name.endswith(".png")}
    assert {
        name: data for name, data in contents(tmp_path / "data").items() if name.endswith(".png")
    } == expected


def test_further_pages_of_a_file_are_noted(corpus, tmp_path):
    image = Image.open(corpus / "w1" / "s0.png")
    stream = io.BytesIO()
    image.save(stream, "TIFF", save_all=True, append_images=[image])
    (corpus / "w1" / "s0.png").write_bytes(stream.getvalue())
    prepared = prepare(corpus, tmp_path / "data", settings=BY_SAMPLE)
    assert prepared.notes == ("Of 1 file(s) of several pages, the first page was used.",)
    assert read_record(prepared.folder)["notes"] == list(prepared.notes)


def test_names_that_lead_elsewhere_stay_in_the_folder(drawn_corpus, tmp_path):
    lines = ["file,writer"]
    for number, writer in ((1, "../../w1"), (2, "/w2"), (3, "Zoë W.")):
        lines += [f"{drawn_corpus / f'w{number}' / f's{sample}.png'},{writer}" for sample in range(5)]
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "list.csv").write_text("\n".join(lines), encoding="utf-8")
    prepared = prepare(tmp_path / "corpus" / "list.csv", tmp_path / "data", settings=BY_SAMPLE)
    assert {path.name for path in (tmp_path / "data" / "targets").iterdir()} == {
        "_.._.._w1",
        "__w2",
        "_Zoë_W.",
    }
    assert {row.writer for row in read_frame(prepared.folder, "training")} == {"../../w1", "/w2", "Zoë W."}
    assert {path.name for path in tmp_path.iterdir()} == {"corpus", "data"}


def test_cedar_is_prepared_whatever_the_layout_of_its_pixels(data_folder, tmp_path):
    settings = PrepareSettings(splitting=Splitting(by="sample", validation_share=0.04, testing_share=0.04))
    source = data_folder / "cedar" / "full_org"
    prepared = prepare(source, tmp_path / "data", settings=settings, writers=["1", "29", "39"])
    assert prepared.skipped == ()
    assert prepared.rows == {"testing": 3, "training": 66, "validation": 6}
    for writer in ("1", "29", "39"):  # mode L, and RGBA with a full alpha
        mask = read_png(prepared.folder / "masks" / f"{writer}.png")
        assert mask.shape == (512, 512)
        assert np.median(mask) == 0  # the paper is cleared
        assert mask.max() > 25
    row = next(row for row in read_frame(prepared.folder, "training") if row.writer == "29")
    with Image.open(source / f"{row.sample}.png") as image:
        assert image.mode == "RGBA"
        ink = 1 - np.asarray(image.convert("RGB").convert("L"), np.float32) / 255
    assert np.array_equal(read_png(prepared.folder / row.target), ink_to_target(ink))
