"""The settings, read from the environment, .env and policy.toml. No other module reads these."""

import os
import re
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from typing import Annotated, Literal

from dotenv import dotenv_values
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, TypeAdapter, ValidationError

from bot.config import validators as v
from bot.config.policy_file import InvalidPolicy, PolicyConfig, read_policy
from bot.config.text_files import UnreadableFile, read_text_file
from bot.domain.redaction.detection.detector import is_encodable

SECRET_VARIABLE_PREFIX = "WAREHOUSE_SECRET_"  # noqa: S105 - no secret

#: The largest .env in bytes; it may contain a few keys and certificates.
_MAX_DOTENV_BYTES = 65_536

#: The fields of Settings that are not variables.
NON_VARIABLE_FIELDS = frozenset({"secrets", "policy_config", "env_file"})

SEGMENT_REGION_URLS = {"us": "https://api.segmentapis.com", "eu": "https://eu1.api.segmentapis.com"}


class InvalidSettings(Exception):
    """The configuration is invalid. `problems` lists each variable and the value it needs, and quotes no value."""

    def __init__(self, problems: Iterable[tuple[str, str]]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{name}: {wants}" for name, wants in self.problems))


class Settings(BaseModel):
    """The bot's configuration. A description says what its variable needs; `.env.example` says more."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    slack_bot_token: Annotated[SecretStr, v.require_prefix("xoxb-")] = Field(
        description="the bot token of the Slack app, starting with xoxb- (OAuth & Permissions)"
    )
    slack_app_token: Annotated[SecretStr, v.require_prefix("xapp-")] | None = Field(
        default=None, description="an app-level token with connections:write, starting with xapp- (Basic Information)"
    )
    slack_signing_secret: SecretStr | None = Field(
        default=None, description="the signing secret of the Slack app (Basic Information)"
    )
    slack_api_url: v.SecureUrl = Field(
        default="https://slack.com/api/", description="an https URL; http is taken for this machine only"
    )
    segment_api_token: SecretStr = Field(description="a Public API token of the Segment workspace")
    segment_region: Literal["us", "eu"] = Field(default="us", description="us or eu")
    segment_api_url: v.SecureUrl | None = Field(
        default=None, description="an https URL instead of SEGMENT_REGION; http is taken for this machine only"
    )
    segment_spaces: v.WordSet = Field(
        default=frozenset(), description="slugs or ids of the spaces to work with, separated by commas"
    )
    database_url: Annotated[SecretStr, AfterValidator(v.normalize_database_url)] = Field(
        default=SecretStr("sqlite+aiosqlite:///data/warehouse-bot.db"),
        description="sqlite:///PATH of a file, or postgresql://USER:PASSWORD@HOST/DATABASE",
    )
    approvals_channel: Annotated[str, Field(pattern=r"^[CG][A-Z0-9]{4,}$")] | None = Field(
        default=None, description="the id of a channel, such as C0123ABCD (at the bottom of the channel's details)"
    )
    approvers: Annotated[v.WordSet, AfterValidator(v.validate_approvers)] = Field(
        default=frozenset(),
        description="user ids (U…), user group ids (S…) or handles (@data-oncall), separated by commas",
    )
    policy_file: Path | None = Field(default=None, description="the path of a policy, such as policy.toml")
    host: str = Field(default="0.0.0.0", description="the address that HTTP listens on")  # noqa: S104 - hosting wants it
    port: Annotated[int, Field(ge=0, le=65535)] = Field(default=8080, description="a port number, 0 to 65535")
    log_level: v.LogLevel = Field(default="INFO", description="DEBUG, INFO, WARNING or ERROR")
    public_url: v.PublicUrl | None = Field(
        default=None,
        description="the https address under which people's browsers reach PORT; http is taken for this machine only",
    )
    encryption_keys: v.FernetKeys = Field(
        default=(), description="keys from `warehouse-bot new-key`, the newest first, separated by commas"
    )
    audit_key: v.FernetKeys = Field(
        default=(), description="a key from `warehouse-bot new-key`; older ones after it, separated by commas"
    )
    allow_secrets_in_slack: bool = Field(default=False, description="true or false")
    secrets_dir: Annotated[Path, AfterValidator(v.validate_directory)] | None = Field(
        default=None, description="a directory that is there, such as /run/secrets"
    )
    vault_addr: v.SecureUrl | None = Field(
        default=None, description="an https URL; http is taken for this machine only"
    )
    vault_token: SecretStr | None = Field(default=None, description="a token of Vault's")
    vault_role_id: str | None = Field(default=None, description="the role id of an AppRole")
    vault_secret_id: SecretStr | None = Field(default=None, description="the secret id of that AppRole")
    vault_kubernetes_role: str | None = Field(default=None, description="a role of Vault's Kubernetes login")
    vault_namespace: str | None = Field(default=None, description="a namespace of Vault Enterprise")
    vault_mount: Annotated[str, AfterValidator(v.normalize_mount_path)] = Field(
        default="secret", description="the mount of a KV engine, version 2"
    )
    vault_prefix: Annotated[str, AfterValidator(v.normalize_path_prefix)] = Field(
        default="", description="the path in the mount below which the bot's secrets are, such as warehouse-bot"
    )
    aws_secrets_prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9/_+=.@-]+$")] | None = Field(
        default=None, description="what the names of the bot's secrets start with, such as warehouse-bot/"
    )
    secrets: Mapping[str, SecretStr] = Field(default_factory=dict, repr=False)
    env_file: Path | None = None
    policy_config: PolicyConfig = Field(default_factory=lambda: read_policy(None, frozenset()))

    @property
    def secret_values(self) -> tuple[tuple[str, SecretStr], ...]:
        """Every secret value with the name of its variable: tokens, keys, the password in DATABASE_URL, and secrets."""
        others = type(self).model_fields.keys() - {"database_url"}
        own = [(name, value) for name in sorted(others) if isinstance(value := getattr(self, name), SecretStr)]
        url = v.parse_database_url(self.database_url)
        passwords = [url.password or "", *url.normalized_query.get("password", ())]
        named = [
            *((name.upper(), value) for name, value in own),
            *(("DATABASE_URL", SecretStr(password)) for password in passwords),
            *(("ENCRYPTION_KEYS", key) for key in self.encryption_keys),
            *(("AUDIT_KEY", key) for key in self.audit_key),
            *((f"{SECRET_VARIABLE_PREFIX}{name}", value) for name, value in self.secrets.items()),
        ]
        return tuple((name, value) for name, value in named if value.get_secret_value().strip())

    @property
    def has_secret_provider(self) -> bool:
        """Whether a secret provider is configured."""
        return bool(self.secrets or self.secrets_dir or self.vault_addr or self.aws_secrets_prefix)

    @property
    def segment_base_url(self) -> str:
        """The address of Segment's Public API."""
        return self.segment_api_url or SEGMENT_REGION_URLS[self.segment_region]


def read_settings(environ: Mapping[str, str] | None = None, dotenv: Path | None = Path(".env")) -> Settings:
    """Read the settings from `environ` (default: os.environ) and, with lower priority, the file `dotenv`.

    Without POLICY_FILE, the policy is policy.toml beside `dotenv`, if it exists.

    Raises:
        InvalidSettings: The configuration or the policy has problems; the error lists all of them.
    """
    values = _read_variables(environ, dotenv)
    if dotenv is not None and (beside := dotenv.with_name("policy.toml")).exists():
        values = {"POLICY_FILE": str(beside), **values}
    variables = Settings.model_fields.keys() - NON_VARIABLE_FIELDS
    given = {name: values[name.upper()].strip() for name in variables if values.get(name.upper(), "").strip()}
    secrets = {
        name.removeprefix(SECRET_VARIABLE_PREFIX): SecretStr(value)
        for name, value in values.items()
        if name.startswith(SECRET_VARIABLE_PREFIX)
    }
    policy, policy_problems = _read_policy(given)
    problems = [*_find_unencodable(values), *_find_conflicts(given), *policy_problems]
    try:
        settings = Settings.model_validate({**given, "secrets": secrets, "env_file": _existing_file(dotenv), **policy})
    except ValidationError as error:
        invalid = {str(each["loc"][0]) for each in error.errors(include_input=False, include_url=False)}
        names = [name for name in Settings.model_fields if name in invalid]
        problems = [(name.upper(), _describe_need(name)) for name in names] + problems
        raise InvalidSettings(problems) from None
    if problems:
        raise InvalidSettings(problems)
    return settings


def read_database_url(environ: Mapping[str, str] | None = None, dotenv: Path | None = Path(".env")) -> SecretStr:
    """Read DATABASE_URL alone, for commands that need neither Slack nor Segment. Raises InvalidSettings."""
    field = Settings.model_fields["database_url"]
    value = _read_variables(environ, dotenv).get("DATABASE_URL", "").strip()
    if not value:
        default: SecretStr = field.default
        return default
    try:
        return v.normalize_database_url(SecretStr(value))
    except ValueError:
        raise InvalidSettings([("DATABASE_URL", _describe_need("database_url"))]) from None


def read_audit_keys(
    environ: Mapping[str, str] | None = None, dotenv: Path | None = Path(".env")
) -> tuple[SecretStr, ...]:
    """Read AUDIT_KEY alone, for commands that need neither Slack nor Segment. Raises InvalidSettings."""
    value = _read_variables(environ, dotenv).get("AUDIT_KEY", "").strip()
    keys: TypeAdapter[tuple[SecretStr, ...]] = TypeAdapter(v.FernetKeys)
    try:
        return keys.validate_python(value) if value else ()
    except ValidationError:
        raise InvalidSettings([("AUDIT_KEY", _describe_need("audit_key"))]) from None


def _read_variables(environ: Mapping[str, str] | None, dotenv: Path | None) -> dict[str, str]:
    return {**_read_dotenv(dotenv), **(os.environ if environ is None else environ)}


def _read_policy(given: Mapping[str, str]) -> tuple[Mapping[str, PolicyConfig], list[tuple[str, str]]]:
    approvers = frozenset(re.split(r"[\s,]+", given.get("approvers", ""))) - {""}
    path = Path(given["policy_file"]) if "policy_file" in given else None
    try:
        return {"policy_config": read_policy(path, approvers)}, []
    except InvalidPolicy as error:
        return {}, [(f"policy, {place}", wants) for place, wants in error.problems]


def _read_dotenv(dotenv: Path | None) -> dict[str, str]:
    if dotenv is None or not dotenv.exists() or dotenv.is_dir():  # some virtual environments are called .env
        return {}
    try:
        text = read_text_file(dotenv, _MAX_DOTENV_BYTES)
    except UnreadableFile as error:
        raise InvalidSettings([(dotenv.name, str(error))]) from None
    # Not interpolated: a password may contain ${, and a short file could expand to a value of any size.
    values = dotenv_values(stream=StringIO(text), interpolate=False)
    return {name: value for name, value in values.items() if value is not None}


def _existing_file(dotenv: Path | None) -> Path | None:
    return dotenv if dotenv is not None and dotenv.is_file() else None


def _describe_need(name: str) -> str:
    return f"wants {Settings.model_fields[name].description}"


def _find_unencodable(values: Mapping[str, str]) -> list[tuple[str, str]]:
    ours = {name.upper() for name in Settings.model_fields.keys() - NON_VARIABLE_FIELDS}
    unencodable = [name for name, value in values.items() if not is_encodable(value) or "\0" in value]
    return [
        (name, "wants text in UTF-8, without NUL")
        for name in sorted(unencodable)
        if name in ours or name.startswith(SECRET_VARIABLE_PREFIX)
    ]


def _find_conflicts(given: Mapping[str, str]) -> list[tuple[str, str]]:
    problems = []
    if "slack_app_token" not in given and "slack_signing_secret" not in given:
        one = "SLACK_APP_TOKEN or SLACK_SIGNING_SECRET"
        problems.append((one, "one of them is needed: the first for Socket Mode, the second for signed HTTP"))
    if "segment_region" in given and "segment_api_url" in given:
        problems.append(("SEGMENT_REGION or SEGMENT_API_URL", "only one of them: the URL takes the region's place"))
    return [*problems, *_find_missing_keys(given), *_find_vault_problems(given), *_find_missing_extras(given)]


def _find_missing_keys(given: Mapping[str, str]) -> list[tuple[str, str]]:
    typing = given.get("allow_secrets_in_slack", "").lower() in {"true", "1", "yes", "on", "t", "y"}
    if "encryption_keys" in given or not ("public_url" in given or typing):
        return []
    needs = "PUBLIC_URL" if "public_url" in given else "ALLOW_SECRETS_IN_SLACK"
    return [("ENCRYPTION_KEYS", f"is needed with {needs}: `warehouse-bot new-key` makes one")]


def _find_vault_problems(given: Mapping[str, str]) -> list[tuple[str, str]]:
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


def _find_missing_extras(given: Mapping[str, str]) -> list[tuple[str, str]]:
    needed = (("vault_addr", "hvac", "vault"), ("aws_secrets_prefix", "boto3", "aws"))
    return [
        (name.upper(), f"needs {library}, which is not installed: `make {extra}` installs it")
        for name, library, extra in needed
        if name in given and find_spec(library) is None
    ]
