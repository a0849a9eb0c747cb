"""Putting files on the Hugging Face Hub in one commit, and what goes wrong there in plain words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Literal

from huggingface_hub import CommitOperationAdd, HfApi, get_token
from huggingface_hub.errors import (  # type: ignore[attr-defined]  # HTTPError, of whichever HTTP library it uses
    BadRequestError,
    HfHubHTTPError,
    HFValidationError,
    HTTPError,
)

from wazir.errors import WazirError, short
from wazir_training.publishing.plan import PublishedFile

Kind = Literal["model", "dataset"]

_AGAIN = "Run the same command again: what has arrived is not sent again."


class PublishError(WazirError):
    """Something that cannot be put on the Hub."""


def upload(
    repository: str,
    files: Sequence[PublishedFile],
    *,
    message: str,
    kind: Kind = "model",
    private: bool = False,
    revision: str | None = None,
) -> str:
    """Put files into a repository of the Hub as one commit, and make the repository if it is not there.

    Large files go up first, each by its hash, and no revision shows them before the commit; run again after a broken
    upload, it sends only what has not arrived. The token is huggingface_hub's own: ``HF_TOKEN`` or `hf auth login`.

    Args:
        repository: ``org/name``.
        files: What to put there. Other files of the repository stay.
        message: Message of the commit.
        kind: Kind of the repository.
        private: Make it a private one.
        revision: Branch, made from the main one if it is not there; the main one by default.

    Returns:
        Address of the commit.

    Raises:
        PublishError: the Hub refuses it, is not reached, or the connection breaks.
    """
    if not get_token():
        raise PublishError("no token of the Hugging Face Hub. Run `hf auth login`, or set HF_TOKEN.")
    api = HfApi(library_name="wazir")
    with _plain_errors(repository):
        api.create_repo(repository, repo_type=kind, private=private or None, exist_ok=True)
        info = api.repo_info(repository, repo_type=kind)
        if private and not info.private:
            raise PublishError(f"{repository}: is public already. Make it private on its page, or leave out --private.")
        if revision:
            api.create_branch(repository, branch=revision, repo_type=kind, exist_ok=True)
            info = api.repo_info(repository, repo_type=kind, revision=revision)
        commit = api.create_commit(
            repository,
            [CommitOperationAdd(file.path, file.content) for file in files],
            commit_message=message,
            repo_type=kind,
            revision=revision,
            parent_commit=info.sha,
        )
    return str(commit.commit_url)


@contextmanager
def _plain_errors(repository: str) -> Iterator[None]:
    """What the Hub or the network refuses is one sentence with a remedy."""
    try:
        yield
    except PublishError:
        raise
    except HFValidationError as error:
        raise PublishError(f"{repository}: no name of a repository ({short(error)}). Give org/name.") from None
    except BadRequestError as error:
        raise PublishError(f"{repository}: the Hub finds a fault: {short(error)}. Mend it and run again.") from None
    except HfHubHTTPError as error:
        raise _refused(repository, error) from None
    except (HTTPError, OSError) as error:
        raise _broken(repository, error) from None
    except (RuntimeError, ValueError) as error:  # huggingface_hub wraps what goes wrong with large files
        cause = error.__cause__ or error.__context__
        if isinstance(cause, HfHubHTTPError):
            raise _refused(repository, cause) from None
        raise _broken(repository, cause or error) from None


def _refused(repository: str, error: HfHubHTTPError) -> PublishError:
    status = error.response.status_code if error.response is not None else 0
    remedies = {
        401: "the Hub does not accept the token. Run `hf auth login` with one that may write.",
        403: f"the token may not write to {repository.partition('/')[0]}. Use a token that may, or another name.",
        404: "the Hub has no such repository, or the token may not see it. Check the name and the token.",
        409: f"somebody else changed it at the same time. {_AGAIN}",
        412: f"somebody else changed it at the same time. {_AGAIN}",
        413: "a file is too large for the Hub. Publish a smaller model.",
        429: f"the Hub asks for fewer requests. Wait some minutes. {_AGAIN}",
    }
    return PublishError(f"{repository}: {remedies.get(status, f'the Hub has trouble (status {status}). {_AGAIN}')}")


def _broken(repository: str, error: BaseException) -> PublishError:
    return PublishError(f"{repository}: the connection to the Hub broke ({type(error).__name__}). {_AGAIN}")
