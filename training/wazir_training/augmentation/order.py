"""Sentences in the order of headlines."""

from __future__ import annotations

import re
from random import Random

from wazir.spans import Document
from wazir_training.augmentation.edits import Edit, apply_edits

_VERB = re.compile(r"(\w{3,}) ")
_GROUP = ("TITLE", "OFFICIAL")


def front_subject(document: Document, _: Random) -> Document:
    """A sentence that opens with a word and the office or name of who acts: these come first, then the word.

    «التقى وزير الخارجية فلان نظيره» becomes «وزير الخارجية فلان التقى نظيره». Other texts stay as they are.
    """
    verb = _VERB.match(document.text)
    if verb is None or not document.spans or document.spans[0].start != verb.end():
        return document
    end = verb.end()
    for span in document.spans:
        if span.label not in _GROUP or document.text[end : span.start] not in ("", " "):
            break
        end = span.end
    if end == verb.end() or document.text[end : end + 1] != " ":
        return document
    return apply_edits(document, [Edit(0, verb.end(), ""), Edit(end, end, f" {verb[1]}")])
