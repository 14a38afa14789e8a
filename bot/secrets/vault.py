"""Secrets from HashiCorp Vault's KV version 2, through hvac (`make vault`)."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import hvac
import requests
import structlog
from hvac.exceptions import Forbidden, InvalidPath, VaultError
from pydantic import SecretStr

from bot.domain.errors import SecretMissing
from bot.domain.warehouses import SecretRef
from bot.secrets.backend import MAX_NAMES, SecretBackend, is_safe_name
from bot.secrets.vault_config import AppRoleLogin, KubernetesLogin, TokenLogin, VaultConfig, VaultLogin

log = structlog.get_logger(__name__)

_BACKEND = SecretBackend("Vault", "VAULT_ADDR, how the bot logs in there, and what that may list and read")

#: Seconds for one HTTP response, for one query with its login and one retry, and for a whole listing.
_HTTP_TIMEOUT, _QUERY_TIMEOUT, _LIST_TIMEOUT = 3, 10.0, 15.0

_VALUE_HINT = "Its value is the field `value`, or the only field there is, and text."

#: A query to Vault with a client that is logged in.
VaultQuery = Callable[[hvac.Client], Any]


class VaultSecretProvider:
    """Resolves the secrets below a prefix of one KV mount, by their path below the prefix.

    A secret in Vault has fields. The bot uses the field `value`, or the only field. Forms offer paths, for to list the
    fields the bot would have to read every value.
    """

    def __init__(self, config: VaultConfig) -> None:
        self._config = config
        self._token: SecretStr | None = None

    async def list_names(self) -> tuple[str, ...]:
        """Return the first thousand paths, sorted. Raises SecretProviderUnreachable."""
        try:
            async with asyncio.timeout(_LIST_TIMEOUT):
                return await self._walk()
        except TimeoutError:
            raise _BACKEND.build_unreachable_error("no answer in time") from None

    async def resolve(self, ref: SecretRef) -> SecretStr:
        """Fetch the newest version of the value at the path.

        Raises:
            SecretMissing: there is no such secret, it is deleted or empty, or it is unclear which field is the value.
            SecretProviderUnreachable: Vault refused or did not answer.
        """
        if not is_safe_name(ref.name):
            raise SecretMissing(ref.name, "in Vault")
        path, mount = self._config.prefix + ref.name, self._config.mount
        response = await self._query(
            lambda client: client.secrets.kv.v2.read_secret_version(
                path, mount_point=mount, raise_on_deleted_version=True
            )
        )
        value = _select_value(_get_fields(response))
        if not value:
            raise SecretMissing(ref.name, "in Vault", _VALUE_HINT if response else "")
        return SecretStr(value)

    async def _walk(self) -> tuple[str, ...]:
        names: list[str] = []
        folders = [""]
        while folders and len(names) < MAX_NAMES:
            folder = folders.pop()
            keys = [folder + key for key in await self._list_keys(folder)]
            folders += [key for key in keys if key.endswith("/") and is_safe_name(key[:-1])]
            names += [key for key in keys if is_safe_name(key)]
        if folders or len(names) > MAX_NAMES:
            log.warning("too many secrets: only some are listed", provider="Vault", listed=MAX_NAMES)
        return tuple(sorted(names)[:MAX_NAMES])

    async def _list_keys(self, folder: str) -> list[str]:
        path, mount = self._config.prefix + folder, self._config.mount
        response = await self._query(lambda client: client.secrets.kv.v2.list_secrets(path, mount_point=mount))
        keys = _as_mapping(_as_mapping(response).get("data")).get("keys")
        return [str(key) for key in keys] if isinstance(keys, list) else []

    async def _query(self, query: VaultQuery) -> object:
        """Return Vault's response, or None if there is no such path."""
        return await _BACKEND.run_with_timeout(_QUERY_TIMEOUT, lambda: self._run_query(query))

    def _run_query(self, query: VaultQuery) -> object:
        try:
            return self._run_logged_in(query)
        except InvalidPath as error:
            if error.errors:  # the mount is missing, for example, and not the secret
                raise _BACKEND.build_unreachable_error("404, no such mount") from None
            return None
        except (VaultError, requests.RequestException) as error:  # its text may quote the response
            raise _BACKEND.build_unreachable_error(type(error).__name__) from None
        except (OSError, UnicodeDecodeError):
            raise _BACKEND.build_unreachable_error("the service account's token can't be read") from None
        except (AttributeError, KeyError, TypeError):  # hvac does not check the response's shape
            raise _BACKEND.build_unreachable_error("an answer that is not Vault's") from None

    def _run_logged_in(self, query: VaultQuery) -> object:
        # One client per query: a client keeps a connection, and threads can't share it.
        # strict_http sends GET with list=true, since some proxies reject the LIST method.
        client = hvac.Client(
            self._config.address, token="", namespace=self._config.namespace, timeout=_HTTP_TIMEOUT, strict_http=True
        )
        with closing(client.adapter):
            if self._token:
                client.token = self._token.get_secret_value()
                try:
                    return query(client)
                except Forbidden:  # the token may have expired: log in again
                    self._token = None
            _log_in(client, self._config.login)
            self._token = SecretStr(client.token)
            return query(client)


def _log_in(client: hvac.Client, login: VaultLogin) -> None:
    client.token = ""
    match login:
        case TokenLogin(token=token):
            client.token = token.get_secret_value()
        case AppRoleLogin(role_id=role, secret_id=secret):
            client.auth.approle.login(role, secret.get_secret_value())
        case KubernetesLogin(role=role, token_file=file):
            client.auth.kubernetes.login(role, Path(file).read_text(encoding="ascii").strip())


def _get_fields(response: object) -> Mapping[str, object]:
    return _as_mapping(_as_mapping(_as_mapping(response).get("data")).get("data"))


def _select_value(fields: Mapping[str, object]) -> str:
    only_value = next(iter(fields.values())) if len(fields) == 1 else None
    value = fields.get("value", only_value)
    return value if isinstance(value, str) else ""


def _as_mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
