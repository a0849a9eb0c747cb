"""States of a run: whole ones are taken up again, half-written ones are noticed."""

from __future__ import annotations

from pathlib import Path

from wazir_training.states import all_states, is_whole, last_whole, remove_broken, rotate, seal


def write(folder: Path, step: int, sealed: bool = True) -> Path:
    state = folder / f"checkpoint-{step}"
    state.mkdir(parents=True)
    (state / "model.safetensors").write_bytes(b"weights" * step)
    (state / "optimizer.pt").write_bytes(b"moments")
    if sealed:
        seal(state)
    return state


def test_the_newest_whole_state_is_the_last(tmp_path: Path) -> None:
    for step in (9, 100, 20):
        write(tmp_path, step)
    assert last_whole(tmp_path) == tmp_path / "checkpoint-100"


def test_a_state_that_was_not_finished_is_passed_over_and_removed(tmp_path: Path) -> None:
    whole = write(tmp_path, 10)
    half = write(tmp_path, 20, sealed=False)
    assert last_whole(tmp_path) == whole
    assert remove_broken(tmp_path) == [half]
    assert all_states(tmp_path) == [whole]


def test_a_file_cut_short_or_lost_breaks_the_seal(tmp_path: Path) -> None:
    first, second, third = (write(tmp_path, step) for step in (10, 20, 30))
    (third / "model.safetensors").write_bytes(b"wei")
    (second / "optimizer.pt").unlink()
    assert [is_whole(s) for s in (first, second, third)] == [True, False, False]
    assert last_whole(tmp_path) == first


def test_a_damaged_seal_is_no_seal(tmp_path: Path) -> None:
    state = write(tmp_path, 10)
    for damage in ("", "[1]", "{"):
        (state / "sealed.json").write_text(damage)
        assert not is_whole(state)


def test_the_best_and_the_newest_two_are_kept(tmp_path: Path) -> None:
    states = [write(tmp_path, step) for step in (1, 2, 3, 4, 5)]
    rotate(tmp_path, states[1])
    assert all_states(tmp_path) == [states[1], states[3], states[4]]


def test_a_folder_without_states_has_none(tmp_path: Path) -> None:
    assert last_whole(tmp_path / "none") is None
