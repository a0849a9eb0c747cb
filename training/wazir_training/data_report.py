"""A data report as tables for the terminal, as sentences, and as JSON values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from wazir.labels import LabelScheme
from wazir_training.data_check import DataReport, SourceReport
from wazir_training.repeats import TRAIN
from wazir_training.statistics import Lengths, Pieces, Statistics, summarize

#: Sentences of one kind on the terminal; JSON has all of them.
MOST_NAMED = 20
#: Columns beside the labels that a terminal of 80 characters holds.
_MOST_COLUMNS = 7
_LAYERS = (("outer", ""), ("inner", "nested "))


def tables(report: DataReport) -> Iterator[Table]:
    """The figures of a report."""
    names = _names(report)
    splits = report.whole_splits()
    yield _source_table({name: s for name, s in names.items() if s.path})
    yield size_table({name: s.statistics for name, s in names.items()}, "paragraphs")
    marked = {x: s.statistics for x, s in names.items() if s.statistics.outer}
    if len(marked) > _MOST_COLUMNS:
        marked = {s.split: s.statistics for s in splits if s.statistics.outer}
    yield label_table(marked, report.scheme)
    yield length_table({s.split: s.statistics for s in splits if s.statistics.outer}, report.scheme)
    if not report.base_problem:
        yield _piece_table(names, report.window)
    yield _repeat_table(report)


def _names(report: DataReport) -> dict[str, SourceReport]:
    """Sources and, where a split has several, the split as a whole, by the name that tables give them."""
    named = {}
    for whole in report.whole_splits():
        mine = [s for s in report.sources if s.split == whole.split]
        if len(mine) == 1:
            named[whole.split] = mine[0]
        else:
            named |= {f"{whole.split} {i}": s for i, s in enumerate(mine, 1)}
            named[whole.split] = whole
    return named


def _table(title: str, first: str, columns: Sequence[str], caption: str = "") -> Table:
    table = Table(title=title, caption=caption or None, box=SIMPLE_HEAD, title_justify="left", caption_justify="left")
    table.add_column(first, overflow="fold", min_width=min(len(first), 10))
    for column in columns:
        table.add_column(column, justify="right", overflow="fold")
    return table


def _source_table(named: Mapping[str, SourceReport]) -> Table:
    table = _table("Sources", "data", ["documents"])
    table.add_column("from", overflow="fold")
    for name, s in named.items():
        table.add_row(name, "-" if s.documents is None else f"{s.documents:,}", escape(s.path))
    return table


def size_table(named: Mapping[str, Statistics], what: str = "documents") -> Table:
    """Sizes, one row a data set; ``what`` names the documents that were counted."""
    caption = "Words are separated by white space. Unaligned: spans that word tags cannot represent."
    table = _table("Sizes", "data", [what, "words", "spans", "nested", "unaligned"], caption)
    for name, s in named.items():
        counts = [s.documents, s.words, s.outer.total(), s.inner.total(), len(s.lost)]
        table.add_row(escape(name), *(f"{n:,}" for n in counts))
    return table


def labels_of(named: Mapping[str, Statistics], scheme: LabelScheme) -> Iterator[tuple[str, str, str]]:
    """Layer, label and printed name of all labels of the model, and of those in the data that it lacks."""
    for layer, kind in _LAYERS:
        known: tuple[str, ...] = getattr(scheme, layer)
        found = {label for s in named.values() for label in getattr(s, layer)}
        for label in (*known, *sorted(found - set(known))):
            yield layer, label, f"{kind}{label}" if label in known else f"{kind}{label} (unknown)"


def label_table(named: Mapping[str, Statistics], scheme: LabelScheme) -> Table:
    """Spans of each label, one column a data set."""
    table = _table("Spans", "label", [escape(x) for x in named])
    for layer, label, shown in labels_of(named, scheme):
        table.add_row(escape(shown), *(f"{getattr(s, layer)[label]:,}" for s in named.values()))
    return table


def length_table(named: Mapping[str, Statistics], scheme: LabelScheme) -> Table:
    """Span lengths of each label, one column a data set."""
    caption = "Median, 95th percentile and longest."
    table = _table("Span lengths in words", "label", [escape(x) for x in named], caption)
    for layer, label, shown in labels_of(named, scheme):
        found = [_lengths(s, layer).get(label) for s in named.values()]
        table.add_row(escape(shown), *(f"{x.median:g} / {x.most} / {x.longest}" if x else "-" for x in found))
    return table


def _lengths(statistics: Statistics, layer: str) -> dict[str, Lengths]:
    histograms = statistics.outer_lengths if layer == "outer" else statistics.inner_lengths
    return {label: summarize(lengths) for label, lengths in histograms.items()}


def _piece_table(named: Mapping[str, SourceReport], window: int) -> Table:
    caption = (
        "Unknown: share of sub-tokens that the vocabulary lacks. Cut: paragraphs longer than the window of "
        f"{window - 2:,} sub-tokens and two special tokens, and into how many windows."
    )
    columns = ["sub-tokens", "per word", "unknown", "longest", "cut", "into"]
    table = _table("Sub-tokens", "data", columns, caption)
    for name, s in named.items():
        if s.pieces is not None:
            x = _piece_values(s.pieces, s.statistics.words, window)
            cells = [f"{x['subtokens']:,}", f"{x['per_word']:.2f}", f"{x['unknown_share']:.3%}", f"{x['longest']:,}"]
            table.add_row(name, *cells, f"{x['cut_paragraphs']:,}", f"{x['cut_windows']:,}")
    return table


def _piece_values(pieces: Pieces, words: int, window: int) -> dict[str, Any]:
    total = int(pieces.lengths.sum())
    cut = pieces.lengths > window - 2
    return {
        "subtokens": total,
        "per_word": total / words if words else 0.0,
        "unknown": pieces.unknown,
        "unknown_share": pieces.unknown / total if total else 0.0,
        "unknown_words": dict(pieces.unknown_words.most_common(MOST_NAMED)),
        "longest": int(pieces.lengths.max(initial=0)),
        "cut_paragraphs": int(cut.sum()),
        "cut_windows": int(pieces.windows[cut].sum()),
    }


def _repeat_table(report: DataReport) -> Table:
    caption = "Paragraphs of the first that stand word for word, or with eight words in a row, in the second."
    table = _table("Repeated paragraphs", "", ["word for word", "eight words"], caption)
    for split, n in report.repeats.within.items():
        table.add_row(f"within {split}", f"{n:,}", "")
    for (left, right), n in report.repeats.same.items():
        table.add_row(f"{left} in {right}", f"{n:,}", f"{report.repeats.shared[left, right]:,}")
    return table


def notes(report: DataReport) -> Iterator[str]:
    """What a user should know and need not mend."""
    if report.base_problem:
        yield f"Sub-tokens were not counted: {report.base_problem}"
    for whole in report.whole_splits():
        if whole.pieces is not None and whole.pieces.unknown:
            words = ", ".join(f"{w!r} {n:,}" for w, n in whole.pieces.unknown_words.most_common(5))
            yield f"{whole.split}: most frequent words with unknown sub-tokens: {words}."
    repeats = report.repeats
    left_out = [f"{x.document.id} ({', '.join(x.splits)}): {_excerpt(x.document.text)}" for x in repeats.left_out]
    remain = sum(s.paragraphs for s in report.sources if s.split == TRAIN) - len(left_out)
    yield from _named(
        left_out, f"Training paragraphs left out for eight words in a row of another split ({remain:,} remain)"
    )
    conflicts = [f"{x.document.id} and {x.earlier}: {_excerpt(x.document.text)}" for x in repeats.conflicts]
    yield from _named(conflicts, "Paragraphs with the text of an earlier one and other marks")
    lost = [f"{split}: {x.document}: {x.span.label} {x.span.text!r:.60} {x.reason}" for split, x in report.unaligned]
    yield from _named(lost, "Unaligned spans, which word tags cannot represent, so that no model learns or finds them")


def _named(lines: Sequence[str], what: str) -> Iterator[str]:
    if lines:
        more = [f"  and {len(lines) - MOST_NAMED:,} more; --json FILE writes all."] if len(lines) > MOST_NAMED else []
        yield "\n".join([f"{what}: {len(lines):,}", *(f"  {x}" for x in lines[:MOST_NAMED]), *more])


def _excerpt(text: str) -> str:
    text = text.strip()
    return repr(text) if len(text) <= 60 else f"{text[:59] + '…'!r}"


def report_values(report: DataReport) -> dict[str, Any]:
    """All figures of a report as JSON values."""
    repeats = report.repeats
    return {
        "labels": asdict(report.scheme),
        "window": report.window,
        "base_problem": report.base_problem or None,
        "sources": [_source_values(s, report.window) for s in report.sources],
        "splits": [_source_values(s, report.window) for s in report.whole_splits()],
        "repeats": {
            "within": repeats.within,
            "same": [{"of": a, "in": b, "paragraphs": n} for (a, b), n in repeats.same.items()],
            "eight_words": [{"of": a, "in": b, "paragraphs": n} for (a, b), n in repeats.shared.items()],
        },
        "left_out": [
            {"document": x.document.id, "text": x.document.text, "splits": x.splits} for x in repeats.left_out
        ],
        "marked_otherwise": [
            {"document": x.document.id, "text": x.document.text, "earlier": x.earlier} for x in repeats.conflicts
        ],
        "unaligned": [
            {"split": split, "document": x.document, "layer": x.layer, "reason": x.reason, **x.span.to_dict()}
            for split, x in report.unaligned
        ],
        "faults": list(report.faults),
    }


def _source_values(source: SourceReport, window: int) -> dict[str, Any]:
    s = source.statistics
    counts: dict[str, Counter[str]] = {"outer": s.outer, "inner": s.inner}
    return {
        "split": source.split,
        "source": source.path or None,
        "documents": source.documents,
        "paragraphs": source.paragraphs,
        "words": s.words,
        "unaligned": len(s.lost),
        "spans": {
            layer: {label: {"spans": counts[layer][label], **asdict(x)} for label, x in _lengths(s, layer).items()}
            for layer, _ in _LAYERS
        },
        **({} if source.pieces is None else _piece_values(source.pieces, s.words, window)),
    }
