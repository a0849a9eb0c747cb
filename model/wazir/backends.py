"""Runtimes of the network: onnxruntime by default, torch on request; each is imported when first used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np

from wazir.checkpoint import CONFIG, ONNX, WEIGHTS, Checkpoint, require
from wazir.errors import ModelError, short
from wazir.tagging import NEVER, Floats, Ints

if TYPE_CHECKING:
    from transformers import BertForTokenClassification

Logits = tuple[Floats, ...]


class Backend(Protocol):
    """Runs the network."""

    def run(self, ids: Ints, mask: Ints) -> Logits:
        """Logits of those of the outer, inner and proclitic heads that there are, each [batch, sub-tokens, classes].

        Args:
            ids: Sub-token ids, shape [batch, sub-tokens].
            mask: 1 for sub-tokens, 0 for padding, same shape.
        """


class OnnxBackend:
    """The ONNX model of a checkpoint folder, on CPU."""

    def __init__(self, checkpoint: Checkpoint, threads: int | None = None) -> None:
        """Load the model.

        Args:
            checkpoint: The checkpoint.
            threads: Threads of one run; all cores by default.

        Raises:
            ModelError: no ONNX model in the folder, a damaged one, or one of another network.
        """
        path = require(checkpoint.folder / ONNX)
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or 0
        options.log_severity_level = 3
        options.enable_cpu_mem_arena = False  # the arena never gives memory back
        try:
            self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime raises many types of its own
            raise ModelError(f"{path}: damaged ONNX model ({short(error)}). Fetch the model again.") from None

        inputs = {x.name for x in self._session.get_inputs()}
        widths = tuple(x.shape[-1] for x in self._session.get_outputs())
        wanted = tuple(width for width in checkpoint.scheme.widths if width > 1)
        if inputs != {"input_ids", "attention_mask"} or widths != wanted:
            raise ModelError(
                f"{path}: its inputs {sorted(inputs)} and output widths {widths} do not fit {wanted} "
                f"of {CONFIG}. Fetch the model again or run `wazir export`."
            )

    def run(self, ids: Ints, mask: Ints) -> Logits:
        """See `Backend.run`."""
        return tuple(self._session.run(None, {"input_ids": ids, "attention_mask": mask}))


class TorchBackend:
    """A token classifier, ours or another, run by torch on the device where it is."""

    def __init__(self, model: BertForTokenClassification, order: Sequence[int] | None = None) -> None:
        """Take a network.

        Args:
            model: One of ours, or a token classifier of transformers.
            order: Of the latter, its class for each of ours; -1 where it has none.
        """
        self._model = model
        self._order = None if order is None else np.array(order)

    @classmethod
    def load(cls, checkpoint: Checkpoint) -> TorchBackend:
        """Load the safetensors weights of a checkpoint folder.

        Raises:
            ModelError: torch is not installed, or the weights are missing or damaged.
        """
        folder = checkpoint.folder
        path = require(folder / WEIGHTS)
        try:
            from transformers import BertForTokenClassification

            from wazir.network import WazirForTokenClassification
        except ImportError as error:
            raise ModelError(
                f'{path}: reading it needs the training extra ({error}). Run `pip install "wazir[train]"`.'
            ) from None
        try:
            kind = BertForTokenClassification if checkpoint.foreign else WazirForTokenClassification
            return cls(kind.from_pretrained(folder).eval(), checkpoint.foreign)
        except Exception as error:  # safetensors and transformers raise many types of their own
            raise ModelError(f"{path}: cannot be loaded ({short(error)}). Fetch the model again.") from None

    def run(self, ids: Ints, mask: Ints) -> Logits:
        """See `Backend.run`."""
        import torch

        with torch.inference_mode():
            device = self._model.device
            output = self._model(torch.from_numpy(ids).to(device), attention_mask=torch.from_numpy(mask).to(device))
        if self._order is None:
            return tuple(x.cpu().numpy() for x in output.heads)
        logits = output.logits.float().cpu().numpy()
        return (np.where(self._order < 0, NEVER, logits[..., self._order]),)
