"""Secrets from a directory of files, as Docker and Kubernetes mount them. The path below the directory is the name."""

import errno
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from pydantic import SecretStr

from bot.domain.errors import SecretMissing
from bot.domain.warehouses import SecretRef
from bot.secrets.backend import MAX_NAMES, SecretBackend, is_safe_name

_BACKEND = SecretBackend("the directory of secret files", "SECRETS_DIR and who may read it")
_LOCATION = "in the directory of secret files"

#: Seconds for one operation (the directory may be on a network), depth of folders, and bytes of one secret.
_TIMEOUT, _MAX_DEPTH, _MAX_BYTES = 5.0, 4, 65536

#: The system's errors for a name without a file. Any other error is a failing disk or a missing permission.
_NOT_FOUND_ERRORS = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.ENXIO}


class FileSecretProvider:
    """Resolves the files of `directory`, which are read again for each call.

    Hidden files don't count, such as the link `..data`, with which Kubernetes replaces all files at once. Symbolic
    links are followed if they end inside the directory. One line ending at the end of a file is removed.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    async def list_names(self) -> tuple[str, ...]:
        """Return the paths of the files below the directory, sorted. Raises SecretProviderUnreachable."""
        return await _BACKEND.run_with_timeout(_TIMEOUT, self._list)

    async def resolve(self, ref: SecretRef) -> SecretStr:
        """Return the content of the file.

        Raises:
            SecretMissing: there is no such file inside the directory, or it is empty or not text.
            SecretProviderUnreachable: the file can't be read.
        """
        return await _BACKEND.run_with_timeout(_TIMEOUT, lambda: self._read(ref.name))

    def _list(self) -> tuple[str, ...]:
        try:
            root = self._directory.resolve(strict=True)
            return tuple(sorted(_walk(root, root, "", ())))[:MAX_NAMES]
        except OSError as error:
            raise _BACKEND.build_unreachable_error(type(error).__name__) from None

    def _read(self, name: str) -> SecretStr:
        if not _is_listed(name):
            raise SecretMissing(name, _LOCATION)
        try:
            root = self._directory.resolve(strict=True)
            data = _read_inside(root, name) or _read_inside(root, name)  # retry: Kubernetes may have just replaced it
        except OSError as error:
            raise _BACKEND.build_unreachable_error(type(error).__name__) from None
        return _decode(name, data)


def _walk(root: Path, folder: Path, prefix: str, parents: tuple[Path, ...]) -> Iterator[str]:
    if folder in parents or len(parents) > _MAX_DEPTH:
        return
    for entry in folder.iterdir():
        name = f"{prefix}{entry.name}"
        path = _resolve(entry)
        if not _is_listed(name) or path is None or not path.is_relative_to(root):
            continue
        if path.is_file():
            yield name
        elif path.is_dir():
            yield from _walk(root, path, f"{name}/", (*parents, folder))


def _read_inside(root: Path, name: str) -> bytes:
    path = root
    for part in name.split("/"):  # each step has to stay inside, or one file would have several names
        step = _resolve(path / part)
        if step is None or not step.is_relative_to(root):
            return b""
        path = step
    try:
        return _read_regular_file(path)
    except OSError as error:
        if error.errno in _NOT_FOUND_ERRORS:
            return b""
        raise


def _resolve(path: Path) -> Path | None:
    """Return the path that `path` links to, or None if there is no such file."""
    try:
        return path.resolve(strict=True)
    except (RuntimeError, ValueError):  # a loop of links; a name that no file can have
        return None
    except OSError as error:
        if error.errno in _NOT_FOUND_ERRORS:
            return None
        raise


def _is_listed(name: str) -> bool:
    return is_safe_name(name) and not any(part.startswith(".") for part in name.split("/"))


def _read_regular_file(path: Path) -> bytes:
    # Refuse a link that was just created, and don't wait for the writer of a pipe.
    file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        return _read_bytes(file, _MAX_BYTES + 1) if stat.S_ISREG(os.fstat(file).st_mode) else b""
    finally:
        os.close(file)


def _read_bytes(file: int, max_bytes: int) -> bytes:
    data = b""
    while len(data) < max_bytes and (chunk := os.read(file, max_bytes - len(data))):
        data += chunk
    return data


def _decode(name: str, data: bytes) -> SecretStr:
    if len(data) > _MAX_BYTES:
        raise SecretMissing(name, _LOCATION, f"A secret has up to {_MAX_BYTES} bytes.")
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise SecretMissing(name, _LOCATION, "A secret is text in UTF-8.") from None
    value = re.sub(r"\r?\n\Z", "", text)
    if not value:
        raise SecretMissing(name, _LOCATION)
    return SecretStr(value)
