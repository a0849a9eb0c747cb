"""Tag schemes of word-level formats: IOB1, IOB2, BIOES (also called IOBES) and BILOU.

In IOB2 a span is B I I …; in IOB1 it is I I I …, with B only where it touches a span of its own label; in BIOES
its last word is E and a span of one word is S; BILOU spells E and S as L and U. (Ratinov and Roth 2009,
https://aclanthology.org/W09-1119, section 5.)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum

from wazir.errors import DataError

_TAG = re.compile(r"O|[BIESLU]-(?s:.+)")
_OUTSIDE = "O"


class TagScheme(StrEnum):
    """How a layer of spans is spelled as one tag a word."""

    IOB2 = "IOB2"
    IOB1 = "IOB1"
    BIOES = "BIOES"
    BILOU = "BILOU"


def is_span_tag(tag: str) -> bool:
    """Whether ``tag`` is a prefix of one of the schemes and a label, such as ``B-LOC``."""
    return tag != _OUTSIDE and _TAG.fullmatch(tag) is not None


def find_scheme(sentences: Iterable[Sequence[tuple[int, str]]]) -> TagScheme:
    """The one scheme that all tags of a file follow; IOB2 where there are no spans.

    Args:
        sentences: The tags of each sentence in one layer, each with the number of its line.

    Raises:
        DataError: a tag that belongs to no scheme, or tags that fit none as a whole; with the line of the first
            that breaks the likeliest scheme.
    """
    faults: dict[TagScheme, tuple[int, str, str]] = {}
    seen: set[tuple[str, str]] = set()  # whether a tag fits depends on the one before it alone
    for sentence in sentences:
        previous = _OUTSIDE
        for line, tag in sentence:
            if (previous, tag) not in seen:
                if not _TAG.fullmatch(tag):
                    raise DataError(f"tag {tag!r} is of no known scheme", "Use O, B-LABEL and I-LABEL.", line=line)
                seen.add((previous, tag))
                for scheme in TagScheme:
                    if scheme not in faults and (fault := _fault(scheme, previous, tag)):
                        faults[scheme] = (line, *fault)
            previous = tag
        if previous[0] in "BI":
            label = previous[2:]
            for scheme, last in ((TagScheme.BIOES, "E"), (TagScheme.BILOU, "L")):
                fault = f"tag {previous!r} ends a sentence", f"End the span with '{last}-{label}'."
                faults.setdefault(scheme, (sentence[-1][0], *fault))
    fitting = [scheme for scheme in TagScheme if scheme not in faults]
    if fitting:
        return fitting[0]
    prefixes = {tag[0] for _, tag in seen}
    if prefixes <= set("OBI"):
        line, problem, remedy = faults[TagScheme.IOB2]
        other, also, _ = faults[TagScheme.IOB1]
        raise DataError(f"{problem}, as it must in IOB2, and no IOB1 either: on line {other} {also}", remedy, line=line)
    likely = TagScheme.BILOU if prefixes & set("LU") and not prefixes & set("ES") else TagScheme.BIOES
    line, problem, remedy = faults[likely]
    raise DataError(f"{problem}, which is no {likely}", remedy, line=line)


def _fault(scheme: TagScheme, previous: str, tag: str) -> tuple[str, str] | None:
    """What is wrong with ``tag`` after ``previous``, and the remedy."""
    label = tag[2:]
    follows = previous[2:] == label
    if scheme in (TagScheme.IOB1, TagScheme.IOB2):
        if tag[0] not in "OBI":
            return f"tag {tag!r} is not {scheme}", f"Use O, 'B-{label}' and 'I-{label}'."
        if scheme is TagScheme.IOB2 and tag[0] == "I" and not follows:
            return f"tag {tag!r} continues nothing after {previous!r}", f"Begin with 'B-{label}'."
        if scheme is TagScheme.IOB1 and tag[0] == "B" and not follows:
            return f"tag {tag!r} follows no span of its label", f"Begin with 'I-{label}'."
        return None
    last, single = "ES" if scheme is TagScheme.BIOES else "LU"
    if tag[0] not in f"OBI{last}{single}":
        return f"tag {tag!r} is not {scheme}", f"Use O and B-, I-, {last}- and {single}-{label}."
    if previous[0] in "BI" and not (tag[0] in f"I{last}" and follows):
        return f"tag {tag!r} breaks the span of {previous!r}", f"End that span with '{last}-{previous[2:]}'."
    if previous[0] not in "BI" and tag[0] in f"I{last}":
        return f"tag {tag!r} continues nothing after {previous!r}", f"Begin with 'B-{label}' or use '{single}-{label}'."
    return None


def tagged_runs(tags: Sequence[str]) -> list[tuple[int, int, str]]:
    """First word, one past the last word, and label of each span that the tags of one sentence spell.

    The tags may follow any of the schemes, as `find_scheme` has made sure.
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
    """The IOB2 tags of one sentence, spelled in another scheme."""
    if scheme is TagScheme.IOB2:
        return list(tags)
    spelled = [_OUTSIDE] * len(tags)
    last, single = "LU" if scheme is TagScheme.BILOU else "ES"
    for first, after, label in tagged_runs(tags):
        spelled[first:after] = [f"I-{label}"] * (after - first)
        if scheme is TagScheme.IOB1:
            if first and tags[first - 1][2:] == label:
                spelled[first] = f"B-{label}"
        elif after - first == 1:
            spelled[first] = f"{single}-{label}"
        else:
            spelled[first], spelled[after - 1] = f"B-{label}", f"{last}-{label}"
    return spelled
