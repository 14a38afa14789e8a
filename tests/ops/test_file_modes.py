"""Which files are warned about, and which are an orchestrator's."""

import os
from pathlib import Path

import pytest

from bot.ops import file_modes
from bot.ops.file_modes import CheckedPaths, Finding, find_permissive_modes, is_mounted_by_orchestrator


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One with everything in it, as narrow as it should be."""
    held = tmp_path / "held" / "snowflake"
    held.mkdir(parents=True)
    for path in (tmp_path / ".env", tmp_path / "bot.db", tmp_path / "bot.db-wal", held / "loader", held / "other"):
        path.touch(0o600)
    (tmp_path / "policy.toml").touch(0o644)
    (tmp_path / "policy.toml").chmod(0o644)
    tmp_path.chmod(0o755)
    return tmp_path


def watched(folder: Path) -> CheckedPaths:
    return CheckedPaths(folder / ".env", folder / "policy.toml", folder / "bot.db", folder / "held")


def test_what_is_as_narrow_as_it_should_be_is_not_warned_about(folder: Path) -> None:
    assert find_permissive_modes(watched(folder)) == []
    assert find_permissive_modes(CheckedPaths()) == []
    assert find_permissive_modes(watched(folder / "none")) == []


@pytest.mark.parametrize(
    ("path", "mode", "problem", "command"),
    [
        (".env", 0o644, "others can read or change this file", "chmod 600 {folder}/.env"),
        (".env", 0o640, "others can read or change this file", "chmod 600 {folder}/.env"),
        ("bot.db", 0o604, "others can read or change this file", "chmod 600 {folder}/bot.db"),
        ("bot.db-wal", 0o620, "others can read or change this file", "chmod 600 {folder}/bot.db-wal"),
        ("policy.toml", 0o664, "others can change the policy", "chmod go-w {folder}/policy.toml"),
    ],
)
def test_each_file_is_named_with_the_command_that_puts_it_right(
    folder: Path, path: str, mode: int, problem: str, command: str
) -> None:
    (folder / path).chmod(mode)
    assert find_permissive_modes(watched(folder)) == [Finding(folder / path, problem, command.format(folder=folder))]


def test_the_command_can_be_pasted(folder: Path) -> None:
    odd = folder / "a b;c"
    odd.touch()
    odd.chmod(0o644)
    assert find_permissive_modes(CheckedPaths(env_file=odd))[0].command == f"chmod 600 '{odd}'"


def test_a_directory_of_secrets_is_one_warning(folder: Path) -> None:
    for name in ("loader", "other"):
        (folder / "held" / "snowflake" / name).chmod(0o644)
    assert find_permissive_modes(watched(folder)) == [
        Finding(
            folder / "held",
            "others can read or change 2 of the secret files, loader among them",
            f"chmod -R go-rwx {folder}/held",
        )
    ]


def test_a_directory_in_which_others_can_replace_the_database_is_named(folder: Path) -> None:
    folder.chmod(0o777)
    (found,) = find_permissive_modes(CheckedPaths(database=folder / "bot.db"))
    assert (found.problem, found.command) == ("others can replace the database", f"chmod 700 {folder}")
    folder.chmod(0o1777)  # as /tmp
    assert find_permissive_modes(CheckedPaths(database=folder / "bot.db")) == []


def test_the_group_may_read_a_file_of_somebody_elses(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: (folder / ".env").stat().st_uid + 1)
    (folder / ".env").chmod(0o640)
    assert find_permissive_modes(CheckedPaths(env_file=folder / ".env")) == []
    (folder / ".env").chmod(0o644)
    assert len(find_permissive_modes(CheckedPaths(env_file=folder / ".env"))) == 1


def test_what_kubernetes_swaps_is_its_own(folder: Path) -> None:
    held = folder / "mounted"
    (held / "..2026").mkdir(parents=True)
    (held / "..2026" / "password").touch()
    (held / "..2026" / "password").chmod(0o644)
    (held / "password").symlink_to("..data/password")
    (held / "..data").symlink_to("..2026")
    assert is_mounted_by_orchestrator(held / "password")
    assert find_permissive_modes(CheckedPaths(secrets_dir=held)) == []
    (held / "..data").unlink()
    (held / "password").unlink()
    (held / "password").touch()
    (held / "password").chmod(0o644)
    assert not is_mounted_by_orchestrator(held / "password")
    assert len(find_permissive_modes(CheckedPaths(secrets_dir=held))) == 1


def test_what_is_below_run_secrets_is_the_container_runtimes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "held" / "snowflake" / "loader").chmod(0o444)
    assert len(find_permissive_modes(watched(folder))) == 1
    assert Path("/run/secrets") in file_modes._MOUNTS
    monkeypatch.setattr(file_modes, "_MOUNTS", (folder / "held",))
    assert find_permissive_modes(watched(folder)) == []


def test_what_is_mounted_read_only_can_not_be_changed_here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / ".env").chmod(0o444)
    real = os.statvfs(folder)

    def read_only(path: Path) -> os.statvfs_result:
        return os.statvfs_result((*real[:8], real.f_flag | os.ST_RDONLY, real[9]))

    assert len(find_permissive_modes(watched(folder))) == 1
    monkeypatch.setattr(os, "statvfs", read_only)
    assert find_permissive_modes(watched(folder)) == []
