"""Whole words hidden from the network, which must guess them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from torch import Tensor

from wazir.tagging import Ints
from wazir_training.adaptation.config import MaskingConfig
from wazir_training.batching import PadCollator
from wazir_training.features import IGNORED


class MaskingCollator:
    """Stacks packed rows and hides words of them, always anew, drawn from a generator that follows from the seed.

    What is hidden depends on the seed, the pass and the rows alone, so that a resumed run hides what it would have.
    """

    def __init__(self, masking: MaskingConfig, *, mask_id: int, pad_id: int, pieces: Sequence[int], seed: int) -> None:
        """Prepare to hide words.

        Args:
            masking: Which words.
            mask_id: The sub-token that stands for a hidden one.
            pad_id: The sub-token of padding.
            pieces: Sub-tokens that may replace others.
            seed: What the choice follows from.
        """
        self._masking = masking
        self._mask_id = mask_id
        self._pieces = pieces
        self._seed = seed
        self._pad = PadCollator(pad_id)
        self.epoch = 0

    def __call__(self, rows: Sequence[dict[str, Any]]) -> dict[str, Tensor]:
        """Tensors ``input_ids``, ``attention_mask`` and ``labels`` of shape [rows, longest].

        ``labels`` holds the sub-tokens to guess, and -100 elsewhere.
        """
        hidden = [self._hide(np.array(row["input_ids"]), np.array(row["words"])) for row in rows]
        return self._pad(
            [
                {"input_ids": ids.tolist(), "attention_mask": row["attention_mask"], "labels": labels.tolist()}
                for row, (ids, labels) in zip(rows, hidden, strict=True)
            ]
        )

    def _hide(self, ids: Ints, words: Ints) -> tuple[Ints, Ints]:
        """One row with words hidden, and what they were."""
        random = np.random.default_rng((self._seed, self.epoch, *ids.tolist()))
        inside = words >= 0
        sizes = np.bincount(words[inside], minlength=1)
        order = random.permutation(len(sizes))
        # Words are taken while they bring the number of sub-tokens nearer to the share; one at least.
        middles = np.cumsum(sizes[order]) - sizes[order] / 2
        taken = order[: max(1, int(np.searchsorted(middles, self._masking.share * sizes.sum())))]
        draw = np.full(len(sizes), np.nan)
        draw[taken] = random.uniform(size=len(taken))
        fate = np.where(inside, draw[words], np.nan)
        chosen = ~np.isnan(fate)
        kept = fate < self._masking.kept
        replaced = fate >= 1 - self._masking.random
        labels = np.where(chosen, ids, IGNORED)
        ids = np.where(chosen & ~kept & ~replaced, self._mask_id, ids)
        ids[replaced] = random.choice(self._pieces, size=int(replaced.sum()))
        return ids, labels
