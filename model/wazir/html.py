"""Documents as one self-contained page: the text with its spans coloured, right to left, in light and dark."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from wazir.output import printable
from wazir.spans import Document, Span

_HEAD = """<!DOCTYPE html>
<html lang="ar" dir="rtl">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Wazir</title>
<style>
:root { color-scheme: light dark; }
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; font: 1.15rem/2.3 "Noto Naskh Arabic", "Amiri", serif; }
article { white-space: pre-wrap; border-top: 1px solid #8888; padding: 1rem 0; }
h2, .legend { font: .9rem/2 system-ui, sans-serif; }
mark { color: inherit; padding: .15em .25em; border-radius: .3em; background: hsl(var(--hue) 70% 50% / .22);
       box-decoration-break: clone; -webkit-box-decoration-break: clone; }
mark mark { outline: 1px solid hsl(var(--hue) 60% 45%); }
mark { --hue: 0; }
.OFFICIAL { --hue: 140; } .TITLE { --hue: 215; } .ORG { --hue: 300; } .LOC { --hue: 35; }
</style>
<p class="legend" dir="ltr">"""


def html_page(documents: Iterable[Document], labels: Sequence[str]) -> Iterator[str]:
    """The pieces of a page, in order, as documents come.

    Args:
        documents: What to show.
        labels: Labels of the legend.
    """
    yield _HEAD + " ".join(f'<mark class="{escape(x)}">{escape(x)}</mark>' for x in labels) + "</p>\n"
    for document in documents:
        yield f'<h2 dir="auto">{escape(printable(document.id))}</h2>\n'
        yield f'<article dir="auto">{_marked(document.text, document.spans, 0, len(document.text))}</article>\n'
    yield "</html>\n"


def _marked(text: str, spans: Sequence[Span], start: int, end: int) -> str:
    pieces = []
    for span in spans:
        inside = _marked(text, span.inner, span.start, span.end)
        name = f"{span.label} {span.start}-{span.end}, score {span.score:.2f}"
        pieces.append(escape(_readable(text[start : span.start])))
        pieces.append(f'<mark class="{escape(span.label)}" title="{escape(name)}">{inside}</mark>')
        start = span.end
    return "".join(pieces) + escape(_readable(text[start:end]))


def _readable(text: str) -> str:
    """The text with its line breaks, but no other control characters."""
    return "\n".join(printable(line) for line in text.split("\n"))
