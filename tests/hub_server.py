"""A small Hugging Face Hub on loopback: repositories in memory, a store of LFS objects, and faults that tests order.

It answers what `huggingface_hub` asks where Xet is off. As on the Hub, large files lie at another origin (`localhost`,
while the Hub is `127.0.0.1`), at signed addresses, which are not sent the token.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import secrets
import socket
import struct
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from fnmatch import fnmatch
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, TypedDict, Unpack
from urllib.parse import parse_qsl, quote, unquote, urlsplit
from weakref import WeakSet

LFS_PATTERNS = ("*.arrow", "*.bin", "*.npz", "*.onnx", "*.parquet", "*.pt", "*.safetensors", "*.zip", "*tfevents*")
LFS_BYTES = 10 * 1024 * 1024
_LOG_IN = "Invalid username or password."
_NONE: Mapping[str, str] = MappingProxyType({})


class Account(NamedTuple):
    name: str
    orgs: Mapping[str, str]  # where it may "read" or "write"

    def may(self, right: str, repository: str) -> bool:
        namespace = repository.partition("/")[0]
        return namespace == self.name or self.orgs.get(namespace) in (right, "write")


@dataclass(frozen=True)
class File:
    data: bytes = field(repr=False)
    lfs: bool = False

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    @cached_property
    def oid(self) -> str:
        """The git hash: that of a pointer, where the file is in LFS."""
        pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{self.sha256}\nsize {len(self.data)}\n"
        blob = pointer.encode() if self.lfs else self.data
        return hashlib.sha1(b"blob %d\0" % len(blob) + blob).hexdigest()

    @property
    def etag(self) -> str:
        return self.sha256 if self.lfs else self.oid

    def entry(self, path: str) -> dict[str, Any]:
        size = len(self.data)
        lfs = {"lfs": {"oid": self.sha256, "sha256": self.sha256, "size": size, "pointerSize": 134}} if self.lfs else {}
        return {"type": "file", "path": path, "oid": self.oid, "size": size, **lfs}


@dataclass(frozen=True)
class Commit:
    files: Mapping[str, File] = field(repr=False)
    message: str
    parent: str = ""

    @cached_property
    def oid(self) -> str:
        tree = {path: file.oid for path, file in self.files.items()}
        return hashlib.sha1(json.dumps([tree, self.message, self.parent]).encode()).hexdigest()


@dataclass
class Repo:
    kind: str
    name: str
    private: bool
    url: str
    commits: dict[str, Commit] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)

    def add(self, branch: str, files: Mapping[str, File], message: str, parent: str = "") -> str:
        commit = Commit(MappingProxyType(dict(files)), message, parent)
        self.commits[commit.oid] = commit
        self.branches[branch] = commit.oid
        return commit.oid

    def at(self, revision: str = "main") -> Commit:
        """The commit that a branch, a tag or a hash names."""
        oid = self.branches.get(revision) or self.tags.get(revision) or revision
        if oid not in self.commits:
            raise HubError(404, f"Invalid rev id: {revision}", "RevisionNotFound")
        return self.commits[oid]

    def history(self, revision: str = "main") -> list[Commit]:
        """Commits, the newest first."""
        commits = [self.at(revision)]
        while parent := commits[-1].parent:
            commits.append(self.commits[parent])
        return commits


@dataclass
class Request:
    """What was asked. `received` and `sent` count bytes of bodies; `status` stays 0 where no answer went out."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(default=b"", repr=False)
    status: int = 0
    received: int = 0
    sent: int = 0


class Response(NamedTuple):
    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = _NONE


class HubError(Exception):
    """A refusal, in the form that the client knows."""

    def __init__(self, status: int, message: str, code: str = "", headers: Mapping[str, str] = _NONE) -> None:
        super().__init__(message)
        told = {"X-Error-Message": message.encode("ascii", "replace").decode(), **headers}
        if code:
            told["X-Error-Code"] = code
        self.response = _json({"error": message}, status, told)


class When(TypedDict, total=False):
    method: str  # any by default
    times: int
    skip: int  # so many matching requests pass first


class How(When, total=False):
    during: Literal["request", "response"]  # the response to a GET by default, else the request
    reset: bool  # the client gets an error of the connection; without it, in a response, the end of the stream


@dataclass
class Fault:
    """An answer in place of the true one, or else the end of the connection after some bytes."""

    pattern: str
    answer: Response | None = None
    after_bytes: int = 0
    method: str = ""
    times: int = 1
    skip: int = 0
    during: str = ""
    reset: bool = False

    def hits(self, request: Request) -> bool:
        if not self.times or self.method not in ("", request.method) or not re.search(self.pattern, request.path):
            return False
        hit = not self.skip
        self.times, self.skip = self.times - hit, self.skip - (not hit)
        return hit


class HubServer:
    """The server; it serves inside ``with``. Tests read its state and order its faults."""

    def __init__(self, home: Path) -> None:
        self.home = home  # of the client: its cache
        self.token, self.reader_token = "hf_writer", "hf_reader"
        self.accounts = {
            self.token: Account("wazir-writer", {"wazir-team": "write"}),
            self.reader_token: Account("wazir-reader", {"wazir-team": "read"}),
        }
        self.repos: dict[tuple[str, str], Repo] = {}  # by kind and name
        self.store: dict[str, bytes] = {}  # LFS objects by SHA-256, those too that no commit names
        self.requests: list[Request] = []
        self.faults: list[Fault] = []  # also those spent
        self.sleeps: list[float] = []  # seconds that the client would have waited; the fixture notes them
        self.lock = threading.Lock()
        self.connections: WeakSet[socket.socket] = WeakSet()
        self._signature = secrets.token_hex(8)
        self._listener = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": self}))
        self._port = self._listener.server_port
        self.endpoint = f"http://127.0.0.1:{self._port}"

    def __enter__(self) -> HubServer:
        threading.Thread(target=self._listener.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Be gone: from now on the client cannot connect, nor use the connections that it has kept."""
        self._listener.shutdown()
        self._listener.server_close()
        for connection in set(self.connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    @property
    def environment(self) -> dict[str, str]:
        """The environment for a process that shall talk to this server, with the token that this process has."""
        flags = ("DISABLE_XET", "DISABLE_TELEMETRY", "DISABLE_PROGRESS_BARS", "DISABLE_UPDATE_CHECK")
        folders = {"HF_HOME": str(self.home), "HF_HUB_CACHE": str(self.home / "hub")}
        own = {"HF_ENDPOINT": self.endpoint, **folders, **{f"HF_HUB_{flag}": "1" for flag in flags}}
        return {**os.environ, **own, "no_proxy": "127.0.0.1,localhost"}

    def fail(self, pattern: str, status: int, headers: Mapping[str, str] = _NONE, **when: Unpack[When]) -> None:
        """Answer the next requests, whose path has this regular expression, with a status."""
        self.faults.append(Fault(pattern, _json({"error": "ordered by a test"}, status, headers), **when))

    def cut(self, pattern: str, after_bytes: int = 0, **how: Unpack[How]) -> None:
        """Close the connection amid a body: of a request, which has no effect then, or of the answer to one that has.

        A body that is shorter is cut at its end.
        """
        self.faults.append(Fault(pattern, None, after_bytes, **how))

    def asked(self, pattern: str, method: str = "") -> list[Request]:
        """The requests so far whose path has this regular expression."""
        return [one for one in self.requests if re.search(pattern, one.path) and method in ("", one.method)]

    def answer(self, request: Request, raw_path: str) -> Response:
        segments = [unquote(segment) for segment in raw_path.strip("/").split("/")]
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        try:
            if segments[0] == "storage":
                return self._storage(request, segments[1])
            if token and token not in self.accounts:
                raise HubError(401, "Invalid credentials in Authorization header")
            account = self.accounts.get(token)
            match segments:
                case ["api", "whoami-v2"] if account:
                    orgs = [{"type": "org", "name": org, "roleInOrg": role} for org, role in account.orgs.items()]
                    return _json({"type": "user", "name": account.name, "orgs": orgs})
                case ["api", "whoami-v2"]:
                    raise HubError(401, _LOG_IN)
                case ["api", "validate-yaml"]:
                    return _json({"errors": [], "warnings": []})
                case ["api", "repos", "create"]:
                    return self._create(account, json.loads(request.body))
                case ["api", kinds, org, name, *rest]:
                    return self._api(request, self._repo(request, account, kinds, f"{org}/{name}"), rest)
                case ["datasets" | "spaces" as kinds, org, name, *rest]:
                    return self._git(request, self._repo(request, account, kinds, f"{org}/{name}"), rest)
                case [org, name, *rest]:
                    return self._git(request, self._repo(request, account, "models", f"{org}/{name}"), rest)
            raise HubError(404, "No such address")
        except HubError as error:
            return error.response

    def _repo(self, request: Request, account: Account | None, kinds: str, name: str) -> Repo:
        repo = self.repos.get((kinds.removesuffix("s"), name.removesuffix(".git")))
        if repo is None or (repo.private and not (account and account.may("read", name))):
            # A stranger is only told to log in. The client takes that for a missing repository by itself at https://
            # alone, hence the code.
            raise HubError(*((404, "Repository not found") if account else (401, _LOG_IN)), "RepoNotFound")
        if request.method not in ("GET", "HEAD"):
            _check_writer(account, name, "RepoNotFound")
        return repo

    def _create(self, account: Account | None, wanted: dict[str, Any]) -> Response:
        name = f"{wanted.get('organization') or (account.name if account else '')}/{wanted['name']}"
        _check_writer(account, name)
        kind = wanted.get("type", "model")
        url = f"{self.endpoint}/{'' if kind == 'model' else f'{kind}s/'}{name}"
        if (kind, name) in self.repos:
            return _json({"url": url, "error": f"You already created this {kind} repo"}, 409)
        repo = self.repos[kind, name] = Repo(kind, name, wanted.get("visibility") == "private", url)
        attributes = "".join(f"{pattern} filter=lfs diff=lfs merge=lfs -text\n" for pattern in LFS_PATTERNS)
        repo.add("main", {".gitattributes": File(attributes.encode())}, "initial commit")
        return _json({"url": url})

    def _api(self, request: Request, repo: Repo, rest: list[str]) -> Response:
        match request.method, rest:
            case "GET", [] | ["revision", _]:
                commit = repo.at(*rest[1:])
                sized = "blobs" in request.query
                files = [{"rfilename": p, **(file.entry(p) if sized else {})} for p, file in commit.files.items()]
                return _json({"id": repo.name, "private": repo.private, "sha": commit.oid, "siblings": files})
            case "GET", ["tree", revision, *folder]:
                return _tree(repo.at(revision), "/".join(folder), request.query.get("recursive") == "true")
            case "GET", ["refs"]:
                branches, tags = (
                    [{"name": name, "ref": f"refs/{of}/{name}", "targetCommit": oid} for name, oid in refs.items()]
                    for of, refs in (("heads", repo.branches), ("tags", repo.tags))
                )
                return _json({"branches": branches, "tags": tags, "converts": []})
            case "POST", ["branch", name]:
                return _point(repo.branches, name, repo.at(json.loads(request.body).get("startingPoint", "main")))
            case "POST", ["tag", revision]:
                return _point(repo.tags, json.loads(request.body)["tag"], repo.at(revision))
            case "POST", ["preupload", revision]:
                there, files = repo.at(revision).files, json.loads(request.body)["files"]
                return _json({"files": [_mode(file, there.get(file["path"])) for file in files]})
            case "POST", ["commit", branch]:
                return self._commit(repo, branch, [json.loads(line) for line in request.body.splitlines()])
        raise HubError(404, "No such address")

    def _commit(self, repo: Repo, branch: str, lines: list[dict[str, Any]]) -> Response:
        if branch not in repo.branches:
            raise HubError(404, f"Invalid rev id: {branch}", "RevisionNotFound")
        head, header = repo.at(branch), lines[0]["value"]
        if not head.oid.startswith(header.get("parentCommit", "")):
            raise HubError(412, "A commit has happened since. Please refresh and try again.")
        files = dict(head.files)
        for line in lines[1:]:
            key, value, path = line["key"], line["value"], line["value"]["path"]
            if key == "file":
                files[path] = File(base64.b64decode(value["content"]))
            elif key == "lfsFile":
                if value["oid"] not in self.store:
                    raise HubError(400, f"Your push was rejected: the LFS pointer {path} points to no file")
                files[path] = File(self.store[value["oid"]], lfs=True)
            else:
                kept = {old: file for old, file in files.items() if not f"{old}/".startswith(path.rstrip("/") + "/")}
                if len(kept) == len(files):
                    raise HubError(404, "A file with this name doesn't exist", "EntryNotFound")
                files = kept
        oid = repo.add(branch, files, header["summary"], head.oid)
        return _json({"commitOid": oid, "commitUrl": f"{repo.url}/commit/{oid}"})

    def _git(self, request: Request, repo: Repo, rest: list[str]) -> Response:
        match request.method, rest:
            case "GET" | "HEAD", ["resolve", revision, *parts]:
                commit, path = repo.at(revision), "/".join(parts)
                commit_header = {"X-Repo-Commit": commit.oid}
                if not (file := commit.files.get(path)):
                    raise HubError(404, "Entry not found", "EntryNotFound", commit_header)
                headers = {**commit_header, "ETag": f'"{file.etag}"'}
                if not file.lfs:
                    return _content(request, file.data, headers)
                linked = {"X-Linked-Etag": f'"{file.sha256}"', "X-Linked-Size": str(len(file.data))}
                return Response(302, b"", {**headers, **linked, "Location": self._sign(f"{file.sha256}/{path}")})
            case "POST", ["info", "lfs", "objects", "batch"]:
                objects = json.loads(request.body)["objects"]
                for one in objects:
                    if one["oid"] not in self.store:  # what is there nobody is asked for
                        one["actions"] = {"upload": {"href": self._sign(one["oid"]) + f"&size={one['size']}"}}
                return _json({"transfer": "basic", "objects": objects})
        raise HubError(404, "No such address")

    def _sign(self, path: str) -> str:
        return f"http://localhost:{self._port}/storage/{quote(path)}?signature={self._signature}"

    def _storage(self, request: Request, oid: str) -> Response:
        if "authorization" in request.headers or request.query.get("signature") != self._signature:
            raise HubError(403, "A signed address takes its signature and nothing else")
        if request.method != "PUT":
            return _content(request, self.store[oid], {"ETag": f'"{oid}"'})
        if (hashlib.sha256(request.body).hexdigest(), str(len(request.body))) != (oid, request.query["size"]):
            raise HubError(400, "The object is not the one that was announced")
        self.store[oid] = request.body
        return Response()


def _json(payload: Any, status: int = 200, headers: Mapping[str, str] = _NONE) -> Response:
    return Response(status, json.dumps(payload).encode(), {"Content-Type": "application/json", **headers})


def _check_writer(account: Account | None, name: str, code: str = "") -> None:
    if account is None:
        raise HubError(401, _LOG_IN, code)
    if not account.may("write", name):
        raise HubError(403, f"You don't have the rights to write to {name}")


def _point(refs: dict[str, str], name: str, commit: Commit) -> Response:
    if name in refs:
        raise HubError(409, f"Reference {name} already exists")
    refs[name] = commit.oid
    return _json({})


def _mode(file: dict[str, Any], there: File | None) -> dict[str, Any]:
    """How a file shall be sent, and what is in its place now."""
    path, binary = file["path"], b"\0" in base64.b64decode(file["sample"])
    lfs = binary or file["size"] > LFS_BYTES or any(fnmatch(path, pattern) for pattern in LFS_PATTERNS)
    mode = "lfs" if lfs else "regular"
    return {"path": path, "uploadMode": mode, "shouldIgnore": False, "oid": there.etag if there else None}


def _tree(commit: Commit, folder: str, deep: bool) -> Response:
    prefix, entries = f"{folder}/" if folder else "", {}
    for path, file in sorted(commit.files.items()):
        name, _, below = path.removeprefix(prefix).partition("/")
        if path.startswith(prefix) and below and not deep:
            entries[name] = {"type": "directory", "path": prefix + name, "oid": "0" * 40}
        elif path.startswith(prefix):
            entries[path] = file.entry(path)
    if folder and not entries:
        raise HubError(404, f"{folder} does not exist", "EntryNotFound")
    return _json(list(entries.values()))


def _content(request: Request, data: bytes, headers: Mapping[str, str]) -> Response:
    """A file, or the range of it that was asked for."""
    if not (asked := re.fullmatch(r"bytes=(\d*)-(\d*)", request.headers.get("range", ""))):
        return Response(200, data, headers)
    first, last = asked.groups()
    start = int(first) if first else max(0, len(data) - int(last))
    stop = min(len(data), int(last) + 1) if first and last else len(data)
    if start >= stop:
        return Response(416, b"", {"Content-Range": f"bytes */{len(data)}"})
    return Response(206, data[start:stop], {**headers, "Content-Range": f"bytes {start}-{stop - 1}/{len(data)}"})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    hub: HubServer

    def setup(self) -> None:
        super().setup()
        self.hub.connections.add(self.connection)

    def serve(self) -> None:
        url = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, unquote(url.path), dict(parse_qsl(url.query)), headers)
        with self.hub.lock:
            self.hub.requests.append(request)
            fault = next((fault for fault in self.hub.faults if fault.hits(request)), None)
        cuts: dict[str, int | None] = {"request": None, "response": None}
        if fault and not fault.answer:
            cuts[fault.during or ("response" if self.command == "GET" else "request")] = fault.after_bytes
        try:
            request.body = b"".join(self._receive(request, cuts["request"]))
            with self.hub.lock:
                response = (fault and fault.answer) or self.hub.answer(request, url.path)
            self._send(request, response, cuts["response"])
        except ConnectionError:  # by order, or the client went away
            if fault and fault.reset:  # closing sends RST then, and not FIN
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            self.connection.close()

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = serve  # noqa: N815

    def _receive(self, request: Request, cut: int | None) -> Iterator[bytes]:
        rest = int(self.headers.get("Content-Length", 0))
        while rest and request.received != cut:
            piece = self.rfile.read(min(rest, 1 << 16, rest if cut is None else cut - request.received))
            request.received += len(piece)
            rest -= len(piece)
            if not piece:
                raise ConnectionError("the client went away")
            yield piece
        if cut is not None:
            raise ConnectionError("by order")

    def _send(self, request: Request, response: Response, cut: int | None) -> None:
        body = b"" if request.method == "HEAD" else response.body[:cut]
        request.status, request.sent = response.status, len(body)  # before the client can know of it
        self.send_response(response.status)
        for name, value in {**response.headers, "Content-Length": str(len(response.body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        if cut is not None:
            raise ConnectionError("by order")

    def log_message(self, *_: object) -> None:
        pass
