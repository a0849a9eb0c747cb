"""Marked documents as a data set of the Hub: a Parquet file a split, typed so that its viewer shows text and spans."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from datasets import Dataset, Features, Value
from huggingface_hub import DatasetCard

from wazir.errors import ModelError, short
from wazir.spans import Document, Span
from wazir_training.publishing.plan import PublishedFile, require_licence
from wazir_training.sources import read_data

_EDGES = {"start": Value("int32"), "end": Value("int32"), "label": Value("string"), "text": Value("string")}
#: Columns of a row; offsets count characters of ``text``, and ``inner`` spans are nested in theirs.
FEATURES = Features({"id": Value("string"), "text": Value("string"), "spans": [{**_EDGES, "inner": [_EDGES]}]})


def plan_data(splits: Mapping[str, str], card: Path) -> list[PublishedFile]:
    """The files of a data set to publish.

    Args:
        splits: Name of each split and the data in it: a file, folder, glob or other source.
        card: Its card in Markdown, whose metadata name a licence. Sizes and columns are added to them.

    Raises:
        DataError: a split cannot be read.
        ModelError: the card is missing or damaged, or names no licence.
    """
    files = []
    infos = []
    for split, path in splits.items():
        documents = read_data(path)
        rows = Dataset.from_generator(_rows, features=FEATURES, gen_kwargs={"documents": documents})
        content = _parquet(rows)
        files.append(PublishedFile(f"data/{split}.parquet", content))
        infos.append({"name": split, "num_examples": len(documents), "num_bytes": len(content)})
    return [PublishedFile("README.md", _card(card, infos).encode()), *files]


def _rows(documents: list[Document]) -> Iterator[dict[str, Any]]:
    for document in documents:
        spans = [{**_edges(span), "inner": [_edges(inner) for inner in span.inner]} for span in document.spans]
        yield {"id": document.id, "text": document.text, "spans": spans}


def _edges(span: Span) -> dict[str, Any]:
    return {"start": span.start, "end": span.end, "label": span.label, "text": span.text}


def _parquet(rows: Dataset) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.parquet"
        rows.to_parquet(path)
        return path.read_bytes()


def _card(path: Path, splits: list[dict[str, Any]]) -> str:
    try:
        card = DatasetCard.load(path)
    except (OSError, ValueError) as error:
        raise ModelError(f"{path}: no data set card, or a damaged one ({short(error)}). Give --card FILE.") from None
    require_licence(card, f"{path}: names no licence of the data. Add `license:` to its metadata.")
    paths = [{"split": split["name"], "path": f"data/{split['name']}.parquet"} for split in splits]
    card.data.configs = [{"config_name": "default", "data_files": paths}]
    card.data.dataset_info = {"features": FEATURES._to_yaml_list(), "splits": splits}
    return str(card)
