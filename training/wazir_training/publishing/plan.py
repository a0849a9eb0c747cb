"""What of a checkpoint folder is published, and what makes it unfit."""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

from huggingface_hub import ModelCard, RepoCard

from wazir.checkpoint import CONFIG, DEFAULT_MODEL, ONNX, TOKENIZER, WEIGHTS
from wazir.errors import ModelError, short
from wazir.tagger import Tagger
from wazir_training.card import CARD, METRICS, REPORT, TRAINING_CONFIG
from wazir_training.card_texts import EXAMPLE, rename
from wazir_training.report import CALIBRATION, CONFUSION, LABELS, LEARNING_CURVES
from wazir_training.states import STATES

#: Files that a published model has.
_REQUIRED = (WEIGHTS, ONNX, CONFIG, TOKENIZER, CARD, METRICS, TRAINING_CONFIG)
#: What it may have besides. The lists of errors stay here, as they quote texts whose licence may forbid it.
_OPTIONAL = (
    "tokenizer_config.json",
    *(f"{REPORT}/*/{name}" for name in (CALIBRATION, CONFUSION, LEARNING_CURVES, LABELS)),
)
#: What a card says where nobody has set a licence.
_NO_LICENCE = ("", "unknown", "none")


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """A file of a repository.

    Attributes:
        path: Where it will be, relative to the root.
        content: The file to read it from, or its bytes.
    """

    path: str
    content: Path | bytes

    @property
    def size(self) -> int:
        """Its size in bytes."""
        return len(self.content) if isinstance(self.content, bytes) else self.content.stat().st_size


def plan_model(folder: Path, repository: str) -> list[PublishedFile]:
    """The files of a checkpoint to publish, once it is known to be fit.

    The model card loads the model from ``repository`` where it named the folder.

    Args:
        folder: A checkpoint folder.
        repository: ``org/name``.

    Raises:
        ModelError: a file is missing or does not load, the run has not ended, the card names no licence or sources, or
            there is a pickle.
    """
    if not folder.is_dir():
        raise ModelError(f"{folder}: no such folder. Give one that `wazir train` wrote.")
    if folder.resolve() == DEFAULT_MODEL:
        raise ModelError(f"{folder}: the model in the package has no torch weights. Give the folder of its run.")
    if (folder / STATES).exists():
        raise ModelError(f"{folder}: its training has not ended. Let `wazir train --resume` end it first.")
    _refuse_pickles(folder)
    missing = [name for name in _REQUIRED if not (folder / name).is_file()]
    if missing:
        remedy = "Run `wazir export` on it" if missing == [ONNX] else "Give a folder that `wazir train` wrote"
        raise ModelError(f"{folder}: lacks {', '.join(missing)}. {remedy}.")
    _check_loading(folder)
    card = _checked_card(folder)
    paths = [folder / name for name in _REQUIRED]
    paths += [path for pattern in _OPTIONAL for path in sorted(folder.glob(pattern))]
    files = [PublishedFile(path.relative_to(folder).as_posix(), path) for path in paths if path.name != CARD]
    return [PublishedFile(CARD, rename(card, repository).encode()), *files]


def require_licence(card: RepoCard, otherwise: str) -> None:
    """Refuse a card without a licence, in the words given.

    Raises:
        ModelError: it names none.
    """
    if str(card.data.get("license") or "").lower() in _NO_LICENCE:
        raise ModelError(otherwise)


def _refuse_pickles(folder: Path) -> None:
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        if _is_pickle(path):
            raise ModelError(
                f"{path}: a pickle, which can run any code where it is loaded. Delete it; weights belong in {WEIGHTS}."
            )


def _is_pickle(path: Path) -> bool:
    """Whether a file is a pickle, or an archive that holds one, by name or by content."""
    if path.suffix in (".pkl", ".pickle", ".pt", ".pth", ".ckpt", ".joblib") or path.name == "pytorch_model.bin":
        return True
    with path.open("rb") as file:
        start = file.read(2)
    if start[:1] == b"\x80" and start[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05"):
        return True
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return any(name.endswith(".pkl") for name in archive.namelist())


def _check_loading(folder: Path) -> None:
    """Both forms of the weights load and read a text.

    Raises:
        ModelError: they do not.
    """
    for path in folder.rglob("*.json"):
        try:
            json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise ModelError(f"{path}: damaged JSON ({short(error)}). Make the model again.") from None
    Tagger.from_pretrained(folder, backend="torch").predict(EXAMPLE)
    Tagger.from_pretrained(folder, backend="onnx").predict(EXAMPLE)


def _checked_card(folder: Path) -> str:
    path = folder / CARD
    try:
        card = ModelCard.load(path)
        sources = json.loads((folder / METRICS).read_text(encoding="utf-8")).get("sources", [])
    except (ValueError, OSError) as error:
        raise ModelError(f"{path}: damaged metadata ({short(error)}). Make it again with `wazir card`.") from None
    require_licence(
        card, f"{path}: names no licence of the weights. Set `licence` in {TRAINING_CONFIG} and run `wazir card`."
    )
    unnamed = [source["name"] for source in sources if source["name"] not in card.text]
    if not sources or unnamed:
        what = f"the source {unnamed[0]}" if unnamed else "any source of the training data"
        raise ModelError(f"{path}: does not name {what}. Make it again with `wazir card`.")
    return str(card)
