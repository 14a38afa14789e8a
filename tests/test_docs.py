"""What the documents promise about tests and about the control API is there."""

import re
from pathlib import Path

import pytest

from bot.sandbox.control.routes import CONTROL_PREFIX, build_control_routes
from bot.sandbox.workspace import LocalWorkspace
from tools.package_diagram import draw_package_diagram

ROOT = Path(__file__).parent.parent
WORKSPACE = (ROOT / "docs" / "workspace.md").read_text()
TEXT = "".join((ROOT / "docs" / name).read_text() for name in ("audit.md", "requests.md", "security.md")) + WORKSPACE
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)((?:::\w+)*)`", TEXT)))


@pytest.mark.parametrize(("file", "names"), NAMED)
def test_every_test_that_the_table_of_promises_names_is_there(file: str, names: str) -> None:
    text = (ROOT / file).read_text()
    for name in filter(None, names.split("::")):
        assert re.search(rf"(def|class) {name}\b", text), f"{file} has no {name}"


def test_every_line_of_the_workspaces_strictness_names_a_test() -> None:
    _, _, strict = WORKSPACE.partition("## How strict it is")
    rows = [line for line in strict.splitlines() if line.startswith("| ") and "---" not in line]
    rules = [row for row in rows if not row.endswith("| shown in |")]
    assert len(rules) > 40
    assert [row for row in rules if "`tests/sandbox/" not in row.rpartition(" | ")[2]] == []


def test_the_table_of_the_control_api_has_every_route_and_no_other() -> None:
    told = re.findall(r"^\| (\w+) \| `(/\S+)` \|", WORKSPACE, re.MULTILINE)
    routes = [
        (route.method, route.path.removeprefix(CONTROL_PREFIX)) for route in build_control_routes(LocalWorkspace())
    ]
    assert sorted(told) == sorted(route for route in routes if route != ("*", "/{tail:.*}"))


def test_the_package_diagram_is_the_one_that_the_code_has() -> None:
    assert f"```mermaid\n{draw_package_diagram()}\n```" in (ROOT / "docs" / "architecture.md").read_text()


PAGES = sorted(page for folder in (ROOT, ROOT / "docs") for page in folder.glob("*.md") if page.name != "CHANGELOG.md")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_and_path_that_a_page_names_is_there(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    links = {link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link}
    missing = [link for link in links if link and not (page.parent / link).exists()]
    named = set(re.findall(r"`((?:bot|tests|tools|bench|docs)/[\w./-]+)`", text))
    assert missing + [path for path in named if not (ROOT / path).exists()] == []
