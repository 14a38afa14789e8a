"""The dialogs (small modals) for decisions: reasons, the outcome, and the name before a deletion."""

from collections.abc import Sequence
from typing import Literal

from bot.domain.changes.change import Create, WarehouseSnapshot, change_verb
from bot.domain.frozen_model import FrozenModel
from bot.domain.requests.request import Request
from bot.domain.warehouses import Warehouse
from bot.render.approvals import describe_approval_effect
from bot.render.blocks import Block, Choice, input_field, plain_text, section, select, text_input
from bot.render.changes import change_noun, redact_host
from bot.render.forms import View
from bot.render.mrkdwn import code_in_full, escape_and_truncate, format_plain_name, mention
from bot.render.phrases import describe_reason, format_qualified_name

#: The value of the choice that the change was not made. The other values are warehouse ids, which have no blanks.
NOT_DONE = "not done"

#: Slack's limit for private_metadata, in characters.
_MAX_METADATA = 3000


class DialogContext(FrozenModel):
    """The subject of a dialog: a request to decide or a warehouse to change; and where the dialog was opened."""

    act: Literal["approve", "deny", "glass", "settle", "delete", "disable", "enable", "undo"]
    channel: str
    hook: str | None = None
    request_id: str = ""
    target: WarehouseSnapshot | None = None


def render_approve_dialog(request: Request, about: DialogContext) -> View:
    """Return the dialog for approving a deletion, which asks for the warehouse's name."""
    name = request.change.warehouse_name
    asks = f"{mention(request.asked_by)} asks to {change_verb(request.change)} {format_qualified_name(request.change)}."
    said = "\n".join(filter(None, [asks, describe_reason(request, 500)]))
    typed = input_field(
        "name",
        "Type its name",
        text_input("value", placeholder=format_plain_name(name)),
        hint=describe_approval_effect(request),
    )
    act = change_noun(request.change)
    return _dialog(about, f"Approve {act}", f"Approve {act}", [section(said), typed])


def render_deny_dialog(request: Request, about: DialogContext) -> View:
    """Return the dialog that asks for the reason of a denial."""
    text = f"{mention(request.asked_by)} asks to {change_verb(request.change)} {format_qualified_name(request.change)}."
    return _dialog(about, "Deny", "Deny", [section(text), _reason_field("It is shown on the card.")])


def render_break_glass_dialog(request: Request, about: DialogContext) -> View:
    """Return the dialog that asks why the glass is broken; for a deletion, also for the name."""
    change = request.change
    host = redact_host(change)
    leads = f"It connects to {code_in_full(host)}. " if host else ""
    act = f"{change_verb(change).capitalize()} {format_qualified_name(change)}"
    text = (
        f"{act} now, without the approvals it takes. {leads}"
        f"{request.approver_mentions} are told, and it stays marked for good."
    )
    typed = [
        input_field("name", "Type its name", text_input("value", placeholder=format_plain_name(change.warehouse_name)))
    ]
    blocks = [section(text), *(typed if change.kind == "delete" else []), _reason_field("It is shown on the card.")]
    return _dialog(about, "Break glass", "Break glass", blocks)


def render_settle_dialog(request: Request, about: DialogContext, candidates: Sequence[Warehouse]) -> View:
    """Return the dialog in which a person states an unknown outcome; `candidates` are what it may have created."""
    change = request.change
    act = f"{change_verb(change)} {format_qualified_name(change)}"
    text = (
        f"Whether Segment did {act} is not known: {escape_and_truncate(getattr(request.last_transition, 'reason', ''))}"
    )
    return _dialog(
        about,
        "Settle",
        "Settle",
        [
            section(f"{text}\nLook there, and say what you see. Nothing is sent to Segment."),
            input_field("outcome", "What happened", select("value", "Choose", _list_outcomes(request, candidates))),
            _reason_field("How you know. It is shown on the card."),
        ],
    )


def _list_outcomes(request: Request, candidates: Sequence[Warehouse]) -> Sequence[Choice]:
    no = Choice("It was not done", NOT_DONE)
    if isinstance(request.change, Create):
        return [*(Choice(f"It is {each.id}", each.id) for each in candidates[:50]), no]
    return [Choice("It was done", request.change.target.id), no]


def render_reason_dialog(
    about: DialogContext, text: str, title: str, reason: str = "", *, needs_approval: bool = True
) -> View:
    """Return the dialog that asks for the reason of a change. `text` is mrkdwn."""
    hint = (
        "Its approvers read this." if needs_approval else "It takes no approval and runs at once; this is kept with it."
    )
    return _dialog(about, title, "Ask" if needs_approval else "Run it", [section(text), _reason_field(hint, reason)])


def read_dialog_context(view: View) -> DialogContext:
    """Return the context of the dialog `view`."""
    return DialogContext.model_validate_json(str(view.get("private_metadata")))


def _reason_field(hint: str, reason: str = "") -> Block:
    return input_field("reason", "Why", text_input("value", reason, multiline=True), hint=hint)


def _dialog(about: DialogContext, title: str, submit: str, blocks: Sequence[Block]) -> View:
    return {
        "type": "modal",
        "callback_id": f"dialog:{about.act}",
        "title": plain_text(title, 24),
        "submit": plain_text(submit, 24),
        "close": plain_text("Back", 24),
        "private_metadata": _serialise_context(about),
        "blocks": list(blocks),
    }


def _serialise_context(about: DialogContext) -> str:
    metadata = about.model_dump_json(exclude_none=True)
    if len(metadata) <= _MAX_METADATA or about.target is None:
        return metadata
    # Leave the settings out if they exceed Slack's limit: a drift in them is still detected, but shown without values.
    smaller = about.target.model_copy(update={"settings": {}})
    return about.model_copy(update={"target": smaller}).model_dump_json(exclude_none=True)
