"""The words of a model card that depend on its labels and its files."""

from __future__ import annotations

import re
from pathlib import Path

from wazir.checkpoint import DEFAULT_MODEL, ONNX, WEIGHTS
from wazir.labels import LabelScheme

#: A sentence to try a model on.
EXAMPLE = "التقى وزير الداخلية بحكومة الوفاق الوطني نظيره التركي في أنقرة"
#: Plural in English and Arabic, and what the label marks in both.
_KNOWN = {
    "OFFICIAL": (
        "officials",
        "المسؤولين",
        "the name of a person who holds, held or is acting in an office; not players, artists, witnesses …",
        "اسم شخص يشغل منصبا عاما أو شغله أو يقوم بأعماله",
    ),
    "TITLE": (
        "titles",
        "المناصب",
        "words that name an office, rank or seat: `وزير الداخلية المفوض`, `العقيد`",
        "الكلمات التي تسمي منصبا أو رتبة أو مقعدا",
    ),
    "ORG": (
        "organizations",
        "الهيئات",
        "named bodies: governments, ministries, armies, parties, companies, media, clubs",
        "الهيئات المسماة: الحكومات والوزارات والجيوش والأحزاب والشركات ووسائل الإعلام والأندية",
    ),
    "LOC": (
        "locations",
        "الأماكن",
        "named places, countries also where they act",
        "الأماكن المسماة، ومنها الدول حتى حين تكون فاعلة",
    ),
}


def label_texts(scheme: LabelScheme) -> dict[str, str]:
    """What a model with such labels returns, in English and Arabic, and the table of its labels."""
    known = [_KNOWN[label] for label in scheme.outer if label in _KNOWN]
    ours = len(known) == len(scheme.outer)
    nesting = " and ".join(scheme.nesting)
    return {
        "what": _listed([f"**{plural}**" for plural, *_ in known]) if ours else f"spans of {_listed(scheme.outer)}",
        "what_arabic": " و".join(plural for _, plural, *_ in known) if ours else "، ".join(scheme.outer),
        "nested": f", with {_listed(scheme.inner)} nested inside {nesting}" if scheme.inner else "",
        "nested_arabic": "، ومعها ما تتضمنه المناصب والهيئات من أسماء" if ours and scheme.inner else "",
        "particles": (
            " Particles written onto a name (بحكومة، وتركيا، لليبيا) stay outside its span."
            if scheme.proclitics
            else ""
        ),
        "particles_arabic": (
            "\nتبقى حروف العطف والجر الملتصقة بالأسماء (بحكومة، وتركيا، لليبيا) خارج المقطع."
            if scheme.proclitics
            else ""
        ),
        "labels": "\n".join(["| label | marks | بالعربية |", "|---|---|---|", *map(_row, scheme.outer)]),
    }


def usage(folder: Path, name: str) -> str:
    """How to use a model, from wazir, from transformers where it has their weights, and from spaCy.

    Args:
        folder: Its folder.
        name: What it is loaded by.
    """
    name = "" if folder.resolve() == DEFAULT_MODEL else f'"{name}"'
    parts = [
        f"""```python
from wazir import Tagger

tagger = Tagger.from_pretrained({name})
for span in tagger.predict("{EXAMPLE}"):
    print(span.start, span.end, span.label, span.text, span.score, span.inner)
```"""
    ]
    if (folder / ONNX).is_file():
        parts.append(
            "`model.onnx` is the same network for onnxruntime, and all that inference needs besides `config.json` and "
            "`tokenizer.json`."
        )
    if (folder / WEIGHTS).is_file():
        parts.append(
            f"""Plain transformers sees the words of the top-level spans:

```python
from transformers import pipeline

tag = pipeline("token-classification", model={name}, aggregation_strategy="first")
tag("{EXAMPLE}")
```"""
        )
    config = f', config={{"model": {name}}}' if name else ""
    parts.append(
        f"""In spaCy (`pip install "wazir[spacy]"`):

```python
import spacy

nlp = spacy.blank("ar")
nlp.add_pipe("wazir"{config})
doc = nlp("{EXAMPLE}")
print(doc.ents, doc.spans["wazir"])
```"""
    )
    return "\n\n".join(parts)


def rename(card: str, name: str) -> str:
    """A card whose uses load the model by another name."""
    former = re.search(r'Tagger\.from_pretrained\("(.+?)"\)', card)
    return card.replace(f'"{former.group(1)}"', f'"{name}"') if former else card


def _row(label: str) -> str:
    _, _, english, arabic = _KNOWN.get(label, ("", "", "as its training data mark it", ""))
    return f"| **{label}** | {english} | {arabic} |"


def _listed(names: tuple[str, ...] | list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
