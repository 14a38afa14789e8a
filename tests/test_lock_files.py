"""The lock files are complete: pip installs them without resolving anything, on a machine that has nothing yet."""

import re
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
RUN, VAULT, AWS, DEV = "requirements.txt", "requirements-vault.txt", "requirements-aws.txt", "requirements-dev.txt"

#: Each lock file with those that are installed before it.
TOGETHER = {RUN: [], VAULT: [RUN], AWS: [RUN], DEV: [RUN]}


def pinned(file: str) -> dict[str, Requirement]:
    """What the lock file pins for this machine, by name."""
    lines = re.findall(r"^(\S+==[^\\\n]+)", (ROOT / file).read_text(), re.MULTILINE)
    found = [Requirement(line) for line in lines]
    return {canonicalize_name(each.name): each for each in found if each.marker is None or each.marker.evaluate()}


@pytest.mark.parametrize("file", TOGETHER)
def test_every_package_has_a_hash_and_no_line_names_an_index(file: str) -> None:
    text = (ROOT / file).read_text()
    for package in re.split(r"^(?=\S+==)", text, flags=re.MULTILINE)[1:]:
        assert re.search(r"^    --hash=sha256:[0-9a-f]{64}", package, re.MULTILINE), package.splitlines()[0]
    assert "://" not in text
    assert "index" not in text


@pytest.mark.parametrize("file", TOGETHER)
def test_whatever_a_pinned_package_needs_is_pinned_with_its_extras(file: str) -> None:
    packages = {name: package for each in (*TOGETHER[file], file) for name, package in pinned(each).items()}
    for package in packages.values():
        for text in requires(package.name) or []:
            needed = Requirement(text)
            extras = ["", *package.extras]
            if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in extras):
                found = packages.get(canonicalize_name(needed.name))
                assert found, f"{file}: {package.name} needs {text}"
                version = next(iter(found.specifier)).version
                assert needed.specifier.contains(version, prereleases=True), f"{file}: {package.name} needs {text}"
                # Without them pip looks for a release that has them, outside the lock file.
                assert needed.extras <= found.extras, f"{file}: {package.name} needs {text}"


def test_all_lock_files_pin_the_same_versions() -> None:
    versions: dict[str, set[str]] = {}
    for file in TOGETHER:
        for name, package in pinned(file).items():
            versions.setdefault(name, set()).add(str(package.specifier))
    assert {name: each for name, each in versions.items() if len(each) > 1} == {}
