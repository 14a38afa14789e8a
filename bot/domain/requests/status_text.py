"""The status of a request as text, for a person who clicks a button too late."""

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
    """Return one sentence that says who did what, how long ago, and what the request waits for."""
    if request.is_waiting and request.expires_at and request.expires_at <= now:
        return _describe_expiry(request, now, request.expires_at)
    if request.is_waiting:
        decision = _describe_decision(request)
        return f"{decision}; it waits for more approvals." if decision else "It waits for a decision."
    return _describe_end(request, now) or _describe_execution(request, now) or "This request is no longer open."


def _describe_end(request: Request, now: datetime) -> str:
    """Describe a request that ended without effect; return "" for any other."""
    match request.last_transition:
        case Expire(at=at):
            return _describe_expiry(request, now, at)
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


def _describe_execution(request: Request, now: datetime) -> str:
    """Describe a request that is approved, is executing, or was executed; return "" for any other."""
    decision = _describe_decision(request)
    match request.last_transition:
        case Succeed(at=at):
            return f"{decision}; it was done {format_time_ago(now, at)}." if decision else "This is done."
        case MarkUnknown(at=at):
            return f"Segment's answer was lost {format_time_ago(now, at)}; the bot is looking for what came of it."
        case Claim():
            return f"{decision}; it is running." if decision else "This is running."
        case Approve(at=at) | BreakGlass(at=at):
            return f"{decision} {format_time_ago(now, at)}."
        case _:
            return ""


def _describe_decision(request: Request) -> str:
    if glass := request.broken_glass:
        return f"<@{glass.by}> broke the glass for this"
    people = " and ".join(f"<@{vote.by}>" for vote in request.approvals)
    return f"{people} approved this" if people else ""


def _describe_expiry(request: Request, now: datetime, at: datetime) -> str:
    reason = "Nobody decided this in time" if request.required_approvals else "This could not be begun in time"
    return f"{reason}; it expired {format_time_ago(now, at)}, and nothing was done."
