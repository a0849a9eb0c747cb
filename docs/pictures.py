"""Make the README's pictures with headless Chromium: `docs/article.png` and `docs/table.png`.

python docs/pictures.py [--browser chromium]
"""

from __future__ import annotations

import argparse
import io
import subprocess
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import DEFAULT_TERMINAL_THEME

from wazir import Document, Tagger
from wazir.documents import read_text
from wazir.html import html_page
from wazir.output import table_header, table_rows

ROOT = Path(__file__).parent.parent
ARTICLE = ROOT / "seeds" / "bashagha.txt"
ROWS = 24


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--browser", default="chromium")
    browser = parser.parse_args().browser
    tagger = Tagger.from_pretrained()
    text = read_text(ARTICLE)
    document = Document(text, tuple(tagger.predict(text)), str(ARTICLE.relative_to(ROOT)))

    draw(browser, "".join(html_page([document], tagger.checkpoint.scheme.outer)), "article.png", (820, 2330))

    console = Console(record=True, file=io.StringIO(), width=100, soft_wrap=True, highlight=False)
    console.print(f"$ wazir predict {document.id}")
    console.print(table_header(document.id))
    console.print(*table_rows(list(document.spans)).split("\n")[:ROWS], "…", sep="\n")
    page = console.export_html(theme=DEFAULT_TERMINAL_THEME).replace('<pre style="', '<pre style="font-size:15px;')
    draw(browser, page, "table.png", (760, 18 * (ROWS + 4) + 40))


def draw(browser: str, page: str, name: str, size: tuple[int, int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "page.html"
        source.write_text(page, encoding="utf-8")
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
        window = f"--window-size={size[0]},{size[1]}"
        picture = f"--screenshot={ROOT / 'docs' / name}"
        subprocess.run([browser, *options, window, picture, source.as_uri()], check=True, capture_output=True)


if __name__ == "__main__":
    main()
