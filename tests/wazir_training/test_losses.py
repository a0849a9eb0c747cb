"""The loss: a sum over words of the cross entropies of the heads."""

from __future__ import annotations

import math

import pytest
import torch

from wazir.labels import LabelScheme
from wazir.network import WazirOutput
from wazir_training.config import FitConfig
from wazir_training.losses import SpanLoss, disagreement

SCHEME = LabelScheme(("LOC",), (), (), proclitics=False)
NESTED = LabelScheme(("LOC",), ("ORG",), ("LOC",))


def logits(*probabilities: list[float]) -> torch.Tensor:
    return torch.tensor([probabilities]).log()


def test_it_is_the_sum_of_the_log_losses_of_labelled_words() -> None:
    loss = SpanLoss(FitConfig(), SCHEME, {"labels": 10})
    output = WazirOutput(logits=logits([0.5, 0.25, 0.25], [0.1, 0.8, 0.1], [0.2, 0.2, 0.6]))
    total = loss(output, {"labels": torch.tensor([[0, -100, 2]])})
    assert total.item() == pytest.approx(-math.log(0.5) - math.log(0.6))


def test_class_weights_count_words_of_a_label_more() -> None:
    loss = SpanLoss(FitConfig(class_weights={"LOC": 3.0, "O": 0.5}), SCHEME, {"labels": 10})
    output = WazirOutput(logits=logits([0.5, 0.25, 0.25], [0.1, 0.8, 0.1], [0.2, 0.2, 0.6]))
    total = loss(output, {"labels": torch.tensor([[0, 1, 2]])})
    assert total.item() == pytest.approx(-0.5 * math.log(0.5) - 3 * math.log(0.8) - 3 * math.log(0.6))


def test_the_focal_exponent_lets_words_that_are_right_count_less() -> None:
    loss = SpanLoss(FitConfig(focal=2.0), SCHEME, {"labels": 10})
    output = WazirOutput(logits=logits([0.5, 0.25, 0.25], [0.1, 0.8, 0.1], [0.2, 0.2, 0.6]))
    total = loss(output, {"labels": torch.tensor([[0, -100, 2]])})
    assert total.item() == pytest.approx(-0.25 * math.log(0.5) - 0.16 * math.log(0.6))


def test_label_smoothing_spreads_a_share_of_the_target() -> None:
    loss = SpanLoss(FitConfig(label_smoothing=0.3), SCHEME, {"labels": 10})
    output = WazirOutput(logits=logits([0.5, 0.3, 0.2]))
    total = loss(output, {"labels": torch.tensor([[0]])})
    assert total.item() == pytest.approx(-0.8 * math.log(0.5) - 0.1 * math.log(0.3) - 0.1 * math.log(0.2))


def test_the_proclitic_head_weighs_as_much_as_the_others_over_all_the_data() -> None:
    loss = SpanLoss(FitConfig(), NESTED, {"labels": 12, "inner_labels": 12, "proclitic_labels": 4})
    output = WazirOutput(
        logits=logits([1.0, 0, 0]), inner_logits=logits([1.0, 0, 0]), proclitic_logits=logits([0.5, 0.5, 0, 0])
    )
    one = torch.tensor([[0]])
    total = loss(output, {"labels": one, "inner_labels": one, "proclitic_labels": one})
    assert total.item() == pytest.approx(-3 * math.log(0.5))


def test_a_batch_without_labels_adds_nothing_and_can_be_learned_from() -> None:
    loss = SpanLoss(FitConfig(), SCHEME, {"labels": 10})
    scores = torch.zeros(1, 2, 3, requires_grad=True)
    total = loss(WazirOutput(logits=scores), {"labels": torch.full((1, 2), -100)})
    total.backward()  # type: ignore[no-untyped-call]
    assert total.item() == 0
    assert scores.grad is not None
    assert not scores.grad.any()


def test_probabilities_are_learned_in_place_of_labels() -> None:
    loss = SpanLoss(FitConfig(), SCHEME, {"labels": 10})
    output = WazirOutput(logits=logits([0.5, 0.25, 0.25], [0.1, 0.8, 0.1]))
    soft = torch.tensor([[[0.0, 0.5, 0.5], [0.7, 0.2, 0.1]]])
    total = loss(output, {"labels": torch.tensor([[-100, 0]]), "soft_labels": soft})
    assert total.item() == pytest.approx(-0.7 * math.log(0.1) - 0.2 * math.log(0.8) - 0.1 * math.log(0.1))


def test_two_passes_disagree_by_both_divergences_at_labelled_words() -> None:
    one = WazirOutput(logits=logits([0.5, 0.25, 0.25], [0.9, 0.05, 0.05]))
    other = WazirOutput(logits=logits([0.25, 0.5, 0.25], [0.1, 0.8, 0.1]))
    targets = {"labels": torch.tensor([[1, -100]])}
    divergence = 0.5 * math.log(0.5 / 0.25) + 0.25 * math.log(0.25 / 0.5)  # the same in both directions
    assert disagreement(one, other, targets).item() == pytest.approx(divergence)
    assert disagreement(one, one, targets).item() == 0
