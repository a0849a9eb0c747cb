"""The Hub of the tests, driven by the client that users have."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import huggingface_hub
import pytest
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi, hf_hub_download, snapshot_download
from huggingface_hub.errors import (
    BadRequestError,
    HfHubHTTPError,
    LocalEntryNotFoundError,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from hub_server import Account, HubServer, Repo

NAME = "wazir-team/compact"
WEIGHTS = bytes(range(256)) * 4096
FILES = {
    "README.md": "---\nlicense: cc-by-4.0\n---\n# وزير\n".encode(),
    "config.json": b"{}",
    "model.onnx": WEIGHTS,
    "model.safetensors": WEIGHTS[1:],
    "تقرير/a b.txt": "رئيس الوزراء".encode() * 90,  # the sample ends within a letter
}
#: Errors of the connection are those of the client's own HTTP library, which is httpx2 and was httpx.
HTTP_ERROR = HfHubHTTPError.__bases__[0]
#: What the client waits between its six tries.
WAITS = [1, 2, 4, 8, 8]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, data in FILES.items():
        path = tmp_path / "folder" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return tmp_path / "folder"


@pytest.fixture
def api(hub: HubServer) -> HfApi:
    """The client of somebody who may write; there is a repository."""
    client = HfApi(token=hub.token)
    client.create_repo(NAME)
    hub.requests.clear()
    return client


def additions(*names: str) -> list[CommitOperationAdd]:
    return [CommitOperationAdd(name, FILES[name]) for name in names]


def commit(api: HfApi, *names: str, **options: Any) -> str:
    return str(api.create_commit(NAME, additions(*names), commit_message="Add", **options).oid)


def repo(hub: HubServer) -> Repo:
    return hub.repos["model", NAME]


def puts(hub: HubServer) -> list[tuple[str, int]]:
    """What was sent to the store: the object and the bytes that came."""
    return [(request.path.rpartition("/")[2], request.received) for request in hub.asked("/storage/", "PUT")]


def test_what_goes_up_comes_down_the_same(hub: HubServer, api: HfApi, folder: Path) -> None:
    head = str(api.upload_folder(repo_id=NAME, folder_path=folder).oid)
    snapshot = Path(snapshot_download(NAME))
    assert snapshot.name == head
    assert {name: (snapshot / name).read_bytes() for name in FILES} == FILES
    assert api.list_repo_files(NAME) == [".gitattributes", *sorted(FILES)]
    assert [entry.path for entry in api.list_repo_tree(NAME, "تقرير")] == ["تقرير/a b.txt"]
    assert {entry.path for entry in api.list_repo_tree(NAME)} == {".gitattributes", "تقرير", *list(FILES)[:4]}
    sizes = {file.rfilename: file.size for file in api.model_info(NAME, files_metadata=True).siblings or []}
    assert sizes["model.onnx"] == len(WEIGHTS)
    assert {name for name, file in repo(hub).at().files.items() if file.lfs} == {"model.onnx", "model.safetensors"}
    assert set(hub.store) == {sha256(FILES["model.onnx"]).hexdigest(), sha256(FILES["model.safetensors"]).hexdigest()}


def test_only_what_is_needed_is_downloaded_and_once(hub: HubServer, api: HfApi) -> None:
    commit(api, *FILES)
    hub.requests.clear()
    snapshot_download(NAME, allow_patterns=["config.json", "model.onnx"])
    hf_hub_download(NAME, "config.json")
    got = {request.path.rpartition("/")[2]: request.sent for request in hub.asked("/resolve/|/storage/", "GET")}
    assert got == {"config.json": 2, "model.onnx": len(WEIGHTS)}
    assert len(hub.asked("/resolve/.*config", "GET")) == 1


@pytest.mark.parametrize("kind", ["model", "dataset", "space"])
def test_repositories_of_each_kind(hub: HubServer, kind: str) -> None:
    api, sdk = HfApi(token=hub.token), "static" if kind == "space" else None
    url = api.create_repo(NAME, repo_type=kind, private=True, space_sdk=sdk)
    assert (url.repo_id, url.repo_type, url.endpoint) == (NAME, kind, hub.endpoint)
    assert api.create_repo(NAME, repo_type=kind, space_sdk=sdk, exist_ok=True) == url
    with pytest.raises(HfHubHTTPError, match="You already created this") as error:
        api.create_repo(NAME, repo_type=kind, space_sdk=sdk)
    assert error.value.response.status_code == 409
    api.create_commit(NAME, additions("config.json", "model.onnx"), commit_message="Add", repo_type=kind)
    info = api.repo_info(NAME, repo_type=kind)
    assert info.private
    assert info.sha == hub.repos[kind, NAME].at().oid
    for name in ("config.json", "model.onnx"):
        path = hf_hub_download(NAME, name, repo_type=kind, token=hub.reader_token)
        assert Path(path).read_bytes() == FILES[name]


def test_branches_tags_and_hashes(hub: HubServer, api: HfApi) -> None:
    first = commit(api, "config.json")
    api.create_tag(NAME, tag="v1")
    api.create_branch(NAME, branch="dev/next", revision="v1")
    second = commit(api, "README.md", revision="dev/next", parent_commit=first)
    refs = api.list_repo_refs(NAME)
    assert {ref.name: ref.target_commit for ref in [*refs.branches, *refs.tags]} == {
        "main": first,
        "v1": first,
        "dev/next": second,
    }
    for revision in ("dev/next", second):
        assert Path(hf_hub_download(NAME, "README.md", revision=revision)).parent.name == second
    with pytest.raises(RemoteEntryNotFoundError):
        hf_hub_download(NAME, "README.md", revision="v1")
    with pytest.raises(HfHubHTTPError, match="409"):
        api.create_tag(NAME, tag="v1")
    with pytest.raises(HfHubHTTPError, match="409"):
        api.create_branch(NAME, branch="dev/next")
    assert [one.message for one in repo(hub).history("dev/next")] == ["Add", "Add", "initial commit"]
    api.create_commit(NAME, [CommitOperationDelete("config.json")], commit_message="Remove")
    assert set(repo(hub).at().files) == {".gitattributes"}
    assert "config.json" in repo(hub).at("v1").files


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: hf_hub_download(NAME, "lost.txt"), RemoteEntryNotFoundError),
        (lambda: hf_hub_download(NAME, "config.json", revision="lost"), RevisionNotFoundError),
        (lambda: snapshot_download(NAME, revision="lost"), RevisionNotFoundError),
        (lambda: HfApi().create_branch(NAME, branch="x", revision="lost", token="hf_writer"), RevisionNotFoundError),
        (lambda: HfApi().model_info("wazir-team/lost", token="hf_writer"), RepositoryNotFoundError),
        (lambda: commit(HfApi(token="hf_writer"), "config.json", revision="lost"), RevisionNotFoundError),
    ],
)
def test_what_is_missing(api: HfApi, call: Callable[[], object], error: type[HfHubHTTPError]) -> None:
    with pytest.raises(error) as raised:
        call()
    assert raised.value.response.status_code == 404


def test_a_commit_on_a_head_that_has_moved_is_refused(hub: HubServer, api: HfApi) -> None:
    old = repo(hub).at().oid
    head = commit(api, "config.json", parent_commit=old)
    with pytest.raises(HfHubHTTPError, match="A commit has happened since") as error:
        commit(api, "model.onnx", parent_commit=old)
    assert error.value.response.status_code == 412
    assert repo(hub).at().oid == head


def test_who_may_do_what(hub: HubServer, api: HfApi) -> None:
    private = "wazir-team/private"
    api.create_repo(private, private=True)
    hub.accounts["hf_stranger"] = Account("stranger", {})
    assert [org["name"] for org in api.whoami()["orgs"]] == ["wazir-team"]
    nobody, wrong, reader, stranger = (HfApi(token=t) for t in (False, "hf_wrong", hub.reader_token, "hf_stranger"))
    refusals: list[tuple[int, type[HfHubHTTPError], Callable[[], object]]] = [
        (401, HfHubHTTPError, wrong.whoami),
        (401, HfHubHTTPError, lambda: wrong.model_info(NAME)),
        (401, HfHubHTTPError, lambda: nobody.create_repo("wazir-team/new")),
        (401, RepositoryNotFoundError, lambda: commit(nobody, "config.json")),
        (401, RepositoryNotFoundError, lambda: nobody.model_info(private)),
        (401, RepositoryNotFoundError, lambda: hf_hub_download(private, "config.json", token=False)),
        (404, RepositoryNotFoundError, lambda: stranger.model_info(private)),
        (403, HfHubHTTPError, lambda: stranger.create_repo("wazir-team/new")),
        (403, HfHubHTTPError, lambda: reader.create_repo("wazir-team/new", exist_ok=True)),
        (403, HfHubHTTPError, lambda: commit(reader, "config.json")),
    ]
    for status, error, call in refusals:
        with pytest.raises(error) as raised:
            call()
        assert raised.type is error
        assert raised.value.response.status_code == status
    assert reader.model_info(private).private
    assert stranger.create_repo("mine").repo_id == "stranger/mine"
    assert set(hub.repos) == {("model", name) for name in (NAME, private, "stranger/mine")}


@pytest.mark.parametrize("name", ["README.md", "model.onnx"])
@pytest.mark.parametrize(
    ("asked", "part", "told"),
    [("0-9", slice(0, 10), "0-9"), ("5-", slice(5, None), "5-{last}"), ("-7", slice(-7, None), "{seventh}-{last}")],
)
def test_ranges(hub: HubServer, api: HfApi, name: str, asked: str, part: slice, told: str) -> None:
    commit(api, name)
    size = len(FILES[name])
    address = huggingface_hub.hf_hub_url(NAME, name)
    answer = huggingface_hub.get_session().get(address, headers={"Range": f"bytes={asked}"})
    assert (answer.status_code, answer.content) == (206, FILES[name][part])
    assert answer.headers["Content-Range"] == f"bytes {told.format(last=size - 1, seventh=size - 7)}/{size}"
    beyond = huggingface_hub.get_session().get(address, headers={"Range": f"bytes={size}-"})
    assert beyond.status_code == 416


@pytest.mark.parametrize("status", [429, 500, 503])
@pytest.mark.parametrize("where", ["/preupload/", "/objects/batch", "/storage/"])
def test_a_status_that_passes_is_tried_again(hub: HubServer, api: HfApi, status: int, where: str) -> None:
    hub.fail(where, status, times=2)
    assert commit(api, "model.onnx") == repo(hub).at().oid
    assert [request.status for request in hub.asked(where)] == [status, status, 200]
    assert hub.sleeps == WAITS[:2]


@pytest.mark.parametrize("status", [403, 409, 413, 429, 500, 503])
def test_a_commit_is_not_tried_again(hub: HubServer, api: HfApi, status: int) -> None:
    hub.fail("/commit/", status)
    with pytest.raises(HfHubHTTPError) as error:
        commit(api, "model.onnx")
    assert error.value.response.status_code == status
    assert hub.sleeps == []
    assert len(repo(hub).history()) == 1


def test_faults_have_headers_a_method_and_some_requests_that_pass(hub: HubServer, api: HfApi) -> None:
    hub.fail("/storage/", 429, {"Retry-After": "30"}, method="PUT", skip=1)
    commit(api, "model.onnx", "model.safetensors")
    assert sorted(request.status for request in hub.asked("/storage/")) == [200, 200, 429]
    assert hub.sleeps == [31]
    hub.fail("/storage/", 503, method="GET")
    with pytest.raises(HfHubHTTPError, match="503"):
        hf_hub_download(NAME, "model.onnx")
    assert [fault.times for fault in hub.faults] == [0, 0]


@pytest.mark.parametrize("reset", [False, True])
def test_a_broken_upload_leaves_no_revision_and_sends_only_the_rest_again(
    hub: HubServer, api: HfApi, reset: bool
) -> None:
    hub.cut(sha256(FILES["model.onnx"]).hexdigest(), 70_000, method="PUT", times=6, reset=reset)
    with pytest.raises(RuntimeError, match=r"Error while uploading 'model.onnx'"):
        commit(api, "README.md", "model.onnx", "model.safetensors")
    missing, there = (sha256(FILES[name]).hexdigest() for name in ("model.onnx", "model.safetensors"))
    assert sorted(puts(hub)) == sorted([(there, len(WEIGHTS) - 1), *[(missing, 70_000)] * 6])
    assert hub.sleeps == WAITS
    assert (len(repo(hub).history()), list(hub.store)) == (1, [there])

    hub.requests.clear()
    commit(api, "README.md", "model.onnx", "model.safetensors")
    assert puts(hub) == [(missing, len(WEIGHTS))]
    assert {name: repo(hub).at().files[name].data for name in ("model.onnx", "model.safetensors")} == {
        "model.onnx": FILES["model.onnx"],
        "model.safetensors": FILES["model.safetensors"],
    }


def test_an_object_that_is_not_what_was_announced_is_refused(hub: HubServer, api: HfApi) -> None:
    (operation,) = additions("model.onnx")
    operation.upload_info.sha256 = b"1" * 32
    with pytest.raises(RuntimeError) as error:
        api.create_commit(NAME, [operation], commit_message="Add")
    assert isinstance(error.value.__cause__, BadRequestError)
    (operation,) = additions("model.onnx")
    operation.upload_info.size -= 1
    with pytest.raises(RuntimeError):
        api.create_commit(NAME, [operation], commit_message="Add")
    assert (hub.store, len(repo(hub).history())) == ({}, 1)


def test_a_commit_that_names_an_object_that_is_not_there_is_refused(hub: HubServer, api: HfApi) -> None:
    operations = additions("config.json", "model.onnx")
    api.preupload_lfs_files(NAME, additions=operations)
    hub.store.clear()
    with pytest.raises(BadRequestError, match=r"model.onnx points to no file"):
        api.create_commit(NAME, operations, commit_message="Add")
    assert len(repo(hub).history()) == 1


@pytest.mark.parametrize(("during", "commits"), [("request", 1), ("response", 2)])
def test_a_commit_is_cut_before_it_is_made_or_after(hub: HubServer, api: HfApi, during: Any, commits: int) -> None:
    hub.cut("/commit/", 5, method="POST", during=during)
    with pytest.raises(HTTP_ERROR):
        commit(api, "config.json")
    assert len(repo(hub).history()) == commits
    assert commit(api, "config.json") == repo(hub).at().oid
    assert len(repo(hub).history()) == 2
    assert len(hub.asked("/commit/", "POST")) == 3 - commits  # none where nothing has changed


@pytest.mark.parametrize("name", ["تقرير/a b.txt", "model.onnx"])
def test_a_broken_download_goes_on_where_it_broke(
    hub: HubServer, api: HfApi, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE", 10)  # of a chunk, 10 MiB, it keeps all or none
    commit(api, name)
    hub.cut("/resolve/|/storage/", 25, method="GET", times=2)
    assert Path(hf_hub_download(NAME, name)).read_bytes() == FILES[name]
    got = [(request.headers.get("range"), request.sent) for request in hub.asked("/resolve/|/storage/", "GET")]
    assert got == [(None, 25), ("bytes=20-", 25), ("bytes=40-", len(FILES[name]) - 40)]
    assert hub.sleeps == [1, 1]


def test_a_connection_that_is_reset_is_an_error_of_the_client_at_once(hub: HubServer, api: HfApi) -> None:
    commit(api, "model.onnx")
    hub.cut("/storage/", 1000, method="GET", reset=True)
    with pytest.raises(HTTP_ERROR) as error:
        hf_hub_download(NAME, "model.onnx")
    assert type(error.value).__name__ == "ReadError"
    assert not list(hub.home.rglob("*.incomplete"))


def test_what_is_cached_outlives_the_server(hub: HubServer, api: HfApi) -> None:
    commit(api, "config.json")
    path = hf_hub_download(NAME, "config.json")
    hub.stop()
    assert hf_hub_download(NAME, "config.json") == path
    with pytest.raises(LocalEntryNotFoundError):
        hf_hub_download(NAME, "README.md")
    with pytest.raises(HTTP_ERROR):
        api.whoami()


def test_functions_and_other_processes_talk_to_it_too(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", hub.token)
    huggingface_hub.create_repo(NAME)
    huggingface_hub.upload_file(repo_id=NAME, path_or_fileobj=WEIGHTS, path_in_repo="model.onnx")
    script = f"from huggingface_hub import *; print(whoami()['name'], hf_hub_download('{NAME}', 'model.onnx'))"
    told = subprocess.run([sys.executable, "-c", script], env=hub.environment, capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
    name, path = told.stdout.split()
    assert name == "wazir-writer"
    assert hub.home in Path(path).parents
    assert Path(path).read_bytes() == WEIGHTS


def test_the_client_is_turned_back(hub: HubServer) -> None:
    assert hub.endpoint == huggingface_hub.constants.ENDPOINT
    assert huggingface_hub.hf_hub_url(NAME, "x").startswith(hub.endpoint)
    assert huggingface_hub.get_token() is None
