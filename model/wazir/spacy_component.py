"""The spaCy component ``wazir``: its spans as entities, nested ones beside them, and exact characters in an attribute.

spaCy's spans begin and end with tokens; ours may begin inside one (the particle of بحكومة). So `doc.ents` and
`doc.spans["wazir"]` take whole tokens, and `doc._.wazir` and `span._.wazir` have what was found, to the character.
"""

from __future__ import annotations

import shutil
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import islice, takewhile, tee
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc
from spacy.tokens import Span as Tokens
from spacy.util import ensure_path, filter_spans

from wazir.checkpoint import CONFIG, ONNX, TOKENIZER
from wazir.spans import Span
from wazir.tagger import Tagger

#: Key of the span group, and of the plain values in `Doc.user_data`, which spaCy can write.
KEY = "wazir"


def spans_of(doc: Doc) -> list[Span]:
    """The exact top-level spans that the component found in a document."""
    return [_span(values) for values in doc.user_data.get(KEY, ())]


def exact_span(tokens: Tokens) -> Span | None:
    """The exact span behind one of spaCy's; None if the component did not make it."""
    found = tokens.doc.user_data.get(KEY, ())
    first = bisect_right(found, tokens.start_char, key=lambda values: values["end"])
    for values in takewhile(lambda values: values["start"] < tokens.end_char, islice(found, first, None)):
        for each in (values, *values["inner"]):
            whole = tokens.doc.char_span(each["start"], each["end"], alignment_mode="expand")
            here = whole is not None and (whole.start, whole.end) == (tokens.start, tokens.end)
            if here and each["label"] == tokens.label_:
                return _span(each)
    return None


def _span(values: Mapping[str, Any]) -> Span:
    """What `Span.to_dict` gave, as a span again."""
    return Span(**{**values, "inner": tuple(map(_span, values["inner"]))})


class WazirComponent:
    """Tags documents, one at a time or in batches."""

    def __init__(self, model: str | None, batch_size: int, overwrite_ents: bool) -> None:
        """Prepare; the model is loaded with the first document.

        Args:
            model: Folder or Hub id; the model of the package where it is None.
            batch_size: Most pieces of text that the network reads at once.
            overwrite_ents: Whether to drop entities of earlier components that overlap ours; else they win.
        """
        self._model = model
        self._batch_size = batch_size
        self._overwrite = overwrite_ents

    @cached_property
    def _tagger(self) -> Tagger:
        return Tagger.from_pretrained(self._model) if self._model else Tagger.from_pretrained()

    def __call__(self, doc: Doc) -> Doc:
        """Tag a document."""
        return next(self.pipe([doc]))

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 0) -> Iterator[Doc]:
        """Tag documents in order, in bounded memory; ``batch_size`` is that of the component."""
        docs, texts = tee(stream)
        for doc, spans in zip(docs, self._tagger.stream((d.text for d in texts), self._batch_size), strict=True):
            self._write(doc, spans)
            yield doc

    def _write(self, doc: Doc, spans: list[Span]) -> None:
        doc.user_data[KEY] = [span.to_dict() for span in spans]
        outer = _tokens(doc, spans)
        nested = _tokens(doc, [inner for span in spans for inner in span.inner])
        doc.spans[KEY] = sorted([*outer, *nested], key=lambda t: (t.start, -t.end))
        ours, others = filter_spans(outer), list(doc.ents)
        first, second = (ours, others) if self._overwrite else (others, ours)
        taken = {i for span in first for i in range(span.start, span.end)}
        doc.ents = [*first, *(s for s in second if not taken & set(range(s.start, s.end)))]

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Write the inference files of a model that is a folder, so that the pipeline can move to another machine."""
        folder = ensure_path(path)
        folder.mkdir(parents=True, exist_ok=True)
        if self._model and Path(self._model).is_dir():
            for name in (CONFIG, TOKENIZER, ONNX):
                shutil.copy(Path(self._model) / name, folder / name)

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> WazirComponent:
        """Take the model from a pipeline's folder, if it was written there."""
        folder = ensure_path(path)
        if (folder / ONNX).is_file():
            self._model = str(folder)
            self.__dict__.pop("_tagger", None)
        return self

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """Nothing: the configuration of the pipeline names the model."""
        return b""

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> WazirComponent:
        """See `to_bytes`."""
        return self

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_tagger"}  # it is loaded again


def _tokens(doc: Doc, spans: Iterable[Span]) -> list[Tokens]:
    found = (doc.char_span(s.start, s.end, label=s.label, alignment_mode="expand") for s in spans)
    return [tokens for tokens in found if tokens is not None]


@Language.factory(  # type: ignore[untyped-decorator]
    "wazir",
    assigns=["doc.ents", "doc.spans", "doc._.wazir"],
    default_config={"model": None, "batch_size": 64, "overwrite_ents": False},
)
def make_component(
    nlp: Language, name: str, model: str | None, batch_size: int, overwrite_ents: bool
) -> WazirComponent:
    """Make the component for `nlp.add_pipe("wazir")`; arguments as `WazirComponent`."""
    Doc.set_extension(KEY, getter=spans_of, force=True)
    Tokens.set_extension(KEY, getter=exact_span, force=True)
    return WazirComponent(model, batch_size, overwrite_ents)
