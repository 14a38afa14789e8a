"""Secrets from AWS Secrets Manager, through boto3 (`make aws`)."""

from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from pydantic import SecretStr

from bot.domain.errors import SecretMissing, SecretProviderUnreachable
from bot.domain.warehouses import SecretRef
from bot.secrets.backend import MAX_NAMES, SecretBackend, is_safe_name
from bot.secrets.provider import ProviderStartFailed

if TYPE_CHECKING:
    from types_boto3_secretsmanager import SecretsManagerClient

_BACKEND = SecretBackend(
    "AWS Secrets Manager", "AWS_SECRETS_PREFIX, the bot's AWS credentials, and what they may list and read"
)
_LOCATION = "in AWS Secrets Manager"

#: Seconds for one query with its retry, and for a whole listing.
_QUERY_TIMEOUT, _LIST_TIMEOUT = 10.0, 15.0

_CLIENT_CONFIG = Config(connect_timeout=2, read_timeout=3, retries={"total_max_attempts": 2, "mode": "standard"})

#: AWS's error codes for a secret that does not exist, is scheduled for deletion, or has no value yet.
_MISSING_CODES = {"ResourceNotFoundException", "InvalidRequestException", "ValidationException"}


def create_aws_client() -> "SecretsManagerClient":
    """Create a client with the region and credentials that boto3 finds. It is safe to use from several threads.

    The call blocks while boto3 looks for them, which may take seconds outside AWS.

    Raises:
        ProviderStartFailed: boto3 finds no region, or can't read its configuration.
    """
    try:
        return boto3.session.Session().client("secretsmanager", config=_CLIENT_CONFIG)
    except (BotoCoreError, ValueError) as error:
        hint = "AWS_DEFAULT_REGION or a profile says where, as everywhere with AWS"
        raise ProviderStartFailed(f"AWS_SECRETS_PREFIX: boto3 can't start ({type(error).__name__}): {hint}") from None


class AwsSecretProvider:
    """Resolves the secrets whose names start with `prefix`, by the rest of the name. The value is the secret's text."""

    def __init__(self, client: "SecretsManagerClient", prefix: str) -> None:
        self._client = client
        self._prefix = prefix

    async def list_names(self) -> tuple[str, ...]:
        """Return the first thousand names, sorted. Raises SecretProviderUnreachable."""
        return await _BACKEND.run_with_timeout(_LIST_TIMEOUT, self._list)

    async def resolve(self, ref: SecretRef) -> SecretStr:
        """Fetch the current value.

        Raises:
            SecretMissing: there is no such secret, or it is empty, binary, or scheduled for deletion.
            SecretProviderUnreachable: AWS refused or did not answer.
        """
        if not is_safe_name(ref.name) or ":" in ref.name:  # an ARN would bypass the prefix
            raise SecretMissing(ref.name, _LOCATION)
        return await _BACKEND.run_with_timeout(_QUERY_TIMEOUT, lambda: self._read(ref.name))

    def _list(self) -> tuple[str, ...]:
        pages = self._client.get_paginator("list_secrets").paginate(
            Filters=[{"Key": "name", "Values": [self._prefix]}],
            PaginationConfig={"PageSize": 100, "MaxItems": MAX_NAMES},
        )
        try:
            names = [each.get("Name", "") for page in pages for each in page["SecretList"]]
        except (BotoCoreError, ClientError) as error:
            raise _build_error(error) from None
        short_names = [name.removeprefix(self._prefix) for name in names if name.startswith(self._prefix)]
        return tuple(sorted(filter(is_safe_name, short_names)))

    def _read(self, name: str) -> SecretStr:
        try:
            response = self._client.get_secret_value(SecretId=self._prefix + name)
        except ClientError as error:
            if _get_code(error) in _MISSING_CODES:
                raise SecretMissing(name, _LOCATION) from None
            raise _build_error(error) from None
        except BotoCoreError as error:
            raise _build_error(error) from None
        value = response.get("SecretString", "")
        if not value:
            raise SecretMissing(name, _LOCATION, "A secret is text there, not binary.")
        return SecretStr(value)


def _build_error(error: BotoCoreError | ClientError) -> SecretProviderUnreachable:
    problem = _get_code(error) if isinstance(error, ClientError) else type(error).__name__
    return _BACKEND.build_unreachable_error(problem)


def _get_code(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "ClientError")
