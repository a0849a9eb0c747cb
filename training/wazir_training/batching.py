"""Batches by token budget: rows of like length together, as many as fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch.utils.data import Sampler

from wazir_training.features import IGNORED, SOFT_COLUMNS

_JITTER = 0.1


class TokenBudgetSampler(Sampler[list[int]]):
    """Yields the batches of optimiser steps, each of about ``budget`` sub-tokens, padding included, in ``parts``.

    Lengths are jittered by a tenth before sorting, so that the company of a row changes from epoch to epoch;
    batch sizes are fixed from the sorted lengths, so that every epoch has as many batches as `len` says. The rows
    of a step do not depend on ``parts``: how many devices or accumulated parts read them changes no result. A part
    that gets no row holds the one row after the last, which is empty.
    """

    def __init__(self, lengths: Sequence[int], budget: int, seed: int, parts: int = 1) -> None:
        self._lengths = np.array(lengths)
        self._seed = seed
        self._parts = parts
        self._epoch = 0
        self._bounds = [0]
        ordered = np.sort(self._lengths)
        for i, length in enumerate(ordered.tolist()):
            if (i + 1 - self._bounds[-1]) * length > budget and i > self._bounds[-1]:
                self._bounds.append(i)
        self._bounds.append(len(ordered))

    def __len__(self) -> int:
        return (len(self._bounds) - 1) * self._parts

    def set_epoch(self, epoch: int) -> None:
        """Choose the order of the next pass, so that a resumed run continues as it would have."""
        self._epoch = epoch

    def __iter__(self) -> Iterator[list[int]]:
        random = np.random.default_rng((self._seed, self._epoch))
        self._epoch += 1
        order = np.argsort(self._lengths * random.uniform(1 - _JITTER, 1 + _JITTER, len(self._lengths)))
        for step in random.permutation(len(self._bounds) - 1).tolist():
            rows = order[self._bounds[step] : self._bounds[step + 1]]
            for part in np.array_split(rows, self._parts):
                yield part.tolist() or [len(self._lengths)]


class PadCollator:
    """Pads the columns of a batch of rows to its longest row."""

    def __init__(self, pad_id: int) -> None:
        self._pad_id = pad_id

    def __call__(self, rows: Sequence[dict[str, list[Any]]]) -> dict[str, Any]:
        """Stack rows into tensors of shape [rows, longest], or [rows, longest, classes] of probabilities."""
        first = rows[0]
        fill: dict[str, Any] = {name: [0.0] * len(first[name][0]) for name in SOFT_COLUMNS.values() if name in first}
        fill |= {"input_ids": self._pad_id, "attention_mask": 0}
        longest = max(len(row["input_ids"]) for row in rows)
        return {
            name: torch.tensor([row[name] + [fill.get(name, IGNORED)] * (longest - len(row[name])) for row in rows])
            for name in rows[0]
        }
