"""The configured providers, and the extras, which are imported only where they are used."""

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.domain.warehouses import SecretRef
from bot.secrets.factory import create_secret_provider
from bot.secrets.provider import ProviderStartFailed
from bot.secrets.vault_config import TokenLogin, VaultConfig

ENVIRONMENT = {"LOADER": SecretStr("hunter2")}


async def test_each_provider_has_its_prefix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    (tmp_path / "LOADER").write_text("hunter3")
    vault = VaultConfig(address="http://127.0.0.1:1", login=TokenLogin(token=SecretStr("hvs.1")))
    provider = create_secret_provider(ENVIRONMENT, tmp_path, vault, "bot/")
    assert (await provider.resolve(SecretRef(name="LOADER"))).get_secret_value() == "hunter2"
    assert (await provider.resolve(SecretRef(name="file:LOADER"))).get_secret_value() == "hunter3"
    assert list(provider._prefixed) == ["file", "vault", "aws"]


def test_aws_without_a_region_is_reported_with_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    with pytest.raises(ProviderStartFailed, match="AWS_SECRETS_PREFIX"):
        create_secret_provider(ENVIRONMENT, None, None, "bot/")


def test_extras_are_imported_only_where_they_are_used() -> None:
    program = "import sys, bot.app; print([name for name in ('hvac', 'boto3', 'requests') if name in sys.modules])"
    process = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert process.stdout.strip() == "[]"
