"""May this actor ask, may they decide? Answers carry their reason."""

from bot.domain.actors import Actor, Kind
from bot.domain.changes import Change, Delete, Update, verb
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


class Verdict(Value):
    """Yes, or no with a reason: a full sentence for the person."""

    reason: str = ""

    @property
    def ok(self) -> bool:
        """Whether it is a yes."""
        return not self.reason


class Policy(Value):
    """Who decides: user ids and user group ids. `approvals` is how many are needed of them."""

    approvers: frozenset[str] = frozenset()
    approvals: int = 1

    @property
    def asked(self) -> str:
        """The approvers as Slack's mrkdwn mentions them, groups first."""
        groups = [f"<!subteam^{name}>" for name in sorted(self.approvers) if name.startswith("S")]
        people = [f"<@{name}>" for name in sorted(self.approvers) if not name.startswith("S")]
        return ", ".join(groups + people) or "nobody"


def approvals_needed(change: Change, policy: Policy) -> int:
    """How many approvals `change` takes.

    Deleting always takes them; an update when it disables or touches settings, credentials or schema. Creating,
    renaming and enabling take none.
    """
    match change:
        case Delete():
            return policy.approvals
        case Update() if change.enabled is False or change.settings or change.secrets or change.schema_name is not None:
            return policy.approvals
        case _:
            return 0


def may_look(actor_kind: Kind) -> Verdict:
    """Whether a person of that kind may look at warehouses: members and guests may, where they see the bot."""
    return Verdict(reason=_NOT_A_MEMBER[actor_kind] if actor_kind in {Kind.OUTSIDER, Kind.BOT} else "")


def may_ask(actor: Actor, change: Change, policy: Policy) -> Verdict:
    """Whether `actor` may ask for `change` at all."""
    if actor.kind is not Kind.MEMBER:
        return Verdict(reason=_NOT_A_MEMBER[actor.kind])
    if approvals_needed(change, policy) and not policy.approvers:
        return Verdict(reason=NO_APPROVERS)
    return Verdict()


def may_decide(actor: Actor, change: Change, asked_by: str, policy: Policy) -> Verdict:
    """Whether `actor` may approve or deny `change`, which `asked_by` asked for. Nobody decides their own."""
    if actor.kind is not Kind.MEMBER:
        return Verdict(reason=_NOT_A_MEMBER[actor.kind])
    if not policy.approvers & {actor.id, *actor.groups}:
        return Verdict(reason=f"Only {policy.asked} can decide this request to {verb(change)} a warehouse.")
    if actor.id == asked_by:
        return Verdict(reason=f"You asked for this, so somebody else has to decide it. Asked: {policy.asked}.")
    return Verdict()
