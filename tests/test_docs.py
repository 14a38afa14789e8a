"""What the documents promise about tests is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TEXT = "".join((ROOT / "docs" / name).read_text() for name in ("requests.md", "security.md"))
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)((?:::\w+)*)`", TEXT)))


@pytest.mark.parametrize(("file", "names"), NAMED)
def test_every_test_that_the_table_of_promises_names_is_there(file: str, names: str) -> None:
    text = (ROOT / file).read_text()
    for name in filter(None, names.split("::")):
        assert re.search(rf"(def|class) {name}\b", text), f"{file} has no {name}"
