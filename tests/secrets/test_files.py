"""The provider for a directory of secret files, as Docker and Kubernetes mount it."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.domain.errors import SecretMissing, SecretProviderUnreachable
from bot.domain.warehouses import SecretRef
from bot.secrets.files import FileSecretProvider

OUTSIDE = "never to be read"


@pytest.fixture
def mounted(tmp_path: Path) -> Path:
    """A directory with secrets, next to files that must not be read."""
    (tmp_path / "outside").write_text(OUTSIDE)
    inside = tmp_path / "inside"
    (inside / "snowflake").mkdir(parents=True)
    (inside / "LOADER").write_text("hunter2\n")
    (inside / "snowflake" / "loader").write_text("hunter3")
    return inside


async def value(directory: Path, name: str) -> str:
    return (await FileSecretProvider(directory).resolve(SecretRef(name=name))).get_secret_value()


async def test_a_file_is_a_secret_named_by_its_path(mounted: Path) -> None:
    assert await FileSecretProvider(mounted).list_names() == ("LOADER", "snowflake/loader")
    assert await value(mounted, "LOADER") == "hunter2"
    assert await value(mounted, "snowflake/loader") == "hunter3"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"hunter2", "hunter2"),
        (b"hunter2\n", "hunter2"),
        (b"hunter2\r\n", "hunter2"),
        (b"two\nlines\n\n", "two\nlines\n"),
        (b" spaces \n", " spaces "),
        (b"hunter2\r", "hunter2\r"),
    ],
)
async def test_one_line_ending_is_removed(mounted: Path, content: bytes, expected: str) -> None:
    (mounted / "LOADER").write_bytes(content)
    assert await value(mounted, "LOADER") == expected


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe", b"x" * 70000])
async def test_an_empty_binary_or_large_file_is_missing(mounted: Path, content: bytes) -> None:
    (mounted / "LOADER").write_bytes(content)
    with pytest.raises(SecretMissing) as caught:
        await value(mounted, "LOADER")
    assert "`LOADER` is not set, or empty, in the directory of secret files" in caught.value.user_message


async def test_new_files_are_read_after_kubernetes_replaces_them(mounted: Path) -> None:
    for version in ("old", "new"):
        data = mounted / f"..2026_{version}"
        (data / "redshift").mkdir(parents=True)
        (data / "password").write_text(version)
        (data / "redshift" / "loader").write_text(version)
        (mounted / "..data_tmp").symlink_to(data.name)
        (mounted / "..data_tmp").rename(mounted / "..data")
        if version == "old":
            (mounted / "password").symlink_to("..data/password")
            (mounted / "redshift").symlink_to("..data/redshift")
        assert await FileSecretProvider(mounted).list_names() == (
            "LOADER",
            "password",
            "redshift/loader",
            "snowflake/loader",
        )
        assert await value(mounted, "password") == await value(mounted, "redshift/loader") == version


@pytest.mark.parametrize("target", ["../outside", "..", "/etc/passwd", "loop", "nowhere", "."])
async def test_a_link_out_of_the_directory_or_to_nothing_is_refused(mounted: Path, target: str) -> None:
    (mounted / "loop").symlink_to(target)
    assert await FileSecretProvider(mounted).list_names() == ("LOADER", "snowflake/loader")
    for name in ("loop", "loop/outside", "loop/inside/LOADER"):
        with pytest.raises(SecretMissing):
            await value(mounted, name)


async def test_a_pipe_is_missing_and_does_not_block(mounted: Path) -> None:
    os.mkfifo(mounted / "pipe")
    assert "pipe" not in await FileSecretProvider(mounted).list_names()
    with pytest.raises(SecretMissing):
        await value(mounted, "pipe")


async def test_a_missing_directory_is_unreachable_and_not_a_missing_secret(tmp_path: Path) -> None:
    gone = FileSecretProvider(tmp_path / "gone")
    with pytest.raises(SecretProviderUnreachable) as caught:
        await gone.list_names()
    assert "SECRETS_DIR" in caught.value.user_message
    with pytest.raises(SecretProviderUnreachable):
        await gone.resolve(SecretRef(name="LOADER"))


PARTS = st.sampled_from(
    ["..", ".", "", "..data", "out", "inside", "outside", "LOADER", "snowflake", "/", "\0", "é", "%2e"]
)
NAMES = st.lists(PARTS, max_size=6).map("/".join) | st.text(max_size=300)


@given(name=NAMES)
@example(name="../outside")
@example(name="out/outside")
@example(name="/etc/passwd")
@example(name="snowflake/../../outside")
@example(name="\ud800")
@example(name="x" * 5000)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_no_name_reads_a_file_outside_the_directory(mounted: Path, name: str) -> None:
    (mounted / "out").unlink(missing_ok=True)
    (mounted / "out").symlink_to("..")
    listed = set(await FileSecretProvider(mounted).list_names())
    try:
        text = await value(mounted, name)
    except SecretMissing:
        assert name not in listed
    else:
        assert name in listed
        assert text in {"hunter2", "hunter3"}
