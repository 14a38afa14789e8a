"""The places that are configured, opened: only what is used is imported, so that extras stay optional."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

from bot.secrets.combined import CombinedSecretProvider, SecretProvider
from bot.secrets.environment import EnvironmentSecretProvider
from bot.secrets.files import FileSecretProvider
from bot.secrets.vault_config import VaultConfig


def create_secret_provider(
    environment: Mapping[str, SecretStr],
    directory: Path | None,
    vault: VaultConfig | None,
    aws_prefix: str | None,
    one_time: SecretProvider | None = None,
) -> CombinedSecretProvider:
    """Every place that is given, as one; no secret is asked for yet. It blocks while boto3 looks for its credentials.

    `handed` has what people handed over.

    Raises:
        NoPlace: one can't be opened.
    """
    places: dict[str, SecretProvider] = {}
    if directory is not None:
        places["file"] = FileSecretProvider(directory)
    if vault is not None:
        places["vault"] = _vault(vault)
    if aws_prefix is not None:
        places["aws"] = _aws(aws_prefix)
    if one_time is not None:
        places |= {"page": one_time, "typed": one_time}  # the ways of a SecretRef
    return CombinedSecretProvider(EnvironmentSecretProvider(environment), places)


def _vault(access: VaultConfig) -> SecretProvider:
    from bot.secrets.vault import VaultSecretProvider  # noqa: PLC0415 - an extra

    return VaultSecretProvider(access)


def _aws(prefix: str) -> SecretProvider:
    from bot.secrets.aws import AwsSecretProvider, create_aws_client  # noqa: PLC0415 - an extra

    return AwsSecretProvider(create_aws_client(), prefix)
