"""Read a small text file of the configuration, whatever its path leads to: never for long, and never without end."""

import os
import stat
from pathlib import Path


class UnreadableFile(Exception):
    """The file can't be taken; the text says why, in words that follow its path."""


def read_text_file(path: Path, max_bytes: int) -> str:
    """The text of the regular file `path`, which has up to `most` bytes. Links are followed.

    Raises:
        UnreadableFile: it is missing, larger, no regular file, not readable or not UTF-8.
    """
    try:
        # Without waiting for who writes into a pipe.
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise UnreadableFile(f"can't be read ({error.strerror})") from None
    except ValueError:  # a path with U+0000
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


def _read(file: int, most: int) -> bytes:
    found = b""
    while len(found) < most and (more := os.read(file, most - len(found))):
        found += more
    return found
