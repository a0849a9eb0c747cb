"""Names, offices, bodies and places exchanged for others of the same kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from random import Random

from wazir.spans import Document, Span
from wazir_training.augmentation.edits import Edit, apply_edits
from wazir_training.augmentation.particles import after, is_after_swallowed, particles_before

#: Label, layer, whether the form has the article, and whether it has more than one word.
Kind = tuple[str, bool, bool, bool]


class Pool:
    """Forms to exchange, by kind; each form once, so that rare ones come as often as common ones."""

    def __init__(self, documents: Iterable[Document], lists: Mapping[str, Sequence[str]] | None = None) -> None:
        """Collect the spans of documents.

        Args:
            documents: Training documents.
            lists: More forms of top-level spans, by label.
        """
        found: dict[Kind, dict[str, Span]] = defaultdict(dict)
        for document in documents:
            for outer in document.spans:
                for span, nested in ((outer, False), *((s, True) for s in outer.inner)):
                    if not is_after_swallowed(document.text, span.start):
                        found[_kind(span.label, span.text, nested)].setdefault(span.text, span.shift(-span.start))
        for label, forms in (lists or {}).items():
            for form in forms:
                found[_kind(label, form, False)].setdefault(form, Span(0, len(form), label, form))
        self._forms = {kind: list(forms.values()) for kind, forms in found.items()}

    def draw(self, span: Span, nested: bool, random: Random) -> Span:
        """A form of the kind of a span, with its nested spans, at offset 0; the span's own if there is no other."""
        return random.choice(self._forms.get(_kind(span.label, span.text, nested)) or [span.shift(-span.start)])


def swap(document: Document, random: Random, pool: Pool, share: float = 0.5) -> Document:
    """Some forms of a text exchanged for others of their kind, the same form always for the same.

    A surname alone follows the full name. Where a span is not exchanged, what is nested in it may be.
    """
    drawn: dict[tuple[str, bool, str], Span | None] = {}
    edits: list[Edit] = []

    def choose(span: Span, nested: bool) -> Span | None:
        key = (span.label, nested, span.text)
        if key not in drawn:
            drawn[key] = pool.draw(span, nested, random) if random.random() < share else None
        return drawn[key]

    names = [s for s in document.spans if s.label == "OFFICIAL" and " " in s.text]
    for name in names:
        new = choose(name, False)
        surname = name.text.rpartition(" ")[2]
        if new is not None:
            last = new.text.rpartition(" ")[2]
            drawn[("OFFICIAL", False, surname)] = Span(0, len(last), "OFFICIAL", last)
    for span in document.spans:
        for each, nested in ((span, False), *((s, True) for s in span.inner)):
            if is_after_swallowed(document.text, each.start):
                continue
            new = choose(each, nested)
            if new is not None:
                particles = particles_before(document.text, each.start)
                text = after(particles, new.text)
                lost = len(new.text) - len(text)
                inner = tuple(s.shift(-lost) for s in new.inner if s.start >= lost)
                edits.append(Edit(each.start, each.end, text, inner))
                if not nested:
                    break
    return apply_edits(document, edits)


def _kind(label: str, text: str, nested: bool) -> Kind:
    return label, nested, text.startswith("ال"), " " in text
