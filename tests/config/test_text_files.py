"""A file of the configuration is read in a moment, whatever its path leads to."""

import os
import socket
from pathlib import Path

import pytest

from bot.config.text_files import UnreadableFile, read_text_file


def refusal(path: Path) -> str:
    with pytest.raises(UnreadableFile) as caught:
        read_text_file(path, 100)
    return str(caught.value)


def test_a_file_is_read_up_to_its_bound_also_through_a_link(tmp_path: Path) -> None:
    file, link = tmp_path / "file", tmp_path / "link"
    file.write_text("é" * 50)
    link.symlink_to(file)
    assert read_text_file(link, 100) == "é" * 50
    file.write_text("é" * 50 + "x")
    assert refusal(link) == "is larger than 100 bytes"


def test_what_is_no_file_is_named_at_once(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert refusal(pipe) == "is not a regular file"
    assert refusal(tmp_path) == "is not a regular file"
    assert refusal(Path("/dev/zero")) == "is not a regular file"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        assert "can't be read" in refusal(tmp_path / "socket")


def test_what_is_not_there_or_not_text_is_said(tmp_path: Path) -> None:
    assert refusal(tmp_path / "nothing") == "can't be read (No such file or directory)"
    assert "can't be read" in refusal(tmp_path / "a\0b")
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    assert "can't be read" in refusal(loop)
    (tmp_path / "bytes").write_bytes(b"abc\xff")
    assert refusal(tmp_path / "bytes") == "is not text in UTF-8 (byte 3)"
