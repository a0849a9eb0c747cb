"""Which changed copies of the training paragraphs a configuration asks for."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import Field
from pydantic.dataclasses import dataclass

from wazir_training.schema import STRICT, Name

ChangeName = Literal["swap", "order", "particles", "quotes", "digits", "letters", "typing", "tatweel", "vowels"]
_CHANGES: dict[ChangeName, float] = {**dict.fromkeys(get_args(ChangeName), 0.1), "swap": 0.8}


@dataclass(frozen=True, config=STRICT)
class FormList:
    """A list of forms to exchange for those of the training data.

    Attributes:
        path: File of one form a line, or of tab-separated columns.
        label: Label of the forms.
        column: The column that holds them, counted from 1.
        parts: Entries that make a form, drawn at random, where the list holds parts of names.
        most: Entries to read from the top.
    """

    path: Name
    label: Name
    column: Annotated[int, Field(ge=1)] = 1
    parts: Annotated[int, Field(ge=1)] = 1
    most: Annotated[int, Field(ge=1)] = 20_000


@dataclass(frozen=True, config=STRICT)
class AugmentConfig:
    """Changed copies of the training paragraphs.

    Attributes:
        copies: Copies of each paragraph, besides itself.
        changes: How likely each change is in a copy: ``swap`` (names, offices, bodies and places for others of
            their kind), ``order`` (as in headlines), ``particles``, ``quotes``, ``digits``, ``letters`` (hamza, ya and
            ta marbuta), ``typing``, ``tatweel``, ``vowels``.
        lists: More forms for ``swap``.
    """

    copies: Annotated[int, Field(ge=0)] = 0
    changes: dict[ChangeName, Annotated[float, Field(gt=0, le=1)]] = Field(default_factory=lambda: dict(_CHANGES))
    lists: tuple[FormList, ...] = ()
