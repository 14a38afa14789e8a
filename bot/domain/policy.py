"""The policy: the rule of each action; and may this actor ask, or look? Answers carry their reason."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

from pydantic import Field

from bot.domain.actors import Actor, ActorKind, UserGroup
from bot.domain.changes.change import Change, Create, Delete, Update
from bot.domain.frozen_model import FrozenModel

_NOT_A_MEMBER = {
    ActorKind.GUEST: "Guests can look at warehouses, but neither ask for changes nor decide them.",
    ActorKind.OUTSIDER: "Only members of this workspace ask for changes or decide them.",
    ActorKind.BOT: "Bots neither ask for changes nor decide them.",
    ActorKind.DEACTIVATED: "This account is deactivated, so it neither asks for changes nor decides them.",
    ActorKind.UNKNOWN: "Slack can't say right now who you are, so nothing was done. Try again in a minute.",
}

NO_APPROVERS = (
    "Nobody is configured to approve this, so it can't be asked. "
    "Whoever runs the bot sets APPROVERS to user ids or a user group."
)


class Action(StrEnum):
    """What a rule is about. One update can be several actions at once; each of them has a rule of its own."""

    CREATE = "create"
    UPDATE = "update"
    RENAME = "rename"
    ENABLE = "enable"
    DISABLE = "disable"
    DELETE = "delete"


class Verdict(FrozenModel):
    """Yes, or no with a reason: a full sentence for the person."""

    reason: str = ""

    @property
    def is_allowed(self) -> bool:
        """Whether it is a yes."""
        return not self.reason


class Rule(FrozenModel):
    """How one kind of change is asked and decided. People and groups are ids of Slack's.

    `approvals` of the `approvers` are needed. `requesters` may ask; empty means every member. A request that nobody
    decides ends after `expires`, and one that takes no approval where it can't be begun until then; its approvers are
    reminded after `remind`, then after twice that, and so on; after `escalate` the people in `escalate_to` are told.
    `break_glass` may run it alone, with a reason.
    """

    approvals: int = Field(default=1, ge=0, le=20)
    approvers: frozenset[str] = frozenset()
    requesters: frozenset[str] = frozenset()
    expires: timedelta = timedelta(hours=4)
    remind: timedelta | None = timedelta(minutes=30)
    escalate: timedelta | None = None
    escalate_to: frozenset[str] = frozenset()
    break_glass: frozenset[str] = frozenset()

    @property
    def approver_groups(self) -> frozenset[str]:
        """The user groups among the approvers."""
        return frozenset(name for name in self.approvers if name.startswith("S"))

    @property
    def approver_mentions(self) -> str:
        """The approvers as Slack's mrkdwn mentions them, groups first."""
        return format_mentions(self.approvers) or "nobody"


class SecretRule(FrozenModel):
    """Who may use a secret, and where it may be sent.

    `users` are people and groups, or EVERYONE. `hosts` and `warehouses` are patterns, as `secret_rules` reads them;
    None does not limit, and of both each has to be met.
    """

    users: frozenset[str]
    hosts: frozenset[str] | None = None
    warehouses: frozenset[str] | None = None


#: What takes no approval unless a rule says so.
ACTIONS_WITHOUT_APPROVAL = frozenset({Action.CREATE, Action.RENAME, Action.ENABLE})


#: In place of people: every member.
EVERYONE = "everyone"


class Policy(FrozenModel):
    """The rule of each action; creating, renaming and enabling need nobody unless a rule says so.

    `secrets` has the rules for secrets, by patterns of their names; None lets every member use all, everywhere.
    """

    rules: Mapping[Action, Rule] = Field(default_factory=dict)
    secrets: Mapping[str, SecretRule] | None = None

    @classmethod
    def with_approvers(cls, approvers: frozenset[str]) -> "Policy":
        """The policy of a small team: any one of `approvers` for whatever destroys or touches a connection."""
        rule = Rule(approvers=approvers)
        return cls(rules=dict.fromkeys((Action.UPDATE, Action.DISABLE, Action.DELETE), rule))

    def rules_for(self, change: Change) -> Mapping[Action, Rule]:
        """The rule of every action in `change`. The change falls under all of them."""
        return {action: self.rule_for(action) for action in Action if action in actions_of(change)}

    def rule_for(self, action: Action) -> Rule:
        """The rule of `action`."""
        return self.rules.get(action, Rule(approvals=0 if action in ACTIONS_WITHOUT_APPROVAL else 1))

    def with_resolved_names(self, ids: Mapping[str, str]) -> "Policy":
        """The same policy with `ids` in place of the names they are for."""

        def rename(names: frozenset[str]) -> frozenset[str]:
            return frozenset(ids.get(name, name) for name in names)

        def renamed(rule: Rule) -> Rule:
            lists = ("approvers", "requesters", "escalate_to", "break_glass")
            return rule.model_copy(update={name: rename(getattr(rule, name)) for name in lists})

        secrets = self.secrets and {
            pattern: each.model_copy(update={"users": rename(each.users)}) for pattern, each in self.secrets.items()
        }
        return Policy(rules={action: renamed(rule) for action, rule in self.rules.items()}, secrets=secrets)

    @property
    def principals(self) -> frozenset[str]:
        """Every person and group that the policy names."""
        rules, users = self.rules.values(), [each.users for each in (self.secrets or {}).values()]
        lists = (rule.approvers | rule.requesters | rule.escalate_to | rule.break_glass for rule in rules)
        return frozenset().union(*lists, *users) - {EVERYONE}


def format_mentions(names: frozenset[str], groups: Mapping[str, UserGroup] = MappingProxyType({})) -> str:
    """People and groups as Slack's mrkdwn mentions them, groups first; what Slack does not know as it was written.

    It says of those of `groups` that let nobody through why they do not.
    """
    order = sorted(names, key=lambda name: (not name.startswith("S"), name))
    notes = {name: groups[name].empty_reason for name in order if name in groups}
    return ", ".join(_mention(name) + (f" ({notes[name]})" if notes.get(name) else "") for name in order)


def _mention(name: str) -> str:
    if name.startswith("@"):
        return f"{name} (Slack has no such group)"
    return f"<!subteam^{name}>" if name.startswith("S") else f"<@{name}>"


def actions_of(change: Change) -> frozenset[Action]:
    """Every action in `change`: a creation and a deletion are one each, an update is one or several."""
    match change:
        case Create():
            return frozenset({Action.CREATE})
        case Delete():
            return frozenset({Action.DELETE})
        case Update():
            touches_connection = bool(change.settings or change.secrets) or change.schema_name is not None
            parts = {
                Action.UPDATE: touches_connection,
                Action.RENAME: change.name is not None,
                Action.ENABLE: change.enabled is True,
                Action.DISABLE: change.enabled is False,
            }
            # An update that changes nothing is sent nowhere; if it were, it would be an update.
            return frozenset(action for action, is_part in parts.items() if is_part) or frozenset({Action.UPDATE})


def may_view_warehouses(actor: Actor) -> Verdict:
    """Whether `actor` may look at warehouses: members and guests may, where they see the bot."""
    return Verdict(reason=_NOT_A_MEMBER[actor.kind] if actor.kind in {ActorKind.OUTSIDER, ActorKind.BOT} else "")


def may_view_requests(actor: Actor) -> Verdict:
    """Whether `actor` is shown requests outside the channels they were asked in, and their history: members are."""
    match actor.kind:
        case ActorKind.MEMBER:
            return Verdict()
        case ActorKind.UNKNOWN:
            return Verdict(reason="Slack can't say right now who you are, so nothing is shown. Look again in a minute.")
        case ActorKind.GUEST:
            return Verdict(
                reason="Requests and their history are shown to members only. "
                "As a guest you can list and show warehouses: `/warehouse list`."
            )
        case _:
            return Verdict(reason="Requests are shown to the members of this workspace only.")


def check_membership(actor: Actor) -> Verdict:
    """Whether `actor` may open forms, choose secrets in them and try connections with them: members may."""
    return Verdict(reason="" if actor.kind is ActorKind.MEMBER else _NOT_A_MEMBER[actor.kind])


def may_request(actor: Actor, change: Change, policy: Policy) -> Verdict:
    """Whether `actor` may ask for `change` at all: the rule of every action in it has to let them."""
    if actor.kind is not ActorKind.MEMBER:
        return Verdict(reason=_NOT_A_MEMBER[actor.kind])
    for action, rule in policy.rules_for(change).items():
        if rule.requesters and not actor.is_among(rule.requesters):
            return Verdict(reason=f"Only {format_mentions(rule.requesters)} can ask to {action} a warehouse.")
        if rule.approvals and not rule.approvers:
            return Verdict(reason=NO_APPROVERS)
    return Verdict()
