"""Batches by token budget."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wazir_training.batching import PadCollator, TokenBudgetSampler
from wazir_training.features import IGNORED

lengths = st.lists(st.integers(1, 512), min_size=1, max_size=200)


@given(lengths, st.integers(16, 2048), st.integers(0, 3))
def test_every_row_comes_once_an_epoch_in_as_many_batches_as_promised(rows: list[int], budget: int, seed: int) -> None:
    sampler = TokenBudgetSampler(rows, budget, seed)
    for _ in range(2):
        batches = list(sampler)
        assert len(batches) == len(sampler)
        assert sorted(i for batch in batches for i in batch) == list(range(len(rows)))


@given(lengths, st.integers(16, 2048))
def test_batches_keep_about_to_the_budget(rows: list[int], budget: int) -> None:
    for batch in TokenBudgetSampler(rows, budget, seed=0):
        size = len(batch) * max(rows[i] for i in batch)
        # lengths are jittered by a tenth either way before they are sorted
        assert len(batch) == 1 or size <= budget * 1.1 / 0.9 + 1


def test_order_depends_on_seed_and_epoch_alone() -> None:
    rows = list(range(1, 200))
    first, second = TokenBudgetSampler(rows, 500, seed=1), TokenBudgetSampler(rows, 500, seed=1)
    assert list(first) == list(second)
    assert list(first) != list(TokenBudgetSampler(rows, 500, seed=2))
    second.set_epoch(1)
    first.set_epoch(1)
    assert list(first) == list(second)


def test_rows_are_padded_so_that_the_loss_ignores_it() -> None:
    batch = PadCollator(9)(
        [
            {"input_ids": [1, 2, 3], "attention_mask": [1, 1, 1], "labels": [0, 1, 2]},
            {"input_ids": [4], "attention_mask": [1], "labels": [5]},
        ]
    )
    assert batch["input_ids"].tolist() == [[1, 2, 3], [4, 9, 9]]
    assert batch["attention_mask"].tolist() == [[1, 1, 1], [1, 0, 0]]
    assert batch["labels"].tolist() == [[0, 1, 2], [5, IGNORED, IGNORED]]
