#!/usr/bin/env bash
# Makes the model inside the package, as it was made: needs the data that configs/compact.yaml names. On one core of a
# server CPU each training took 10 to 45 minutes, four hours in all; give two of them a core each to halve that.
set -euo pipefail
cd "$(dirname "$0")/.."

# Three teachers that differ.
wazir train configs/compact.yaml output=runs/b1
wazir train configs/newsfane.yaml output=runs/newsfane0
wazir train configs/compact.yaml model.base=runs/newsfane0 output=runs/n1
wazir train configs/compact.yaml output=runs/c2 fit.seed=2 fit.average=0.998 model.dropout=0.1

# Two students of theirs; then three runs on from these without raw text, and the mean of the three.
wazir train configs/student.yaml output=runs/s1 fit.seed=4
wazir train configs/student.yaml output=runs/s2 fit.seed=5 fit.epochs=2 data.augment.copies=1
last=(fit.epochs=3 fit.learning_rate=8e-5 fit.head_learning_rate=1e-3)
wazir train configs/compact.yaml model.base=runs/s1 output=runs/r1 fit.seed=6 "${last[@]}"
wazir train configs/compact.yaml model.base=runs/s2 output=runs/r2 fit.seed=7 "${last[@]}"
wazir train configs/compact.yaml model.base=runs/s1 output=runs/r3 fit.seed=8 "${last[@]}"
wazir average runs/r1 runs/r2 runs/r3 --output runs/compact

wazir export runs/compact model/wazir/compact --check training/corpus/test
wazir card model/wazir/compact "SaudiNewsNet dev=../shared/data/gold/dev.ann" \
    "Wazir corpus test=training/corpus/test" "Bashagha article=seeds/bashagha.ann"
