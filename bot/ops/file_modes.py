"""Warn about files that more people can read or change than the bot needs, and about running as root.

A file of the bot's own user should have mode 0600. One that belongs to somebody else may be readable for its group too,
for that is how the bot then reads it. A policy may be read by everybody, and changed by its owner alone.

What an orchestrator mounts is left out, for the modes are its own: what is below /run/secrets (Docker, Podman,
Kubernetes), what Kubernetes swaps through a link called `..data`, and what is mounted read-only.
"""

import os
import shlex
import stat
import threading
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import structlog

log = structlog.get_logger(__name__)

_OTHERS, _OTHERS_BUT_GROUP_READS, _CHANGED_BY_OTHERS = 0o077, 0o037, 0o022

#: Where container runtimes mount secrets; /var/run is a link to /run.
_MOUNTS = (Path("/run/secrets"), Path("/var/run/secrets"))

#: Files of a directory that are looked at.
_MOST = 1000


class CheckedPaths(NamedTuple):
    """The files to look at; None for what is not there or not in use."""

    env_file: Path | None = None
    policy_file: Path | None = None
    database: Path | None = None
    secrets_dir: Path | None = None


class Finding(NamedTuple):
    """What is wrong with the modes at `path`, and the `command` that puts it right."""

    path: Path
    problem: str
    command: str


def start_file_mode_check(files: CheckedPaths) -> None:
    """Log a warning for each finding, from a thread of its own: a directory that is mounted may never answer."""
    threading.Thread(target=_warn, args=(files,), name="file modes", daemon=True).start()


def _warn(files: CheckedPaths) -> None:
    if os.geteuid() == 0:
        log.warning("the bot runs as root, which it does not need: give it a user of its own")
    for found in find_permissive_modes(files):
        log.warning(found.problem, path=str(found.path), run=found.command)


def find_permissive_modes(files: CheckedPaths) -> list[Finding]:
    """What is wrong with the modes of `files`. What can't be looked at is passed over."""
    return [
        *_private([files.env_file]),
        *_policy(files.policy_file),
        *_database(files.database),
        *_secrets(files.secrets_dir),
    ]


def is_mounted_by_orchestrator(path: Path) -> bool:
    """Whether the modes of `path` are an orchestrator's, as the module's docstring says."""
    places = {path.absolute(), path.resolve()}
    if any(place.is_relative_to(mount) for place in places for mount in _MOUNTS):
        return True
    if any((folder / "..data").is_symlink() for place in places for folder in place.parents):
        return True
    return bool(os.statvfs(path).f_flag & os.ST_RDONLY)


def _private(paths: Iterable[Path | None]) -> Iterator[Finding]:
    for path in paths:
        if path and _is_wide(path):
            yield Finding(path, "others can read or change this file", f"chmod 600 {shlex.quote(str(path))}")


def _policy(path: Path | None) -> Iterator[Finding]:
    if path and _mode(path) & _CHANGED_BY_OTHERS:
        yield Finding(path, "others can change the policy", f"chmod go-w {shlex.quote(str(path))}")


def _database(path: Path | None) -> Iterator[Finding]:
    if path is None:
        return
    yield from _private(path.with_name(path.name + suffix) for suffix in ("", "-wal", "-shm"))
    folder, mode = path.parent, _mode(path.parent)
    if mode & _CHANGED_BY_OTHERS and not mode & stat.S_ISVTX:  # where it is sticky, as /tmp is, they replace no file
        yield Finding(folder, "others can replace the database", f"chmod 700 {shlex.quote(str(folder.absolute()))}")


def _secrets(folder: Path | None) -> Iterator[Finding]:
    wide = [path for path in _files(folder) if _is_wide(path)] if folder else []
    if folder and wide:
        problem = f"others can read or change {len(wide)} of the secret files, {wide[0].name} among them"
        yield Finding(folder, problem, f"chmod -R go-rwx {shlex.quote(str(folder))}")


def _files(folder: Path) -> Iterator[Path]:
    def found() -> Iterator[Path]:
        for place, folders, names in os.walk(folder):  # which passes over what can't be listed
            folders[:] = [name for name in folders if not name.startswith(".")]
            yield from (Path(place, name) for name in sorted(names) if not name.startswith("."))

    return islice(found(), _MOST)


def _is_wide(path: Path) -> bool:
    return bool(_mode(path) & (_OTHERS if _is_own(path) else _OTHERS_BUT_GROUP_READS))


def _is_own(path: Path) -> bool:
    try:
        return path.stat().st_uid == os.geteuid()
    except OSError:
        return False


def _mode(path: Path) -> int:
    """The mode of `path`; 0 where it can't be looked at, or is an orchestrator's."""
    try:
        return 0 if is_mounted_by_orchestrator(path) else stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return 0
