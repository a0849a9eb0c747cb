"""The commands that the extra ``train`` adds, a module each family."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from wazir.errors import WazirError

#: Settings to change on the command line, behind the configuration.
Overrides = Annotated[
    list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", help="Settings to change, such as fit.epochs=3.")
]


@contextmanager
def training_extra() -> Iterator[None]:
    """Imports of a training command: a missing library is a clear error, and libraries keep their chatter."""
    os.environ.setdefault("HF_DATASETS_DISABLE_PROGRESS_BARS", "1")
    try:
        from transformers.utils import logging

        logging.set_verbosity_error()
        logging.disable_progress_bar()
        yield
    except ModuleNotFoundError as error:
        raise WazirError(f'this command needs {error.name}. Run `pip install "wazir[train]"`.') from None


@contextmanager
def stopping() -> Iterator[None]:
    """A run that was asked to stop says how to go on, and the command ends as one that Ctrl-C stopped."""
    from wazir_training.runs import StoppedError

    try:
        yield
    except StoppedError as stopped:
        typer.echo(str(stopped), err=True)
        raise typer.Exit(130) from None
