"""Changed copies of training documents, by a configuration."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from random import Random

from wazir.documents import read_lines
from wazir.errors import DataError
from wazir.spans import Document
from wazir_training.augmentation.config import AugmentConfig, ChangeName, FormList
from wazir_training.augmentation.order import front_subject
from wazir_training.augmentation.particles import change_particles
from wazir_training.augmentation.spelling import (
    change_digits,
    change_quotes,
    mark_vowels,
    mistype,
    stretch,
    vary_letters,
)
from wazir_training.augmentation.swaps import Pool, swap

Change = Callable[[Document, Random], Document]

#: What may happen to a copy, in this order, but for `swap`, which comes first.
CHANGES: Mapping[ChangeName, Change] = {
    "order": front_subject,
    "particles": change_particles,
    "quotes": change_quotes,
    "digits": change_digits,
    "letters": vary_letters,
    "typing": mistype,
    "tatweel": stretch,
    "vowels": mark_vowels,
}


def augment(documents: Sequence[Document], config: AugmentConfig, seed: int) -> list[Document]:
    """The documents, and changed copies of them behind.

    Args:
        documents: Training documents.
        config: How many copies, and how likely each change is.
        seed: What the changes follow from.

    Raises:
        DataError: a list of forms cannot be read.
    """
    if not config.copies:
        return list(documents)
    random = Random(seed)
    changes: dict[ChangeName, Change] = {}
    if config.changes.get("swap"):
        changes["swap"] = partial(swap, pool=Pool(documents, _read_lists(config.lists, random)))
    changes |= {name: change for name, change in CHANGES.items() if config.changes.get(name)}
    made = list(documents)
    for copy in range(config.copies):
        for document in documents:
            new = document
            for name, change in changes.items():
                if random.random() < config.changes[name]:
                    new = change(new, random)
            made.append(replace(new, id=f"{document.id} (copy {copy + 1})"))
    return made


def _read_lists(lists: Sequence[FormList], random: Random) -> dict[str, list[str]]:
    """Forms by label; several entries of a list of parts of names make a name."""
    forms: dict[str, list[str]] = {}
    for each in lists:
        parts = list(dict.fromkeys(_column(each)))
        if not parts:
            raise DataError("holds no form in that column", "Name a list of forms, and the right column.", each.path)
        made = parts if each.parts == 1 else [" ".join(random.choices(parts, k=each.parts)) for _ in parts]
        forms.setdefault(each.label, []).extend(made)
    return forms


def _column(source: FormList) -> list[str]:
    rows = [line.split("\t") for line in read_lines(source.path) if line.strip()]
    cells = [row[source.column - 1].strip() for row in rows if len(row) >= source.column]
    return [cell for cell in cells if any(c.isalpha() for c in cell)][: source.most]
