"""spaCy's `DocBin`, `.spacy`: top-level spans as entities, all spans in the span group `sc`.

`sc` is the group that spaCy's span categorizer reads by default. Tokens are the words of `wazir.words`, cut at the
edges of spans, and what lies between them, so that text and offsets are kept to the character.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from wazir.conll import cut_words
from wazir.errors import DataError, WazirError, short
from wazir.spans import Document, Span
from wazir_training.formats.fitting import count_scores, fit_utf8
from wazir_training.formats.nesting import cut_span, flat_spans, nest_spans
from wazir_training.formats.omissions import Omissions

SPAN_GROUP = "sc"


def _tokens() -> Any:
    try:
        import spacy.tokens
    except ModuleNotFoundError as error:
        raise WazirError(f'the spaCy format needs {error.name}. Run `pip install "wazir[spacy]"`.') from None
    return spacy.tokens


def read(path: Path, omissions: Omissions) -> Iterator[Document]:
    """Read the documents of a `DocBin`.

    Counted: documents on which neither entities nor spans were ever set; entities and spans that cross each other or
    nest deeper than one level; spans of groups other than ``sc``.

    Raises:
        DataError: no `DocBin`.
        WazirError: spaCy is not installed.
    """
    tokens = _tokens()
    from spacy.vocab import Vocab

    try:
        docs = list(tokens.DocBin().from_disk(path).get_docs(Vocab()))
    except OSError as error:
        raise DataError(f"cannot be read, {error.strerror or error}", "Check its permissions.", path) from None
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise DataError(f"no DocBin of spaCy ({short(error)})", "Write it with DocBin.to_disk.", path) from None
    for number, doc in enumerate(docs, 1):
        place = f"{path}, document {number}"
        omissions.at(place)
        try:
            if not doc.has_annotation("ENT_IOB") and not doc.spans:
                omissions.add("document", "neither entities nor spans were ever set")
                continue
            others = sum(len(group) for name, group in doc.spans.items() if name != SPAN_GROUP)
            omissions.add("span", f"in a group other than {SPAN_GROUP!r}", others)
            name = str(doc.user_data.get("id", number))
            yield Document(doc.text, nest_spans(_spans(doc), omissions), name)
        except DataError as error:
            raise error.at(place, None) from None


def _spans(doc: Any) -> list[Span]:
    """Entities, and after them those spans of the group that are not among them."""
    text = doc.text
    entities = [cut_span(text, s.start_char, s.end_char, s.label_) for s in doc.ents]
    left = Counter(entities)
    spans = list(entities)
    for s in doc.spans.get(SPAN_GROUP, ()):
        span = cut_span(text, s.start_char, s.end_char, s.label_)
        if left[span]:
            left[span] -= 1
        else:
            spans.append(span)
    return spans


def write(documents: Iterable[Document], path: Path, omissions: Omissions) -> None:
    """Write documents, their ids as ``user_data["id"]``. Counted: scores.

    Raises:
        WazirError: spaCy is not installed.
    """
    tokens = _tokens()
    from spacy.vocab import Vocab

    vocab = Vocab()
    docs = tokens.DocBin(store_user_data=True)
    for document in documents:
        omissions.at_document(document)
        fitted = fit_utf8(document, omissions)
        if fitted is None:
            continue
        count_scores(fitted, omissions)
        found = make_tokens(fitted)
        doc = tokens.Doc(vocab, words=[word for _, word, _ in found], spaces=[space for _, _, space in found])
        first = {start: i for i, (start, _, _) in enumerate(found)}
        after = {start + len(word): i + 1 for i, (start, word, _) in enumerate(found)}
        placed = {
            id(s): tokens.Span(doc, first[s.start], after[s.end], label=s.label)
            for top in fitted.spans
            for s in (top, *top.inner)
        }
        doc.set_ents([placed[id(top)] for top in fitted.spans])
        doc.spans[SPAN_GROUP] = list(placed.values())
        if document.id:
            doc.user_data["id"] = document.id
        docs.add(doc)
    path.write_bytes(docs.to_bytes())


def make_tokens(document: Document) -> list[tuple[int, str, bool]]:
    """Tokens of a text: start, characters, and whether a space that belongs to no token follows.

    Put together they are the text, and every span begins and ends with one.
    """
    text = document.text
    spans = flat_spans(document)
    starts, ends = {s.start for s in spans}, {s.end for s in spans}
    edges = {0, len(text)} | starts | ends | {offset for piece in cut_words(document) for offset in piece}
    found: list[tuple[int, str, bool]] = []
    for start, end in pairwise(sorted(edges)):
        if text[start] == " " and found and start not in starts and start + 1 not in ends:
            found[-1] = (*found[-1][:2], True)
            start += 1
        if start < end:
            found.append((start, text[start:end], False))
    return found
