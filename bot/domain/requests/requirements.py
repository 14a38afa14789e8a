"""The approvals that a change takes: one requirement for each action in it whose rule asks for any."""

from collections.abc import Mapping
from types import MappingProxyType

from bot.domain.actors import UserGroup
from bot.domain.changes.change import Change
from bot.domain.frozen_model import FrozenModel
from bot.domain.policy import Action, Policy, actions_of, format_mentions


class Requirement(FrozenModel):
    """So many `approvals` of the `approvers` (mrkdwn mentions, for display) for one action in a change.

    `note` says which of the approvers let nobody through and why, where some do not.
    """

    action: Action
    approvals: int
    approvers: str
    note: str = ""

    @property
    def approvers_with_note(self) -> str:
        """The approvers, with what is odd about them."""
        return f"{self.approvers} ({self.note})" if self.note else self.approvers


def derive_requirements(
    change: Change, policy: Policy, groups: Mapping[str, UserGroup] = MappingProxyType({})
) -> tuple[Requirement, ...]:
    """The approvals that `change` takes under `policy`. `groups` are the facts about the groups among the approvers."""
    return tuple(
        _requirement(action, rule.approvals, policy, groups)
        for action, rule in policy.rules_for(change).items()
        if rule.approvals
    )


def tighten_requirements(
    requirements: tuple[Requirement, ...], change: Change, policy: Policy
) -> tuple[Requirement, ...]:
    """What a waiting request takes that was asked with `requirements`, and is decided under `policy`.

    The number is the higher of both, so that neither an older nor a newer policy lets a change through that the other
    stops. The approvers are those of `policy`: whoever it no longer names does not decide.
    """
    asked = {each.action: each for each in requirements}
    wanted = []
    for action in Action:
        before = asked.get(action)
        now = policy.rule_for(action).approvals if action in actions_of(change) else 0
        if most := max(now, before.approvals if before else 0):
            new = _requirement(action, most, policy, {})
            wanted.append(before if before and is_same_requirement(before, new) else new)
    return tuple(wanted)


def is_same_requirement(one: Requirement, other: Requirement) -> bool:
    """Whether both want the same approvals of the same people; notes say nothing about that."""
    return (one.action, one.approvals, one.approvers) == (other.action, other.approvals, other.approvers)


def _requirement(action: Action, approvals: int, policy: Policy, groups: Mapping[str, UserGroup]) -> Requirement:
    approvers = policy.rule_for(action).approvers
    named = {name: groups[name] for name in sorted(approvers & groups.keys()) if groups[name].empty_reason}
    note = "; ".join(f"{format_mentions(frozenset({name}))}: {group.empty_reason}" for name, group in named.items())
    return Requirement(action=action, approvals=approvals, approvers=format_mentions(approvers) or "nobody", note=note)
