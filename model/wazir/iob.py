"""Tag schemes of word-level formats: IOB1, IOB2, BIOES (also called IOBES) and BILOU.

In IOB2 a span is B I I …; in IOB1 it is I I I …, with B only where it touches a span of its own label; in BIOES
its last word is E and a span of one word is S; BILOU spells E and S as L and U. (Ratinov and Roth 2009,
https://aclanthology.org/W09-1119, section 5.)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from wazir.errors import DataError

_TAG = re.compile(r"O|[BIESLU]-\S+")
_OUTSIDE = "O"
_END = ""  # stands behind the last tag of a sentence
#: Largest share of spans that begin with a stray tag; published corpora have up to 3% (ANERcorp, CAMeL test split).
_MOST_STRAYS = 0.05


class TagScheme(StrEnum):
    """How a layer of spans is spelled as one tag a word."""

    IOB2 = "IOB2"
    IOB1 = "IOB1"
    BIOES = "BIOES"
    BILOU = "BILOU"


@dataclass(frozen=True, slots=True)
class FoundScheme:
    """The scheme of the tags of a file.

    Attributes:
        scheme: The scheme.
        strays: How many tags break it, at most one in twenty spans: an I- that continues nothing in IOB2, a B- that
            follows no span of its label in IOB1. They begin a span all the same, as conlleval and seqeval read them.
        line: Line of the first of these; 0 if there are none.
    """

    scheme: TagScheme
    strays: int = 0
    line: int = 0


@dataclass(frozen=True, slots=True)
class _Fault:
    line: int
    count: int
    problem: str
    remedy: str


def is_span_tag(tag: str) -> bool:
    """Whether ``tag`` is a prefix of one of the schemes and a label, such as ``B-LOC``."""
    return tag != _OUTSIDE and _TAG.fullmatch(tag) is not None


def find_scheme(sentences: Iterable[Sequence[tuple[int, str]]]) -> FoundScheme:
    """The one scheme that all tags of a file follow; IOB2 where there are no spans.

    Args:
        sentences: The tags of each sentence in one layer, each with the number of its line.

    Raises:
        DataError: a tag that belongs to no scheme, or tags that fit none as a whole; with the line of the first
            that breaks the likeliest scheme.
    """
    places: dict[tuple[str, str], list[int]] = {}  # tag before, tag: first line, count; a fault needs no more
    for sentence in sentences:
        previous = _OUTSIDE
        for line, tag in sentence:
            places.setdefault((previous, tag), [line, 0])[1] += 1
            previous = tag
        if sentence:
            places.setdefault((previous, _END), [sentence[-1][0], 0])[1] += 1
    for (_, tag), (line, _) in places.items():
        if tag != _END and not _TAG.fullmatch(tag):
            raise DataError(f"tag {tag!r} is of no known scheme", "Use O, B-LABEL and I-LABEL.", line=line)
    faults = {scheme: _faults(scheme, places) for scheme in TagScheme}
    for scheme, found in faults.items():
        if not found:
            return FoundScheme(scheme)
    prefixes = {tag[:1] for _, tag in places}
    if prefixes & set("ES"):
        likely = TagScheme.BIOES
    elif prefixes & set("LU"):
        likely = TagScheme.BILOU
    else:
        likely = min(TagScheme.IOB2, TagScheme.IOB1, key=lambda scheme: sum(f.count for f in faults[scheme]))
        strays = sum(f.count for f in faults[likely])
        if strays <= _MOST_STRAYS * sum(n for (a, b), (_, n) in places.items() if b[:1] == "B" or a[2:] != b[2:] != ""):
            return FoundScheme(likely, strays, min(f.line for f in faults[likely]))
    first = min(faults[likely], key=lambda fault: fault.line)
    raise DataError(f"{first.problem}, so these tags are not {likely}", first.remedy, line=first.line)


def _faults(scheme: TagScheme, places: dict[tuple[str, str], list[int]]) -> list[_Fault]:
    found = []
    for (previous, tag), (line, count) in places.items():
        if scheme in (TagScheme.IOB1, TagScheme.IOB2):
            fault = _iob_fault(scheme, previous, tag)
        else:
            fault = _closed_fault(scheme, previous, tag)
        if fault:
            found.append(_Fault(line, count, *fault))
    return found


def _iob_fault(scheme: TagScheme, previous: str, tag: str) -> tuple[str, str] | None:
    """What is wrong with ``tag`` after ``previous``, and the remedy."""
    label = tag[2:]
    if tag[:1] not in "OBI":
        return f"tag {tag!r} is none of O, B- and I-", "Use one scheme in a file."
    if scheme is TagScheme.IOB2 and tag[:1] == "I" and previous[2:] != label:
        return f"tag {tag!r} continues nothing after {previous!r}", f"Begin with 'B-{label}'."
    if scheme is TagScheme.IOB1 and tag[:1] == "B" and previous[2:] != label:
        return f"tag {tag!r} follows no span of its label", f"Begin with 'I-{label}'."
    return None


def _closed_fault(scheme: TagScheme, previous: str, tag: str) -> tuple[str, str] | None:
    """The same for schemes whose spans have a last word of their own."""
    last, single = "ES" if scheme is TagScheme.BIOES else "LU"
    label = tag[2:]
    if tag[:1] not in f"OBI{last}{single}":
        return f"tag {tag!r} is none of O, B-, I-, {last}- and {single}-", "Use one scheme in a file."
    if previous[0] in "BI" and not (tag[:1] in ("I", last) and previous[2:] == label):
        return f"span of tag {previous!r} never ends", f"End it with '{last}-{previous[2:]}'."
    if previous[0] not in "BI" and tag[:1] in ("I", last):
        return f"tag {tag!r} continues nothing after {previous!r}", f"Begin with 'B-{label}' or use '{single}-{label}'."
    return None


def tagged_runs(tags: Sequence[str]) -> list[tuple[int, int, str]]:
    """First word, one past the last word, and label of each span that the tags of one sentence spell.

    The tags follow any of the schemes; `find_scheme` has made sure.
    """
    runs: list[tuple[int, int, str]] = []
    previous = _OUTSIDE
    for i, tag in enumerate(tags):
        if tag != _OUTSIDE:
            if tag[0] in "BSU" or previous[0] in "OESLU" or previous[2:] != tag[2:]:
                runs.append((i, i + 1, tag[2:]))
            else:
                runs[-1] = (runs[-1][0], i + 1, tag[2:])
        previous = tag
    return runs


def spell_tags(tags: Sequence[str], scheme: TagScheme) -> list[str]:
    """The tags of one sentence, spelled in a scheme."""
    spelled = [_OUTSIDE] * len(tags)
    last, single = "LU" if scheme is TagScheme.BILOU else "ES"
    previous = -1, ""  # end and label of the span before
    for first, after, label in tagged_runs(tags):
        spelled[first:after] = [f"I-{label}"] * (after - first)
        if scheme is not TagScheme.IOB1 or previous == (first, label):
            spelled[first] = f"B-{label}"
        if scheme in (TagScheme.BIOES, TagScheme.BILOU):
            spelled[after - 1] = f"{last if after - first > 1 else single}-{label}"
        previous = after, label
    return spelled
