"""A corpus of cropped signatures to targets, edges, masks and data frames."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from sigforensics.augmentation import augment, image_rng
from sigforensics.corpus import Corpus, Row, Sample, read_corpus, split_corpus, write_frames
from sigforensics.corpus.layouts import safe_name
from sigforensics.corpus.splits import MASK_SPLITS
from sigforensics.errors import CorpusInvalid, InputError, NoImages, SigforensicsError
from sigforensics.extraction import whole_page
from sigforensics.images import FloatImage
from sigforensics.png import read_png, write_png
from sigforensics.preprocessing import check_paper, ink_to_target, target_to_edges, targets_to_mask
from sigforensics.provenance import Record, write_record
from sigforensics.scans import Scan, check_exposure, read_scan
from sigforensics.settings import Augmentation, Preprocessing, Scanning, Splitting
from sigforensics.storage import output_folder
from sigforensics.workflows.progress import Progress, SilentProgress
from sigforensics.workflows.skipping import Skips, skipped_entries

__all__ = ["PrepareSettings", "Prepared", "prepare"]


@dataclass(frozen=True)
class Prepared:
    """What ``prepare`` made."""

    folder: Path
    writers: int
    rows: Mapping[str, int]
    """Rows of each frame, and the specimens."""
    skipped: tuple[SigforensicsError, ...]
    notes: tuple[str, ...]
    """What a reader must know of the corpus."""


@dataclass(frozen=True, kw_only=True)
class PrepareSettings:
    """The stages of preparation together."""

    scanning: Scanning = field(default_factory=Scanning)
    preprocessing: Preprocessing = field(default_factory=Preprocessing)
    augmentation: Augmentation = field(default_factory=Augmentation)
    splitting: Splitting = field(default_factory=Splitting)


def prepare(
    source: Path,
    output: Path,
    *,
    settings: PrepareSettings | None = None,
    validation_writers: Sequence[str] = (),
    testing_writers: Sequence[str] = (),
    writers: Sequence[str] = (),
    overwrite: bool = False,
    strict: bool = False,
    progress: Progress | None = None,
) -> Prepared:
    """Prepare a corpus for training; ``docs/method.md`` describes the folder that it makes.

    Parameters
    ----------
    source : Path
        See :func:`sigforensics.corpus.read_corpus`.
    output : Path
        A new folder.
    settings : PrepareSettings, optional
    validation_writers, testing_writers : sequence of str
        Hold out these writers instead of random ones (split by writer).
    writers : sequence of str
        Take only these writers of the corpus, which must have them all; every writer if empty.
    overwrite, strict : bool
        Replace a folder that we made before; stop at the first file that cannot be used.
    progress : Progress, optional

    Raises
    ------
    SigforensicsError
        As the errors module lists them; single files that cannot be used, or hold the same bytes as another of the writer,
        are skipped and returned unless ``strict``.
    """
    settings = settings or PrepareSettings()
    progress = progress or SilentProgress()
    skips = Skips(strict=strict, progress=progress)
    corpus = _choose(read_corpus(source), writers)
    split = partial(
        split_corpus,
        settings=settings.splitting,
        validation_writers=validation_writers,
        testing_writers=testing_writers,
    )
    split(corpus)  # what cannot be split is refused before the work begins
    inputs = [sample.path for samples in corpus.samples.values() for sample in samples]
    with output_folder(output, overwrite=overwrite, inputs=[source, *inputs]) as folder:
        progress.stage("Targets", len(corpus))
        hashes, notes = _write_targets(folder, corpus, settings, skips, progress)
        usable = _without(corpus, hashes, source)
        splits = split(usable)
        _write_masks(folder, usable, splits)
        progress.stage("Edges", len(splits))
        rows = list(_write_inputs(folder, splits, hashes, settings, progress))
        write_frames(folder, rows)
        counts = {
            name: sum(row.split == name for row in rows) for name in sorted({row.split for row in rows})
        }
        record = Record(
            command="prepare",
            arguments={"source": source, "writers": list(usable.writers)},
            settings={"prepare": settings},
            inputs=[{"path": str(s.path), "sha256": h, "writer": s.writer} for s, h in hashes.items()],
            skipped=skipped_entries(skips.errors),
            notes=notes,
            results={"writers": len(usable.writers), "rows": counts},
        )
        record.add_outputs(folder, (path for path in folder.rglob("*") if path.is_file()))
        write_record(folder, record)
    return Prepared(output, len(usable.writers), counts, skips.errors, tuple(notes))


def _choose(corpus: Corpus, writers: Sequence[str]) -> Corpus:
    if not writers:
        return corpus
    missing = [name for name in writers if name not in corpus.samples]
    if missing:
        raise CorpusInvalid(f"writer {missing[0]}", "is not in the corpus", "name writers that are")
    return Corpus({name: samples for name, samples in corpus.samples.items() if name in writers})


def _target_path(sample: Sample) -> str:
    return f"targets/{safe_name(sample.writer)}/{sample.name}.png"


def _mask_path(writer: str) -> str:
    return f"masks/{safe_name(writer)}.png"


def _write_targets(
    folder: Path, corpus: Corpus, settings: PrepareSettings, skips: Skips, progress: Progress
) -> tuple[dict[Sample, str], list[str]]:
    """Write the target of every sample that can be used; return the hashes of their sources, and notes."""
    hashes: dict[Sample, str] = {}
    first: dict[str, Sample] = {}
    several = 0
    for sample in (sample for samples in corpus.samples.values() for sample in samples):
        try:
            scan, ink = _read_ink(sample, settings)
        except InputError as error:
            skips.add(error)
        else:
            copy = _copy_of(first.setdefault(scan.source.sha256, sample), sample)
            if copy is not None:
                skips.add(copy)
            else:
                target = ink_to_target(ink, settings=settings.preprocessing)
                write_png(folder / _target_path(sample), target)
                hashes[sample] = scan.source.sha256
                several += scan.pages > 1
        progress.advance()
    return hashes, [f"Of {several} file(s) of several pages, the first page was used."] if several else []


def _read_ink(sample: Sample, settings: PrepareSettings) -> tuple[Scan, FloatImage]:
    """The scan of a sample and its ink, or an :class:`InputError` that says why it cannot be used."""
    scan = read_scan(sample.path, settings=settings.scanning)
    check_exposure(scan, settings=settings.scanning)
    ink = whole_page(scan).ink
    check_paper(ink, where=scan.where, settings=settings.preprocessing)
    return scan, ink


def _copy_of(first: Sample, sample: Sample) -> CorpusInvalid | None:
    """Why a file is left out whose bytes were read before: split, the two could stand on both sides.

    Raises
    ------
    CorpusInvalid
        If the two are given to different writers: nobody knows whose signature it is.
    """
    if first == sample:
        return None
    advice = "remove one of the two"
    if first.writer != sample.writer:
        what = f"of writer {sample.writer} holds the same bytes as {first.path} of writer {first.writer}"
        raise CorpusInvalid(sample.path, what, advice)
    return CorpusInvalid(sample.path, f"holds the same bytes as {first.path}, which is taken", advice)


def _without(corpus: Corpus, usable: Mapping[Sample, str], source: Path) -> Corpus:
    kept = {
        writer: tuple(sample for sample in samples if sample in usable)
        for writer, samples in corpus.samples.items()
    }
    kept = {writer: samples for writer, samples in kept.items() if samples}
    if not kept:
        raise NoImages(source, "no signature of it can be used")
    return Corpus(kept)


def _write_masks(folder: Path, corpus: Corpus, splits: Mapping[Sample, str]) -> None:
    for writer, samples in corpus.samples.items():
        specimens = (
            read_png(folder / _target_path(sample)) for sample in samples if splits[sample] in MASK_SPLITS
        )
        write_png(folder / _mask_path(writer), targets_to_mask(specimens, writer=f"writer {writer}"))


def _write_inputs(
    folder: Path,
    splits: Mapping[Sample, str],
    hashes: Mapping[Sample, str],
    settings: PrepareSettings,
    progress: Progress,
) -> Iterator[Row]:
    """Write the edges of every sample, plain and augmented as its frame needs them; yield the rows.

    Specimens only make masks: they have a row, and no input.
    """
    for sample, split in splits.items():
        target = _target_path(sample)
        for augmented in {"validation": (0, 1), "testing": (1,)}.get(split, (0,)):
            name = ""
            if split != "specimen":
                name = _write_input(folder, sample, settings, augmented=bool(augmented))
            yield Row(
                writer=sample.writer,
                sample=sample.name,
                split=split,
                augmented=augmented,
                mask=_mask_path(sample.writer),
                input=name,
                target=target,
                source=str(sample.path),
                source_sha256=hashes[sample],
            )
        progress.advance()


def _write_input(folder: Path, sample: Sample, settings: PrepareSettings, *, augmented: bool) -> str:
    """Write the edges of a sample, plain or augmented; return their path in the folder."""
    target = read_png(folder / _target_path(sample))
    edges = target_to_edges(target, settings=settings.preprocessing)
    if augmented:
        rng = image_rng(settings.splitting.seed, sample.writer, sample.name)
        edges = augment(edges, rng=rng, settings=settings.augmentation)
    name = f"{'augmented' if augmented else 'edges'}/{safe_name(sample.writer)}/{sample.name}.png"
    write_png(folder / name, edges)
    return name
