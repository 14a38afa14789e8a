"""The configuration of Vault. It does not need the Vault library, which is an extra."""

from pathlib import Path

from pydantic import SecretStr

from bot.domain.frozen_model import FrozenModel


class TokenLogin(FrozenModel):
    """A token. The operator has to renew it."""

    token: SecretStr


class AppRoleLogin(FrozenModel):
    """A role for Vault's AppRole login."""

    role_id: str
    secret_id: SecretStr


class KubernetesLogin(FrozenModel):
    """A role for Vault's Kubernetes login, with the service account's token in `token_file`."""

    role: str
    token_file: Path = Path("/var/run/secrets/kubernetes.io/serviceaccount/token")


VaultLogin = TokenLogin | AppRoleLogin | KubernetesLogin


class VaultConfig(FrozenModel):
    """One mount of KV version 2. `prefix` comes before every path, so it ends in a slash unless it is empty."""

    address: str
    login: VaultLogin
    mount: str = "secret"
    prefix: str = ""
    namespace: str | None = None
