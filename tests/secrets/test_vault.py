"""The provider for Vault's KV version 2, tested with a local server that checks the requests."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from bot.domain.errors import SecretMissing, SecretProviderUnreachable
from bot.domain.warehouses import SecretRef
from bot.secrets.vault import VaultSecretProvider
from bot.secrets.vault_config import AppRoleLogin, KubernetesLogin, TokenLogin, VaultConfig, VaultLogin

TOKEN = TokenLogin(token=SecretStr("hvs.token"))


class LocalVault:
    """One KV mount called `kv`, with fields by path. It sends `responses` in turn, before any regular ones."""

    def __init__(self) -> None:
        self.address = ""
        self.secrets: dict[str, dict[str, object] | None] = {}
        self.tokens = {"hvs.token"}
        self.responses: list[web.Response] = []
        self.requested_paths: list[str] = []
        self.namespaces: set[str | None] = set()
        self.logins: list[dict[str, str]] = []
        self.can_answer = asyncio.Event()
        self.can_answer.set()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.requested_paths.append(request.path)
        self.namespaces.add(request.headers.get("X-Vault-Namespace"))
        await self.can_answer.wait()
        if self.responses:
            return self.responses.pop(0)
        if request.path.startswith("/v1/auth/"):
            return self._login(await request.json())
        if request.headers.get("X-Vault-Token") not in self.tokens:
            return error_response(403, "permission denied")
        kind, _, path = request.path.removeprefix("/v1/kv/").partition("/")
        if not request.path.startswith("/v1/kv/"):
            return error_response(404, f"no handler for route {request.path}")
        return self._list(path) if kind == "metadata" and request.query.get("list") == "true" else self._read(path)

    def _login(self, body: dict[str, str]) -> web.Response:
        self.logins.append(body)
        self.tokens = {f"hvs.login{len(self.logins)}"}
        return web.json_response({"auth": {"client_token": next(iter(self.tokens))}})

    def _list(self, path: str) -> web.Response:
        folder = f"{path}/" if path else ""
        below = [path.removeprefix(folder) for path in self.secrets if path.startswith(folder)]
        keys = sorted({key if not slash else f"{key}/" for key, slash, _ in (each.partition("/") for each in below)})
        return web.json_response({"data": {"keys": keys}}) if keys else error_response(404)

    def _read(self, path: str) -> web.Response:
        fields = self.secrets.get(path)
        if fields is None:
            gone = {"data": {"data": None, "metadata": {"deletion_time": "2026-11-23T12:00:00Z"}}}
            return web.json_response(gone, status=404) if path in self.secrets else error_response(404)
        return web.json_response({"data": {"data": fields, "metadata": {"version": 1}}})


def error_response(status: int, *errors: str) -> web.Response:
    return web.json_response({"errors": list(errors)}, status=status)


@pytest.fixture
async def vault(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[LocalVault]:
    monkeypatch.setenv("NO_PROXY", "*")
    local = LocalVault()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", local.answer)
    async with TestServer(app) as server:
        local.address = str(server.make_url("")).rstrip("/")
        yield local


def make_provider(vault: LocalVault, login: VaultLogin = TOKEN, **config: str) -> VaultSecretProvider:
    return VaultSecretProvider(
        VaultConfig.model_validate({"address": vault.address, "login": login, "mount": "kv", **config})
    )


async def value(provider: VaultSecretProvider, name: str) -> str:
    return (await provider.resolve(SecretRef(name=name))).get_secret_value()


async def test_names_are_paths_below_the_prefix(vault: LocalVault) -> None:
    vault.secrets = {"bot/loader": {"value": "1"}, "bot/snowflake/prod/loader": {"value": "2"}, "other": {"value": "3"}}
    provider = make_provider(vault, prefix="bot/", namespace="team")
    assert await provider.list_names() == ("loader", "snowflake/prod/loader")
    assert await value(provider, "snowflake/prod/loader") == "2"
    assert vault.namespaces == {"team"}
    assert await make_provider(vault).list_names() == ("bot/loader", "bot/snowflake/prod/loader", "other")


async def test_listing_reads_no_value(vault: LocalVault) -> None:
    vault.secrets = {"loader": {"value": "hunter2"}}
    await make_provider(vault).list_names()
    assert [path for path in vault.requested_paths if "/data/" in path] == []


async def test_an_empty_mount_has_no_make_provider(vault: LocalVault) -> None:
    assert await make_provider(vault).list_names() == ()


@pytest.mark.parametrize(
    ("fields", "expected"),
    [({"value": "a", "user": "b"}, "a"), ({"password": "a"}, "a"), ({"value": "a"}, "a")],
)
async def test_the_value_is_the_field_called_value_or_the_only_field(
    vault: LocalVault, fields: dict[str, object], expected: str
) -> None:
    vault.secrets = {"loader": fields}
    assert await value(make_provider(vault), "loader") == expected


@pytest.mark.parametrize(
    "fields",
    [None, {}, {"value": ""}, {"value": None}, {"value": 5}, {"a": "hunter2", "b": "x"}, {"value": {"a": "b"}}],
)
async def test_a_deleted_empty_or_ambiguous_secret_is_missing(
    vault: LocalVault, fields: dict[str, object] | None
) -> None:
    vault.secrets = {"loader": fields}
    with pytest.raises(SecretMissing) as caught:
        await value(make_provider(vault), "loader")
    assert "`loader` is not set, or empty, in Vault." in caught.value.user_message
    assert "hunter2" not in caught.value.user_message
    with pytest.raises(SecretMissing):
        await value(make_provider(vault), "nowhere")


@pytest.mark.parametrize("name", ["../other", "a/../../other", "", "a//b", "/other", ".", "a/./b", "\0"])
async def test_no_name_reaches_outside_the_prefix(vault: LocalVault, name: str) -> None:
    vault.secrets = {"other": {"value": "never"}, "bot/loader": {"value": "x"}}
    with pytest.raises(SecretMissing):
        await value(make_provider(vault, prefix="bot/"), name)
    assert vault.requested_paths == []


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (web.json_response({"errors": ["hunter2"]}, status=500), "InternalServerError"),
        (web.json_response({"errors": ["Vault is sealed"]}, status=503), "VaultDown"),
        (web.json_response({"errors": ["no"]}, status=400), "InvalidRequest"),
        (web.json_response({"errors": ["no handler for route"]}, status=404), "404, no such mount"),
        (web.json_response([1], status=500), "an answer that is not Vault's"),
        (web.Response(text="<html>hunter2</html>", status=502), "BadGateway"),
    ],
    ids=lambda each: str(each.status) if isinstance(each, web.Response) else "",
)
async def test_a_refusal_is_reported_without_its_text(vault: LocalVault, answer: web.Response, problem: str) -> None:
    for call in (lambda provider: provider.list_names(), lambda provider: value(provider, "loader")):
        vault.responses = [web.Response(body=answer.body, status=answer.status, content_type=answer.content_type)]
        with pytest.raises(SecretProviderUnreachable) as caught:
            await call(make_provider(vault))
        assert caught.value.problem == problem
        assert "VAULT_ADDR" in caught.value.user_message
        assert "hunter2" not in f"{caught.value.user_message} {caught.value!r}"
        assert caught.value.__suppress_context__


async def test_a_token_without_permission_is_reported(vault: LocalVault) -> None:
    vault.tokens = set()
    with pytest.raises(SecretProviderUnreachable) as caught:
        await make_provider(vault).list_names()
    assert caught.value.problem == "Forbidden"


async def test_an_unreachable_server_is_reported() -> None:
    provider = VaultSecretProvider(VaultConfig(address="http://127.0.0.1:1", login=TOKEN))
    with pytest.raises(SecretProviderUnreachable) as caught:
        await provider.list_names()
    assert caught.value.problem == "ConnectionError"


async def test_a_vault_that_does_not_answer_times_out(vault: LocalVault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.secrets.vault._HTTP_TIMEOUT", 0.05)
    vault.can_answer.clear()
    with pytest.raises(SecretProviderUnreachable) as caught:
        await value(make_provider(vault), "loader")
    assert caught.value.problem == "ReadTimeout"
    vault.can_answer.set()


async def test_a_token_is_reused_until_vault_refuses_it(vault: LocalVault) -> None:
    vault.secrets = {"loader": {"value": "hunter2"}}
    provider = make_provider(vault, AppRoleLogin(role_id="bot", secret_id=SecretStr("s3cret")))
    assert [await value(provider, "loader"), await value(provider, "loader")] == ["hunter2", "hunter2"]
    assert vault.logins == [{"role_id": "bot", "secret_id": "s3cret"}]
    vault.tokens = set()
    assert await value(provider, "loader") == "hunter2"
    assert len(vault.logins) == 2


async def test_a_service_account_logs_in_with_its_current_token(vault: LocalVault, tmp_path: Path) -> None:
    vault.secrets = {"loader": {"value": "hunter2"}}
    file = tmp_path / "token"
    provider = make_provider(vault, KubernetesLogin(role="bot", token_file=file))
    with pytest.raises(SecretProviderUnreachable) as caught:
        await value(provider, "loader")
    assert "service account" in caught.value.user_message
    file.write_text("eyJ.jwt\n")
    assert await value(provider, "loader") == "hunter2"
    assert vault.logins == [{"role": "bot", "jwt": "eyJ.jwt"}]


async def test_an_unexpected_login_response_is_reported(vault: LocalVault) -> None:
    vault.responses = [web.json_response({"data": None})]
    with pytest.raises(SecretProviderUnreachable) as caught:
        await value(make_provider(vault, AppRoleLogin(role_id="bot", secret_id=SecretStr("s3cret"))), "loader")
    assert caught.value.problem == "an answer that is not Vault's"


def test_the_repr_of_a_login_shows_no_secret() -> None:
    login = AppRoleLogin(role_id="bot", secret_id=SecretStr("s3cret"))
    provider = VaultSecretProvider(VaultConfig(address="http://127.0.0.1:1", login=login))
    assert "s3cret" not in f"{provider!r} {provider.__dict__} {login!r}"
