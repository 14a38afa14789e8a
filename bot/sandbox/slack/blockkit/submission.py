"""Validate a submission as Slack does before it notifies the app: one error for each block, keyed by `block_id`."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from bot.sandbox.slack.blockkit.lookup import find_option
from bot.sandbox.slack.blockkit.specs import JsonObject
from bot.sandbox.slack.blockkit.state import StatefulElement, find_stateful_elements

VALUE_REQUIRED = "Please complete this required field."
TEXT_REQUIRED = "Please enter text."
NUMBER_REQUIRED = "Please enter a number."
WHOLE_NUMBER_REQUIRED = "Please enter a whole number."
EMAIL_REQUIRED = "Please enter a valid email address."
URL_REQUIRED = "Please enter a valid URL."
OPTION_REQUIRED = "Please choose one of the options."

#: Yields the errors of a value that is not empty, for one element.
ValueCheck: TypeAlias = Callable[[JsonObject, Any], Iterator[str]]


def find_submission_errors(blocks: list[Any], values: Mapping[str, Any]) -> dict[str, str]:
    """Return the first error of each block by `block_id`. `values` has the form of `view.state.values`."""
    errors: dict[str, str] = {}
    for field in find_stateful_elements(blocks):
        for error in _check_field(field, field.get_value(values)):
            errors.setdefault(field.block_id, error)
    return errors


def _check_field(field: StatefulElement, value: Any) -> Iterator[str]:
    if value is None or value in ("", []):
        if field.block["type"] == "input" and field.block.get("optional") is not True:
            yield VALUE_REQUIRED
        return
    yield from _CHECKS_BY_TYPE.get(field.element["type"], _accept_any)(field.element, value)


def _accept_any(element: JsonObject, value: Any) -> Iterator[str]:  # noqa: ARG001 - users and dates are not checked
    return iter(())


def _check_text(element: JsonObject, value: Any) -> Iterator[str]:
    if not isinstance(value, str):
        yield TEXT_REQUIRED
    elif len(value) < element.get("min_length", 0):
        yield f"Please enter at least {element['min_length']} characters."
    elif len(value) > element.get("max_length", 3000):
        yield f"Please enter no more than {element.get('max_length', 3000)} characters."


def _check_number(element: JsonObject, value: Any) -> Iterator[str]:
    number = _parse_decimal(value)
    minimum, maximum = _parse_decimal(element.get("min_value")), _parse_decimal(element.get("max_value"))
    if number is None:
        yield NUMBER_REQUIRED
    elif number != number.to_integral_value() and not element.get("is_decimal_allowed"):
        yield WHOLE_NUMBER_REQUIRED
    elif minimum is not None and number < minimum:
        yield f"Please enter a number that is at least {minimum}."
    elif maximum is not None and number > maximum:
        yield f"Please enter a number that is at most {maximum}."


def _parse_decimal(text: object) -> Decimal | None:
    try:
        number = Decimal(text) if isinstance(text, str) else None
    except InvalidOperation:
        return None
    return number if number is not None and number.is_finite() else None


def _check_email(element: JsonObject, value: Any) -> Iterator[str]:  # noqa: ARG001 - the element has no limits
    name, _, host = value.partition("@") if isinstance(value, str) else ("", "", "")
    if not name or not host or " " in value:
        yield EMAIL_REQUIRED


def _check_url(element: JsonObject, value: Any) -> Iterator[str]:  # noqa: ARG001 - the element has no limits
    try:
        parts = urlsplit(value if isinstance(value, str) else "")
    except ValueError:
        yield URL_REQUIRED
        return
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        yield URL_REQUIRED


def _check_option(element: JsonObject, value: Any) -> Iterator[str]:
    if not isinstance(value, dict) or find_option(element, value.get("value")) is None:
        yield OPTION_REQUIRED


def _check_options(element: JsonObject, value: Any) -> Iterator[str]:
    for option in value if isinstance(value, list) else [None]:
        yield from _check_option(element, option)
    yield from _check_count(element, value)


def _check_count(element: JsonObject, value: Any) -> Iterator[str]:
    max_items = element.get("max_selected_items")
    if max_items is not None and isinstance(value, list) and len(value) > max_items:
        yield f"Please choose no more than {max_items}."


_CHECKS_BY_TYPE: dict[str, ValueCheck] = {
    "plain_text_input": _check_text,
    "number_input": _check_number,
    "email_text_input": _check_email,
    "url_text_input": _check_url,
    "static_select": _check_option,
    "radio_buttons": _check_option,
    "multi_static_select": _check_options,
    "checkboxes": _check_options,
    "multi_external_select": _check_count,
    "multi_users_select": _check_count,
    "multi_conversations_select": _check_count,
    "multi_channels_select": _check_count,
}
