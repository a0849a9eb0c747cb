"""Wazir reads Arabic political news: officials, titles, organizations and locations as exact character spans."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from importlib.metadata import version
from typing import Any, overload

from wazir.errors import DataError, ModelError, WazirError
from wazir.frames import Engine, span_frame
from wazir.spans import Document, Span
from wazir.tagger import Tagger

__all__ = ["DataError", "Document", "ModelError", "Span", "Tagger", "WazirError", "frame", "predict"]
__version__ = version("wazir")


@overload
def predict(texts: str) -> list[Span]: ...  # type: ignore[overload-overlap]  # a str is a sequence of str
@overload
def predict(texts: Sequence[str]) -> list[list[Span]]: ...
def predict(texts: str | Sequence[str]) -> list[Span] | list[list[Span]]:
    """Spans of one text, or of each of several, by the compact model of the package.

    The model is loaded at the first call. For another model, or to set its runtime, use `Tagger.from_pretrained`.

    Raises:
        TypeError: something that is not a string.
    """
    return _default_tagger().predict(texts)


def frame(texts: str | Iterable[str], engine: Engine = "pandas") -> Any:
    """Spans of texts as a tidy table, by the compact model of the package; see `wazir.frames.span_frame`."""
    return span_frame(_default_tagger(), texts, engine)


@cache
def _default_tagger() -> Tagger:
    return Tagger.from_pretrained()
