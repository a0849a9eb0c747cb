"""Names of the formats that `wazir convert` knows."""

from __future__ import annotations

from enum import StrEnum


class FormatName(StrEnum):
    """A format of marked documents."""

    ann = "ann"
    jsonl = "jsonl"
    conll = "conll"
    iob1 = "iob1"
    bioes = "bioes"
    brat = "brat"
    label_studio = "label-studio"
    doccano = "doccano"
    spacy = "spacy"
