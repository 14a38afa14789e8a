"""Block Kit as the local Slack holds it: one line a rule."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.slack.blockkit import (
    Surface,
    add_missing_ids,
    build_initial_state,
    find_block_problems,
    find_element,
    find_option,
    find_submission_errors,
    find_view_problems,
)

Json = dict[str, Any]


def plain(text: str = "Hello") -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str = "*Hello*") -> Json:
    return {"type": "mrkdwn", "text": text}


def option(value: str = "a", **more: Any) -> Json:
    return {"text": plain(value or "x"), "value": value} | more


def options(count: int) -> list[Json]:
    return [option(f"o{at}") for at in range(count)]


def button(**more: Any) -> Json:
    return {"type": "button", "text": plain(), "action_id": "go"} | more


def menu(kind: str = "static_select", **more: Any) -> Json:
    return {"type": kind, "action_id": "pick", "options": options(2)} | more


def grouped(groups: list[Json]) -> Json:
    return {"type": "static_select", "option_groups": groups}


def group(*values: str) -> Json:
    return {"label": plain(), "options": [option(value) for value in values]}


def element(kind: str, **more: Any) -> Json:
    return {"type": kind, "action_id": "it"} | more


def typed(**more: Any) -> Json:
    return element("plain_text_input", **more)


def number(**more: Any) -> Json:
    return element("number_input", is_decimal_allowed=False, **more)


def picture(**more: Any) -> Json:
    return {"type": "image", "image_url": "https://x.test/a.png", "alt_text": "a"} | more


def section(**more: Any) -> Json:
    return {"type": "section", "text": mrkdwn()} | more


def actions(*elements: Json, **more: Any) -> Json:
    return {"type": "actions", "elements": list(elements)} | more


def context(*elements: Json) -> Json:
    return {"type": "context", "elements": list(elements)}


def input_block(element_json: Json, **more: Any) -> Json:
    return {"type": "input", "block_id": "b", "label": plain(), "element": element_json} | more


def confirm_actions(**more: Any) -> Json:
    asked = {"title": plain(), "text": mrkdwn(), "confirm": plain(), "deny": plain()}
    return actions(button(confirm=asked | more))


def table(rows: int = 1, cells: int = 1, **more: Any) -> Json:
    return {"type": "table", "rows": [[{"type": "raw_text", "text": "1"}] * cells] * rows} | more


def without(element_json: Json, key: str) -> Json:
    return {name: value for name, value in element_json.items() if name != key}


SELECTION_ELEMENTS = [
    menu(),
    menu("multi_static_select"),
    menu("checkboxes"),
    menu("radio_buttons"),
    *(
        element(kind)
        for kind in (
            "external_select",
            "multi_external_select",
            "users_select",
            "multi_users_select",
            "conversations_select",
            "multi_conversations_select",
            "channels_select",
            "multi_channels_select",
            "datepicker",
            "timepicker",
            "datetimepicker",
        )
    ),
]
TEXT_INPUTS = [typed(), number(), element("email_text_input"), element("url_text_input")]
CLICK_ELEMENTS = [button(), menu("overflow")]

RICH = {
    "type": "rich_text",
    "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "x", "style": {"bold": True}}]}],
}
MARKDOWN = {"type": "markdown", "text": "# Hello"}


FINE: list[Json] = [
    section(),
    section(text=plain("x" * 3000)),
    section(fields=[mrkdwn("x" * 2000)] * 10),
    {"type": "section", "fields": [plain()]},
    section(accessory=picture()),
    section(block_id="x" * 255),
    {"type": "header", "text": plain("x" * 150)},
    {"type": "divider"},
    context(*[mrkdwn()] * 9, picture()),
    picture(title=plain("x" * 2000)),
    {"type": "image", "alt_text": "a", "slack_file": {"id": "F1"}},
    actions(*(button(action_id=f"a{at}") for at in range(25))),
    actions(button(text=plain("x" * 75), value="x" * 2000, action_id="x" * 255, style="danger")),
    actions(without(button(), "action_id"), without(button(), "action_id")),
    actions(menu("overflow", options=[option(url="https://x.test", description=plain())])),
    actions(menu("checkboxes", options=[option(text=mrkdwn(), description=mrkdwn())])),
    actions(menu(options=options(100), initial_option=option("o1"))),
    actions(grouped([group(f"v{at}") for at in range(100)])),
    confirm_actions(style="danger", title=plain("x" * 100), text=plain("x" * 300), deny=plain("x" * 30)),
    input_block(typed(min_length=0, max_length=3000), hint=plain("x" * 2000), optional=True, dispatch_action=True),
    input_block(typed(dispatch_action_config={"trigger_actions_on": ["on_enter_pressed"]})),
    input_block(number(min_value="-1.5", max_value="10", initial_value="2")),
    input_block(element("datepicker", initial_date="2026-01-31", placeholder=plain("x" * 150))),
    input_block(element("timepicker", initial_time="23:59", timezone="Europe/Paris")),
    RICH,
]


@pytest.mark.parametrize("surface", ["message", "modal", "home"])
@pytest.mark.parametrize("block", FINE)
def test_common_blocks_are_valid_on_every_surface(block: Json, surface: Surface) -> None:
    assert find_block_problems([block], surface) == []


@pytest.mark.parametrize(
    "element_json",
    SELECTION_ELEMENTS + TEXT_INPUTS + CLICK_ELEMENTS,
    ids=lambda element_json: str(element_json["type"]),
)
def test_each_element_is_valid_only_in_its_blocks(element_json: Json) -> None:
    may_type, may_click = element_json in TEXT_INPUTS, element_json in CLICK_ELEMENTS
    assert (find_block_problems([input_block(element_json)], "modal") == []) is not may_click
    assert (find_block_problems([actions(element_json)], "message") == []) is not may_type
    assert (find_block_problems([section(accessory=element_json)], "message") == []) is not may_type
    assert find_block_problems([context(element_json)], "message") != []


def test_images_are_valid_in_sections_and_contexts_only() -> None:
    assert find_block_problems([section(accessory=picture()), context(picture())], "message") == []
    assert find_block_problems([actions(picture())], "message") != []
    assert find_block_problems([input_block(picture())], "modal") != []


@pytest.mark.parametrize("block", [table(100, 20, column_settings=[None, {"align": "right"}]), MARKDOWN])
def test_tables_and_markdown_are_for_messages_alone(block: Json) -> None:
    refused = [f"[ERROR] unsupported type: {block['type']} [json-pointer:/blocks/0/type]"]
    assert find_block_problems([block], "message") == []
    assert find_block_problems([block], "modal") == find_block_problems([block], "home") == refused


REFUSED: list[tuple[Json, str, str]] = [
    # kinds and keys
    ({}, "missing required field: type", ""),
    ({"type": "poll"}, "unsupported type: poll", "/type"),
    ({"type": ["section"]}, "must provide a string", "/type"),
    ({"type": "divider", "text": plain()}, "invalid additional property: text", ""),
    ({"type": "header"}, "missing required field: text", ""),
    ({"type": "divider", "block_id": "x" * 256}, "must be less than 256 characters", "/block_id"),
    ({"type": "divider", "block_id": ""}, "must be more than 0 characters", "/block_id"),
    ({"type": "divider", "block_id": 1}, "must provide a string", "/block_id"),
    # sections
    ({"type": "section"}, "must define either `text` or `fields`", ""),
    (section(text="Hello"), "must provide an object", "/text"),
    (section(text=mrkdwn("")), "must be more than 0 characters", "/text/text"),
    (section(text=mrkdwn("x" * 3001)), "must be less than 3001 characters", "/text/text"),
    (section(text=mrkdwn() | {"emoji": True}), "invalid additional property: emoji", "/text"),
    (section(text=plain() | {"verbatim": True}), "invalid additional property: verbatim", "/text"),
    (section(fields=[plain()] * 11), "no more than 10 items allowed", "/fields"),
    (section(fields=[]), "no fewer than 1 items allowed", "/fields"),
    (section(fields=plain()), "must provide an array", "/fields"),
    (section(fields=[plain(), plain("x" * 2001)]), "must be less than 2001 characters", "/fields/1/text"),
    (section(accessory=typed()), "unsupported type: plain_text_input", "/accessory/type"),
    # headers, pictures, small print
    ({"type": "header", "text": mrkdwn()}, "unsupported type: mrkdwn", "/text/type"),
    ({"type": "header", "text": plain("x" * 151)}, "must be less than 151 characters", "/text/text"),
    (without(picture(), "alt_text"), "missing required field: alt_text", ""),
    (without(picture(), "image_url"), "must define either `image_url` or `slack_file`, and only one of them", ""),
    (picture(image_url="x" * 3001), "must be less than 3001 characters", "/image_url"),
    (context(), "no fewer than 1 items allowed", "/elements"),
    (context(*[mrkdwn()] * 11), "no more than 10 items allowed", "/elements"),
    (context(button()), "unsupported type: button", "/elements/0/type"),
    # rows of controls, buttons
    (actions(), "no fewer than 1 items allowed", "/elements"),
    (actions(*(button(action_id=f"{at}") for at in range(26))), "no more than 25 items allowed", "/elements"),
    (actions(button(), button()), "`action_id` already exists: go", "/elements/1/action_id"),
    (actions(typed()), "unsupported type: plain_text_input", "/elements/0/type"),
    (actions(button(text=plain("x" * 76))), "must be less than 76 characters", "/elements/0/text/text"),
    (actions(button(text=mrkdwn())), "unsupported type: mrkdwn", "/elements/0/text/type"),
    (actions(button(value="x" * 2001)), "must be less than 2001 characters", "/elements/0/value"),
    (actions(button(value=1)), "must provide a string", "/elements/0/value"),
    (actions(button(action_id="x" * 256)), "must be less than 256 characters", "/elements/0/action_id"),
    (actions(button(style="default")), "must be a valid enum value", "/elements/0/style"),
    (actions(button(url="x" * 3001)), "must be less than 3001 characters", "/elements/0/url"),
    (actions(button(disabled=True)), "invalid additional property: disabled", "/elements/0"),
    # the confirm dialog
    (confirm_actions(title=plain("x" * 101)), "must be less than 101 characters", "/elements/0/confirm/title/text"),
    (confirm_actions(title=mrkdwn()), "unsupported type: mrkdwn", "/elements/0/confirm/title/type"),
    (confirm_actions(text=plain("x" * 301)), "must be less than 301 characters", "/elements/0/confirm/text/text"),
    (confirm_actions(confirm=plain("x" * 31)), "must be less than 31 characters", "/elements/0/confirm/confirm/text"),
    (confirm_actions(deny=plain("x" * 31)), "must be less than 31 characters", "/elements/0/confirm/deny/text"),
    (confirm_actions(style="warning"), "must be a valid enum value", "/elements/0/confirm/style"),
    (actions(button(confirm="sure?")), "must provide an object", "/elements/0/confirm"),
    (actions(button(confirm={"title": plain()})), "missing required field: text", "/elements/0/confirm"),
    # menus and their options
    (actions(menu(options=options(101))), "no more than 100 items allowed", "/elements/0/options"),
    (actions(menu(options=[])), "no fewer than 1 items allowed", "/elements/0/options"),
    (actions(grouped([group("a")] * 101)), "no more than 100 items allowed", "/elements/0/option_groups"),
    (actions(grouped([group("a"), group("a")])), "duplicate option value: a", "/elements/0"),
    (actions(menu(options=[option("a")] * 3)), "duplicate option value: a", "/elements/0"),
    (actions(menu("overflow", options=options(6))), "no more than 5 items allowed", "/elements/0/options"),
    (actions(menu("checkboxes", options=options(11))), "no more than 10 items allowed", "/elements/0/options"),
    (actions(menu("radio_buttons", options=options(11))), "no more than 10 items allowed", "/elements/0/options"),
    (actions(menu(placeholder=plain("x" * 151))), "must be less than 151 characters", "/elements/0/placeholder/text"),
    (
        actions(menu(option_groups=[group("z")])),
        "must define either `options` or `option_groups`, and only one of them",
        "/elements/0",
    ),
    (
        actions(without(menu(), "options")),
        "must define either `options` or `option_groups`, and only one of them",
        "/elements/0",
    ),
    (
        actions(menu(initial_option=option("z"))),
        "initial option must be one of the options",
        "/elements/0/initial_option",
    ),
    (
        actions(menu("checkboxes", initial_options=[option("o0"), option("z")])),
        "initial option must be one of the options",
        "/elements/0/initial_options/1",
    ),
    (
        actions(menu("multi_static_select", initial_options=options(2), max_selected_items=1)),
        "more is chosen at first than `max_selected_items` allows",
        "/elements/0",
    ),
    *(
        (actions(menu(options=[wrong])), message, f"/elements/0/options/0{where}")
        for wrong, message, where in [
            (option("x" * 76, text=plain("x" * 76)), "must be less than 76 characters", "/text/text"),
            (option("x" * 151, text=plain()), "must be less than 151 characters", "/value"),
            (option(description=plain("x" * 76)), "must be less than 76 characters", "/description/text"),
            (option(text=mrkdwn()), "unsupported type: mrkdwn", "/text/type"),
            (option(url="https://x.test"), "invalid additional property: url", ""),
            (without(option(), "value"), "missing required field: value", ""),
        ]
    ),
    # inputs
    (without(input_block(typed()), "label"), "missing required field: label", ""),
    (without(input_block(typed()), "element"), "missing required field: element", ""),
    (input_block(typed(), label=plain("x" * 2001)), "must be less than 2001 characters", "/label/text"),
    (input_block(typed(), label=mrkdwn()), "unsupported type: mrkdwn", "/label/type"),
    (input_block(typed(), hint=plain("x" * 2001)), "must be less than 2001 characters", "/hint/text"),
    (input_block(typed(), optional="yes"), "must provide a boolean", "/optional"),
    (input_block(button()), "unsupported type: button", "/element/type"),
    (input_block(typed(min_length=3001)), "must be less than 3001", "/element/min_length"),
    (input_block(typed(max_length=0)), "must be greater than 0", "/element/max_length"),
    (input_block(typed(max_length=True)), "must provide an integer", "/element/max_length"),
    (
        input_block(typed(min_length=5, max_length=4)),
        "`min_length` must not be greater than `max_length`",
        "/element/min_length",
    ),
    (input_block(element("number_input")), "missing required field: is_decimal_allowed", "/element"),
    (
        input_block(number(min_value="5", max_value="4")),
        "`min_value` must not be greater than `max_value`",
        "/element/min_value",
    ),
    # tables and markdown
    (table(101), "no more than 100 items allowed", "/rows"),
    (table(1, 21), "no more than 20 items allowed", "/rows/0"),
    (table(rows=0), "no fewer than 1 items allowed", "/rows"),
    ({"type": "table", "rows": [[mrkdwn()]]}, "unsupported type: mrkdwn", "/rows/0/0/type"),
    (MARKDOWN | {"text": "x" * 12001}, "must be less than 12001 characters", "/text"),
    ({"type": "rich_text", "elements": [{"type": "text"}]}, "missing required field: elements", "/elements/0"),
]


@pytest.mark.parametrize(("block", "message", "where"), REFUSED)
def test_invalid_blocks_get_slacks_messages(block: Json, message: str, where: str) -> None:
    assert f"[ERROR] {message} [json-pointer:/blocks/0{where}]" in find_block_problems([block], "message")


@pytest.mark.parametrize("initial", [{"initial_date": "31/01/2026"}, {"initial_date": "2026-13-01"}])
def test_days_are_written_as_slack_writes_them(initial: Json) -> None:
    (problem,) = find_block_problems([input_block(element("datepicker", **initial))], "modal")
    assert problem.endswith("[json-pointer:/blocks/0/element/initial_date]")


DIVIDER = {"type": "divider"}


@pytest.mark.parametrize(
    ("blocks", "surface", "message", "where"),
    [
        (None, "message", "must provide an array", ""),
        ({"type": "divider"}, "message", "must provide an array", ""),
        (["divider"], "message", "must provide an object", "/0"),
        ([DIVIDER] * 51, "message", "no more than 50 items allowed", ""),
        ([DIVIDER] * 101, "modal", "no more than 100 items allowed", ""),
        ([DIVIDER] * 101, "home", "no more than 100 items allowed", ""),
        ([DIVIDER | {"block_id": "a"}] * 2, "message", "`block_id` already exists: a", "/1/block_id"),
        ([table(), table()], "message", "only_one_table_allowed", "/1"),
        (
            [MARKDOWN | {"text": "x" * 7000}] * 2,
            "message",
            "markdown must be less than 12001 characters in all",
            "",
        ),
        (
            [input_block(typed(focus_on_load=True), block_id=name) for name in "ab"],
            "modal",
            "only one element may be focused on load",
            "/1/element/focus_on_load",
        ),
    ],
)
def test_rules_across_blocks_are_checked(blocks: object, surface: Surface, message: str, where: str) -> None:
    assert find_block_problems(blocks, surface) == [f"[ERROR] {message} [json-pointer:/blocks{where}]"]


def test_every_problem_is_reported() -> None:
    blocks = [{"type": "header", "text": plain("")}, {"type": "poll"}, actions(button(style="x", value=1))]
    assert len(find_block_problems(blocks, "message")) == 4


@pytest.mark.parametrize(("count", "surface"), [(0, "message"), (50, "message"), (100, "modal"), (100, "home")])
def test_each_surface_has_a_block_limit(count: int, surface: Surface) -> None:
    assert find_block_problems([DIVIDER] * count, surface) == []


def modal(*blocks: Json, **more: Any) -> Json:
    return {"type": "modal", "title": plain("x" * 24), "submit": plain("x" * 24), "blocks": list(blocks)} | more


HOME: Json = {"type": "home", "blocks": [section()]}


@pytest.mark.parametrize(
    "view",
    [
        modal(input_block(typed())),
        without(modal(section()), "submit"),
        modal(close=plain("x" * 24), clear_on_close=True, notify_on_close=True),
        modal(callback_id="x" * 255, private_metadata="x" * 3000, external_id="x" * 255),
        HOME,
        HOME | {"callback_id": "c", "private_metadata": "m", "external_id": "e"},
        HOME | {"blocks": [input_block(typed())]},
    ],
)
def test_valid_views_are_accepted(view: Json) -> None:
    assert find_view_problems(view) == []


@pytest.mark.parametrize(
    ("view", "message", "where"),
    [
        (None, "must provide an object", ""),
        ({}, "missing required field: type", ""),
        ({"type": "workflow_step"}, "unsupported type: workflow_step", "/type"),
        (without(modal(), "title"), "missing required field: title", ""),
        (without(modal(), "blocks"), "missing required field: blocks", ""),
        (modal(title=plain("x" * 25)), "must be less than 25 characters", "/title/text"),
        (modal(title=mrkdwn()), "unsupported type: mrkdwn", "/title/type"),
        (modal(submit=plain("x" * 25)), "must be less than 25 characters", "/submit/text"),
        (modal(close=plain("x" * 25)), "must be less than 25 characters", "/close/text"),
        (without(modal(input_block(typed())), "submit"), "missing required field: submit", ""),
        (modal(callback_id="x" * 256), "must be less than 256 characters", "/callback_id"),
        (modal(private_metadata="x" * 3001), "must be less than 3001 characters", "/private_metadata"),
        (modal(private_metadata={}), "must provide a string", "/private_metadata"),
        (modal(external_id="x" * 256), "must be less than 256 characters", "/external_id"),
        (modal(submit_disabled=True), "invalid additional property: submit_disabled", ""),
        (HOME | {"title": plain()}, "invalid additional property: title", ""),
        (modal(*[DIVIDER] * 101), "no more than 100 items allowed", "/blocks"),
        (modal(section(block_id="a"), section(block_id="a")), "`block_id` already exists: a", "/blocks/1/block_id"),
        (modal(table()), "unsupported type: table", "/blocks/0/type"),
        (modal(*[section(text=plain("x" * 3000))] * 85), "must be less than 250001 bytes", ""),
    ],
)
def test_invalid_views_are_refused(view: object, message: str, where: str) -> None:
    assert find_view_problems(view) == [f"[ERROR] {message} [json-pointer:/view{where}]"]


def test_ids_are_given_where_they_are_missing() -> None:
    bare = [DIVIDER, actions({"type": "button", "text": plain()}, button()), section(accessory=element("datepicker"))]
    before = deepcopy(bare)
    given_ids = add_missing_ids(bare)
    assert bare == before
    assert all(len(block["block_id"]) >= 5 for block in given_ids)
    assert len({block["block_id"] for block in given_ids}) == 3
    assert len(given_ids[1]["elements"][0]["action_id"]) >= 5
    assert given_ids[1]["elements"][1]["action_id"] == "go"
    assert add_missing_ids(given_ids) == given_ids
    assert find_block_problems(given_ids, "message") == []


def test_pictures_and_texts_are_given_no_action_id() -> None:
    blocks = [section(accessory=picture()), context(picture(), mrkdwn())]
    assert [without(block, "block_id") for block in add_missing_ids(blocks)] == blocks


@pytest.mark.parametrize(
    ("element_json", "key", "opening"),
    [
        (typed(), "value", None),
        (typed(initial_value="x"), "value", "x"),
        (number(initial_value="5"), "value", "5"),
        (element("email_text_input"), "value", None),
        (element("url_text_input"), "value", None),
        (menu(), "selected_option", None),
        (menu(initial_option=option("o1")), "selected_option", option("o1")),
        (menu("radio_buttons", initial_option=option("o1")), "selected_option", option("o1")),
        (element("external_select"), "selected_option", None),
        (menu("multi_static_select"), "selected_options", []),
        (menu("checkboxes", initial_options=[option("o0")]), "selected_options", [option("o0")]),
        (element("multi_external_select"), "selected_options", []),
        (element("users_select", initial_user="U1"), "selected_user", "U1"),
        (element("multi_users_select"), "selected_users", []),
        (element("conversations_select", initial_conversation="C1"), "selected_conversation", "C1"),
        (element("multi_conversations_select"), "selected_conversations", []),
        (element("channels_select"), "selected_channel", None),
        (element("multi_channels_select"), "selected_channels", []),
        (element("datepicker", initial_date="2026-01-31"), "selected_date", "2026-01-31"),
        (element("timepicker"), "selected_time", None),
        (element("datetimepicker", initial_date_time=1_700_000_000), "selected_date_time", 1_700_000_000),
    ],
)
def test_initial_values_are_in_the_state(element_json: Json, key: str, opening: object) -> None:
    state = {"b": {element_json["action_id"]: {"type": element_json["type"], key: opening}}}
    assert build_initial_state([input_block(element_json)]) == state
    assert build_initial_state([section(accessory=element_json, block_id="b")]) == state
    assert build_initial_state([actions(element_json, block_id="b")]) == state


def test_buttons_and_overflow_menus_have_no_state() -> None:
    assert (
        build_initial_state(
            add_missing_ids([section(accessory=button()), actions(menu("overflow")), context(mrkdwn())])
        )
        == {}
    )


def test_the_state_is_a_copy() -> None:
    block = input_block(menu(initial_option=option("o1")))
    build_initial_state([block])["b"]["pick"]["selected_option"]["value"] = "changed"
    assert block["element"]["initial_option"] == option("o1")


def test_finding_an_element() -> None:
    first, second = actions(button(value="1"), block_id="x"), section(accessory=button(value="2"), block_id="y")
    assert find_element([first, second], "y", "go") == button(value="2")
    assert find_element([first, second], None, "go") == button(value="1")
    assert find_element([first, second], "z", "go") is None
    assert find_element([first, second], "x", "gone") is None
    assert find_element([input_block(typed())], "b", "it") == typed()


def test_finding_an_option() -> None:
    assert find_option(menu(), "o1") == option("o1")
    assert find_option(grouped([group("a"), group("b")]), "b") == option("b")
    assert find_option(menu(), "z") is None
    assert find_option(button(), "z") is None


def decimals(**more: Any) -> Json:
    return element("number_input", is_decimal_allowed=True, **more)


REQUIRED = "Please complete this required field."
NO_OPTION = "Please choose one of the options."
TWO = menu("multi_static_select", options=options(3), max_selected_items=2)


@pytest.mark.parametrize(
    ("element_json", "answer", "error"),
    [
        (typed(), {}, REQUIRED),
        (typed(), {"value": None}, REQUIRED),
        (typed(), {"value": ""}, REQUIRED),
        (typed(), {"value": "x"}, None),
        (typed(), {"value": 5}, "Please enter text."),
        (typed(min_length=3), {"value": "ab"}, "Please enter at least 3 characters."),
        (typed(min_length=3), {"value": "abc"}, None),
        (typed(max_length=3), {"value": "abcd"}, "Please enter no more than 3 characters."),
        (typed(), {"value": "x" * 3001}, "Please enter no more than 3000 characters."),
        (number(), {"value": "twelve"}, "Please enter a number."),
        (number(), {"value": "NaN"}, "Please enter a number."),
        (number(), {"value": "1.5"}, "Please enter a whole number."),
        (number(), {"value": "1e999999"}, None),
        (decimals(), {"value": "1.5"}, None),
        (number(min_value="2"), {"value": "1"}, "Please enter a number that is at least 2."),
        (number(max_value="2"), {"value": "3"}, "Please enter a number that is at most 2."),
        (number(min_value="2", max_value="2"), {"value": "2"}, None),
        (element("email_text_input"), {"value": "a@b.test"}, None),
        (element("email_text_input"), {"value": "nobody"}, "Please enter a valid email address."),
        (element("url_text_input"), {"value": "https://x.test/a"}, None),
        (element("url_text_input"), {"value": "x.test"}, "Please enter a valid URL."),
        (element("url_text_input"), {"value": "http://[x"}, "Please enter a valid URL."),
        (menu(), {"selected_option": None}, REQUIRED),
        (menu(), {"selected_option": option("o1")}, None),
        (menu(), {"selected_option": option("z")}, NO_OPTION),
        (menu(), {"selected_option": "o1"}, NO_OPTION),
        (menu("radio_buttons"), {"selected_option": option("z")}, NO_OPTION),
        (menu("checkboxes"), {"selected_options": []}, REQUIRED),
        (menu("checkboxes"), {"selected_options": [option("o0"), option("z")]}, NO_OPTION),
        (menu("checkboxes"), {"selected_options": "o0"}, NO_OPTION),
        (TWO, {"selected_options": options(2)}, None),
        (TWO, {"selected_options": options(3)}, "Please choose no more than 2."),
        (element("external_select"), {"selected_option": option("anything")}, None),
        (element("users_select"), {"selected_user": None}, REQUIRED),
        (element("users_select"), {"selected_user": "U1"}, None),
    ],
)
def test_submitted_values_are_checked(element_json: Json, answer: Json, error: str | None) -> None:
    values = {"b": {element_json["action_id"]: {"type": element_json["type"]} | answer}}
    assert find_submission_errors([input_block(element_json)], values) == ({"b": error} if error else {})


def test_what_is_optional_may_be_left_out_but_not_be_wrong() -> None:
    block = input_block(typed(min_length=3), optional=True)
    assert find_submission_errors([block], {}) == {}
    assert "b" in find_submission_errors([block], {"b": {"it": {"value": "a"}}})


def test_only_inputs_are_required() -> None:
    blocks = [
        section(accessory=menu(), block_id="s"),
        actions(element("datepicker"), block_id="a"),
        input_block(typed()),
    ]
    assert find_submission_errors(blocks, {}) == {"b": REQUIRED}


def test_the_opening_state_may_be_submitted_where_all_is_filled_in() -> None:
    blocks = [input_block(typed(initial_value="x")), input_block(menu(initial_option=option("o0")), block_id="c")]
    assert find_submission_errors(blocks, build_initial_state(blocks)) == {}


KEYS = st.sampled_from(
    [
        "type",
        "text",
        "fields",
        "accessory",
        "elements",
        "element",
        "options",
        "option_groups",
        "initial_option",
        "initial_options",
        "value",
        "label",
        "block_id",
        "action_id",
        "blocks",
        "title",
        "submit",
        "rows",
        "confirm",
        "style",
        "min_length",
        "max_length",
        "min_value",
        "max_value",
    ]
)
KINDS = st.sampled_from(
    [
        "section",
        "header",
        "context",
        "actions",
        "input",
        "image",
        "table",
        "markdown",
        "rich_text",
        "plain_text",
        "mrkdwn",
        "button",
        "static_select",
        "multi_static_select",
        "overflow",
        "checkboxes",
        "plain_text_input",
        "number_input",
        "modal",
        "home",
        "raw_text",
    ]
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | KINDS
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS | st.text(), inner, max_size=6),
    max_leaves=25,
)
#: Nearer to Block Kit, so that the rules deep inside are reached too.
OBJECTS = st.fixed_dictionaries({"type": KINDS}, optional={"elements": st.lists(JSON), "element": JSON, "text": JSON})


SURFACES: tuple[Surface, ...] = ("message", "modal", "home")


@given(JSON | st.lists(OBJECTS) | OBJECTS)
def test_the_validator_accepts_any_json_without_raising(value: Any) -> None:
    for surface in SURFACES:
        assert all(line.startswith("[ERROR] ") for line in find_block_problems(value, surface))
    find_view_problems(value)
    find_view_problems({"type": "modal", "title": plain(), "blocks": value})
    build_initial_state(add_missing_ids(value))
    find_element(value, None, "x")


@given(JSON)
def test_submission_checks_accept_any_value_without_raising(value: Any) -> None:
    for element_json in [*TEXT_INPUTS, *SELECTION_ELEMENTS]:
        for answers in (
            {"b": value},
            {"b": {element_json["action_id"]: value}},
            {"b": {element_json["action_id"]: {"value": value}}},
        ):
            find_submission_errors([input_block(element_json)], answers)
        for key in ("value", "selected_option", "selected_options"):
            find_submission_errors([input_block(element_json)], {"b": {element_json["action_id"]: {key: value}}})


def test_a_recursive_view_is_refused() -> None:
    part: Json = {"type": "rich_text_section", "elements": []}
    part["elements"].append(part)
    (problem,) = find_view_problems(modal({"type": "rich_text", "elements": [part]}))
    assert "bytes" in problem
