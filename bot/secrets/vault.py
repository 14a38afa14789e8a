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
from bot.secrets.provider import MAX_NAMES, SecretBackend, is_safe_name
from bot.secrets.vault_config import AppRoleLogin, KubernetesLogin, TokenLogin, VaultConfig, VaultLogin

log = structlog.get_logger(__name__)

_PLACE = SecretBackend("Vault", "VAULT_ADDR, how the bot logs in there, and what that may list and read")

#: Seconds for one answer on the wire, for one question with its login and one repetition, and for a whole listing.
_ANSWER, _QUESTION, _LISTING = 3, 10.0, 15.0

_WANTS = "Its value is the field `value`, or the only field there is, and text."

#: Asks Vault something through a client that is logged in.
VaultQuery = Callable[[hvac.Client], Any]


class VaultSecretProvider:
    """The secrets below a prefix of one KV mount, by their path below it.

    A secret of Vault's holds fields. The bot takes the one called `value`, or the only one. To know the fields it would
    have to read every value, so forms offer paths.
    """

    def __init__(self, config: VaultConfig) -> None:
        self._access = config
        self._token: SecretStr | None = None

    async def list_names(self) -> tuple[str, ...]:
        """The paths there are, in order; the first thousand. Raises SecretsUnreachable."""
        try:
            async with asyncio.timeout(_LISTING):
                return await self._walk()
        except TimeoutError:
            raise _PLACE.build_unreachable_error("no answer in time") from None

    async def resolve(self, ref: SecretRef) -> SecretStr:
        """The value at the path, its newest version.

        Raises:
            SecretMissing: there is none, it is deleted or empty, or which of its fields is meant can't be told.
            SecretsUnreachable: Vault refused or did not answer.
        """
        if not is_safe_name(ref.name):
            raise SecretMissing(ref.name, "in Vault")
        path, mount = self._access.prefix + ref.name, self._access.mount
        found = await self._ask(
            lambda client: client.secrets.kv.v2.read_secret_version(
                path, mount_point=mount, raise_on_deleted_version=True
            )
        )
        value = _value(_fields(found))
        if not value:
            raise SecretMissing(ref.name, "in Vault", _WANTS if found else "")
        return SecretStr(value)

    async def _walk(self) -> tuple[str, ...]:
        found: list[str] = []
        folders = [""]
        while folders and len(found) < MAX_NAMES:
            folder = folders.pop()
            keys = [folder + key for key in await self._keys(folder)]
            folders += [key for key in keys if key.endswith("/") and is_safe_name(key[:-1])]
            found += [key for key in keys if is_safe_name(key)]
        if folders or len(found) > MAX_NAMES:
            log.warning("more secrets than are listed", place="Vault", listed=MAX_NAMES)
        return tuple(sorted(found)[:MAX_NAMES])

    async def _keys(self, folder: str) -> list[str]:
        path, mount = self._access.prefix + folder, self._access.mount
        found = await self._ask(lambda client: client.secrets.kv.v2.list_secrets(path, mount_point=mount))
        keys = _map(_map(found).get("data")).get("keys")
        return [str(key) for key in keys] if isinstance(keys, list) else []

    async def _ask(self, question: VaultQuery) -> object:
        """Vault's answer; None where it knows no such path."""
        return await _PLACE.run_with_timeout(_QUESTION, lambda: self._answer(question))

    def _answer(self, question: VaultQuery) -> object:
        try:
            return self._logged_in(question)
        except InvalidPath as error:
            if error.errors:  # not a secret that is missing but, say, a mount that is not there
                raise _PLACE.build_unreachable_error("404, no such mount") from None
            return None
        except (VaultError, requests.RequestException) as error:  # their text may quote the answer
            raise _PLACE.build_unreachable_error(type(error).__name__) from None
        except (OSError, UnicodeDecodeError):
            raise _PLACE.build_unreachable_error("the service account's token can't be read") from None
        except (AttributeError, KeyError, TypeError):  # hvac takes what it needs out of JSON of any shape
            raise _PLACE.build_unreachable_error("an answer that is not Vault's") from None

    def _logged_in(self, question: VaultQuery) -> object:
        # A client a question: they keep one connection, and are not made to be shared between threads.
        # Strict: GET with list=true, since not everything between here and Vault lets a LIST through.
        client = hvac.Client(
            self._access.address, token="", namespace=self._access.namespace, timeout=_ANSWER, strict_http=True
        )
        with closing(client.adapter):
            if self._token:
                client.token = self._token.get_secret_value()
                try:
                    return question(client)
                except Forbidden:  # the token has run out, or this is not allowed: a new one tells
                    self._token = None
            _log_in(client, self._access.login)
            self._token = SecretStr(client.token)
            return question(client)


def _log_in(client: hvac.Client, login: VaultLogin) -> None:
    client.token = ""
    match login:
        case TokenLogin(token=token):
            client.token = token.get_secret_value()
        case AppRoleLogin(role_id=role, secret_id=secret):
            client.auth.approle.login(role, secret.get_secret_value())
        case KubernetesLogin(role=role, token_file=file):
            client.auth.kubernetes.login(role, Path(file).read_text(encoding="ascii").strip())


def _fields(answer: object) -> Mapping[str, object]:
    return _map(_map(_map(answer).get("data")).get("data"))


def _value(fields: Mapping[str, object]) -> str:
    only = next(iter(fields.values())) if len(fields) == 1 else None
    value = fields.get("value", only)
    return value if isinstance(value, str) else ""


def _map(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
