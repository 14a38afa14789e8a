"""What Slack holds against a submission before the app hears of it: keyed by block, one complaint a block."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from bot.sandbox.slack.blockkit.lookup import find_option
from bot.sandbox.slack.blockkit.specs import Json
from bot.sandbox.slack.blockkit.state import Field, fields_of

REQUIRED = "Please complete this required field."
NO_TEXT = "Please enter text."
NO_NUMBER = "Please enter a number."
NO_WHOLE_NUMBER = "Please enter a whole number."
NO_EMAIL = "Please enter a valid email address."
NO_URL = "Please enter a valid URL."
NO_OPTION = "Please choose one of the options."

#: What an element may hold against an answer that is there.
Judge: TypeAlias = Callable[[Json, Any], Iterator[str]]


def problems_of_submission(blocks: list[Any], values: Mapping[str, Any]) -> dict[str, str]:
    """The complaints by `block_id`. `values` has the shape of `view.state.values`. Empty: it may be sent."""
    found: dict[str, str] = {}
    for field in fields_of(blocks):
        for complaint in _complaints(field, field.answer(values)):
            found.setdefault(field.block_id, complaint)
    return found


def _complaints(field: Field, answer: Any) -> Iterator[str]:
    if answer is None or answer in ("", []):
        if field.block["type"] == "input" and field.block.get("optional") is not True:
            yield REQUIRED
        return
    yield from _JUDGES.get(field.element["type"], _anything)(field.element, answer)


def _anything(element: Json, answer: Any) -> Iterator[str]:  # noqa: ARG001 - people and days are taken as they come
    return iter(())


def _text(element: Json, answer: Any) -> Iterator[str]:
    if not isinstance(answer, str):
        yield NO_TEXT
    elif len(answer) < element.get("min_length", 0):
        yield f"Please enter at least {element['min_length']} characters."
    elif len(answer) > element.get("max_length", 3000):
        yield f"Please enter no more than {element.get('max_length', 3000)} characters."


def _number(element: Json, answer: Any) -> Iterator[str]:
    number = _decimal(answer)
    low, high = _decimal(element.get("min_value")), _decimal(element.get("max_value"))
    if number is None:
        yield NO_NUMBER
    elif number != number.to_integral_value() and not element.get("is_decimal_allowed"):
        yield NO_WHOLE_NUMBER
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


def _email(element: Json, answer: Any) -> Iterator[str]:  # noqa: ARG001 - told by the answer alone
    name, _, host = answer.partition("@") if isinstance(answer, str) else ("", "", "")
    if not name or not host or " " in answer:
        yield NO_EMAIL


def _url(element: Json, answer: Any) -> Iterator[str]:  # noqa: ARG001 - told by the answer alone
    try:
        parts = urlsplit(answer if isinstance(answer, str) else "")
    except ValueError:
        yield NO_URL
        return
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        yield NO_URL


def _one_option(element: Json, answer: Any) -> Iterator[str]:
    if not isinstance(answer, dict) or find_option(element, answer.get("value")) is None:
        yield NO_OPTION


def _several_options(element: Json, answer: Any) -> Iterator[str]:
    for each in answer if isinstance(answer, list) else [None]:
        yield from _one_option(element, each)
    yield from _several(element, answer)


def _several(element: Json, answer: Any) -> Iterator[str]:
    most = element.get("max_selected_items")
    if most is not None and isinstance(answer, list) and len(answer) > most:
        yield f"Please choose no more than {most}."


_JUDGES: dict[str, Judge] = {
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
