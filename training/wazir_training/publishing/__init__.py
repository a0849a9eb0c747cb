"""Publishing on the Hugging Face Hub."""

from __future__ import annotations

from pathlib import Path

from wazir_training.publishing.plan import plan_model
from wazir_training.publishing.upload import PublishError, upload

__all__ = ["PublishError", "plan_model", "publish"]


def publish(
    model: str | Path,
    repository: str,
    *,
    private: bool = False,
    revision: str | None = None,
    message: str = "Upload a Wazir model",
) -> str:
    """Put a checkpoint on the Hugging Face Hub in one commit.

    Args:
        model: Folder that `wazir train` wrote and `wazir export` completed.
        repository: ``org/name``; made if it is not there.
        private: Make it private.
        revision: Branch; the main one by default.
        message: Message of the commit.

    Returns:
        Address of the commit.

    Raises:
        ModelError: the folder is not fit; see `wazir_training.publishing.plan.plan_model`.
        PublishError: the Hub refuses it or is not reached.
    """
    files = plan_model(Path(model), repository)
    return upload(repository, files, message=message, private=private, revision=revision)
