"""The places that are configured, opened: only what is used is imported, so that extras stay optional."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

from bot.secrets.combined import Provider, Several
from bot.secrets.environment import EnvironmentSecrets
from bot.secrets.files import FileSecrets
from bot.secrets.vault_config import VaultAccess


def open_secrets(
    environment: Mapping[str, SecretStr],
    directory: Path | None,
    vault: VaultAccess | None,
    aws_prefix: str | None,
    handed: Provider | None = None,
) -> Several:
    """Every place that is given, as one; no secret is asked for yet. It blocks while boto3 looks for its credentials.

    `handed` has what people handed over.

    Raises:
        NoPlace: one can't be opened.
    """
    places: dict[str, Provider] = {}
    if directory is not None:
        places["file"] = FileSecrets(directory)
    if vault is not None:
        places["vault"] = _vault(vault)
    if aws_prefix is not None:
        places["aws"] = _aws(aws_prefix)
    if handed is not None:
        places |= {"page": handed, "typed": handed}  # the ways of a SecretRef
    return Several(EnvironmentSecrets(environment), places)


def _vault(access: VaultAccess) -> Provider:
    from bot.secrets.vault import VaultSecrets  # noqa: PLC0415 - an extra

    return VaultSecrets(access)


def _aws(prefix: str) -> Provider:
    from bot.secrets.aws import AwsSecrets, aws_client  # noqa: PLC0415 - an extra

    return AwsSecrets(aws_client(), prefix)
