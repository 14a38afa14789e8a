import pytest

from bot.sandbox.slack.errors import ControlError
from bot.sandbox.slack.inputs import build_element_state
from tests.sandbox.slack.conftest import Json, option

PROD, STAGING = option("prod"), option("staging")
OPTIONS = {"options": [PROD, STAGING]}


@pytest.mark.parametrize(
    ("element", "value", "state"),
    [
        ({"type": "plain_text_input"}, "x", {"value": "x"}),
        ({"type": "plain_text_input"}, "", {"value": None}),
        ({"type": "plain_text_input"}, None, {"value": None}),
        ({"type": "number_input"}, 5439, {"value": "5439"}),
        ({"type": "static_select", **OPTIONS}, "prod", {"selected_option": PROD}),
        ({"type": "static_select", **OPTIONS}, {"value": "prod"}, {"selected_option": PROD}),
        ({"type": "static_select", **OPTIONS}, None, {"selected_option": None}),
        ({"type": "static_select", "option_groups": [OPTIONS]}, "staging", {"selected_option": STAGING}),
        (
            {"type": "radio_buttons", **OPTIONS},
            {"type": "radio_buttons", "selected_option": PROD},
            {"selected_option": PROD},
        ),
        ({"type": "checkboxes", **OPTIONS}, ["prod"], {"selected_options": [PROD]}),
        ({"type": "checkboxes", **OPTIONS}, None, {"selected_options": []}),
        ({"type": "multi_static_select", **OPTIONS}, "prod", {"selected_options": [PROD]}),
        ({"type": "external_select"}, PROD, {"selected_option": PROD}),
        (
            {"type": "external_select"},
            "a",
            {"selected_option": {"text": {"type": "plain_text", "text": "a"}, "value": "a"}},
        ),
        ({"type": "datepicker"}, "2026-01-31", {"selected_date": "2026-01-31"}),
        ({"type": "users_select"}, "U0BOB", {"selected_user": "U0BOB"}),
    ],
)
def test_a_plain_value_becomes_slacks_state(element: Json, value: object, state: Json) -> None:
    assert build_element_state(element, value) == {"type": element["type"], **state}


@pytest.mark.parametrize(
    ("element", "value"),
    [
        ({"type": "static_select", **OPTIONS}, "nowhere"),
        ({"type": "checkboxes", **OPTIONS}, ["prod", "nowhere"]),
        ({"type": "plain_text_input"}, {"some": "object"}),
        ({"type": "button"}, "x"),
    ],
)
def test_values_that_an_element_does_not_accept_are_refused(element: Json, value: object) -> None:
    with pytest.raises(ControlError):
        build_element_state(element, value)
