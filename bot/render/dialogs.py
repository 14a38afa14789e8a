"""The small modals around a request: why it is asked, why it is denied, and the name typed before a deletion."""

from collections.abc import Sequence
from typing import Literal

from bot.domain.changes.change import Create, Target, verb
from bot.domain.requests.request import Request
from bot.domain.warehouses import Value, Warehouse
from bot.render.approvals import then_it_runs
from bot.render.blocks import Block, Choice, field, plain_text, section, select, text_input
from bot.render.changes import act_of, host_of
from bot.render.forms import View
from bot.render.mrkdwn import bare, flat, person, which, whole, why

#: The choice that nothing came of it; the others are ids of warehouses, which have no blanks.
NOT_DONE = "not done"

#: Characters of private_metadata that Slack keeps.
_METADATA = 3000


class About(Value):
    """What a dialog is about: a request to decide, or a warehouse to ask about; and where it was opened."""

    act: Literal["approve", "deny", "glass", "settle", "delete", "disable", "enable", "undo"]
    channel: str
    hook: str | None = None
    request_id: str = ""
    target: Target | None = None


def approve_view(request: Request, about: About) -> View:
    """Type the warehouse's name before it is deleted."""
    name = request.change.warehouse_name
    asks = f"{person(request.asked_by)} asks to {verb(request.change)} {which(request.change)}."
    said = "\n".join(filter(None, [asks, why(request, 500)]))
    typed = field("name", "Type its name", text_input("value", placeholder=bare(name)), hint=then_it_runs(request))
    act = act_of(request.change)
    return _dialog(about, f"Approve {act}", f"Approve {act}", [section(said), typed])


def deny_view(request: Request, about: About) -> View:
    """Why it is denied."""
    text = f"{person(request.asked_by)} asks to {verb(request.change)} {which(request.change)}."
    return _dialog(about, "Deny", "Deny", [section(text), _why("It is shown on the card.")])


def glass_view(request: Request, about: About) -> View:
    """Why the glass is broken; for a deletion, the name as well."""
    change = request.change
    host = host_of(change)
    leads = f"It connects to {whole(host)}. " if host else ""
    text = (
        f"{verb(change).capitalize()} {which(change)} now, without the approvals it takes. {leads}"
        f"{request.asked_of} are told, and it stays marked for good."
    )
    typed = [field("name", "Type its name", text_input("value", placeholder=bare(change.warehouse_name)))]
    blocks = [section(text), *(typed if change.kind == "delete" else []), _why("It is shown on the card.")]
    return _dialog(about, "Break glass", "Break glass", blocks)


def settle_view(request: Request, about: About, candidates: Sequence[Warehouse]) -> View:
    """What Segment shows, told by a person where the bot can't find out; `candidates` may be what came of it."""
    change = request.change
    act = f"{verb(change)} {which(change)}"
    text = f"Whether Segment did {act} is not known: {flat(getattr(request.last, 'reason', ''))}"
    return _dialog(
        about,
        "Settle",
        "Settle",
        [
            section(f"{text}\nLook there, and say what you see. Nothing is sent to Segment."),
            field("outcome", "What happened", select("value", "Choose", _outcomes(request, candidates))),
            _why("How you know. It is shown on the card."),
        ],
    )


def _outcomes(request: Request, candidates: Sequence[Warehouse]) -> Sequence[Choice]:
    no = Choice("It was not done", NOT_DONE)
    if isinstance(request.change, Create):
        return [*(Choice(f"It is {each.id}", each.id) for each in candidates[:50]), no]
    return [Choice("It was done", request.change.target.id), no]


def ask_view(about: About, text: str, title: str, reason: str = "", *, waits: bool = True) -> View:
    """Why a change is asked for, or is done where it does not wait for approvers. `text` is mrkdwn."""
    hint = "Its approvers read this." if waits else "It takes no approval and runs at once; this is kept with it."
    return _dialog(about, title, "Ask" if waits else "Run it", [section(text), _why(hint, reason)])


def about_of(view: View) -> About:
    """What the dialog `view` is about."""
    return About.model_validate_json(str(view.get("private_metadata")))


def _why(hint: str, reason: str = "") -> Block:
    return field("reason", "Why", text_input("value", reason, multiline=True), hint=hint)


def _dialog(about: About, title: str, submit: str, blocks: Sequence[Block]) -> View:
    return {
        "type": "modal",
        "callback_id": f"dialog:{about.act}",
        "title": plain_text(title, 24),
        "submit": plain_text(submit, 24),
        "close": plain_text("Back", 24),
        "private_metadata": _fitting(about),
        "blocks": list(blocks),
    }


def _fitting(about: About) -> str:
    kept = about.model_dump_json(exclude_none=True)
    if len(kept) <= _METADATA or about.target is None:
        return kept
    # Settings beyond Slack's limit are left out: a drift in them is then noticed, and told without its values.
    less = about.target.model_copy(update={"settings": {}})
    return about.model_copy(update={"target": less}).model_dump_json(exclude_none=True)
