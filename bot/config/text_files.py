"""Read a small text file of the configuration. Pipes, devices and large files are refused without waiting."""

import os
import stat
from pathlib import Path


class UnreadableFile(Exception):
    """The file can't be read; the text says why, and follows the path in a sentence."""


def read_text_file(path: Path, max_bytes: int) -> str:
    """Read the regular file `path` of at most `max_bytes` bytes. Links are followed.

    Raises:
        UnreadableFile: The file is missing, too large, not a regular file, not readable or not UTF-8.
    """
    try:
        # Without waiting for a writer, if it is a pipe.
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise UnreadableFile(f"can't be read ({error.strerror})") from None
    except ValueError:  # the path contains U+0000
        raise UnreadableFile("can't be read (no file has such a name)") from None
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise UnreadableFile("is not a regular file")
        data = _read(file, max_bytes + 1)
    except OSError as error:
        raise UnreadableFile(f"can't be read ({error.strerror})") from None
    finally:
        os.close(file)
    if len(data) > max_bytes:
        raise UnreadableFile(f"is larger than {max_bytes:,} bytes")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise UnreadableFile(f"is not text in UTF-8 (byte {error.start})") from None


def _read(file: int, max_bytes: int) -> bytes:
    data = b""
    while len(data) < max_bytes and (chunk := os.read(file, max_bytes - len(data))):
        data += chunk
    return data
