"""Warn about files that other users can read or change, and about running as root.

A file that the bot's user owns should have mode 0600. A file of another owner may be readable for its group too, since
the bot reads it that way. A policy may be readable for everybody, but only its owner may change it.

Files that an orchestrator mounts are not checked, since it sets their modes. These are files below /run/secrets
(Docker, Podman, Kubernetes), files that Kubernetes replaces through a link called `..data`, and read-only mounts.
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

_GROUP_OR_OTHERS, _GROUP_WRITE_OR_OTHERS, _WRITE_BY_OTHERS = 0o077, 0o037, 0o022

#: The directories in which container runtimes mount secrets; /var/run is a link to /run.
_MOUNTS = (Path("/run/secrets"), Path("/var/run/secrets"))

#: The most files of a directory that are checked.
_MAX_FILES = 1000


class CheckedPaths(NamedTuple):
    """The files to check; None for a file that does not exist or is not used."""

    env_file: Path | None = None
    policy_file: Path | None = None
    database: Path | None = None
    secrets_dir: Path | None = None


class Finding(NamedTuple):
    """A problem with the mode of `path`, and the `command` that fixes it."""

    path: Path
    problem: str
    command: str


def start_file_mode_check(files: CheckedPaths) -> None:
    """Log a warning for each finding, in a separate thread, since a mounted directory may never answer."""
    threading.Thread(target=_log_findings, args=(files,), name="file modes", daemon=True).start()


def _log_findings(files: CheckedPaths) -> None:
    if os.geteuid() == 0:
        log.warning("the bot runs as root: run it as a user without privileges")
    for finding in find_permissive_modes(files):
        log.warning(finding.problem, path=str(finding.path), run=finding.command)


def find_permissive_modes(files: CheckedPaths) -> list[Finding]:
    """Find the problems with the modes of `files`. Files that can't be read are skipped."""
    return [
        *_check_private([files.env_file]),
        *_check_policy(files.policy_file),
        *_check_database(files.database),
        *_check_secrets(files.secrets_dir),
    ]


def is_mounted_by_orchestrator(path: Path) -> bool:
    """Whether an orchestrator sets the modes of `path`, by the rules in the module's docstring."""
    locations = {path.absolute(), path.resolve()}
    if any(location.is_relative_to(mount) for location in locations for mount in _MOUNTS):
        return True
    if any((folder / "..data").is_symlink() for location in locations for folder in location.parents):
        return True
    return bool(os.statvfs(path).f_flag & os.ST_RDONLY)


def _check_private(paths: Iterable[Path | None]) -> Iterator[Finding]:
    for path in paths:
        if path and _is_permissive(path):
            yield Finding(path, "others can read or change this file", f"chmod 600 {shlex.quote(str(path))}")


def _check_policy(path: Path | None) -> Iterator[Finding]:
    if path and _get_mode(path) & _WRITE_BY_OTHERS:
        yield Finding(path, "others can change the policy", f"chmod go-w {shlex.quote(str(path))}")


def _check_database(path: Path | None) -> Iterator[Finding]:
    if path is None:
        return
    yield from _check_private(path.with_name(path.name + suffix) for suffix in ("", "-wal", "-shm"))
    folder, mode = path.parent, _get_mode(path.parent)
    if mode & _WRITE_BY_OTHERS and not mode & stat.S_ISVTX:  # in a sticky directory such as /tmp they can't replace it
        yield Finding(folder, "others can replace the database", f"chmod 700 {shlex.quote(str(folder.absolute()))}")


def _check_secrets(folder: Path | None) -> Iterator[Finding]:
    permissive = [path for path in _list_files(folder) if _is_permissive(path)] if folder else []
    if folder and permissive:
        problem = f"others can read or change {len(permissive)} of the secret files, {permissive[0].name} among them"
        yield Finding(folder, problem, f"chmod -R go-rwx {shlex.quote(str(folder))}")


def _list_files(folder: Path) -> Iterator[Path]:
    return islice(_walk(folder), _MAX_FILES)


def _walk(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):  # os.walk skips directories that it can't list
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(parent, name) for name in sorted(names) if not name.startswith("."))


def _is_permissive(path: Path) -> bool:
    return bool(_get_mode(path) & (_GROUP_OR_OTHERS if _is_own(path) else _GROUP_WRITE_OR_OTHERS))


def _is_own(path: Path) -> bool:
    try:
        return path.stat().st_uid == os.geteuid()
    except OSError:
        return False


def _get_mode(path: Path) -> int:
    """Return the mode of `path`; 0 if it can't be read, or if an orchestrator sets it."""
    try:
        return 0 if is_mounted_by_orchestrator(path) else stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return 0
