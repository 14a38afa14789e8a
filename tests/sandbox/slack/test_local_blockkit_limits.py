"""Each limit of Block Kit is where it stands: as much as it allows is fine, one more or less is not."""

from collections.abc import Callable
from typing import Any

import pytest

from bot.sandbox.slack.blockkit import find_block_problems, find_view_problems

Json = dict[str, Any]
Make = Callable[[int], Json]


def plain(length: int = 1) -> Json:
    return {"type": "plain_text", "text": "x" * length}


def mrkdwn(length: int = 1) -> Json:
    return {"type": "mrkdwn", "text": "x" * length}


def option(value: str = "a", **more: Any) -> Json:
    return {"text": plain(), "value": value, **more}


def options(count: int) -> list[Json]:
    return [option(str(at)) for at in range(count)]


def asks(kind: str, **keys: Any) -> Json:
    """An input with an element of that kind."""
    return {"type": "input", "label": plain(), "element": {"type": kind, **keys}}


def shows(kind: str, **keys: Any) -> Json:
    """A section with an element of that kind beside it."""
    return {"type": "section", "text": plain(), "accessory": {"type": kind, **keys}}


def button(**keys: Any) -> Json:
    return shows("button", **{"text": plain(), **keys})


def confirms(**keys: Any) -> Json:
    words = {"title": plain(), "text": plain(), "confirm": plain(), "deny": plain()}
    return button(confirm=words | keys)


def menu(kind: str = "static_select", **keys: Any) -> Json:
    return asks(kind, **{"options": options(1), **keys})


def people(count: int) -> list[str]:
    return [f"U{at}" for at in range(count)]


def table(rows: int = 1, cells: int = 1, **keys: Any) -> Json:
    cell = {"type": "raw_text", "text": "x"}
    return {"type": "table", "rows": [[cell] * cells] * rows, **keys}


def picture(**keys: Any) -> Json:
    return {"type": "image", "image_url": "u", "alt_text": "x", **keys}


def chosen(kind: str, count: int) -> Json:
    """A menu of which so many are chosen at first."""
    return asks(kind, options=options(max(count, 1)), initial_options=options(count))


def modal(**keys: Any) -> Json:
    return {"type": "modal", "title": plain(), "blocks": [], **keys}


#: How much each may hold, and how little; None where less than that can't be written.
BLOCKS: list[tuple[str, Make, int, int | None]] = [
    ("block_id", lambda n: {"type": "divider", "block_id": "x" * n}, 255, 1),
    ("action_id", lambda n: button(action_id="x" * n), 255, 1),
    ("section text", lambda n: {"type": "section", "text": mrkdwn(n)}, 3000, 1),
    ("section fields", lambda n: {"type": "section", "fields": [plain()] * n}, 10, 1),
    ("a field", lambda n: {"type": "section", "fields": [mrkdwn(n)]}, 2000, 1),
    ("header", lambda n: {"type": "header", "text": plain(n)}, 150, 1),
    ("context", lambda n: {"type": "context", "elements": [plain()] * n}, 10, 1),
    ("context text", lambda n: {"type": "context", "elements": [mrkdwn(n)]}, 3000, 1),
    ("actions", lambda n: {"type": "actions", "elements": [{"type": "button", "text": plain()}] * n}, 25, 1),
    ("image address", lambda n: picture(image_url="x" * n), 3000, 1),
    ("image text", lambda n: picture(alt_text="x" * n), 2000, 1),
    ("image title", lambda n: picture(title=plain(n)), 2000, 1),
    ("image in a section", lambda n: shows("image", image_url="u", alt_text="x" * n), 2000, 1),
    ("file id", lambda n: shows("image", slack_file={"id": "x" * n}, alt_text="x"), 255, 1),
    ("table rows", lambda n: table(rows=n), 100, 1),
    ("table cells", lambda n: table(cells=n), 20, 1),
    ("table columns", lambda n: table(column_settings=[None] * n), 20, None),
    ("markdown", lambda n: {"type": "markdown", "text": "x" * n}, 12_000, 1),
    ("rich text", lambda n: {"type": "rich_text", "elements": [RICH] * n}, 3000, None),
    ("rich text parts", lambda n: {"type": "rich_text", "elements": [RICH | {"elements": [{}] * n}]}, 3000, None),
    ("label", lambda n: asks("plain_text_input") | {"label": plain(n)}, 2000, 1),
    ("hint", lambda n: asks("plain_text_input") | {"hint": plain(n)}, 2000, 1),
    ("button text", lambda n: button(text=plain(n)), 75, 1),
    ("button value", lambda n: button(value="x" * n), 2000, None),
    ("button address", lambda n: button(url="x" * n), 3000, 1),
    ("button for screen readers", lambda n: button(accessibility_label="x" * n), 75, 1),
    ("confirm title", lambda n: confirms(title=plain(n)), 100, 1),
    ("confirm text", lambda n: confirms(text=mrkdwn(n)), 300, 1),
    ("confirm yes", lambda n: confirms(confirm=plain(n)), 30, 1),
    ("confirm no", lambda n: confirms(deny=plain(n)), 30, 1),
    ("options", lambda n: menu(options=options(n)), 100, 1),
    ("option text", lambda n: menu(options=[option() | {"text": plain(n)}]), 75, 1),
    ("option value", lambda n: menu(options=[option("x" * n)]), 150, 1),
    ("option description", lambda n: menu(options=[option(description=plain(n))]), 75, 1),
    ("groups", lambda n: asks("static_select", option_groups=[group(str(at)) for at in range(n)]), 100, 1),
    ("group label", lambda n: asks("static_select", option_groups=[group("a") | {"label": plain(n)}]), 75, 1),
    ("group options", lambda n: asks("static_select", option_groups=[group("a") | {"options": options(n)}]), 100, 1),
    ("overflow", lambda n: shows("overflow", options=options(n)), 5, 1),
    ("overflow option", lambda n: shows("overflow", options=[option() | {"text": plain(n)}]), 75, 1),
    ("overflow description", lambda n: shows("overflow", options=[option(description=plain(n))]), 75, 1),
    ("checkboxes", lambda n: menu("checkboxes", options=options(n)), 10, 1),
    ("a checkbox", lambda n: menu("checkboxes", options=[option() | {"text": mrkdwn(n)}]), 75, 1),
    ("a checkbox's description", lambda n: menu("checkboxes", options=[option(description=mrkdwn(n))]), 75, 1),
    ("radio buttons", lambda n: menu("radio_buttons", options=options(n)), 10, 1),
    ("checked at first", lambda n: chosen("checkboxes", n), 10, 1),
    ("chosen at first", lambda n: chosen("multi_static_select", n), 100, 1),
    ("external at first", lambda n: asks("multi_external_select", initial_options=options(n)), 100, 1),
    ("people at first", lambda n: asks("multi_users_select", initial_users=people(n)), 100, None),
    ("talks at first", lambda n: asks("multi_conversations_select", initial_conversations=people(n)), 100, None),
    ("channels at first", lambda n: asks("multi_channels_select", initial_channels=people(n)), 100, None),
    ("a person", lambda n: asks("users_select", initial_user="U" * n), 255, 1),
    ("time zone", lambda n: asks("timepicker", timezone="x" * n), 255, 1),
    ("placeholder of a menu", lambda n: menu(placeholder=plain(n)), 150, 1),
    ("placeholder of an input", lambda n: asks("plain_text_input", placeholder=plain(n)), 150, 1),
    ("text at first", lambda n: asks("plain_text_input", initial_value="x" * n), 3000, None),
    ("address at first", lambda n: asks("url_text_input", initial_value="x" * n), 3000, None),
    ("mail at first", lambda n: asks("email_text_input", initial_value="x" * n), 3000, None),
    ("number at first", lambda n: asks("number_input", is_decimal_allowed=False, initial_value="1" * n), 255, 1),
    ("shortest text", lambda n: asks("plain_text_input", min_length=n), 3000, 0),
    ("longest text", lambda n: asks("plain_text_input", max_length=n), 3000, 1),
    ("most chosen", lambda n: menu("multi_static_select", max_selected_items=n), 10_000, 1),
    ("query", lambda n: asks("external_select", min_query_length=n), 3000, 0),
    ("query of many", lambda n: asks("multi_external_select", min_query_length=n), 3000, 0),
    ("moment", lambda n: asks("datetimepicker", initial_date_time=n), 9_999_999_999, 1_000_000_000),
    ("kinds of talks", lambda n: asks("conversations_select", filter={"include": ["im"] * n}), 4, 1),
    ("moments of typing", lambda n: dispatching(["on_enter_pressed"] * n), 2, None),
]

VIEWS: list[tuple[str, Make, int, int | None]] = [
    ("title", lambda n: modal(title=plain(n)), 24, 1),
    ("submit", lambda n: modal(submit=plain(n)), 24, 1),
    ("close", lambda n: modal(close=plain(n)), 24, 1),
    ("private_metadata", lambda n: modal(private_metadata="x" * n), 3000, None),
    ("callback_id", lambda n: modal(callback_id="x" * n), 255, None),
    ("external_id", lambda n: modal(external_id="x" * n), 255, None),
    ("blocks of a modal", lambda n: modal(blocks=[{"type": "divider"}] * n), 100, None),
    ("blocks of a Home tab", lambda n: {"type": "home", "blocks": [{"type": "divider"}] * n}, 100, None),
]

RICH: Json = {"type": "rich_text_section", "elements": []}


def group(value: str) -> Json:
    return {"label": plain(), "options": [option(value)]}


def dispatching(on: list[str]) -> Json:
    return asks("plain_text_input", dispatch_action_config={"trigger_actions_on": on})


@pytest.mark.parametrize(("make", "most", "least"), [each[1:] for each in BLOCKS], ids=[each[0] for each in BLOCKS])
def test_each_block_limit_is_exact(make: Make, most: int, least: int | None) -> None:
    assert find_block_problems([make(most)], "message") == []
    assert find_block_problems([make(most + 1)], "message")
    if least is not None:
        assert find_block_problems([make(least)], "message") == []
        assert find_block_problems([make(least - 1)], "message")


@pytest.mark.parametrize(("make", "most", "least"), [each[1:] for each in VIEWS], ids=[each[0] for each in VIEWS])
def test_each_view_limit_is_exact(make: Make, most: int, least: int | None) -> None:
    assert find_view_problems(make(most)) == []
    assert find_view_problems(make(most + 1))
    if least is not None:
        assert find_view_problems(make(least)) == []
        assert find_view_problems(make(least - 1))


def test_the_block_limit_of_a_message_is_exact() -> None:
    assert find_block_problems([{"type": "divider"}] * 50, "message") == []
    assert find_block_problems([{"type": "divider"}] * 51, "message")


def test_a_table_cell_must_not_be_empty() -> None:
    assert find_block_problems([{"type": "table", "rows": [[{"type": "raw_text", "text": ""}]]}], "message")
