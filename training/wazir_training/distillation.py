"""Raw text as teachers read it: paragraphs with their spans, and the probabilities from which a student learns."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from rich.console import Console
from safetensors.numpy import load_file, save_file

from wazir.checkpoint import find_checkpoint, read_tokenizer
from wazir.decoding import WordLogits, decode, softmax
from wazir.encoding import encode
from wazir.errors import DataError, ModelError
from wazir.labels import LabelScheme
from wazir.spans import Document
from wazir.tagger import Tagger
from wazir_training.config import TextSource
from wazir_training.overlap import word_runs
from wazir_training.raw_text import raw_lines

_HEADS = ("outer", "inner", "proclitic")
#: No probability that is learned from is smaller.
_LEAST = 1e-6


@dataclass(frozen=True, slots=True)
class TaughtText:
    """Paragraphs that teachers have read.

    Attributes:
        documents: The paragraphs, with the spans that the mean probabilities give.
        probabilities: Mean probabilities of the teachers at the words of each paragraph.
    """

    documents: tuple[Document, ...] = ()
    probabilities: tuple[WordLogits, ...] = ()


def lines_to_teach(sources: Sequence[TextSource], runs: Set[tuple[str, ...]]) -> tuple[list[str], int]:
    """Lines of raw text that hold anything and no run of words of held-out text, and how many hold such a run.

    Raises:
        DataError: a source cannot be read, or there is no line.
    """
    lines = [line for source in sources for line in raw_lines(source)["text"] if line.strip()]
    texts = [line for line in lines if not word_runs(line) & runs]
    if not texts:
        raise DataError("distil.text holds no line that may train", "Name more text.", sources[0].path)
    return texts, len(lines) - len(texts)


def ask_teachers(
    teachers: Sequence[str], texts: Sequence[str], scheme: LabelScheme, kept: Path, console: Console
) -> None:
    """Let teachers read raw text, and keep what they hold probable.

    Args:
        teachers: Folders or Hub ids of checkpoints.
        texts: The lines.
        scheme: The student's labels.
        kept: File to write.
        console: Where progress is told.

    Raises:
        ModelError: a teacher cannot be loaded, or has other labels.
    """
    readings: list[list[WordLogits]] = []
    for name in teachers:
        teacher = Tagger.from_pretrained(name, backend="torch")
        if teacher.checkpoint.scheme != scheme:
            raise ModelError(f"{name}: its labels are not those of the student. Name teachers with the same labels.")
        console.print(f"{name} reads {len(texts):,} lines of raw text.", highlight=False)
        with torch.autocast("cpu", torch.bfloat16):
            readings.append(teacher.logits(encode(teacher.tokenizer, texts)))
    _save(kept, [mean_probabilities(each) for each in zip(*readings, strict=True)])


def read_taught(texts: Sequence[str], teacher: str, scheme: LabelScheme, kept: Path) -> TaughtText:
    """Raw text with what teachers hold probable in it, and the spans that follow.

    Args:
        texts: The lines.
        teacher: One of the teachers; its tokenizer says which words are read as nothing.
        scheme: The student's labels.
        kept: The file that `ask_teachers` wrote.
    """
    probabilities = _load(kept)
    encodings = encode(read_tokenizer(find_checkpoint(teacher, backend="torch")), texts)
    logs = [WordLogits(*(np.log(getattr(p, head)) for head in _HEADS)) for p in probabilities]
    spans = decode(texts, encodings, logs, scheme)
    documents = tuple(Document(text, tuple(found)) for text, found in zip(texts, spans, strict=True))
    return TaughtText(documents, tuple(probabilities))


def mean_probabilities(readings: Sequence[WordLogits]) -> WordLogits:
    """The mean of what several networks hold probable at the words of one paragraph.

    Args:
        readings: Logits of each network.
    """
    heads = ([softmax(getattr(reading, head)) for reading in readings] for head in _HEADS)
    return WordLogits(*(np.mean(head, axis=0).clip(_LEAST) for head in heads))


def _save(path: Path, probabilities: Sequence[WordLogits]) -> None:
    arrays = {head: np.concatenate([getattr(p, head) for p in probabilities]) for head in _HEADS}
    words = np.array([len(p.outer) for p in probabilities], dtype=np.int64)
    part = path.with_suffix(".part")
    save_file({**{head: array.astype(np.float16) for head, array in arrays.items()}, "words": words}, part)
    part.replace(path)


def _load(path: Path) -> list[WordLogits]:
    arrays = load_file(path)
    ends = np.cumsum(arrays["words"])[:-1]
    heads = [np.split(arrays[head].astype(np.float32).clip(_LEAST), ends) for head in _HEADS]
    return [WordLogits(*each) for each in zip(*heads, strict=True)]
