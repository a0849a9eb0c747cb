"""What a format cannot hold: counted and explained, or refused."""

from __future__ import annotations

from pathlib import Path

from wazir.errors import DataError
from wazir.iob import FoundScheme
from wazir.spans import Document


class Omissions:
    """Counts what readers and writers leave out or change.

    Args:
        strict: Refuse to leave out or change a text or a span, as for training data; what is neither, such as a
            relation, is counted all the same.
    """

    def __init__(self, strict: bool = False) -> None:
        self._strict = strict
        self._place: tuple[str | Path | None, int | None] = (None, None)
        self._counts: dict[tuple[str, str, str], int] = {}
        self._first: dict[tuple[str, str, str], str] = {}

    def at(self, path: str | Path | None, line: int | None = None) -> None:
        """Say where reading or writing stands: a file and its line, or a document."""
        self._place = (path, line)

    def at_document(self, document: Document) -> None:
        """Say which document is being written."""
        self.at(f"document {document.id}" if document.id else None)

    def add(self, what: str, why: str, count: int = 1, done: str = "left out") -> None:
        """Count texts or spans.

        Args:
            what: What they are, in the singular, such as ``nested span``.
            why: Why the format cannot hold them.
            count: How many; 0 counts nothing.
            done: What was done to them.

        Raises:
            DataError: there are any, and none may be lost.
        """
        if count and self._strict:
            raise DataError(
                f"{what} that would be {done}: {why}",
                "Mend the data, or let `wazir convert` do so, which counts what it changes.",
                *self._place,
            )
        self.skip(what, why, count, done)

    def skip(self, what: str, why: str, count: int = 1, done: str = "left out", line: int | None = None) -> None:
        """Count what is neither text nor span; ``line`` is its line if it is not the present one."""
        if count:
            key = (what, done, why)
            self._counts[key] = self._counts.get(key, 0) + count
            path, here = self._place
            here = here if line is None else line
            self._first.setdefault(key, "" if path is None else str(path) if here is None else f"{path}:{here}")

    def stray_tags(self, found: FoundScheme) -> None:
        """Count the tags that break the scheme of their file."""
        why = f"against the {found.scheme} of the others"
        self.skip("stray tag", why, found.strays, "read as beginning a span", found.line)

    def counts(self) -> dict[str, int]:
        """How many of each kind, such as ``span left out``, whatever the reason."""
        found: dict[str, int] = {}
        for (what, done, _), n in self._counts.items():
            found[f"{what} {done}"] = found.get(f"{what} {done}", 0) + n
        return found

    def lines(self) -> list[str]:
        """One sentence for each kind and reason, with the place of the first."""
        return [
            f"{counted(n, what)} {done}: {why}" + (f" (first: {first})" if first else "")
            for ((what, done, why), n), first in zip(self._counts.items(), self._first.values(), strict=True)
        ]


def counted(n: int, what: str) -> str:
    """A number and what it counts: ``1 span``, ``2 spans``."""
    return f"{n} {what}{'' if n == 1 else 's'}"
