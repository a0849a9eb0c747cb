"""Checkpoints to ONNX with weights of few bits, the form that inference runs."""

from __future__ import annotations

import logging
import shutil
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.matmul_nbits_quantizer import DefaultWeightOnlyQuantConfig, MatMulNBitsQuantizer
from torch import Tensor, nn

from wazir.checkpoint import CONFIG, ONNX, TOKENIZER, WEIGHTS, read_checkpoint, read_tokenizer, require
from wazir.decoding import viterbi
from wazir.encoding import encode
from wazir.network import WazirForTokenClassification
from wazir.tagger import Tagger
from wazir_training.card import CARD, METRICS, TRAINING_CONFIG

WeightForm = Literal["int8", "int4", "fp32"]
#: How weights of matrix products are stored: bits, and weights that share a scale; None for 32 bits. Activations are
#: quantised in like blocks, so texts of one batch share no scale. Measured in docs/decisions.md.
WEIGHT_FORMS: dict[WeightForm, tuple[int, int] | None] = {"int8": (8, 128), "int4": (4, 32), "fp32": None}


class _Heads(nn.Module):
    """The network as a function from two tensors to three."""

    def __init__(self, model: WazirForTokenClassification) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Any, Any, Any]:
        output = self.model(input_ids, attention_mask)
        return output.logits, output.inner_logits, output.proclitic_logits


def export(checkpoint: Path, output: Path | None = None, *, weights: WeightForm = "int8") -> Path:
    """Write `model.onnx` of a checkpoint.

    Args:
        checkpoint: Folder with safetensors weights.
        output: Folder that receives the ONNX model, config, tokenizer, card and the run's settings and
            metrics; the checkpoint's own by default.
        weights: Bits of the weights of matrix products. Embedding tables have 8, or 32 with ``fp32``.

    Returns:
        The path of the ONNX model.

    Raises:
        ModelError: the checkpoint lacks a file.
    """
    for name in (CONFIG, TOKENIZER, WEIGHTS):
        require(checkpoint / name)
    read_checkpoint(checkpoint)
    output = output or checkpoint
    output.mkdir(parents=True, exist_ok=True)
    model = WazirForTokenClassification.from_pretrained(checkpoint, attn_implementation="eager").eval()
    begin, end = read_tokenizer(checkpoint).encode("").ids
    ids = torch.tensor([[begin, begin, end], [begin, end, end]])
    with tempfile.TemporaryDirectory() as scratch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        full = Path(scratch) / ONNX
        axes = {0: "batch", 1: "tokens"}
        names = ["logits", "inner_logits", "proclitic_logits"]
        torch.onnx.export(
            _Heads(model),
            (ids, torch.ones_like(ids)),
            str(full),
            input_names=["input_ids", "attention_mask"],
            output_names=names,
            dynamic_axes=dict.fromkeys(("input_ids", "attention_mask", *names), axes),
            opset_version=17,
            dynamo=False,
        )
        form = WEIGHT_FORMS[weights]
        if form:
            _quantize(full, output / ONNX, *form)
        else:
            shutil.copy(full, output / ONNX)
    if output != checkpoint:
        for name in (CONFIG, TOKENIZER, CARD, METRICS, TRAINING_CONFIG):
            if (checkpoint / name).is_file():
                shutil.copy(checkpoint / name, output / name)
    return output / ONNX


def tag_agreement(left: Tagger, right: Tagger, texts: Sequence[str]) -> float:
    """Share of the words of some texts to which two models of one tokenizer give the same outer tag."""
    encodings = encode(left.tokenizer, texts)
    tags = [np.concatenate(viterbi([x.outer for x in tagger.logits(encodings)])) for tagger in (left, right)]
    return float((tags[0] == tags[1]).mean())


def _quantize(full: Path, output: Path, bits: int, block: int) -> None:
    """Matrix products to few bits in blocks, embedding tables to int8."""
    logging.getLogger("onnxruntime.quantization.matmul_nbits_quantizer").setLevel(logging.WARNING)
    config = DefaultWeightOnlyQuantConfig(block_size=block, is_symmetric=True, accuracy_level=4, bits=bits)
    quantizer = MatMulNBitsQuantizer(onnx.load(full), algo_config=config)
    quantizer.process()
    quantizer.model.save_model_to_file(str(full))
    quantize_dynamic(full, output, op_types_to_quantize=["Gather"], per_channel=True, weight_type=QuantType.QInt8)
