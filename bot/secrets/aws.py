"""Secrets from AWS Secrets Manager, through boto3 (`make aws`)."""

from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from pydantic import SecretStr

from bot.domain.errors import SecretMissing, SecretProviderUnreachable
from bot.domain.warehouses import SecretRef
from bot.secrets.provider import MAX_NAMES, ProviderStartFailed, SecretBackend, is_safe_name

if TYPE_CHECKING:
    from types_boto3_secretsmanager import SecretsManagerClient

_PLACE = SecretBackend(
    "AWS Secrets Manager", "AWS_SECRETS_PREFIX, the bot's AWS credentials, and what they may list and read"
)
_WHERE = "in AWS Secrets Manager"

#: Seconds for one question with its repetition, and for a whole listing.
_QUESTION, _LISTING = 10.0, 15.0

_CALLS = Config(connect_timeout=2, read_timeout=3, retries={"total_max_attempts": 2, "mode": "standard"})

#: What AWS says where there is no such secret, or one that waits for its deletion or has no value yet.
_ABSENT = {"ResourceNotFoundException", "InvalidRequestException", "ValidationException"}


def create_aws_client() -> "SecretsManagerClient":
    """A client with the region and credentials that boto3 finds by itself, safe to use from several threads.

    It blocks for as long as boto3 looks for them, which may take seconds outside AWS.

    Raises:
        NoPlace: it finds no region, or a configuration that it can't read.
    """
    try:
        return boto3.session.Session().client("secretsmanager", config=_CALLS)
    except (BotoCoreError, ValueError) as error:
        wants = "AWS_DEFAULT_REGION or a profile says where, as everywhere with AWS"
        raise ProviderStartFailed(f"AWS_SECRETS_PREFIX: boto3 can't start ({type(error).__name__}): {wants}") from None


class AwsSecretProvider:
    """The secrets whose names start with `prefix`, by what follows it; a secret's text is its value as it stands."""

    def __init__(self, client: "SecretsManagerClient", prefix: str) -> None:
        self._client = client
        self._prefix = prefix

    async def list_names(self) -> tuple[str, ...]:
        """The names there are, in order; the first thousand. Raises SecretsUnreachable."""
        return await _PLACE.run_with_timeout(_LISTING, self._list)

    async def resolve(self, ref: SecretRef) -> SecretStr:
        """The current value.

        Raises:
            SecretMissing: there is none, or it is empty, no text, or waits for its deletion.
            SecretsUnreachable: AWS refused or did not answer.
        """
        if not is_safe_name(ref.name) or ":" in ref.name:  # an ARN would lead out of the prefix
            raise SecretMissing(ref.name, _WHERE)
        return await _PLACE.run_with_timeout(_QUESTION, lambda: self._read(ref.name))

    def _list(self) -> tuple[str, ...]:
        pages = self._client.get_paginator("list_secrets").paginate(
            Filters=[{"Key": "name", "Values": [self._prefix]}],
            PaginationConfig={"PageSize": 100, "MaxItems": MAX_NAMES},
        )
        try:
            names = [each.get("Name", "") for page in pages for each in page["SecretList"]]
        except (BotoCoreError, ClientError) as error:
            raise _unreachable(error) from None
        below = [name.removeprefix(self._prefix) for name in names if name.startswith(self._prefix)]
        return tuple(sorted(filter(is_safe_name, below)))

    def _read(self, name: str) -> SecretStr:
        try:
            found = self._client.get_secret_value(SecretId=self._prefix + name)
        except ClientError as error:
            if _code(error) in _ABSENT:
                raise SecretMissing(name, _WHERE) from None
            raise _unreachable(error) from None
        except BotoCoreError as error:
            raise _unreachable(error) from None
        value = found.get("SecretString", "")
        if not value:
            raise SecretMissing(name, _WHERE, "A secret is text there, not binary.")
        return SecretStr(value)


def _unreachable(error: BotoCoreError | ClientError) -> SecretProviderUnreachable:
    return _PLACE.build_unreachable_error(_code(error) if isinstance(error, ClientError) else type(error).__name__)


def _code(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "ClientError")
