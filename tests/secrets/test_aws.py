"""The provider for AWS Secrets Manager, tested with moto's server."""

import logging
import sys
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
import structlog
from moto.server import ThreadedMotoServer

from bot.domain.errors import SecretMissing, SecretProviderUnreachable
from bot.domain.warehouses import SecretRef
from bot.ops.logs import configure_logging
from bot.secrets.aws import AwsSecretProvider, create_aws_client
from bot.secrets.provider import ProviderStartFailed


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    local = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    local.start()
    yield "http://{}:{}".format(*local.get_host_and_port())
    local.stop()


@pytest.fixture(autouse=True)
def _no_local_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("NO_PROXY", "*")


@pytest.fixture
def region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIA")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "k3y")


@pytest.fixture
def account(server: str, region: None, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A client of an empty account, to fill it."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", server)
    client = boto3.client("secretsmanager")
    for each in client.list_secrets(IncludePlannedDeletion=True)["SecretList"]:
        client.delete_secret(SecretId=each["Name"], ForceDeleteWithoutRecovery=True)
    return client


async def value(provider: AwsSecretProvider, name: str) -> str:
    return (await provider.resolve(SecretRef(name=name))).get_secret_value()


async def test_names_are_listed_without_the_prefix(account: Any) -> None:
    for name, text in {"bot/loader": "1", "bot/snowflake/loader": '{"a": "b"}', "other": "3", "robot/x": "4"}.items():
        account.create_secret(Name=name, SecretString=text)
    provider = AwsSecretProvider(create_aws_client(), "bot/")
    assert await provider.list_names() == ("loader", "snowflake/loader")
    assert await value(provider, "loader") == "1"
    assert await value(provider, "snowflake/loader") == '{"a": "b"}'


async def test_all_pages_are_listed(account: Any) -> None:
    for number in range(120):
        account.create_secret(Name=f"bot/{number:03}", SecretString="x")
    assert len(await AwsSecretProvider(create_aws_client(), "bot/").list_names()) == 120


async def test_a_binary_deleted_or_valueless_secret_is_missing(account: Any) -> None:
    account.create_secret(Name="bot/binary", SecretBinary=b"hunter2")
    account.create_secret(Name="bot/valueless")
    account.create_secret(Name="bot/deleted", SecretString="hunter2")
    account.delete_secret(SecretId="bot/deleted")
    provider = AwsSecretProvider(create_aws_client(), "bot/")
    assert "deleted" not in await provider.list_names()
    for name in ("binary", "valueless", "deleted", "nowhere"):
        with pytest.raises(SecretMissing) as caught:
            await value(provider, name)
        assert f"`{name}` is not set, or empty, in AWS Secrets Manager." in caught.value.user_message


async def test_no_name_reaches_outside_the_prefix(account: Any) -> None:
    arn = account.create_secret(Name="other", SecretString="never")["ARN"]
    for name in (arn, "../other", "", "/other"):
        with pytest.raises(SecretMissing):
            await value(AwsSecretProvider(create_aws_client(), ""), name)


async def test_an_unreachable_server_is_reported(region: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", "http://127.0.0.1:1")
    provider = AwsSecretProvider(create_aws_client(), "bot/")
    with pytest.raises(SecretProviderUnreachable) as caught:
        await provider.list_names()
    assert caught.value.problem == "EndpointConnectionError"
    with pytest.raises(SecretProviderUnreachable) as caught:
        await value(provider, "loader")
    assert "AWS_SECRETS_PREFIX" in caught.value.user_message


async def test_missing_credentials_are_reported(server: str, region: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", server)
    with pytest.raises(SecretProviderUnreachable) as caught:
        await AwsSecretProvider(create_aws_client(), "bot/").list_names()
    assert caught.value.problem == "NoCredentialsError"


async def test_a_refusal_is_reported_by_its_code(account: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    client = create_aws_client()

    def refuse(**_: object) -> None:
        raise client.exceptions.ClientError({"Error": {"Code": "AccessDeniedException", "Message": "hunter2"}}, "op")

    client.meta.events.register("before-call.secrets-manager.GetSecretValue", refuse)
    with pytest.raises(SecretProviderUnreachable) as caught:
        await value(AwsSecretProvider(client, "bot/"), "loader")
    assert caught.value.problem == "AccessDeniedException"
    assert "hunter2" not in f"{caught.value.user_message} {caught.value!r}"


@pytest.fixture
def logged(capsys: pytest.CaptureFixture[str]) -> Iterator[pytest.CaptureFixture[str]]:
    """The output while logging is configured at its most verbose level."""
    root = logging.getLogger()
    handlers, level, config = list(root.handlers), root.level, dict(structlog.get_config())
    hook = sys.excepthook
    configure_logging("DEBUG", str)
    yield capsys
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**config)
    sys.excepthook = hook


async def test_no_log_level_shows_a_value(account: Any, logged: pytest.CaptureFixture[str]) -> None:
    account.create_secret(Name="bot/loader", SecretString="hunter2-planted")
    logging.getLogger("somebody").debug("this is logged")
    assert await value(AwsSecretProvider(create_aws_client(), "bot/"), "loader") == "hunter2-planted"
    output = logged.readouterr().err
    assert "this is logged" in output
    assert "hunter2-planted" not in output


def test_without_a_region_the_provider_does_not_start() -> None:
    with pytest.raises(ProviderStartFailed, match=r"AWS_SECRETS_PREFIX.*NoRegionError.*AWS_DEFAULT_REGION"):
        create_aws_client()
