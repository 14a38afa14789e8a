"""Submit and close modals, and apply the response actions in the bot's acks."""

from collections.abc import Mapping
from typing import Any

from bot.sandbox.slack import payloads
from bot.sandbox.slack.app import LocalSlack
from bot.sandbox.slack.blockkit import find_submission_errors
from bot.sandbox.slack.delivery import Ack, Redelivery
from bot.sandbox.slack.errors import ControlError, SlackError
from bot.sandbox.slack.fixtures import Person
from bot.sandbox.slack.inputs import apply_inputs
from bot.sandbox.slack.interactions import INTERACTIVE_ENVELOPE, JsonObject, deliver_payload
from bot.sandbox.slack.views import View


async def submit_modal(
    slack: LocalSlack, person: Person, inputs: Mapping[str, Any], *, redelivery: Redelivery = Redelivery.NONE
) -> JsonObject:
    """Submit the top modal with `inputs`. The bot does not receive a submission that Slack itself refuses."""
    view = get_top_modal(slack, person)
    if view.content.get("submit") is None:
        raise ControlError("this modal has no submit button", 409)
    view.values = apply_inputs(view.values, view.blocks, inputs)
    slack.changes.notify()
    if errors := find_submission_errors(view.blocks, view.values):
        return {"ok": False, "errors": errors}
    payload = payloads.view_submission(slack, person, view)
    ack = await deliver_payload(slack, INTERACTIVE_ENVELOPE, "view_submission", payload, redelivery=redelivery)
    return _handle_ack(slack, person, view, ack)


async def close_modal(slack: LocalSlack, person: Person, *, close_all: bool = False) -> JsonObject:
    """Close the top modal, or all. The bot is notified of modals with `notify_on_close`."""
    get_top_modal(slack, person)
    closed = list(reversed(slack.views.get_stack(person.id))) if close_all else [get_top_modal(slack, person)]
    for view in closed:
        slack.views.close(person.id, view)
    failures = [error for view in closed if (error := await _notify_closed(slack, person, view, is_cleared=close_all))]
    return {"ok": False, "error": failures[0]} if failures else {"ok": True}


def get_top_modal(slack: LocalSlack, person: Person) -> View:
    """Return a person's top modal; raise ControlError if there is none."""
    view = slack.views.get_top(person.id)
    if view is None:
        raise ControlError(f"{person.name} has no modal open", 409)
    return view


async def _notify_closed(slack: LocalSlack, person: Person, view: View, *, is_cleared: bool) -> str | None:
    if not view.notify_on_close:
        return None
    payload = payloads.view_closed(person, view, is_cleared=is_cleared)
    return (await deliver_payload(slack, INTERACTIVE_ENVELOPE, "view_closed", payload)).error


def _handle_ack(slack: LocalSlack, person: Person, view: View, ack: Ack) -> JsonObject:
    if not ack.is_ok:
        return {"ok": False, "error": ack.error}
    body = ack.body or {}
    try:
        return _apply_response_action(slack, person, view, body)
    except SlackError as error:
        # Slack only shows "We had some trouble connecting"; the control API returns the reason.
        return {"ok": False, "error": error.code, "messages": list(error.details)}


def _apply_response_action(slack: LocalSlack, person: Person, view: View, body: Mapping[str, Any]) -> JsonObject:
    action = body.get("response_action")
    match action:
        case None:
            slack.views.close(person.id, view)
            return {"ok": True}
        case "clear":
            slack.views.close_all(person.id)
        case "errors":
            return {"ok": False, "response_action": "errors", "errors": _check_errors(view, body.get("errors"))}
        case "update":
            slack.views.update(view, _get_view(body))
        case "push":
            slack.views.push(person.id, _get_view(body))
        case _:
            raise SlackError("invalid_arguments", [f"unknown response_action: {action}"])
    return {"ok": True, "response_action": action}


def _get_view(body: Mapping[str, Any]) -> Mapping[str, Any]:
    view = body.get("view")
    if not isinstance(view, Mapping):
        raise SlackError("invalid_arguments", ["missing required field: view"])
    return view


def _check_errors(view: View, errors: object) -> Mapping[str, str]:
    input_ids = {block["block_id"] for block in view.blocks if block.get("type") == "input"}
    if not isinstance(errors, Mapping) or not errors:
        raise SlackError("invalid_arguments", ["missing required field: errors"])
    if unknown_ids := sorted(set(errors) - input_ids):
        raise SlackError("invalid_arguments", [f"no input block has the id {block_id}" for block_id in unknown_ids])
    return errors
