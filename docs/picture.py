"""Make `docs/bashagha.png`: the head of the table of `wazir predict seeds/bashagha.txt`, drawn by Chromium.

python docs/picture.py [--rows 24] [--browser chromium]
"""

from __future__ import annotations

import argparse
import io
import subprocess
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import NIGHT_OWLISH

from wazir import predict
from wazir.output import table_header, table_rows

ROOT = Path(__file__).parent.parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=24)
    parser.add_argument("--browser", default="chromium")
    arguments = parser.parse_args()
    article = ROOT / "seeds" / "bashagha.txt"
    console = Console(record=True, file=io.StringIO(), width=100, soft_wrap=True, highlight=False)
    console.print(f"$ wazir predict {article.relative_to(ROOT)}")
    console.print(table_header(str(article.relative_to(ROOT))))
    rows = table_rows(predict(article.read_text(encoding="utf-8"))).split("\n")
    console.print(*rows[: arguments.rows], "…", sep="\n")
    page = console.export_html(theme=NIGHT_OWLISH).replace('<pre style="', '<pre style="font-size:15px;padding:16px;')
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "table.html"
        source.write_text(page, encoding="utf-8")
        command = [arguments.browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
        size = f"--window-size=760,{(arguments.rows + 4) * 18 + 50}"
        picture = f"--screenshot={ROOT / 'docs' / 'bashagha.png'}"
        subprocess.run([*command, size, picture, source.as_uri()], check=True, capture_output=True)


if __name__ == "__main__":
    main()
