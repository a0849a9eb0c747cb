"""The spaCy component: entities of whole tokens, exact spans behind them, batches, and pipelines that are saved."""

from __future__ import annotations

import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import spacy

from wazir import ModelError, predict
from wazir.checkpoint import DEFAULT_MODEL

TEXT = "التقى رئيس مجلس النواب بحكومة الوفاق الوطني في طرابلس وتونس"
TEXTS = [TEXT, "", "لا شيء هنا", "زار وزير الخارجية لبنان."]


@pytest.fixture(scope="module")
def nlp() -> spacy.language.Language:
    nlp = spacy.blank("ar")
    nlp.add_pipe("wazir")
    return nlp


def test_it_is_there_without_an_import_of_wazir() -> None:
    script = "import spacy; nlp = spacy.blank('ar'); nlp.add_pipe('wazir'); print(nlp.pipe_names)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "['wazir']", done.stderr


def test_entities_are_whole_tokens_and_exact_spans_stand_behind_them(nlp: spacy.language.Language) -> None:
    doc = nlp(TEXT)
    found = predict(TEXT)
    assert doc._.wazir == found
    assert [e.label_ for e in doc.ents] == [s.label for s in found]
    for entity, span in zip(doc.ents, found, strict=True):
        assert entity._.wazir == span
        assert entity.start_char <= span.start < span.end == entity.end_char
    assert any(e.start_char < e._.wazir.start for e in doc.ents)  # بحكومة، وتونس
    nested = [inner for span in found for inner in span.inner]
    assert nested
    assert len(doc.spans["wazir"]) == len(found) + len(nested)
    assert {s._.wazir for s in doc.spans["wazir"]} == {*found, *nested}


def test_a_pipe_gives_what_single_documents_give_in_order(nlp: spacy.language.Language) -> None:
    assert [d._.wazir for d in nlp.pipe(TEXTS)] == predict(TEXTS)
    apart = [
        [s.text for s in d._.wazir] for d in nlp.pipe(TEXTS, n_process=2)
    ]  # scores depend on the company of a text
    assert apart == [[s.text for s in spans] for spans in predict(TEXTS)]


def test_entities_of_earlier_components_stay_unless_they_are_to_be_overwritten() -> None:
    for overwrite, label in ((False, "CITY"), (True, "LOC")):
        nlp = spacy.blank("ar")
        nlp.add_pipe("entity_ruler").add_patterns([{"label": "CITY", "pattern": "طرابلس"}])
        nlp.add_pipe("wazir", config={"overwrite_ents": overwrite})
        doc = nlp(TEXT)
        assert [e.label_ for e in doc.ents if e.text == "طرابلس"] == [label]
        assert len(doc._.wazir) == len(predict(TEXT))


def test_a_saved_pipeline_takes_the_model_of_a_folder_along(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(DEFAULT_MODEL, folder)
    nlp = spacy.blank("ar")
    nlp.add_pipe("wazir", config={"model": str(folder)})
    nlp.to_disk(tmp_path / "pipeline")
    shutil.rmtree(folder)
    assert spacy.load(tmp_path / "pipeline")(TEXT)._.wazir == predict(TEXT)


def test_pipelines_pass_through_bytes_and_pickle(nlp: spacy.language.Language) -> None:
    nlp(TEXT)  # the model is loaded
    again = spacy.blank("ar")
    again.add_pipe("wazir")
    assert again.from_bytes(nlp.to_bytes())(TEXT)._.wazir == predict(TEXT)
    assert pickle.loads(pickle.dumps(nlp))(TEXT)._.wazir == predict(TEXT)


def test_an_unknown_model_is_our_clear_error() -> None:
    nlp = spacy.blank("ar")
    nlp.add_pipe("wazir", config={"model": "./nowhere"})
    with pytest.raises(ModelError, match="no such model folder"):
        nlp(TEXT)
