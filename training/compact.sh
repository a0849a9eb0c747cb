#!/usr/bin/env bash
# Makes the model inside the package, as it was made: needs the data that configs/compact.yaml names.
# The adaptation took 55 minutes on two cores of a server CPU, the trainings 12 to 25 on one.
set -euo pipefail
cd "$(dirname "$0")/.."

wazir adapt configs/adapt.yaml
wazir train configs/compact.yaml model.base=runs/adapted output=runs/a1
again=(model.base=runs/a1 fit.learning_rate=1.2e-4 fit.head_learning_rate=1e-3)
wazir train configs/compact.yaml "${again[@]}" output=runs/h1 fit.seed=2 fit.epochs=3
wazir train configs/compact.yaml "${again[@]}" output=runs/h2 fit.seed=3 fit.epochs=2 data.augment.copies=1
wazir average runs/h1 runs/h2 --output runs/compact

wazir export runs/compact model/wazir/compact --check training/corpus/test
wazir card model/wazir/compact "SaudiNewsNet dev=../shared/data/gold/dev.ann" \
    "Wazir corpus test=training/corpus/test" "Bashagha article=seeds/bashagha.ann"
