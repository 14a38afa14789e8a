"""The views.* methods: the bot opens and changes modals and Home tabs."""

from typing import Any

from bot.sandbox.slack.app import LocalSlack
from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.errors import SlackError


def _open(slack: LocalSlack, arguments: Arguments) -> dict[str, Any]:
    content = arguments.mapping("view")
    trigger = slack.triggers.get_valid(arguments.required_text("trigger_id"))
    view = slack.views.open(trigger.user, content)
    trigger.is_exchanged = True
    return {"view": view.to_json()}


def _push(slack: LocalSlack, arguments: Arguments) -> dict[str, Any]:
    content = arguments.mapping("view")
    trigger = slack.triggers.get_valid(arguments.required_text("trigger_id"))
    if trigger.view_id not in {view.id for view in slack.views.get_stack(trigger.user)}:
        raise SlackError("not_found")  # the trigger doesn't come from a modal that is still open
    view = slack.views.push(trigger.user, content)
    trigger.is_exchanged = True
    return {"view": view.to_json()}


def _update(slack: LocalSlack, arguments: Arguments) -> dict[str, Any]:
    content = arguments.mapping("view")
    view_id, external_id = arguments.text("view_id"), arguments.text("external_id")
    if not (view_id or external_id):
        raise SlackError("invalid_arguments", ["missing required field: view_id"])
    view = slack.views.find(view_id, external_id)
    return {"view": slack.views.update(view, content, arguments.text("hash")).to_json()}


def _publish(slack: LocalSlack, arguments: Arguments) -> dict[str, Any]:
    user = arguments.required_text("user_id")
    person = slack.workspace.people.get(user)
    if person is None or person.is_bot:
        raise SlackError("user_not_found")
    return {"view": slack.views.publish(user, arguments.mapping("view"), arguments.text("hash")).to_json()}


METHODS = {
    "views.open": _open,
    "views.push": _push,
    "views.update": _update,
    "views.publish": _publish,
}
