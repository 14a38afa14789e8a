"""The check of file modes, and its exceptions for files of an orchestrator."""

import os
from pathlib import Path

import pytest

from bot.ops import file_modes
from bot.ops.file_modes import CheckedPaths, Finding, find_permissive_modes, is_mounted_by_orchestrator


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with all checked files, whose modes are as they should be."""
    (tmp_path / "secrets" / "snowflake").mkdir(parents=True)
    for name in (".env", "bot.db", "bot.db-wal", "secrets/snowflake/loader", "secrets/snowflake/other"):
        (tmp_path / name).touch(0o600)
    (tmp_path / "policy.toml").touch(0o644)
    (tmp_path / "policy.toml").chmod(0o644)
    tmp_path.chmod(0o755)
    return tmp_path


def list_paths(folder: Path) -> CheckedPaths:
    return CheckedPaths(folder / ".env", folder / "policy.toml", folder / "bot.db", folder / "secrets")


def test_correct_modes_give_no_warning(folder: Path) -> None:
    assert find_permissive_modes(list_paths(folder)) == []
    assert find_permissive_modes(CheckedPaths()) == []
    assert find_permissive_modes(list_paths(folder / "none")) == []


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
def test_each_file_is_reported_with_the_command_that_fixes_it(
    folder: Path, path: str, mode: int, problem: str, command: str
) -> None:
    (folder / path).chmod(mode)
    assert find_permissive_modes(list_paths(folder)) == [Finding(folder / path, problem, command.format(folder=folder))]


def test_the_command_is_quoted_for_the_shell(folder: Path) -> None:
    path = folder / "a b;c"
    path.touch()
    path.chmod(0o644)
    assert find_permissive_modes(CheckedPaths(env_file=path))[0].command == f"chmod 600 '{path}'"


def test_a_directory_of_secrets_gives_one_warning(folder: Path) -> None:
    for name in ("loader", "other"):
        (folder / "secrets" / "snowflake" / name).chmod(0o644)
    assert find_permissive_modes(list_paths(folder)) == [
        Finding(
            folder / "secrets",
            "others can read or change 2 of the secret files, loader among them",
            f"chmod -R go-rwx {folder}/secrets",
        )
    ]


def test_a_directory_in_which_others_can_replace_the_database_is_reported(folder: Path) -> None:
    folder.chmod(0o777)
    (finding,) = find_permissive_modes(CheckedPaths(database=folder / "bot.db"))
    assert (finding.problem, finding.command) == ("others can replace the database", f"chmod 700 {folder}")
    folder.chmod(0o1777)  # as /tmp
    assert find_permissive_modes(CheckedPaths(database=folder / "bot.db")) == []


def test_the_group_may_read_a_file_of_another_owner(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: (folder / ".env").stat().st_uid + 1)
    (folder / ".env").chmod(0o640)
    assert find_permissive_modes(CheckedPaths(env_file=folder / ".env")) == []
    (folder / ".env").chmod(0o644)
    assert len(find_permissive_modes(CheckedPaths(env_file=folder / ".env"))) == 1


def test_files_that_kubernetes_replaces_are_not_checked(folder: Path) -> None:
    secrets = folder / "mounted"
    (secrets / "..2026").mkdir(parents=True)
    (secrets / "..2026" / "password").touch()
    (secrets / "..2026" / "password").chmod(0o644)
    (secrets / "password").symlink_to("..data/password")
    (secrets / "..data").symlink_to("..2026")
    assert is_mounted_by_orchestrator(secrets / "password")
    assert find_permissive_modes(CheckedPaths(secrets_dir=secrets)) == []
    (secrets / "..data").unlink()
    (secrets / "password").unlink()
    (secrets / "password").touch()
    (secrets / "password").chmod(0o644)
    assert not is_mounted_by_orchestrator(secrets / "password")
    assert len(find_permissive_modes(CheckedPaths(secrets_dir=secrets))) == 1


def test_files_below_run_secrets_are_not_checked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "secrets" / "snowflake" / "loader").chmod(0o444)
    assert len(find_permissive_modes(list_paths(folder))) == 1
    assert Path("/run/secrets") in file_modes._MOUNTS
    monkeypatch.setattr(file_modes, "_MOUNTS", (folder / "secrets",))
    assert find_permissive_modes(list_paths(folder)) == []


def test_read_only_mounts_are_not_checked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / ".env").chmod(0o444)
    real = os.statvfs(folder)

    def read_only(path: Path) -> os.statvfs_result:
        return os.statvfs_result((*real[:8], real.f_flag | os.ST_RDONLY, real[9]))

    assert len(find_permissive_modes(list_paths(folder))) == 1
    monkeypatch.setattr(os, "statvfs", read_only)
    assert find_permissive_modes(list_paths(folder)) == []
