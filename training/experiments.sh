#!/usr/bin/env bash
# One change at a time against configs/experiment.yaml: five-fold cross-validation over the gold part, and dev beside it.
# Usage: training/experiments.sh SEED [NAME …]; without names all of them. A finished one is not repeated.
set -euo pipefail
cd "$(dirname "$0")/.."
seed=$1
shift

declare -A changes=(
    [plain]=""
    [base-adapted]="model.base=runs/adapted"
    [base-newsfane]="model.base=runs/newsfane0"
    [rate-1e-4]="fit.learning_rate=1e-4"
    [epochs-5]="fit.epochs=5"
    [dropout]="model.dropout=0.1"
    [two-passes]="model.dropout=0.1 fit.passes=2"
    [r-drop]="model.dropout=0.1 fit.passes=2 fit.r_drop=1"
    [average]="fit.average=0.99"
    [focal]="fit.focal=2"
    [class-weights]="fit.class_weights.ORG=2 fit.class_weights.O=0.5"
    [smoothing]="fit.label_smoothing=0.1"
    [layer-decay]="fit.layer_decay=0.9"
    [copies]="data.augment.copies=1"
    [batch-512]="fit.batch_tokens=512"
)

for name in "${@:-${!changes[@]}}"; do
    output=runs/experiments/$name
    read -ra change <<<"${changes[$name]}"
    echo "== $name, seed $seed: ${change[*]}"
    wazir cross-validate configs/experiment.yaml ../shared/data/gold/train.ann "output=$output" "${change[@]}" --seed "$seed"
    find "$output" -name model.safetensors -delete # scores are in metrics.json
done
