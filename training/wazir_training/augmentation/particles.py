"""Particles written onto the first word of a span: put there, taken away, and what the article does behind them."""

from __future__ import annotations

import re
from random import Random

from wazir.proclitics import MAX_PROCLITICS, PARTICLES
from wazir.spans import Document
from wazir_training.augmentation.edits import Edit, apply_edits

_BEFORE = re.compile(rf"(?:^|(?<=[^\w]))([{''.join(sorted(PARTICLES))}]{{1,{MAX_PROCLITICS}}})$")
#: Particles that a span without one may get, and how often.
_COMMON = ("و", "و", "و", "ب", "ل", "ول", "وب", "ف", "ك")


def particles_before(text: str, start: int) -> str:
    """The particles written onto what begins at ``start``; empty if none, or if letters of a word are there."""
    found = _BEFORE.search(text, 0, start) if start and text[start - 1].isalpha() else None
    return found[1] if found else ""


def after(particles: str, form: str) -> str:
    """How a form is written behind particles: ل swallows the alif of ال, and of الل the article whole."""
    if not particles.endswith("ل") or not form.startswith("ال"):
        return form
    return form[2:] if form.startswith("الل") else form[1:]


def is_after_swallowed(text: str, start: int) -> bool:
    """Whether ل stands before a form that may have lost its alif to it."""
    return particles_before(text, start).endswith("ل") and text[start] == "ل"


def change_particles(document: Document, random: Random) -> Document:
    """Particles put onto some spans that have none, and taken from some that have و or ف."""
    edits = []
    for span in document.spans:
        there = particles_before(document.text, span.start)
        free = span.start == 0 or document.text[span.start - 1].isspace()
        if there in ("و", "ف") and random.random() < 0.3:
            edits.append(Edit(span.start - 1, span.start, ""))
        elif free and random.random() < 0.15:
            new = random.choice(_COMMON)
            lost = len(span.text) - len(after(new, span.text))
            edits.append(Edit(span.start, span.start + lost, new) if lost else Edit(span.start, span.start, new))
    return apply_edits(document, edits)
