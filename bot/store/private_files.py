"""Create files that nobody but the bot's own user can read."""

import os
from pathlib import Path


def create_private_file(file: Path) -> None:
    """Create `file`, empty and with mode 0600, and the directories that are missing above it with mode 0700.

    What is there already stays as it is. The modes do not depend on the umask, and at no moment are they wider.

    Raises:
        OSError: it can't be created.
    """
    path = file.resolve()  # where a link leads to that is not there yet
    for folder in reversed([each for each in path.parents if not each.exists()]):
        _make_folder(folder)
    try:
        opened = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        return
    try:
        os.fchmod(opened, 0o600)  # an odd umask takes rights from the owner
    finally:
        os.close(opened)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:  # made by another process a moment ago
        return
    folder.chmod(0o700)
