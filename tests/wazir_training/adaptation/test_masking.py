"""Hidden words: whole ones, about the share asked for, the same ones when asked again."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from wazir_training.adaptation.config import MaskingConfig
from wazir_training.adaptation.masking import MaskingCollator
from wazir_training.features import IGNORED

MASK, PAD = 4, 0
PIECES = range(10, 1_000)


def collator(seed: int = 1, **masking: float) -> MaskingCollator:
    return MaskingCollator(MaskingConfig(**masking), mask_id=MASK, pad_id=PAD, pieces=PIECES, seed=seed)


@st.composite
def rows(draw: st.DrawFn) -> dict[str, Any]:
    """A packed row: words of one to four pieces, separators between."""
    words = [-1]
    for word in range(draw(st.integers(1, 40))):
        words += [word] * draw(st.integers(1, 4))
        words += [-1] * draw(st.integers(0, 1))
    words.append(-1)
    ids = [draw(st.sampled_from(PIECES)) if w >= 0 else 2 for w in words]
    return {"input_ids": ids, "attention_mask": [1] * len(ids), "words": words}


@given(batch=st.lists(rows(), min_size=1, max_size=4), seed=st.integers(0, 100))
def test_words_are_hidden_whole_and_nothing_else_changes(batch: list[dict[str, Any]], seed: int) -> None:
    hidden = collator(seed, share=0.3, random=0.0, kept=0.0)(batch)
    for row, ids, labels in zip(batch, hidden["input_ids"], hidden["labels"], strict=True):
        length = len(row["input_ids"])
        true, words = np.array(row["input_ids"]), np.array(row["words"])
        ids, labels = ids[:length].numpy(), labels[:length].numpy()
        chosen = labels != IGNORED
        assert set(words[chosen]).isdisjoint(words[~chosen])
        assert -1 not in words[chosen]
        assert chosen.any()
        assert (labels[chosen] == true[chosen]).all()
        assert (ids[chosen] == MASK).all()
        assert (ids[~chosen] == true[~chosen]).all()
    assert (hidden["labels"][hidden["attention_mask"] == 0] == IGNORED).all()


@given(batch=st.lists(rows(), min_size=1, max_size=3))
def test_the_choice_follows_from_seed_pass_and_row_alone(batch: list[dict[str, Any]]) -> None:
    ours, theirs = collator(), collator()
    ours(batch[:1])  # what was drawn before does not matter
    assert (ours(batch)["input_ids"] == theirs(batch)["input_ids"]).all()


def test_another_pass_hides_other_words() -> None:
    row = {"input_ids": [2, *PIECES[:300], 2], "attention_mask": [1] * 302, "words": [-1, *range(300), -1]}
    hide = collator()
    first = hide([row])["labels"]
    hide.epoch = 1
    assert (first != hide([row])["labels"]).any()


def test_shares_are_those_of_the_settings() -> None:
    row = {"input_ids": [2, *PIECES[:900], 2], "attention_mask": [1] * 902, "words": [-1, *np.arange(900) // 2, -1]}
    batch = [{**row, "input_ids": [2, *np.roll(PIECES[:900], i).tolist(), 2]} for i in range(40)]
    hidden = collator(share=0.2, kept=0.25, random=0.25)(batch)
    chosen = hidden["labels"] != IGNORED
    assert chosen.float().mean() == pytest.approx(0.2, abs=0.01)
    fates = hidden["input_ids"][chosen]
    assert (fates == MASK).float().mean() == pytest.approx(0.5, abs=0.03)
    assert (fates == hidden["labels"][chosen]).float().mean() == pytest.approx(0.25, abs=0.03)
