"""Model files from the Hugging Face Hub: no more than a runtime needs, all of one commit, from the cache if there."""

from __future__ import annotations

from pathlib import Path

from wazir.checkpoint import CONFIG, ONNX, TOKENIZER, VOCABULARY, WEIGHTS, BackendName
from wazir.errors import ModelError, short


def download(name: str, revision: str | None = None, backend: BackendName = "auto") -> Path:
    """The folder, in the Hub's cache, with the files of a model that a runtime needs.

    Args:
        name: Hub id, such as ``org/name``.
        revision: Branch, tag or commit; the main branch by default.
        backend: ``onnx`` or ``torch``, which have weights of their own; ``auto`` takes ONNX where there is one.

    Raises:
        ModelError: there is no such model or revision, it is private, it lacks a file, or it can neither be reached nor
            is in the cache.
    """
    from huggingface_hub.errors import EntryNotFoundError, LocalEntryNotFoundError

    config = _fetch(name, CONFIG, revision)
    folder, commit = config.parent, config.parent.name
    wanted = {"onnx": (ONNX,), "torch": (WEIGHTS,), "auto": (ONNX, WEIGHTS)}[backend]
    for files in ((TOKENIZER, VOCABULARY), wanted):
        for file in files:
            try:
                _fetch(name, file, commit)
                break
            except LocalEntryNotFoundError as error:
                if file == files[-1]:
                    raise _unreachable(name, error) from None
            except EntryNotFoundError:
                if file == files[-1]:
                    raise ModelError(
                        f"{name}: holds no {' or '.join(files)}, which this runtime needs. Choose another backend or "
                        "model."
                    ) from None
    return folder


def _fetch(name: str, file: str, revision: str | None) -> Path:
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import (  # type: ignore[attr-defined]  # HTTPError, of whichever HTTP library it uses
        EntryNotFoundError,
        GatedRepoError,
        HfHubHTTPError,
        HFValidationError,
        HTTPError,
        LocalEntryNotFoundError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    try:
        return Path(hf_hub_download(name, file, revision=revision))
    except (EntryNotFoundError, LocalEntryNotFoundError) as error:
        if file != CONFIG:
            raise
        if isinstance(error, LocalEntryNotFoundError):
            raise _unreachable(name, error) from None
        raise ModelError(f"{name}: holds no {CONFIG}, so this is no model. Check the name.") from None
    except HFValidationError:
        raise ModelError(f"{name}: no model folder, and no Hub id either. Give a folder or org/name.") from None
    except RevisionNotFoundError:
        raise ModelError(f"{name}: has no revision {revision!r}. Give a branch, tag or commit of it.") from None
    except GatedRepoError:
        raise ModelError(
            f"{name}: asks for consent. Give it on the model's page, and log in with `hf auth login`."
        ) from None
    except RepositoryNotFoundError:
        raise ModelError(
            f"{name}: neither a folder here nor a model on the Hugging Face Hub that you may read. Check the name; "
            "if the model is private, log in with `hf auth login` or set HF_TOKEN."
        ) from None
    except (HfHubHTTPError, HTTPError, OSError) as error:
        try:  # the client itself looks into its cache after some of these errors alone
            return Path(hf_hub_download(name, file, revision=revision, local_files_only=True))
        except LocalEntryNotFoundError:
            raise _unreachable(name, error) from None


def _unreachable(name: str, error: Exception) -> ModelError:
    return ModelError(
        f"{name}: not a folder here, not whole in the cache, and the Hugging Face Hub did not give it "
        f"({type(error).__name__}: {short(error)}). Check the network and try again, or "
        "download it elsewhere and give its folder."
    )
