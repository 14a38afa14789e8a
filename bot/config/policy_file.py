"""policy.toml, read and checked: every problem at once, with its place and what it wants."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, ValidationError

from bot.config.text_files import UnreadableFile, read_text_file
from bot.domain.policy import ACTIONS_WITHOUT_APPROVAL, EVERYONE, Action, Policy, Rule, SecretRule

#: Bytes of a policy: two thousand ids. The example has two thousand bytes.
_LARGEST = 65_536

#: Parts of a key, such as the three of `actions.delete.approvals`. tomllib takes a time that grows with their square.
_MOST_PARTS = 32

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}

_PEOPLE = "a list of user ids (U…), user group ids (S…) or handles (@data-oncall)"
_TIME = 'a time such as "90s", "30m", "4h", "2d"'
_WANTS = {
    "approvals": "a whole number, 0 to 20; a deletion takes at least 1",
    "actions": f"tables named {', '.join(Action)}",
    **dict.fromkeys(("approvers", "requesters", "escalate_to", "break_glass"), _PEOPLE),
    "secrets": f'{_PEOPLE} or "{EVERYONE}" for each pattern of names, or a table of users, hosts and warehouses',
    "users": f'{_PEOPLE} or "{EVERYONE}"',
    "hosts": 'a list of host names, or of patterns such as "*.redshift.amazonaws.com" or "prod-*.example.com"',
    "warehouses": "a list of names or ids of warehouses, or of patterns of them",
    **dict.fromkeys(("expires", "remind", "escalate", "lease", "look_again"), _TIME),
}


class InvalidPolicy(Exception):
    """What is wrong with a policy: (place, what it wants), all of it."""

    def __init__(self, problems: Iterable[tuple[str, str]]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{place}: {wants}" for place, wants in self.problems))


def _time(value: object) -> timedelta:
    found = re.fullmatch(r"([1-9][0-9]{0,5})([smhd])", value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("time")
    return timedelta(seconds=int(found[1]) * _UNITS[found[2]])


def _name(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[UWS][A-Z0-9]{4,}|@[a-z0-9._-]+", value):
        raise ValueError("name")
    return value


def _user(value: object) -> str:
    return EVERYONE if value == EVERYONE else _name(value)


#: `*` stands for whole parts, or among the letters of a part that two plain ones follow. Else it would match strangers'
#: hosts that begin or end alike: 10.0.evil.example for 10.0.*, evilexample.com for *example.com.
_HOST_PATTERN = re.compile(r"\*|([a-z0-9_*?-]+\.)*[a-z0-9_-]+\.[a-z0-9_-]+|(\*\.)*[a-z0-9_-]+")


def _host(value: object) -> str:
    pattern = value.lower().removesuffix(".") if isinstance(value, str) and value.isascii() else ""
    if not _HOST_PATTERN.fullmatch(pattern):
        raise ValueError("host")
    return pattern


Duration = Annotated[timedelta, BeforeValidator(_time)]
Principals = list[Annotated[str, BeforeValidator(_name)]]
PrincipalsOrEveryone = list[Annotated[str, BeforeValidator(_user)]]


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
    hosts: list[Annotated[str, BeforeValidator(_host)]] | None = None
    warehouses: list[Annotated[str, Field(min_length=1)]] | None = None


#: What pydantic calls the two forms of a secret's rule; with its word for a key, no places in the file.
_LIST, _TABLE = "[list]", "[table]"
_NO_PLACES = frozenset({_LIST, _TABLE, "[key]"})


def _form(value: object) -> str:
    return _TABLE if isinstance(value, (dict, _SecretTable)) else _LIST


_SecretUse = Annotated[
    Annotated[PrincipalsOrEveryone, Tag(_LIST)] | Annotated[_SecretTable, Tag(_TABLE)], Discriminator(_form)
]


class ExecutionSettings(_Table):
    """How long a claim lasts, and when a lost answer is looked for."""

    lease: Duration = timedelta(minutes=5)
    look_again: Duration = timedelta(seconds=30)


class _File(_Table):
    defaults: _RuleTable = _RuleTable()
    actions: dict[Action, _RuleTable] = Field(default_factory=dict)
    secrets: dict[str, _SecretUse] = Field(default_factory=dict)
    execution: ExecutionSettings = ExecutionSettings()


class PolicyConfig(_Table):
    """A policy as it was written: people and groups are not looked up yet."""

    policy: Policy
    execution: ExecutionSettings = ExecutionSettings()


def read_policy(path: Path | None, approvers: frozenset[str]) -> PolicyConfig:
    """The policy in the file `path`, or the one of a small team where there is no file. `approvers` are APPROVERS.

    Raises:
        BadPolicy: every problem at once; also a file that can't be read.
    """
    if path is None:
        return PolicyConfig(policy=Policy.with_approvers(approvers))
    try:
        file = _File.model_validate(_parse(read_text_file(path, _LARGEST)))
    except (UnreadableFile, _NotToml) as error:
        raise InvalidPolicy([(str(path), str(error))]) from None
    except ValidationError as error:
        raise InvalidPolicy(dict.fromkeys(_problem(each["loc"], each["type"]) for each in error.errors())) from None
    rules = {action: _rule(action, file, approvers) for action in Action}
    if rules[Action.DELETE].approvals == 0:
        raise InvalidPolicy([("actions.delete.approvals", f"wants {_WANTS['approvals']}")])
    secrets = {pattern: _secret_rule(use) for pattern, use in file.secrets.items()}
    return PolicyConfig(policy=Policy(rules=rules, secrets=secrets), execution=file.execution)


class _NotToml(Exception):
    """The text can't be read as TOML, or not within a moment; says why."""


def _parse(text: str) -> dict[str, Any]:
    if any(piece.count(".") >= _MOST_PARTS for piece in _keys(text)):
        raise _NotToml(f"has a key of more than {_MOST_PARTS} parts")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _NotToml(f"is not TOML: {error}") from None
    except RecursionError:
        raise _NotToml("is nested too deeply") from None
    except ValueError:  # Python converts no number of more than 4,300 digits
        raise _NotToml("holds a number that is too long") from None


def _keys(text: str) -> Iterator[str]:
    """Each piece of `text` that may be a key, and some that are none: a value, or what stands in a string."""
    for line in text.splitlines():
        if not line.lstrip().startswith("#"):
            yield from re.split(r"[=,\[\]{}]", re.sub(r"\.{2,}", "", line))


def _rule(action: Action, file: _File, approvers: frozenset[str]) -> Rule:
    own = file.actions.get(action, _RuleTable()).model_dump(exclude_none=True)
    shared: dict[str, Any] = {"approvers": approvers} | file.defaults.model_dump(exclude_none=True)
    if action in ACTIONS_WITHOUT_APPROVAL:
        shared["approvals"] = 0  # the default number is for what takes approvals at all
    return Rule.model_validate(shared | own)


def _secret_rule(use: list[str] | _SecretTable) -> SecretRule:
    return SecretRule(users=frozenset(use)) if isinstance(use, list) else SecretRule.model_validate(use.model_dump())


def _problem(location: tuple[int | str, ...], kind: str) -> tuple[str, str]:
    named = [str(part) for part in location if not isinstance(part, int) and part not in _NO_PLACES]
    place = ".".join(named)
    if kind == "extra_forbidden":
        return place, "is not a key of the policy"
    known = next((part for part in reversed(named) if part in _WANTS), "")
    return place, f"wants {_WANTS.get(known, 'a table')}"
