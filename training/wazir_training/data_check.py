"""The data of a configuration, looked at before training: what is in it, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from huggingface_hub import HfApi
from tokenizers import Tokenizer
from transformers import AutoConfig

from wazir.documents import paragraphs, read_text
from wazir.errors import DataError, WazirError, short
from wazir.labels import LabelScheme
from wazir.spans import Document
from wazir_training.bases import load_base, load_tokenizer
from wazir_training.config import DataConfig, LabelConfig, ModelConfig, ScratchConfig, Source, TrainConfig
from wazir_training.data import carved_every, is_plain_text
from wazir_training.error_reading import read_around_errors
from wazir_training.repeats import DEV, HELD_OUT, SPLITS, TEST, TRAIN, Repeats, find_repeats
from wazir_training.schemes import choose_scheme
from wazir_training.statistics import UNKNOWN_LABEL, Pieces, Statistics, UnalignedSpan, count, count_pieces
from wazir_training.vocabulary import unknown_id

#: A source with a greater share of spans that word tags cannot represent has wrong offsets, most likely.
MOST_UNALIGNED = 0.02
_HUB_SECONDS = 10


@dataclass(frozen=True, slots=True)
class SourceReport:
    """Figures of a source, or of a split as a whole.

    Attributes:
        split: One of `SPLITS`.
        path: The source as the configuration names it; empty for a whole split.
        documents: Documents read; None for dev data that is carved from the training paragraphs.
        statistics: Counts over the paragraphs.
        pieces: Sub-tokens, if the base's tokenizer can be had.
    """

    split: str
    path: str
    documents: int | None
    statistics: Statistics
    pieces: Pieces | None

    @property
    def paragraphs(self) -> int:
        """Lines with text: what training reads one by one."""
        return self.statistics.documents


@dataclass(frozen=True, slots=True)
class DataReport:
    """All that a check found.

    Attributes:
        scheme: The labels of the model that the configuration makes.
        window: Most sub-tokens that it reads at once.
        base_problem: Why the base's tokenizer cannot be had; empty if it can.
        sources: Figures of each source, in the order of the configuration.
        repeats: What occurs twice.
        unaligned: Spans of train, dev and test that word tags cannot represent, except those of unknown labels;
            each with its split.
        faults: What must be mended, a sentence each, beginning with the split.
    """

    scheme: LabelScheme
    window: int
    base_problem: str
    sources: tuple[SourceReport, ...]
    repeats: Repeats
    unaligned: tuple[tuple[str, UnalignedSpan], ...]
    faults: tuple[str, ...]

    def whole_splits(self) -> list[SourceReport]:
        """Figures of each split that has sources."""
        return [_whole(x, mine) for x in SPLITS if (mine := [s for s in self.sources if s.split == x])]


def _whole(split: str, sources: Sequence[SourceReport]) -> SourceReport:
    documents = [s.documents for s in sources if s.documents is not None]
    pieces = [s.pieces for s in sources if s.pieces is not None]
    return SourceReport(
        split,
        "",
        sum(documents) if documents else None,
        sum((s.statistics for s in sources), Statistics()),
        sum(pieces[1:], pieces[0]) if pieces else None,
    )


@dataclass(slots=True)
class _Reading:
    """A source while it is read: all that could be had, and the errors on the way."""

    split: str
    path: str
    documents: list[Document]
    paragraphs: list[Document]
    errors: list[str]
    carved: bool = False


def check_data(config: TrainConfig) -> DataReport:
    """Look at all data of a configuration.

    A file that cannot be read is a fault of the report, and the rest is looked at; so is every other fault.
    """
    readings = _read_all(config.data)
    by_split = {x: [p for r in readings if r.split == x for p in r.paragraphs] for x in SPLITS}
    held_out = [d.text for r in readings if r.split == HELD_OUT for d in r.documents]
    present = {r.split for r in readings}
    repeats = find_repeats({x: by_split[x] for x in SPLITS if x in present}, held_out)
    left_out = {id(x.document) for x in repeats.left_out}
    trains = [p for p in by_split[TRAIN] if id(p) not in left_out]
    faults = [f"{r.split}: {error}" for r in readings for error in r.errors]
    faults += [
        f"{r.split}: {r.path}: holds no paragraphs. Name a file that holds some."
        for r in readings
        if not r.paragraphs and not r.errors
    ]
    if by_split[TRAIN] and not trains:
        faults.append(f"{TRAIN}: all {len(left_out)} paragraphs share eight words in a row with other splits.")
    scheme = _scheme(trains or by_split[DEV] + by_split[TEST], config.labels, faults)
    tokenizer, problem = _tokenizer(config.model, [p.text for p in trains])
    unknown = unknown_id(tokenizer) if tokenizer else None
    sources = []
    for r in readings:
        texts = [p.text for p in r.paragraphs]
        pieces = count_pieces(tokenizer, texts, config.model.window, unknown) if tokenizer else None
        documents = None if r.carved else len(r.documents)
        sources.append(SourceReport(r.split, r.path, documents, count(r.paragraphs, scheme), pieces))
    marked = [s for s in sources if s.split != HELD_OUT]
    trained = {("outer", s.label) for p in trains for s in p.spans}
    trained |= {("inner", i.label) for p in trains for s in p.spans for i in s.inner}
    if trains:  # without any, all labels would lack and one fault would look like many
        faults += _label_faults(marked, trained, scheme)
    unaligned = [(s.split, x) for s in marked for x in s.statistics.lost if x.reason != UNKNOWN_LABEL]
    faults += _alignment_faults(marked)
    return DataReport(scheme, config.model.window, problem, tuple(sources), repeats, tuple(unaligned), tuple(faults))


def _scheme(documents: Sequence[Document], labels: LabelConfig | None, faults: list[str]) -> LabelScheme:
    """The labels of the model; Wazir's where neither the configuration nor the data has any."""
    try:
        return choose_scheme(documents, labels)
    except DataError as error:
        if documents:
            faults.append(f"{TRAIN}: {error}")
        return LabelScheme()


def _read_all(config: DataConfig) -> list[_Reading]:
    named = [(TRAIN, s) for s in config.train] + [(DEV, s) for s in config.dev] + [(TEST, s) for s in config.test]
    readings = [_read(split, source) for split, source in named]
    if config.dev_share:
        every = carved_every(config.dev_share)
        dev = _Reading(DEV, f"1 in {every} paragraphs of train", [], [], [], carved=True)
        position = 0
        for reading in [r for r in readings if r.split == TRAIN]:
            mine = reading.paragraphs
            dev.paragraphs += mine[-position % every :: every]
            reading.paragraphs = [p for i, p in enumerate(mine, position) if i % every]
            position += len(mine)
        readings.append(dev)
    readings.sort(key=lambda r: SPLITS.index(r.split))
    return readings + [_read(HELD_OUT, Source(path)) for path in config.held_out]


def _read(split: str, source: Source) -> _Reading:
    reading = _Reading(split, source.path, [], [], [])
    documents, reading.errors = _read_text(source) if split == HELD_OUT else read_around_errors(source)
    for document in documents:
        try:
            reading.paragraphs += [p for _, p in paragraphs(document)]
            reading.documents.append(document)
        except DataError as error:
            reading.errors.append(str(error))
    return reading


def _read_text(source: Source) -> tuple[list[Document], list[str]]:
    """As `read_around_errors`; a file of no known format is plain text."""
    if not is_plain_text(source.path):
        return read_around_errors(source)
    try:
        return [Document(read_text(source.path), id=Path(source.path).name)], []
    except DataError as error:
        return [], [str(error)]


def _label_faults(sources: Sequence[SourceReport], trained: set[tuple[str, str]], scheme: LabelScheme) -> Iterator[str]:
    for s in sources:
        for layer, kind in (("outer", ""), ("inner", "nested ")):
            known: tuple[str, ...] = getattr(scheme, layer)
            where = {
                label: f"{label} ({n:,} {'span' if n == 1 else 'spans'}, first in {s.statistics.first[layer, label]})"
                for label, n in sorted(getattr(s.statistics, layer).items())
            }
            unknown = [x for label, x in where.items() if label not in known]
            if unknown:
                yield (
                    f"{s.split}: {s.path}: {kind}labels that the model lacks: {', '.join(unknown)}; it has "
                    f"{', '.join(known) or 'none'}. Mark training data with them, name all labels under `labels:`, "
                    "or take them out."
                )
            untrained = [x for label, x in where.items() if label in known and (layer, label) not in trained]
            if untrained and s.split != TRAIN:
                yield (
                    f"{s.split}: {s.path}: {kind}labels that no training paragraph has: {', '.join(untrained)}. Mark "
                    "training data with them, or take them out."
                )


def _alignment_faults(sources: Sequence[SourceReport]) -> Iterator[str]:
    for s in sources:
        lost = sum(x.reason != UNKNOWN_LABEL for x in s.statistics.lost)
        total = s.statistics.represented + len(s.statistics.lost)
        if lost > MOST_UNALIGNED * total:
            yield (
                f"{s.split}: {s.path}: {lost:,} of {total:,} spans cannot be represented by word tags. Check that "
                "offsets count Python characters, and that spans begin and end with words."
            )


def _tokenizer(config: ModelConfig, texts: Sequence[str]) -> tuple[Tokenizer | None, str]:
    """The tokenizer that training would use, or why it cannot be had."""
    try:
        if isinstance(config.base, ScratchConfig):
            return load_base(config, LabelScheme(), texts).tokenizer, ""
        try:
            shape = AutoConfig.from_pretrained(config.base, local_files_only=True)
        except (OSError, ValueError):
            HfApi().model_info(config.base, timeout=_HUB_SECONDS)  # AutoConfig would try for a minute
            shape = AutoConfig.from_pretrained(config.base)
        return load_tokenizer(config, shape.vocab_size), ""
    except WazirError as error:
        return None, str(error)
    except Exception as error:  # each library fails in its own way; sub-tokens are a part of the report alone
        return None, f"{config.base} cannot be reached ({type(error).__name__}: {short(error)})"
