"""What has happened: to a request, in words for somebody who presses a button late; and to a warehouse."""

from datetime import datetime

from bot.domain.requests.request import Request
from bot.domain.requests.transitions import (
    Approve,
    BreakGlass,
    Cancel,
    Claim,
    Deny,
    Disqualify,
    Expire,
    Fail,
    MarkUnknown,
    Succeed,
    Supersede,
)
from bot.domain.text import format_time_ago


def describe_status(request: Request, now: datetime) -> str:
    """What a late or second click is told: who did what, how long ago, and where it stands."""
    if request.is_waiting and request.expires_at and request.expires_at <= now:
        return _expired(request, now, request.expires_at)
    if request.is_waiting:
        decided = _decided(request)
        return f"{decided}; it waits for more approvals." if decided else "It waits for a decision."
    return _ended(request, now) or _under_way(request, now) or "This request is no longer open."


def _ended(request: Request, now: datetime) -> str:
    match request.last_transition:
        case Expire(at=at):
            return _expired(request, now, at)
        case Deny(by=by, at=at):
            return f"<@{by}> denied this {format_time_ago(now, at)}; nothing was done."
        case Cancel(by="", reason=reason):
            return f"This was not asked: {reason}"
        case Cancel(by=by, at=at):
            return f"<@{by}> cancelled this {format_time_ago(now, at)}."
        case Disqualify(reason=reason):
            return f"{reason} Nothing was done."
        case Supersede(at=at):
            return f"The warehouse changed after this was asked; found {format_time_ago(now, at)}, nothing was done."
        case Fail(at=at):
            return f"This failed {format_time_ago(now, at)}; nothing changed."
        case _:
            return ""


def _under_way(request: Request, now: datetime) -> str:
    decided = _decided(request)
    match request.last_transition:
        case Succeed(at=at):
            return f"{decided}; it was done {format_time_ago(now, at)}." if decided else "This is done."
        case MarkUnknown(at=at):
            return f"Segment's answer was lost {format_time_ago(now, at)}; the bot is looking for what came of it."
        case Claim():
            return f"{decided}; it is running." if decided else "This is running."
        case Approve(at=at) | BreakGlass(at=at):
            return f"{decided} {format_time_ago(now, at)}."
        case _:
            return ""


def _decided(request: Request) -> str:
    if glass := request.broken_glass:
        return f"<@{glass.by}> broke the glass for this"
    people = " and ".join(f"<@{vote.by}>" for vote in request.approvals)
    return f"{people} approved this" if people else ""


def _expired(request: Request, now: datetime, at: datetime) -> str:
    late = "Nobody decided this in time" if request.required_approvals else "This could not be begun in time"
    return f"{late}; it expired {format_time_ago(now, at)}, and nothing was done."
