"""Create the configured secret providers. Each is imported only where it is used, so that extras stay optional."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

from bot.secrets.combined import CombinedSecretProvider
from bot.secrets.environment import EnvironmentSecretProvider
from bot.secrets.files import FileSecretProvider
from bot.secrets.provider import SecretProvider
from bot.secrets.vault_config import VaultConfig


def create_secret_provider(
    environment: Mapping[str, SecretStr],
    directory: Path | None,
    vault: VaultConfig | None,
    aws_prefix: str | None,
    one_time: SecretProvider | None = None,
) -> CombinedSecretProvider:
    """Create one provider for everything that is configured, without fetching a secret.

    `one_time` resolves one-time secrets. The call blocks while boto3 looks for credentials.

    Raises:
        ProviderStartFailed: a provider can't start.
    """
    providers: dict[str, SecretProvider] = {}
    if directory is not None:
        providers["file"] = FileSecretProvider(directory)
    if vault is not None:
        providers["vault"] = _create_vault_provider(vault)
    if aws_prefix is not None:
        providers["aws"] = _create_aws_provider(aws_prefix)
    if one_time is not None:
        providers |= {"page": one_time, "typed": one_time}  # the values of SecretRef.one_time_source
    return CombinedSecretProvider(EnvironmentSecretProvider(environment), providers)


def _create_vault_provider(config: VaultConfig) -> SecretProvider:
    from bot.secrets.vault import VaultSecretProvider  # noqa: PLC0415 - an extra

    return VaultSecretProvider(config)


def _create_aws_provider(prefix: str) -> SecretProvider:
    from bot.secrets.aws import AwsSecretProvider, create_aws_client  # noqa: PLC0415 - an extra

    return AwsSecretProvider(create_aws_client(), prefix)
