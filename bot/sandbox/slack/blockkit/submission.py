"""What Slack holds against a submission before the app hears of it: keyed by block, one complaint a block."""

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

#: What an element may hold against an answer that is there.
ValueCheck: TypeAlias = Callable[[JsonObject, Any], Iterator[str]]


def find_submission_errors(blocks: list[Any], values: Mapping[str, Any]) -> dict[str, str]:
    """The complaints by `block_id`. `values` has the shape of `view.state.values`. Empty: it may be sent."""
    found: dict[str, str] = {}
    for field in find_stateful_elements(blocks):
        for complaint in _complaints(field, field.get_value(values)):
            found.setdefault(field.block_id, complaint)
    return found


def _complaints(field: StatefulElement, answer: Any) -> Iterator[str]:
    if answer is None or answer in ("", []):
        if field.block["type"] == "input" and field.block.get("optional") is not True:
            yield VALUE_REQUIRED
        return
    yield from _JUDGES.get(field.element["type"], _anything)(field.element, answer)


def _anything(element: JsonObject, answer: Any) -> Iterator[str]:  # noqa: ARG001 - people and days are taken as they come
    return iter(())


def _text(element: JsonObject, answer: Any) -> Iterator[str]:
    if not isinstance(answer, str):
        yield TEXT_REQUIRED
    elif len(answer) < element.get("min_length", 0):
        yield f"Please enter at least {element['min_length']} characters."
    elif len(answer) > element.get("max_length", 3000):
        yield f"Please enter no more than {element.get('max_length', 3000)} characters."


def _number(element: JsonObject, answer: Any) -> Iterator[str]:
    number = _decimal(answer)
    low, high = _decimal(element.get("min_value")), _decimal(element.get("max_value"))
    if number is None:
        yield NUMBER_REQUIRED
    elif number != number.to_integral_value() and not element.get("is_decimal_allowed"):
        yield WHOLE_NUMBER_REQUIRED
    elif low is not None and number < low:
        yield f"Please enter a number that is at least {low}."
    elif high is not None and number > high:
        yield f"Please enter a number that is at most {high}."


def _decimal(text: object) -> Decimal | None:
    try:
        number = Decimal(text) if isinstance(text, str) else None
    except InvalidOperation:
        return None
    return number if number is not None and number.is_finite() else None


def _email(element: JsonObject, answer: Any) -> Iterator[str]:  # noqa: ARG001 - told by the answer alone
    name, _, host = answer.partition("@") if isinstance(answer, str) else ("", "", "")
    if not name or not host or " " in answer:
        yield EMAIL_REQUIRED


def _url(element: JsonObject, answer: Any) -> Iterator[str]:  # noqa: ARG001 - told by the answer alone
    try:
        parts = urlsplit(answer if isinstance(answer, str) else "")
    except ValueError:
        yield URL_REQUIRED
        return
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        yield URL_REQUIRED


def _one_option(element: JsonObject, answer: Any) -> Iterator[str]:
    if not isinstance(answer, dict) or find_option(element, answer.get("value")) is None:
        yield OPTION_REQUIRED


def _several_options(element: JsonObject, answer: Any) -> Iterator[str]:
    for each in answer if isinstance(answer, list) else [None]:
        yield from _one_option(element, each)
    yield from _several(element, answer)


def _several(element: JsonObject, answer: Any) -> Iterator[str]:
    most = element.get("max_selected_items")
    if most is not None and isinstance(answer, list) and len(answer) > most:
        yield f"Please choose no more than {most}."


_JUDGES: dict[str, ValueCheck] = {
    "plain_text_input": _text,
    "number_input": _number,
    "email_text_input": _email,
    "url_text_input": _url,
    "static_select": _one_option,
    "radio_buttons": _one_option,
    "multi_static_select": _several_options,
    "checkboxes": _several_options,
    "multi_external_select": _several,
    "multi_users_select": _several,
    "multi_conversations_select": _several,
    "multi_channels_select": _several,
}
