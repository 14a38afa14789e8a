"""Secrets from a directory of files, as Docker and Kubernetes mount them: the path below it is the name."""

import errno
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from pydantic import SecretStr

from bot.domain.errors import SecretMissing
from bot.domain.warehouses import SecretRef
from bot.secrets.provider import MAX_NAMES, SecretBackend, is_safe_name

_PLACE = SecretBackend("the directory of secret files", "SECRETS_DIR and who may read it")
_WHERE = "in the directory of secret files"

#: Seconds for a directory that may be mounted over a network, folders below it, and bytes of one secret.
_WITHIN, _DEEPEST, _LARGEST = 5.0, 4, 65536

#: What the system says of a name that leads nowhere; anything else is a disk or a right that fails.
_ABSENT = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.ENXIO}


class FileSecretProvider:
    """The files of `directory`, read anew each time.

    Hidden ones don't count, among them the `..data` through which Kubernetes swaps all files at once. Symbolic links
    are followed as long as they end inside the directory. One line ending at the end of a file is not the secret's.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    async def list_names(self) -> tuple[str, ...]:
        """The files there are, by their path below the directory, in order. Raises SecretsUnreachable."""
        return await _PLACE.run_with_timeout(_WITHIN, self._names)

    async def resolve(self, ref: SecretRef) -> SecretStr:
        """What the file holds.

        Raises:
            SecretMissing: there is none inside the directory, or it is empty or no text.
            SecretsUnreachable: it may not be read.
        """
        return await _PLACE.run_with_timeout(_WITHIN, lambda: self._read(ref.name))

    def _names(self) -> tuple[str, ...]:
        try:
            root = self._directory.resolve(strict=True)
            return tuple(sorted(_files(root, root, "", ())))[:MAX_NAMES]
        except OSError as error:
            raise _PLACE.build_unreachable_error(type(error).__name__) from None

    def _read(self, name: str) -> SecretStr:
        if not _listed(name):
            raise SecretMissing(name, _WHERE)
        try:
            root = self._directory.resolve(strict=True)
            data = _inside(root, name) or _inside(root, name)  # again: Kubernetes may have swapped the files in between
        except OSError as error:
            raise _PLACE.build_unreachable_error(type(error).__name__) from None
        return _secret(name, data)


def _files(root: Path, folder: Path, below: str, above: tuple[Path, ...]) -> Iterator[str]:
    if folder in above or len(above) > _DEEPEST:
        return
    for entry in folder.iterdir():
        name = f"{below}{entry.name}"
        path = _target(entry)
        if not _listed(name) or path is None or not path.is_relative_to(root):
            continue
        if path.is_file():
            yield name
        elif path.is_dir():
            yield from _files(root, path, f"{name}/", (*above, folder))


def _inside(root: Path, name: str) -> bytes:
    path = root
    for part in name.split("/"):  # each step stays inside: a way out and in again is another name for the same file
        step = _target(path / part)
        if step is None or not step.is_relative_to(root):
            return b""
        path = step
    try:
        return _content(path)
    except OSError as error:
        if error.errno in _ABSENT:
            return b""
        raise


def _target(path: Path) -> Path | None:
    """Where `path` leads in the end; None where that is nowhere."""
    try:
        return path.resolve(strict=True)
    except (RuntimeError, ValueError):  # links in a circle; what no file can be called
        return None
    except OSError as error:
        if error.errno in _ABSENT:
            return None
        raise


def _listed(name: str) -> bool:
    return is_safe_name(name) and not any(part.startswith(".") for part in name.split("/"))


def _content(path: Path) -> bytes:
    # Neither a link that was put there since, nor a pipe that would wait for a writer.
    file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        return _up_to(file, _LARGEST + 1) if stat.S_ISREG(os.fstat(file).st_mode) else b""
    finally:
        os.close(file)


def _up_to(file: int, most: int) -> bytes:
    found = b""
    while len(found) < most and (more := os.read(file, most - len(found))):
        found += more
    return found


def _secret(name: str, data: bytes) -> SecretStr:
    if len(data) > _LARGEST:
        raise SecretMissing(name, _WHERE, f"A secret has up to {_LARGEST} bytes.")
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise SecretMissing(name, _WHERE, "A secret is text in UTF-8.") from None
    value = re.sub(r"\r?\n\Z", "", text)
    if not value:
        raise SecretMissing(name, _WHERE)
    return SecretStr(value)
