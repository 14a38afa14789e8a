"""May this actor ask, decide, or break the glass? Answers carry their reason."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

from pydantic import Field

from bot.domain.actors import Actor, Kind
from bot.domain.changes import Change, Create, Delete, Update, verb
from bot.domain.warehouses import Value

_NOT_A_MEMBER = {
    Kind.GUEST: "Guests can look at warehouses, but neither ask for changes nor decide them.",
    Kind.OUTSIDER: "Only members of this workspace ask for changes or decide them.",
    Kind.BOT: "Bots neither ask for changes nor decide them.",
    Kind.DEACTIVATED: "This account is deactivated, so it neither asks for changes nor decides them.",
    Kind.UNKNOWN: "Slack can't say right now who you are, so nothing was done. Try again in a minute.",
}

NO_APPROVERS = (
    "Nobody is configured to approve this, so it can't be asked. "
    "Whoever runs the bot sets APPROVERS to user ids or a user group."
)


class Action(StrEnum):
    """What a rule is about. An update that only renames has a rule of its own."""

    CREATE = "create"
    UPDATE = "update"
    RENAME = "rename"
    ENABLE = "enable"
    DISABLE = "disable"
    DELETE = "delete"


class Verdict(Value):
    """Yes, or no with a reason: a full sentence for the person."""

    reason: str = ""

    @property
    def ok(self) -> bool:
        """Whether it is a yes."""
        return not self.reason


class Rule(Value):
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
    def groups(self) -> frozenset[str]:
        """The user groups among the approvers."""
        return frozenset(name for name in self.approvers if name.startswith("S"))

    @property
    def asked(self) -> str:
        """The approvers as Slack's mrkdwn mentions them, groups first."""
        return mentions(self.approvers) or "nobody"


class SecretRule(Value):
    """Who may use a secret, and where it may be sent.

    `users` are people and groups, or EVERYONE. `hosts` and `warehouses` are patterns, as `secret_rules` reads them;
    None does not limit, and of both each has to be met.
    """

    users: frozenset[str]
    hosts: frozenset[str] | None = None
    warehouses: frozenset[str] | None = None


#: What takes no approval unless a rule says so.
FREE = frozenset({Action.CREATE, Action.RENAME, Action.ENABLE})


#: In place of people: every member.
EVERYONE = "everyone"


class Policy(Value):
    """The rule of each action; creating, renaming and enabling need nobody unless a rule says so.

    `secrets` has the rules for secrets, by patterns of their names; None lets every member use all, everywhere.
    """

    rules: Mapping[Action, Rule] = Field(default_factory=dict)
    secrets: Mapping[str, SecretRule] | None = None

    @classmethod
    def of(cls, approvers: frozenset[str]) -> "Policy":
        """The policy of a small team: any one of `approvers` for whatever destroys or touches a connection."""
        rule = Rule(approvers=approvers)
        return cls(rules=dict.fromkeys((Action.UPDATE, Action.DISABLE, Action.DELETE), rule))

    def rule(self, change: Change) -> Rule:
        """The rule that `change` is under."""
        return self.rule_of(action_of(change))

    def rule_of(self, action: Action) -> Rule:
        """The rule of `action`."""
        return self.rules.get(action, Rule(approvals=0 if action in FREE else 1))

    def renamed(self, ids: Mapping[str, str]) -> "Policy":
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
    def names(self) -> frozenset[str]:
        """Every person and group that the policy names."""
        rules, users = self.rules.values(), [each.users for each in (self.secrets or {}).values()]
        lists = (rule.approvers | rule.requesters | rule.escalate_to | rule.break_glass for rule in rules)
        return frozenset().union(*lists, *users) - {EVERYONE}


def mentions(names: frozenset[str], deserted: frozenset[str] = frozenset()) -> str:
    """People and groups as Slack's mrkdwn mentions them, groups first; what Slack does not know as it was written.

    Of the groups in `deserted` it says that nobody is in them.
    """
    order = sorted(names, key=lambda name: (not name.startswith("S"), name))
    return ", ".join(_mention(name) + (" (nobody is in it)" if name in deserted else "") for name in order)


def _mention(name: str) -> str:
    if name.startswith("@"):
        return f"{name} (Slack has no such group)"
    return f"<!subteam^{name}>" if name.startswith("S") else f"<@{name}>"


def action_of(change: Change) -> Action:
    """The action that `change` is.

    Switching sync off is disabling whatever else changes with it; touching settings, credentials or the schema is
    updating; then come enabling and renaming.
    """
    match change:
        case Create():
            return Action.CREATE
        case Delete():
            return Action.DELETE
        case Update(enabled=False):
            return Action.DISABLE
        case Update() if change.settings or change.secrets or change.schema_name is not None:
            return Action.UPDATE
        case Update(enabled=True):
            return Action.ENABLE
        case _:
            return Action.RENAME


def may_look(actor_kind: Kind) -> Verdict:
    """Whether a person of that kind may look at warehouses: members and guests may, where they see the bot."""
    return Verdict(reason=_NOT_A_MEMBER[actor_kind] if actor_kind in {Kind.OUTSIDER, Kind.BOT} else "")


def may_read_requests(actor: Actor) -> Verdict:
    """Whether `actor` is shown the open requests outside the channels they were asked in: members and guests are."""
    if actor.kind in {Kind.MEMBER, Kind.GUEST}:
        return Verdict()
    if actor.kind is Kind.UNKNOWN:
        return Verdict(reason="Slack can't say right now who you are, so nothing is shown. Look again in a minute.")
    return Verdict(reason="Requests are shown to the people of this workspace only.")


def may_enter(actor: Actor) -> Verdict:
    """Whether `actor` may open forms, choose secrets in them and try connections with them."""
    return Verdict(reason="" if actor.kind is Kind.MEMBER else _NOT_A_MEMBER[actor.kind])


def may_ask(actor: Actor, change: Change, policy: Policy) -> Verdict:
    """Whether `actor` may ask for `change` at all."""
    rule = policy.rule(change)
    if actor.kind is not Kind.MEMBER:
        return Verdict(reason=_NOT_A_MEMBER[actor.kind])
    if rule.requesters and not _among(actor, rule.requesters):
        return Verdict(reason=f"Only {mentions(rule.requesters)} can ask to {verb(change)} a warehouse.")
    if rule.approvals and not rule.approvers:
        return Verdict(reason=NO_APPROVERS)
    return Verdict()


def may_decide(actor: Actor, change: Change, asked_by: str, policy: Policy) -> Verdict:
    """Whether `actor` may approve or deny `change`, which `asked_by` asked for. Nobody decides their own."""
    rule = policy.rule(change)
    if actor.kind is not Kind.MEMBER:
        return Verdict(reason=_NOT_A_MEMBER[actor.kind])
    if not _among(actor, rule.approvers):
        return Verdict(reason=f"Only {rule.asked} can decide this request to {verb(change)} a warehouse.")
    if actor.id == asked_by:
        return Verdict(reason=f"You asked for this, so somebody else has to decide it. Asked: {rule.asked}.")
    return Verdict()


def may_settle(actor: Actor, change: Change, asked_by: str, policy: Policy) -> Verdict:
    """Whether `actor` may tell what came of `change`: who may decide it; where it took no approval, who may ask it."""
    if policy.rule(change).approvals:
        return may_decide(actor, change, asked_by, policy)
    return may_ask(actor, change, policy)


def may_break_glass(actor: Actor, change: Change, policy: Policy) -> Verdict:
    """Whether `actor` may run `change` without the approvals it takes."""
    rule = policy.rule(change)
    if actor.kind is not Kind.MEMBER:
        return Verdict(reason=_NOT_A_MEMBER[actor.kind])
    if not _among(actor, rule.break_glass):
        who = mentions(rule.break_glass)
        return Verdict(reason=f"Only {who} can break the glass here." if who else "Nobody can break the glass here.")
    return Verdict()


def _among(actor: Actor, names: frozenset[str]) -> bool:
    return bool(names & {actor.id, *actor.groups})
