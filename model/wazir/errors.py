"""Errors that a user is meant to read: each says what is wrong, where, and what to do about it."""

from __future__ import annotations

from pathlib import Path


class WazirError(ValueError):
    """Base of every error that Wazir raises on bad input; the command line prints it as one line."""


class ModelError(WazirError):
    """A model folder or Hub id that cannot be loaded."""


class DataError(WazirError):
    """Bad data, with its place.

    Args:
        problem: What is wrong.
        remedy: What the user can do about it.
        path: File the data came from, if any.
        line: Line in that file, counted from 1.
        column: Character in that line, counted from 1.
    """

    def __init__(
        self,
        problem: str,
        remedy: str,
        path: str | Path | None = None,
        line: int | None = None,
        column: int | None = None,
    ) -> None:
        self.problem = problem
        self.remedy = remedy
        self.path = path
        self.line = line
        self.column = column
        place = "text" if path is None else str(path)
        place += "".join(f":{n}" for n in (line, column) if n is not None)
        super().__init__(f"{place}: {problem}. {remedy}")

    def at(self, path: str | Path | None, line: int | None) -> DataError:
        """The same error, placed in a file."""
        return DataError(self.problem, self.remedy, path, line, self.column)


def short(error: Exception) -> str:
    """What a library says of an error, on one line of bounded length."""
    return " ".join(str(error).split())[:120]
