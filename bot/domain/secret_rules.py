"""Decide who may use a secret, and where it may be sent: `[secrets]` of the policy."""

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from pydantic import JsonValue

from bot.domain.actors import Actor
from bot.domain.changes.change import Change, Create, Delete
from bot.domain.destinations import Destination, find_destination
from bot.domain.errors import quote_code
from bot.domain.policy import (
    EVERYONE,
    NO_APPROVERS,
    Action,
    Policy,
    SecretRule,
    Verdict,
    check_membership,
    format_mentions,
)
from bot.domain.warehouses import SecretRef


def may_use_secret(actor: Actor, secret: str, policy: Policy) -> Verdict:
    """Whether `actor` may use the secret of that name, wherever it goes.

    The pattern with the most letters that matches decides, so that the order of a table says nothing; of several as
    long, each has to let the actor through. A secret that no pattern matches is for nobody. A pattern may leave out the
    place that the name starts with (`vault:`). Without a table every member may use every secret.
    """
    if not (verdict := check_membership(actor)).is_allowed or policy.secrets is None:
        return verdict
    lists = [rule.users for rule in _deciding(secret, policy.secrets)]
    if not frozenset().union(*lists):
        return Verdict(reason=_nobodys(secret))
    if all(each & {EVERYONE, actor.id, *actor.groups} for each in lists):
        return Verdict()
    who = " and of ".join(filter(None, (format_mentions(each - {EVERYONE}) for each in lists)))
    return Verdict(reason=f"The secret {quote_code(secret)} is for {who or 'nobody'} to use.")


def may_send_secret(policy: Policy, secret: str, destination: Destination) -> Verdict:
    """Whether the secret of that name may be sent to `destination`, whoever asks: `hosts` and `warehouses` of its rule.

    `*` in them stands for anything, dots too, and `?` for one character; letters match in any case. Where the rule
    names hosts and the host of `destination` is not certain, the answer is no.
    """
    for rule in _deciding(secret, policy.secrets or {}):
        if rule.hosts is not None and not _matches([destination.host] if destination.host else [], rule.hosts):
            unclear = f"where it would go is not certain: {destination.unknown_reason}"
            return _not_sent(
                secret,
                rule.hosts,
                f"these settings lead to {quote_code(destination.host)}" if destination.host else unclear,
            )
        if rule.warehouses is not None and not _matches(destination.warehouses, rule.warehouses):
            return _not_sent(secret, rule.warehouses, f"this is {quote_code(''.join(destination.warehouses[:1]))}")
    return Verdict()


def may_test_connection(actor: Actor, action: Action, policy: Policy) -> Verdict:
    """Whether `actor` may try a connection: whoever may ask for the change, `action`, that it is tried for."""
    rule = policy.rule_for(action)
    if not (verdict := check_membership(actor)).is_allowed:
        return verdict
    if rule.requesters and not rule.requesters & {actor.id, *actor.groups}:
        who = format_mentions(rule.requesters)
        return Verdict(reason=f"Only {who} can ask to {action} a warehouse, and so test its connection.")
    return Verdict(reason=NO_APPROVERS if rule.approvals and not rule.approvers else "")


def may_send_all_secrets(
    actor: Actor, secrets: Iterable[SecretRef], destination: Destination, policy: Policy
) -> Verdict:
    """Whether `actor` may send all of `secrets` to `destination`; the reason is that of the first that they may not.

    What a person handed over for one request is not under the policy.
    """
    for name in provider_secret_names(secrets):
        for verdict in (may_use_secret(actor, name, policy), may_send_secret(policy, name, destination)):
            if not verdict.is_allowed:
                return verdict
    return Verdict()


def provider_secret_names(secrets: Iterable[SecretRef]) -> tuple[str, ...]:
    """The names of those that the bot holds, and that nobody handed over for one request."""
    return tuple(ref.name for ref in secrets if not ref.one_time_source)


def secrets_of(change: Change) -> tuple[SecretRef, ...]:
    """The secrets that `change` sends."""
    return () if isinstance(change, Delete) else tuple(change.secrets.values())


def destination_of(change: Change) -> Destination:
    """Where `change` sends its secrets: with the settings that the warehouse has once it is carried out."""
    if isinstance(change, Create):
        return find_destination(change.type_slug, change.settings, change.secrets, (change.name,))
    target = change.target
    settings: dict[str, JsonValue] = dict(target.settings)
    if isinstance(change, Delete):
        return find_destination(target.type_slug, settings, (), (target.name, target.id), target.hidden)
    settings |= change.settings
    return find_destination(target.type_slug, settings, change.secrets, (target.name, target.id), target.hidden)


def _deciding(secret: str, table: Mapping[str, SecretRule]) -> list[SecretRule]:
    names = {secret, secret.partition(":")[2] or secret}
    matching = [pattern for pattern in table if any(fnmatchcase(name, pattern) for name in names)]
    most = max(map(_letters, matching), default=0)
    return [table[pattern] for pattern in matching if _letters(pattern) == most]


def _letters(pattern: str) -> int:
    return sum(letter not in "*?" for letter in pattern)


def _matches(names: Iterable[str], patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name.casefold(), pattern.casefold()) for name in names for pattern in patterns)


def _not_sent(secret: str, patterns: frozenset[str], found: str) -> Verdict:
    allowed = (
        f"may only be sent to {', '.join(map(quote_code, sorted(patterns)))}" if patterns else "may be sent nowhere"
    )
    return Verdict(reason=f"The secret {quote_code(secret)} {allowed}, and {found}. It was not sent to Segment.")


def _nobodys(secret: str) -> str:
    line = f'"{secret}" = ["@data-oncall"]'
    return (
        f"Nobody may use the secret {quote_code(secret)}: `[secrets]` in `policy.toml` names nobody for it. "
        f"Whoever runs the bot adds a line there, such as {quote_code(line)}."
    )
