"""The list of open requests, for `/warehouse pending` and the App Home."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.domain.changes.change import change_verb
from bot.domain.requests.request import Request, State, StoredRequest
from bot.render.approvals import describe_requirements
from bot.render.blocks import Message, context, render_message, section
from bot.render.mrkdwn import format_date_time, format_time, mention, pluralise
from bot.render.phrases import format_qualified_name


def render_open_requests(requests: Sequence[StoredRequest], links: Mapping[str, str], at: datetime) -> Message:
    """Return the open requests, oldest first; `links` maps request ids to addresses of cards."""
    if not requests:
        return render_message([section("No open requests."), context(f"as of {format_time(at)}")])
    title = f"*{len(requests)} open {pluralise('request', len(requests))}*"
    shown = requests[:40]
    rows = [section(_row(each.request, links.get(each.request.id))) for each in shown]
    more = [context(f"and {len(requests) - len(shown)} more")] if len(requests) > len(shown) else []
    return render_message([section(title), *rows, *more, context(f"as of {format_time(at)}")])


def _row(request: Request, link: str | None) -> str:
    change = request.change
    wait = {
        State.PENDING: ", ".join(describe_requirements(request)) or "about to begin",
        State.EXECUTING: "running",
        State.UNKNOWN: "outcome unknown, being looked at",
    }[request.state]
    card = f" · <{link}|open>" if link else ""
    asks = f"{mention(request.asked_by)} asks to {change_verb(change)} {format_qualified_name(change)}"
    return f"⏳ {asks}\n{wait} · since {format_date_time(request.asked_at)} · `{request.id}`{card}"
