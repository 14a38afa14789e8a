"""Who has to approve a request, who has, and whose approval does not count any more: in plain words."""

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
    """How many approvals there are of how many, without who gives them."""
    return ", ".join(f"{_count(request, each)}{_for(request, each)}" for each in request.requirements)


def describe_requirements(request: Request) -> Sequence[str]:
    """What has to be approved by whom: a line for each rule that the change falls under."""
    return [
        f"{_count(request, each)} from {each.approvers_with_note}{_for(request, each)}" for each in request.requirements
    ]


def describe_void_votes(request: Request) -> Sequence[str]:
    """Whose approval was found not to count any more, and why: a line each."""
    return [f"⚠️ The approval of {mention(each.by)} no longer counts: {each.reason}." for each in request.void_votes]


def describe_approval_effect(request: Request) -> str:
    """What happens after one more approval."""
    if len(request.unmet_requirements) > 1:
        return "It runs once every approval is there."
    more = request.missing_approvals - 1
    return f"It runs after {more} more." if more > 0 else "It runs at once."


def _count(request: Request, requirement: Requirement) -> str:
    return f"{count_votes(requirement, request.approvals)} of {requirement.approvals} approvals"


def _for(request: Request, requirement: Requirement) -> str:
    return f" for the {_NOUNS[requirement.action]}" if len(request.requirements) > 1 else ""
