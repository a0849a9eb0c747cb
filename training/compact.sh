#!/usr/bin/env bash
# Makes the model inside the package, as it was made: needs the data that configs/compact.yaml names.
# Each six-epoch run took half an hour on one core of a server CPU, each three-epoch run a quarter.
set -euo pipefail
cd "$(dirname "$0")/.."

wazir train configs/compact.yaml output=runs/fa fit.learning_rate=1e-4 fit.head_learning_rate=5e-3
wazir train configs/compact.yaml output=runs/fc fit.learning_rate=6e-5 fit.head_learning_rate=5e-3
wazir average runs/fa runs/fc --output runs/soup
again=(fit.learning_rate=1.2e-4 fit.head_learning_rate=1e-3 fit.epochs=3)
wazir train configs/compact.yaml output=runs/g1 model.base=runs/fa "${again[@]}" fit.seed=2
wazir train configs/compact.yaml output=runs/g2 model.base=runs/soup "${again[@]}" fit.seed=3
wazir average runs/g1 runs/g2 --output runs/compact

wazir export runs/compact model/wazir/compact --check training/corpus/test
wazir card model/wazir/compact "SaudiNewsNet dev=../shared/data/gold/dev.ann" \
    "Wazir corpus test=training/corpus/test" "Bashagha article=seeds/bashagha.ann"
