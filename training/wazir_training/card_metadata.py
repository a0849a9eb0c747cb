"""What the Hub reads of a model card: licence, tags, examples, and the scores as its model index."""

from __future__ import annotations

import re
from collections.abc import Mapping

from huggingface_hub import EvalResult, ModelCardData

from wazir_training.bootstrap import LEVEL, Interval
from wazir_training.config import TrainConfig
from wazir_training.evaluate import Evaluation
from wazir_training.scoring import Score

#: A repository of the Hub at the beginning of the name of a base.
_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+(?=,|$)")
#: Texts to try on the page of a model.
_EXAMPLES = {
    "Two ministers": "التقى وزير الداخلية بحكومة الوفاق الوطني نظيره التركي في العاصمة أنقرة.",
    "A spokesman": "أعلن المتحدث باسم الأمم المتحدة ستيفان دوجاريك أن المبعوث الخاص سيزور صنعاء وعدن الأسبوع المقبل.",
}


def metadata(config: TrainConfig, evaluations: Mapping[str, Evaluation]) -> ModelCardData:
    """The metadata block of a card.

    Args:
        config: The settings of the run.
        evaluations: Scores to show, by the name of their data.
    """
    base = _HUB_ID.match(config.model.base_name or str(config.model.base))
    return ModelCardData(
        language="ar",
        license=config.licence,
        library_name="wazir",
        pipeline_tag="token-classification",
        base_model=base.group() if base else None,
        tags=["arabic", "news", "named-entity-recognition", "nested-ner", "token-classification"],
        metrics=["f1", "precision", "recall"],
        model_name=config.name,
        widget=[{"example_title": title, "text": text} for title, text in _EXAMPLES.items()],
        eval_results=[result for name, evaluation in evaluations.items() for result in _results(name, evaluation)],
    )


def _results(name: str, evaluation: Evaluation) -> list[EvalResult]:
    spans, intervals = evaluation.spans, evaluation.intervals
    figures = [("outer", spans.outer, intervals.outer)]
    if evaluation.scheme.inner:
        figures.append(("inner", spans.inner, intervals.inner))
    figures += [(label, spans.labels[label], intervals.labels[label]) for label in spans.labels]
    return [
        EvalResult(
            task_type="token-classification",
            task_name="Named entity recognition, exact spans",
            dataset_type="-".join(name.lower().split()),
            dataset_name=name,
            metric_type=kind,
            metric_name=f"{what} exact-span {shown}",
            metric_value=round(value, 4),
            metric_args=_interval(interval) if kind == "f1" else None,
        )
        for what, score, interval in figures
        for kind, shown, value in _kinds(score)
    ]


def _kinds(score: Score) -> list[tuple[str, str, float]]:
    return [("f1", "F1", score.f1), ("precision", "precision", score.precision), ("recall", "recall", score.recall)]


def _interval(interval: Interval | None) -> dict[str, list[float]] | None:
    return {f"interval_{LEVEL * 100:.0f}": [round(end, 4) for end in interval.to_list()]} if interval else None
