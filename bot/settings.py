"""The one reader of the environment, of .env and of policy.toml."""

import os
import re
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import unquote, urlsplit

from dotenv import dotenv_values
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError

from bot.policyfile import BadPolicy, Written, read_policy

PREFIX = "WAREHOUSE_SECRET_"

#: What Settings holds beside the variables of the same names.
NOT_VARIABLES = frozenset({"secrets", "written"})

REGIONS = {"us": "https://api.segmentapis.com", "eu": "https://eu1.api.segmentapis.com"}


class BadSettings(Exception):
    """What is wrong with the configuration: (variable, what it wants), all of it. Holds no value."""

    def __init__(self, problems: Iterable[tuple[str, str]]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{name}: {wants}" for name, wants in self.problems))


def _starts(prefix: str) -> AfterValidator:
    def check(value: SecretStr) -> SecretStr:
        if not value.get_secret_value().startswith(prefix) or value.get_secret_value() == prefix:
            raise ValueError(prefix)
        return value

    return AfterValidator(check)


def _safe_url(value: str) -> str:
    url = urlsplit(value)
    local = url.hostname in {"127.0.0.1", "localhost", "::1"}
    if not url.hostname or url.scheme not in {"http", "https"} or (url.scheme == "http" and not local):
        raise ValueError("url")
    return value


def _database(secret: SecretStr) -> SecretStr:
    """SQLite or PostgreSQL, as hosts write them, in the words of SQLAlchemy's async drivers."""
    value = secret.get_secret_value()
    if re.match(r"sqlite(\+aiosqlite)?:///.+", value):
        return SecretStr(re.sub(r"^sqlite:", "sqlite+aiosqlite:", value))
    if re.match(r"postgres(ql)?(\+asyncpg)?://.+/.+", value):
        return SecretStr(re.sub(r"^[^:]+:", "postgresql+asyncpg:", value).replace("sslmode=", "ssl="))
    raise ValueError("database")


def _words(value: object) -> object:
    return frozenset(re.split(r"[\s,]+", value.strip())) - {""} if isinstance(value, str) else value


def _approvers(words: frozenset[str]) -> frozenset[str]:
    if any(not re.fullmatch(r"[UWS][A-Z0-9]{4,}|@?[a-z0-9._-]+", word) for word in words):
        raise ValueError("approvers")
    return words


def _directory(path: Path) -> Path:
    if not path.is_dir():
        raise ValueError("directory")
    return path


def _below(path: str) -> str:
    """A prefix of paths, with no slash before it and one after it."""
    if any(part in {"", ".", ".."} for part in path.strip("/").split("/")):
        raise ValueError("path")
    return f"{path.strip('/')}/"


def _mount(path: str) -> str:
    return _below(path)[:-1]


Url = Annotated[str, AfterValidator(_safe_url)]
Words = Annotated[frozenset[str], BeforeValidator(_words)]
Level = Annotated[
    Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(lambda v: v.upper() if isinstance(v, str) else v)
]


class Settings(BaseModel):
    """The bot's configuration. Each description says what its variable wants; `.env.example` says more."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    slack_bot_token: Annotated[SecretStr, _starts("xoxb-")] = Field(
        description="the bot token of the Slack app, starting with xoxb- (OAuth & Permissions)"
    )
    slack_app_token: Annotated[SecretStr, _starts("xapp-")] | None = Field(
        default=None, description="an app-level token with connections:write, starting with xapp- (Basic Information)"
    )
    slack_signing_secret: SecretStr | None = Field(
        default=None, description="the signing secret of the Slack app (Basic Information)"
    )
    slack_api_url: Url = Field(
        default="https://slack.com/api/", description="an https URL; http is taken for this machine only"
    )
    segment_api_token: SecretStr = Field(description="a Public API token of the Segment workspace")
    segment_region: Literal["us", "eu"] = Field(default="us", description="us or eu")
    segment_api_url: Url | None = Field(
        default=None, description="an https URL instead of SEGMENT_REGION; http is taken for this machine only"
    )
    segment_spaces: Words = Field(
        default=frozenset(), description="slugs or ids of the spaces to work with, separated by commas"
    )
    database_url: Annotated[SecretStr, AfterValidator(_database)] = Field(
        default=SecretStr("sqlite+aiosqlite:///data/warehouse-bot.db"),
        description="sqlite:///PATH of a file, or postgresql://USER:PASSWORD@HOST/DATABASE",
    )
    approvals_channel: Annotated[str, Field(pattern=r"^[CG][A-Z0-9]{4,}$")] | None = Field(
        default=None, description="the id of a channel, such as C0123ABCD (at the bottom of the channel's details)"
    )
    approvers: Annotated[Words, AfterValidator(_approvers)] = Field(
        default=frozenset(),
        description="user ids (U…), user group ids (S…) or handles (@data-oncall), separated by commas",
    )
    policy_file: Path | None = Field(default=None, description="the path of a policy, such as policy.toml")
    host: str = Field(default="0.0.0.0", description="the address that HTTP listens on")  # noqa: S104 - hosting wants it
    port: Annotated[int, Field(ge=0, le=65535)] = Field(default=8080, description="a port number, 0 to 65535")
    log_level: Level = Field(default="INFO", description="DEBUG, INFO, WARNING or ERROR")
    secrets_dir: Annotated[Path, AfterValidator(_directory)] | None = Field(
        default=None, description="a directory that is there, such as /run/secrets"
    )
    vault_addr: Url | None = Field(default=None, description="an https URL; http is taken for this machine only")
    vault_token: SecretStr | None = Field(default=None, description="a token of Vault's")
    vault_role_id: str | None = Field(default=None, description="the role id of an AppRole")
    vault_secret_id: SecretStr | None = Field(default=None, description="the secret id of that AppRole")
    vault_kubernetes_role: str | None = Field(default=None, description="a role of Vault's Kubernetes login")
    vault_namespace: str | None = Field(default=None, description="a namespace of Vault Enterprise")
    vault_mount: Annotated[str, AfterValidator(_mount)] = Field(
        default="secret", description="the mount of a KV engine, version 2"
    )
    vault_prefix: Annotated[str, AfterValidator(_below)] = Field(
        default="", description="the path in the mount below which the bot's secrets are, such as warehouse-bot"
    )
    aws_secrets_prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9/_+=.@-]+$")] | None = Field(
        default=None, description="what the names of the bot's secrets start with, such as warehouse-bot/"
    )
    secrets: Mapping[str, SecretStr] = Field(default_factory=dict, repr=False)
    written: Written = Field(default_factory=lambda: read_policy(None, frozenset()))

    @property
    def confidential(self) -> tuple[SecretStr, ...]:
        """Everything in it that must not leave: tokens, the password in DATABASE_URL, and the environment's secrets."""
        others = type(self).model_fields.keys() - {"database_url"}
        own = [value for name in sorted(others) if isinstance(value := getattr(self, name), SecretStr)]
        password = urlsplit(self.database_url.get_secret_value()).password
        return (*own, *([SecretStr(unquote(password))] if password else []), *self.secrets.values())

    @property
    def segment_url(self) -> str:
        """Where Segment's Public API is."""
        return self.segment_api_url or REGIONS[self.segment_region]


def read(environ: Mapping[str, str] | None = None, dotenv: Path | None = Path(".env")) -> Settings:
    """The configuration of `environ` (this process's where None), over that of the file `dotenv`.

    A policy.toml beside `dotenv` is taken where POLICY_FILE names none.

    Raises:
        BadSettings: every problem at once, the policy's too: its place and what it wants, and never a value.
    """
    values = _values(environ, dotenv)
    if dotenv is not None and (beside := dotenv.with_name("policy.toml")).is_file():
        values = {"POLICY_FILE": str(beside), **values}
    variables = Settings.model_fields.keys() - NOT_VARIABLES
    given = {name: values[name.upper()].strip() for name in variables if values.get(name.upper(), "").strip()}
    secrets = {name.removeprefix(PREFIX): SecretStr(value) for name, value in values.items() if name.startswith(PREFIX)}
    written, wrong = _policy(given)
    problems = [*_together(given), *wrong]
    try:
        settings = Settings.model_validate({**given, "secrets": secrets, **written})
    except ValidationError as error:
        bad = {str(each["loc"][0]) for each in error.errors(include_input=False, include_url=False)}
        names = [name for name in Settings.model_fields if name in bad]
        problems = [(name.upper(), _wants(name)) for name in names] + problems
        raise BadSettings(problems) from None
    if problems:
        raise BadSettings(problems)
    return settings


def read_database(environ: Mapping[str, str] | None = None, dotenv: Path | None = Path(".env")) -> SecretStr:
    """DATABASE_URL alone, for what needs neither Slack nor Segment. Raises BadSettings."""
    field = Settings.model_fields["database_url"]
    value = _values(environ, dotenv).get("DATABASE_URL", "").strip()
    if not value:
        default: SecretStr = field.default
        return default
    try:
        return _database(SecretStr(value))
    except ValueError:
        raise BadSettings([("DATABASE_URL", _wants("database_url"))]) from None


def _values(environ: Mapping[str, str] | None, dotenv: Path | None) -> dict[str, str]:
    return {**_file(dotenv), **(os.environ if environ is None else environ)}


def _policy(given: Mapping[str, str]) -> tuple[Mapping[str, Written], list[tuple[str, str]]]:
    approvers = frozenset(re.split(r"[\s,]+", given.get("approvers", ""))) - {""}
    path = Path(given["policy_file"]) if "policy_file" in given else None
    try:
        return {"written": read_policy(path, approvers)}, []
    except BadPolicy as error:
        return {}, [(f"policy, {place}", wants) for place, wants in error.problems]


def _file(dotenv: Path | None) -> dict[str, str]:
    if dotenv is None or not dotenv.is_file():
        return {}
    return {name: value for name, value in dotenv_values(dotenv).items() if value is not None}


def _wants(name: str) -> str:
    return f"wants {Settings.model_fields[name].description}"


def _together(given: Mapping[str, str]) -> list[tuple[str, str]]:
    problems = []
    if "slack_app_token" not in given and "slack_signing_secret" not in given:
        one = "SLACK_APP_TOKEN or SLACK_SIGNING_SECRET"
        problems.append((one, "one of them is needed: the first for Socket Mode, the second for signed HTTP"))
    if "segment_region" in given and "segment_api_url" in given:
        problems.append(("SEGMENT_REGION or SEGMENT_API_URL", "only one of them: the URL takes the region's place"))
    return [*problems, *_vault(given), *_extras(given)]


def _vault(given: Mapping[str, str]) -> list[tuple[str, str]]:
    if "vault_addr" not in given:
        return []
    logins = [name for name in ("vault_token", "vault_role_id", "vault_kubernetes_role") if name in given]
    problems = []
    if len(logins) != 1:
        wants = "one of them is needed with VAULT_ADDR, and only one: it says how the bot logs in"
        problems.append(("VAULT_TOKEN, VAULT_ROLE_ID or VAULT_KUBERNETES_ROLE", wants))
    if "vault_role_id" in given and "vault_secret_id" not in given:
        problems.append(("VAULT_SECRET_ID", "is needed with VAULT_ROLE_ID"))
    return problems


def _extras(given: Mapping[str, str]) -> list[tuple[str, str]]:
    needed = (("vault_addr", "hvac", "vault"), ("aws_secrets_prefix", "boto3", "aws"))
    return [
        (name.upper(), f"needs {library}, which is not installed: pip install warehouse-bot[{extra}]")
        for name, library, extra in needed
        if name in given and find_spec(library) is None
    ]
