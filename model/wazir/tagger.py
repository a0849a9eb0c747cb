"""Text in, labelled spans out."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import get_args, overload

import numpy as np
from tokenizers import Tokenizer

from wazir.backends import Backend, OnnxBackend, TorchBackend
from wazir.checkpoint import (
    DEFAULT_MODEL,
    ONNX,
    WEIGHTS,
    BackendName,
    Checkpoint,
    find_checkpoint,
    read_checkpoint,
    read_tokenizer,
)
from wazir.decoding import WordLogits, decode
from wazir.encoding import Encoding, Window, encode, windows
from wazir.errors import ModelError
from wazir.spans import Span

#: Characters tagged at once by `Tagger.stream`; bounds memory and lets batches be sorted by length.
_BLOCK = 65_536
#: Sub-tokens, padding included, that the network reads in one batch; measured, see docs/decisions.md.
_BATCH_TOKENS = 256


class Tagger:
    """A trained model, ready to tag.

    Every line of a text is a paragraph and is read on its own. Lines longer than the network's window are read
    in overlapping windows; nothing is cut off.
    """

    def __init__(self, checkpoint: Checkpoint, tokenizer: Tokenizer, backend: Backend) -> None:
        """Put the parts together; users call `Tagger.from_pretrained`."""
        self.checkpoint = checkpoint
        self.tokenizer = tokenizer
        self.backend = backend
        special = tokenizer.encode("").ids
        if len(special) != 2:
            raise ModelError(f"{checkpoint.folder}: the tokenizer adds {len(special)} special tokens, not 2.")
        self._begin, self._end = special

    @classmethod
    def from_pretrained(
        cls,
        model: str | Path = DEFAULT_MODEL,
        *,
        revision: str | None = None,
        backend: BackendName = "auto",
        threads: int | None = None,
    ) -> Tagger:
        """Load a checkpoint.

        Of a Hub id, only the files that the runtime needs are downloaded, and those in the cache are taken without a
        network. A BERT token classifier with IOB2 labels that this project did not make loads too, with ``torch``; its
        spans begin and end with words.

        Args:
            model: Folder or Hub id; the compact model of the package by default.
            revision: Branch, tag or commit of a Hub id.
            backend: ``onnx`` reads `model.onnx`, ``torch`` reads `model.safetensors` and needs the extra
                ``train``; ``auto`` takes ONNX where there is one.
            threads: Threads of the ONNX runtime; all cores by default.

        Raises:
            ModelError: no such model, or files of it missing or damaged.
        """
        if backend not in get_args(BackendName):
            raise ModelError(f"unknown backend {backend!r}. Use auto, onnx or torch.")
        folder = find_checkpoint(model, revision, backend)
        checkpoint = read_checkpoint(folder)
        tokenizer = read_tokenizer(folder)
        if backend == "auto":
            only_torch = (folder / WEIGHTS).is_file() and not (folder / ONNX).is_file()
            backend = "torch" if only_torch else "onnx"
        loaded = TorchBackend.load(checkpoint) if backend == "torch" else OnnxBackend(checkpoint, threads)
        return cls(checkpoint, tokenizer, loaded)

    @overload
    def predict(self, texts: str, batch_size: int = ...) -> list[Span]: ...  # type: ignore[overload-overlap]  # a str is a sequence of str
    @overload
    def predict(self, texts: Sequence[str], batch_size: int = ...) -> list[list[Span]]: ...
    def predict(self, texts: str | Sequence[str], batch_size: int = 64) -> list[Span] | list[list[Span]]:
        """Spans of one text or of each of several.

        Args:
            texts: A text of any length, or a sequence of them.
            batch_size: Most windows that the network reads at once.

        Returns:
            Top-level spans in order, with offsets into the text as given; a list of such lists for a sequence.

        Raises:
            TypeError: something that is not a string.
        """
        if isinstance(texts, str):
            return next(self.stream([texts], batch_size))
        given: object = texts
        if not isinstance(given, Iterable) or isinstance(given, bytes | bytearray):
            raise TypeError(f"predict takes a string or a list of strings, not {type(texts).__name__}")
        return list(self.stream(texts, batch_size))

    def stream(self, texts: Iterable[str], batch_size: int = 64) -> Iterator[list[Span]]:
        """Tag an iterable of any length, in order and in bounded memory.

        Yields:
            The spans of each text.

        Raises:
            TypeError: an element that is not a string, or a string in place of an iterable of them.
            ValueError: ``batch_size`` below 1.
        """
        if isinstance(texts, str):
            raise TypeError("stream takes an iterable of strings; for one text call predict")
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, not {batch_size}")
        waiting: deque[list[Span]] = deque()
        block: list[tuple[list[Span], int, str]] = []
        size = 0
        for text in texts:
            if not isinstance(text, str):
                raise TypeError(f"a text must be a string, not {type(text).__name__}")
            if size >= _BLOCK:
                self._tag(block, batch_size)
                block, size = [], 0
                while waiting:
                    yield waiting.popleft()
            spans: list[Span] = []
            waiting.append(spans)
            size += 1  # empty texts are work too
            for start, line in _lines(text):
                if size >= _BLOCK:
                    self._tag(block, batch_size)
                    block, size = [], 0
                block.append((spans, start, line))
                size += len(line)
        self._tag(block, batch_size)
        yield from waiting

    def _tag(self, block: list[tuple[list[Span], int, str]], batch_size: int) -> None:
        lines = [line for _, _, line in block]
        encodings = encode(self.tokenizer, lines)
        logits = self.logits(encodings, batch_size)
        checkpoint = self.checkpoint
        results = decode(lines, encodings, logits, checkpoint.scheme, checkpoint.temperature)
        for (spans, start, _), found in zip(block, results, strict=True):
            spans += [s.shift(start) for s in found]

    def logits(self, encodings: Sequence[Encoding], batch_size: int = 64) -> list[WordLogits]:
        """Logits of every word of every encoding; zero for words without a sub-token."""
        scheme = self.checkpoint.scheme
        results = [WordLogits(*(np.zeros((len(e.words), w), np.float32) for w in scheme.widths)) for e in encodings]
        room = self.checkpoint.window - 2
        todo = sorted(windows(encodings, room, overlap=room // 4), key=lambda w: -len(w.ids))
        for batch in _batches(todo, batch_size):
            ids = np.full((len(batch), len(batch[0].ids) + 2), self.checkpoint.pad_id, dtype=np.int64)
            mask = np.zeros_like(ids)
            ids[:, 0] = self._begin
            for row, window in enumerate(batch):
                length = len(window.ids)
                ids[row, 1 : length + 1] = window.ids
                ids[row, length + 1] = self._end
                mask[row, : length + 2] = 1
            outputs = self.backend.run(ids, mask)
            for row, window in enumerate(batch):
                target = results[window.encoding]
                heads = [x for x in (target.outer, target.inner, target.proclitic) if x.shape[1] > 1]
                for array, output in zip(heads, outputs, strict=True):
                    array[window.words] = output[row, window.first + 1]
        return results


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines that hold anything, with their offsets."""
    start = 0
    for line in text.splitlines(keepends=True):
        if not line.isspace():
            yield start, line
        start += len(line)


def _batches(ordered: Sequence[Window], batch_size: int) -> Iterator[Sequence[Window]]:
    """Runs of windows, longest first, within the batch size and the token budget."""
    start = 0
    while start < len(ordered):
        fit = max(1, min(batch_size, _BATCH_TOKENS // (len(ordered[start].ids) + 2)))
        yield ordered[start : start + fit]
        start += fit
