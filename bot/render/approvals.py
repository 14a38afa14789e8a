"""Phrases about the approvals of a request: required, given, and no longer valid."""

from collections.abc import Sequence

from bot.domain.policy import Action
from bot.domain.requests.request import Request
from bot.domain.requests.requirements import Requirement
from bot.domain.requests.votes import count_votes
from bot.render.mrkdwn import mention

_NOUNS = {
    Action.CREATE: "creation",
    Action.UPDATE: "update",
    Action.RENAME: "new name",
    Action.ENABLE: "enabling",
    Action.DISABLE: "disabling",
    Action.DELETE: "deletion",
}


def describe_progress(request: Request) -> str:
    """Return how many of the required approvals there are, without names."""
    return ", ".join(
        f"{_describe_count(request, each)}{_describe_scope(request, each)}" for each in request.requirements
    )


def describe_requirements(request: Request) -> Sequence[str]:
    """Return one line per rule that applies to the change: how many approvals, and by whom."""
    return [
        f"{_describe_count(request, each)} from {each.approvers_with_note}{_describe_scope(request, each)}"
        for each in request.requirements
    ]


def describe_void_votes(request: Request) -> Sequence[str]:
    """Return one line per approval that no longer counts, with the reason."""
    return [f"⚠️ The approval of {mention(each.by)} no longer counts: {each.reason}." for each in request.void_votes]


def describe_approval_effect(request: Request) -> str:
    """Say what happens after one more approval."""
    if len(request.unmet_requirements) > 1:
        return "It runs once every approval is there."
    remaining = request.missing_approvals - 1
    return f"It runs after {remaining} more." if remaining > 0 else "It runs at once."


def _describe_count(request: Request, requirement: Requirement) -> str:
    return f"{count_votes(requirement, request.approvals)} of {requirement.approvals} approvals"


def _describe_scope(request: Request, requirement: Requirement) -> str:
    return f" for the {_NOUNS[requirement.action]}" if len(request.requirements) > 1 else ""
