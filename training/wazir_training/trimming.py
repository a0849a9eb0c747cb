"""Smaller multilingual checkpoints: vocabulary and embeddings cut to what a text sample or a script needs."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
import transformers
from safetensors import SafetensorError
from tokenizers import Tokenizer
from transformers import AutoConfig, AutoModel, AutoTokenizer, PreTrainedTokenizerFast

from wazir.checkpoint import CONFIG
from wazir.documents import READERS, read_documents, read_lines
from wazir.errors import DataError, ModelError, WazirError, short
from wazir.jsonl import parse_text, read_jsonl
from wazir.network import WazirForTokenClassification
from wazir.normalization import prepare_tokenizer
from wazir_training.trim_report import TrimReport, compare, size_of
from wazir_training.vocabulary import Cut, cut_vocabulary, find_scripts, pieces_of_scripts, pieces_of_texts

_SURROGATE = re.compile("[\ud800-\udfff]")


def trim(
    base: str,
    output: Path,
    *,
    texts: Sequence[str] = (),
    scripts: Sequence[str] = (),
    min_count: int = 1,
    float16: bool = False,
) -> TrimReport:
    """Write a copy of a checkpoint without the pieces that neither the texts nor the scripts need.

    `wazir_training.vocabulary` says which encodings stay as they are. The texts are read both as the base's tokenizer
    reads them and as `wazir train` does, so that either finds its pieces. Embedding rows are copied bit by bit, also
    those of a masked-language-model head; other weights and heads stay as they are.

    Args:
        base: Folder or Hub id of a checkpoint with a WordPiece or Unigram tokenizer.
        output: New or empty folder.
        texts: A sample of the text to come (`read_sample`).
        scripts: Scripts to keep whole, such as Arabic.
        min_count: Pieces of several characters that the texts use less often are left out.
        float16: Store weights in 16 bits; else in the type that they have.

    Raises:
        ModelError: the base cannot be reached, is damaged, or has another type of tokenizer.
        WazirError: nothing to keep is named, there is no such script, or ``output`` is in use or cannot be written.
    """
    names = find_scripts(scripts)
    if not names and not texts:
        raise WazirError("nothing says what to keep. Give --text FILE, --script NAME or both.")
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise WazirError(f"{output}: is there already and is not an empty folder. Name a new folder.")
    model, wrapper, missing, left_out = _load(base)
    own: Tokenizer = wrapper.backend_tokenizer
    own.no_truncation()
    own.no_padding()
    prepared = prepare_tokenizer(own)

    kept = _fixed_pieces(model.config, own) | (pieces_of_scripts(own, names) if names else set())
    for tokenizer in (own, prepared):
        kept |= pieces_of_texts(tokenizer, texts, min_count) if texts else set()
    cut = cut_vocabulary(own, kept)
    before = size_of(model, own, missing)
    _cut_network(model, cut, own, base)
    if float16:
        model.half()
    readings = [("the base", own, cut.tokenizer), ("Wazir", prepared, prepare_tokenizer(cut.tokenizer))]
    with _new_folder(output) as folder:
        _save(model, cut.tokenizer, wrapper, missing, folder)
    return TrimReport(
        before,
        size_of(model, cut.tokenizer, missing),
        tuple(compare(name, old, new, cut.rows, texts) for name, old, new in readings if texts),
        left_out,
    )


def read_sample(paths: Sequence[str | Path]) -> list[str]:
    """The lines of text files, marked data, or folders of it; white ones are left out.

    Args:
        paths: Text files, `-` for standard input, `.jsonl` files with the key ``text``, and what `read_documents`
            reads.

    Raises:
        DataError: a file cannot be read, or there is no text in any.
    """
    texts: list[str] = []
    for path in map(str, paths):
        lines: Iterable[str]
        if path.endswith(".jsonl"):
            lines = (line for d in read_jsonl(read_lines(path), path, parse_text) for line in d.text.splitlines())
        elif Path(path).is_dir() or Path(path).suffix in READERS:
            lines = (line for d in read_documents(path) for line in d.text.splitlines())
        else:
            lines = read_lines(path)
        texts += (_SURROGATE.sub("\ufffd", line) for line in lines if line.strip())
    if paths and not texts:
        raise DataError("no text in the sample", "Name files that hold some.", ", ".join(map(str, paths)))
    return texts


def _load(base: str) -> tuple[Any, Any, frozenset[str], tuple[str, ...]]:
    """Network, tokenizer, names of weights that the base lacks, and of those that the network lacks."""
    try:
        wrapper = AutoTokenizer.from_pretrained(base)
        config = AutoConfig.from_pretrained(base)
        kind = getattr(transformers, (config.architectures or [""])[0], AutoModel)
        if hasattr(config, "wazir"):
            kind = WazirForTokenClassification
        model, info = kind.from_pretrained(base, dtype="auto", output_loading_info=True)
    except SafetensorError as error:
        raise ModelError(f"{base}: damaged weights ({short(error)}). Fetch the base again.") from None
    except OSError as error:
        raise ModelError(
            f"{base}: neither a model folder here nor a model that the Hugging Face Hub gives us "
            f"({type(error).__name__}). Check the name and the network, or download it and give its folder."
        ) from None
    except (KeyError, ValueError, RuntimeError, ImportError) as error:
        raise ModelError(
            f"{base}: transformers cannot load it ({short(error)}). Use a base with safetensors and a tokenizer.json."
        ) from None
    if not isinstance(getattr(wrapper, "backend_tokenizer", None), Tokenizer):
        raise ModelError(
            f"{base}: its tokenizer ({type(wrapper).__name__}) is not one of the tokenizers library. "
            "Use a base that has a tokenizer.json."
        )
    if len(wrapper) == len(wrapper.added_tokens_decoder):  # transformers makes one up where there is none
        raise ModelError(f"{base}: there is no tokenizer. Fetch the base again, with its tokenizer.json.")
    table = model.get_input_embeddings().weight
    missing = frozenset(info["missing_keys"])
    if any(parameter is table for name, parameter in model.named_parameters() if name in missing):
        raise ModelError(f"{base}: the weights lack the embeddings. Fetch the base again.")
    return model, wrapper, missing, tuple(sorted(info["unexpected_keys"]))


def _special_ids(config: Any) -> dict[str, int]:
    return {k: v for k, v in config.to_dict().items() if k.endswith("_token_id") and isinstance(v, int)}


def _fixed_pieces(config: Any, tokenizer: Tokenizer) -> set[str]:
    """Pieces that the config names, and those up to padding: RoBERTa counts its positions from that id."""
    ids = {*_special_ids(config).values(), *range((config.pad_token_id or 0) + 1)}
    return {piece for piece in map(tokenizer.id_to_token, ids) if piece is not None}


def _cut_network(model: Any, cut: Cut, tokenizer: Tokenizer, base: str) -> None:
    """Leave only the kept rows in everything of a network that has one for each piece."""
    embeddings, head = model.get_input_embeddings(), model.get_output_embeddings()
    if len(embeddings.weight) <= cut.rows.max():
        raise ModelError(
            f"{base}: piece {tokenizer.id_to_token(int(cut.rows.max()))!r} has id {cut.rows.max()}, but there are only "
            f"{len(embeddings.weight)} embeddings. Use a base whose tokenizer belongs to its weights."
        )
    tables = {id(p) for layer in (embeddings, head) if layer is not None for p in layer.parameters()}
    rows = torch.from_numpy(cut.rows)
    done: dict[int, torch.nn.Parameter] = {}
    for module in list(model.modules()):
        # BERT's head has its bias beside its matrix, tied or not.
        holds_head = any(child is head for child in module.children())
        for name, table in list(module.named_parameters(recurse=False)):
            if id(table) in tables or (holds_head and name == "bias"):
                smaller = done.setdefault(id(table), torch.nn.Parameter(table.detach()[rows]))  # tied ones stay tied
                setattr(module, name, smaller)
    new = {int(old): i for i, old in enumerate(cut.rows)}
    for key, old in _special_ids(model.config).items():
        setattr(model.config, key, new.get(old))
    model.config.vocab_size = len(rows)


@contextmanager
def _new_folder(output: Path) -> Iterator[Path]:
    """A folder that appears under its name only when all is written."""
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=output.parent, prefix=f"{output.name}.") as scratch:
            folder = Path(scratch) / output.name
            folder.mkdir()
            yield folder
            if output.is_dir():
                output.rmdir()
            folder.replace(output)
    except (OSError, SafetensorError) as error:
        raise WazirError(
            f"{output}: cannot be written ({short(error)}). Check folder, permissions and space."
        ) from None


def _save(model: Any, tokenizer: Tokenizer, wrapper: Any, missing: frozenset[str], folder: Path) -> None:
    architectures = model.config.architectures
    # What the base lacks has random weights here, which are nothing to hand on.
    model.save_pretrained(folder, state_dict={k: v for k, v in model.state_dict().items() if k not in missing})
    config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    if hasattr(model.config, "wazir"):  # plain transformers knows no class of ours
        config["architectures"] = architectures
        (folder / CONFIG).write_text(json.dumps(config, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=wrapper.model_max_length,
        model_input_names=wrapper.model_input_names,
        padding_side=wrapper.padding_side,
        truncation_side=wrapper.truncation_side,
        **wrapper.special_tokens_map,
    ).save_pretrained(folder)
