"""`python -m wazir_training`, for launchers that start modules."""

from wazir_training.cli import main

main()
