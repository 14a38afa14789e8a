"""How to reach the places that need a login: frozen values, known without the libraries that use them."""

from pathlib import Path

from pydantic import SecretStr

from bot.domain.frozen_model import FrozenModel


class TokenLogin(FrozenModel):
    """A token that whoever runs the bot renews."""

    token: SecretStr


class AppRoleLogin(FrozenModel):
    """A role of Vault's AppRole login."""

    role_id: str
    secret_id: SecretStr


class KubernetesLogin(FrozenModel):
    """A role of Vault's Kubernetes login, for the service account whose token is in `token_file`."""

    role: str
    token_file: Path = Path("/var/run/secrets/kubernetes.io/serviceaccount/token")


VaultLogin = TokenLogin | AppRoleLogin | KubernetesLogin


class VaultConfig(FrozenModel):
    """One KV version 2 mount. `prefix` is put before every path, and so ends in a slash unless it is empty."""

    address: str
    login: VaultLogin
    mount: str = "secret"
    prefix: str = ""
    namespace: str | None = None
