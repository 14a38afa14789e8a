"""Read and check policy.toml. All problems are reported at once, each with its place and the value it needs."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, ValidationError

from bot.config.text_files import UnreadableFile, read_text_file
from bot.domain.policy import ACTIONS_WITHOUT_APPROVAL, EVERYONE, Action, Policy, Rule, SecretRule

#: The largest policy file in bytes, enough for two thousand ids. The example has four thousand bytes.
_MAX_BYTES = 65_536

#: The most parts of a key; `actions.delete.approvals` has three. tomllib needs time that grows with their square.
_MAX_KEY_PARTS = 32

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}

_PEOPLE = "a list of user ids (U…), user group ids (S…) or handles (@data-oncall)"
_DURATION = 'a time such as "90s", "30m", "4h", "2d"'
_WANTS = {
    "approvals": "a whole number, 0 to 20; a deletion takes at least 1",
    "actions": f"tables named {', '.join(Action)}",
    **dict.fromkeys(("approvers", "requesters", "escalate_to", "break_glass"), _PEOPLE),
    "secrets": f'{_PEOPLE} or "{EVERYONE}" for each pattern of names, or a table of users, hosts and warehouses',
    "users": f'{_PEOPLE} or "{EVERYONE}"',
    "hosts": 'a list of host names, or of patterns such as "*.redshift.amazonaws.com" or "prod-*.example.com"',
    "warehouses": "a list of names or ids of warehouses, or of patterns of them",
    **dict.fromkeys(("expires", "remind", "escalate", "lease", "look_again"), _DURATION),
}


class InvalidPolicy(Exception):
    """A policy is invalid. `problems` lists each place and the value it needs."""

    def __init__(self, problems: Iterable[tuple[str, str]]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{place}: {wants}" for place, wants in self.problems))


def _parse_duration(value: object) -> timedelta:
    found = re.fullmatch(r"([1-9][0-9]{0,5})([smhd])", value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("time")
    return timedelta(seconds=int(found[1]) * _UNITS[found[2]])


def _parse_principal(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[UWS][A-Z0-9]{4,}|@[a-z0-9._-]+", value):
        raise ValueError("name")
    return value


def _parse_user(value: object) -> str:
    return EVERYONE if value == EVERYONE else _parse_principal(value)


#: `*` matches whole labels, or letters of a label that two plain labels follow. Anything else would match hosts of
#: other people: 10.0.evil.example for 10.0.*, evilexample.com for *example.com.
_HOST_PATTERN = re.compile(r"\*|([a-z0-9_*?-]+\.)*[a-z0-9_-]+\.[a-z0-9_-]+|(\*\.)*[a-z0-9_-]+")


def _parse_host_pattern(value: object) -> str:
    pattern = value.lower().removesuffix(".") if isinstance(value, str) and value.isascii() else ""
    if not _HOST_PATTERN.fullmatch(pattern):
        raise ValueError("host")
    return pattern


Duration = Annotated[timedelta, BeforeValidator(_parse_duration)]
Principals = list[Annotated[str, BeforeValidator(_parse_principal)]]
PrincipalsOrEveryone = list[Annotated[str, BeforeValidator(_parse_user)]]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _RuleTable(_Table):
    approvals: Annotated[int, Field(strict=True, ge=0, le=20)] | None = None
    approvers: Principals | None = None
    requesters: Principals | None = None
    expires: Duration | None = None
    remind: Duration | None = None
    escalate: Duration | None = None
    escalate_to: Principals | None = None
    break_glass: Principals | None = None


class _SecretTable(_Table):
    users: PrincipalsOrEveryone
    hosts: list[Annotated[str, BeforeValidator(_parse_host_pattern)]] | None = None
    warehouses: list[Annotated[str, Field(min_length=1)]] | None = None


#: The names that pydantic gives to the two forms of a secret's rule and to a key; they are no places in the file.
_LIST, _TABLE = "[list]", "[table]"
_PYDANTIC_NAMES = frozenset({_LIST, _TABLE, "[key]"})


def _tag_form(value: object) -> str:
    return _TABLE if isinstance(value, (dict, _SecretTable)) else _LIST


_SecretRuleForm = Annotated[
    Annotated[PrincipalsOrEveryone, Tag(_LIST)] | Annotated[_SecretTable, Tag(_TABLE)], Discriminator(_tag_form)
]


class ExecutionSettings(_Table):
    """`lease`: how long a claim lasts. `look_again`: when the bot reads Segment again after a lost answer."""

    lease: Duration = timedelta(minutes=5)
    look_again: Duration = timedelta(seconds=30)


class _File(_Table):
    defaults: _RuleTable = _RuleTable()
    actions: dict[Action, _RuleTable] = Field(default_factory=dict)
    secrets: dict[str, _SecretRuleForm] = Field(default_factory=dict)
    execution: ExecutionSettings = ExecutionSettings()


class PolicyConfig(_Table):
    """The contents of a policy file. Handles of groups are not resolved yet."""

    policy: Policy
    execution: ExecutionSettings = ExecutionSettings()


def read_policy(path: Path | None, approvers: frozenset[str]) -> PolicyConfig:
    """Read the policy file `path`; without a file, the default policy with `approvers`, the value of APPROVERS.

    Raises:
        InvalidPolicy: The file has problems, or can't be read.
    """
    if path is None:
        return PolicyConfig(policy=Policy.with_approvers(approvers))
    try:
        file = _File.model_validate(_parse_toml(read_text_file(path, _MAX_BYTES)))
    except (UnreadableFile, _InvalidToml) as error:
        raise InvalidPolicy([(str(path), str(error))]) from None
    except ValidationError as error:
        raise InvalidPolicy(
            dict.fromkeys(_describe_problem(each["loc"], each["type"]) for each in error.errors())
        ) from None
    rules = {action: _build_rule(action, file, approvers) for action in Action}
    if rules[Action.DELETE].approvals == 0:
        raise InvalidPolicy([("actions.delete.approvals", f"wants {_WANTS['approvals']}")])
    secrets = {pattern: _build_secret_rule(use) for pattern, use in file.secrets.items()}
    return PolicyConfig(policy=Policy(rules=rules, secrets=secrets), execution=file.execution)


class _InvalidToml(Exception):
    """The text is not TOML, or would take too long to parse; the message says why."""


def _parse_toml(text: str) -> dict[str, Any]:
    if any(piece.count(".") >= _MAX_KEY_PARTS for piece in _find_keys(text)):
        raise _InvalidToml(f"has a key of more than {_MAX_KEY_PARTS} parts")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _InvalidToml(f"is not TOML: {error}") from None
    except RecursionError:
        raise _InvalidToml("is nested too deeply") from None
    except ValueError:  # Python refuses numbers of more than 4,300 digits
        raise _InvalidToml("holds a number that is too long") from None


def _find_keys(text: str) -> Iterator[str]:
    """Yield each piece of `text` that may be a key; values and parts of strings are among them."""
    for line in text.splitlines():
        if not line.lstrip().startswith("#"):
            yield from re.split(r"[=,\[\]{}]", re.sub(r"\.{2,}", "", line))


def _build_rule(action: Action, file: _File, approvers: frozenset[str]) -> Rule:
    own = file.actions.get(action, _RuleTable()).model_dump(exclude_none=True)
    shared: dict[str, Any] = {"approvers": approvers} | file.defaults.model_dump(exclude_none=True)
    if action in ACTIONS_WITHOUT_APPROVAL:
        shared["approvals"] = 0  # `defaults.approvals` applies to actions that need approvals
    return Rule.model_validate(shared | own)


def _build_secret_rule(use: list[str] | _SecretTable) -> SecretRule:
    return SecretRule(users=frozenset(use)) if isinstance(use, list) else SecretRule.model_validate(use.model_dump())


def _describe_problem(location: tuple[int | str, ...], kind: str) -> tuple[str, str]:
    named = [str(part) for part in location if not isinstance(part, int) and part not in _PYDANTIC_NAMES]
    place = ".".join(named)
    if kind == "extra_forbidden":
        return place, "is not a key of the policy"
    known = next((part for part in reversed(named) if part in _WANTS), "")
    return place, f"wants {_WANTS.get(known, 'a table')}"
