"""Create files that nobody but the bot's own user can read."""

import os
from pathlib import Path


def create_private_file(file: Path) -> None:
    """Create `file`, empty and with mode 0600, and the directories that are missing above it with mode 0700.

    Does not change what exists. The modes do not depend on the umask, and are never wider, not even for a moment.

    Raises:
        OSError: the file can't be created.
    """
    path = file.resolve()  # follows a link to a file that does not exist yet
    for folder in reversed([each for each in path.parents if not each.exists()]):
        _make_folder(folder)
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        return
    try:
        os.fchmod(descriptor, 0o600)  # a strict umask would remove the owner's rights
    finally:
        os.close(descriptor)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:  # another process just created it
        return
    folder.chmod(0o700)
