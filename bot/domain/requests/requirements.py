"""The requirements of a change: how many approvals each action in it needs, and whose."""

from collections.abc import Mapping
from types import MappingProxyType

from bot.domain.actors import UserGroup
from bot.domain.changes.change import Change
from bot.domain.frozen_model import FrozenModel
from bot.domain.policy import Action, Policy, actions_of, format_mentions


class Requirement(FrozenModel):
    """The number of approvals that one action in a change needs.

    Attributes:
        action: The action.
        approvals: How many different approvers must approve.
        approvers: The approvers as mrkdwn mentions, for display.
        note: Which approver groups can approve nothing, and why, for display; empty if there are none.
    """

    action: Action
    approvals: int
    approvers: str
    note: str = ""

    @property
    def approvers_with_note(self) -> str:
        """The approvers, followed by the note in parentheses."""
        return f"{self.approvers} ({self.note})" if self.note else self.approvers


def derive_requirements(
    change: Change, policy: Policy, groups: Mapping[str, UserGroup] = MappingProxyType({})
) -> tuple[Requirement, ...]:
    """Return the requirements of `change` under `policy`, one for each action whose rule needs approvals.

    `groups` has the approver groups by id, for the note; groups that it lacks get no note.
    """
    return tuple(
        _create_requirement(action, rule.approvals, policy, groups)
        for action, rule in policy.rules_for(change).items()
        if rule.approvals
    )


def tighten_requirements(
    requirements: tuple[Requirement, ...], change: Change, policy: Policy
) -> tuple[Requirement, ...]:
    """Return the requirements of an open request with `requirements` under the current `policy`.

    The number of approvals is the higher of both, so a change passes only if the old and the new policy let it pass.
    The approvers are those of `policy`: a person whom it no longer names does not decide.
    """
    requirements_by_action = {each.action: each for each in requirements}
    tightened = []
    for action in Action:
        old = requirements_by_action.get(action)
        needed_by_policy = policy.rule_for(action).approvals if action in actions_of(change) else 0
        if approvals := max(needed_by_policy, old.approvals if old else 0):
            new = _create_requirement(action, approvals, policy, {})
            tightened.append(old if old and is_same_requirement(old, new) else new)
    return tuple(tightened)


def is_same_requirement(one: Requirement, other: Requirement) -> bool:
    """Return whether both need the same approvals from the same people; their notes may differ."""
    return (one.action, one.approvals, one.approvers) == (other.action, other.approvals, other.approvers)


def _create_requirement(action: Action, approvals: int, policy: Policy, groups: Mapping[str, UserGroup]) -> Requirement:
    approvers = policy.rule_for(action).approvers
    empty_groups = {name: groups[name] for name in sorted(approvers & groups.keys()) if groups[name].empty_reason}
    note = "; ".join(
        f"{format_mentions(frozenset({name}))}: {group.empty_reason}" for name, group in empty_groups.items()
    )
    return Requirement(action=action, approvals=approvals, approvers=format_mentions(approvers) or "nobody", note=note)
