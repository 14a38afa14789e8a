"""The addresses that the workspace listens on, the Host headers that it accepts, and its warning."""

from collections.abc import AsyncIterator
from ipaddress import IPv4Address, IPv6Address

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.addresses import ListenAddress, is_loopback_url
from bot.sandbox.server import AddressUnusable, WorkspaceServer
from bot.sandbox.workspace import LocalWorkspace

HOSTS = ["127.0.0.1", "::1", "localhost", "0.0.0.0", "::", "192.0.2.7", "2001:db8::7", "demo.example"]
LABELS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)
NAMES = st.lists(LABELS, min_size=1, max_size=4).map(".".join)


def in_url(address: IPv4Address | IPv6Address) -> str:
    return str(address) if address.version == 4 else f"[{address}]"


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("name", ["localhost", "LocalHost:8080", "127.0.0.1", "127.0.0.1:1", "[::1]:8080", "[0:0::1]"])
def test_the_names_of_this_machine_are_always_accepted(host: str, name: str) -> None:
    assert ListenAddress(host).accepts(name)


@pytest.mark.parametrize(
    ("host", "name", "accepted"),
    [
        ("192.0.2.7", "192.0.2.7:8080", True),
        ("192.0.2.7", "192.0.2.8:8080", False),
        ("192.0.2.7", "[::ffff:192.0.2.7]", False),
        ("2001:db8::7", "[2001:DB8:0::7]:8080", True),
        ("2001:db8::7", "2001:db8::7", False),
        ("demo.example", "Demo.Example:8080", True),
        ("demo.example", "demo.example.evil.example", False),
        ("demo.example", "a.demo.example", False),
        ("demo.example", "192.0.2.7", False),
        ("0.0.0.0", "192.0.2.7:8080", True),
        ("0.0.0.0", "[2001:db8::7]:8080", True),
        ("::", "192.0.2.7", True),
        ("::", "[192.0.2.7]", False),
        ("127.0.0.1", "192.0.2.7", False),
        ("127.0.0.1", "0.0.0.0", False),
        ("127.0.0.1", "[::]", False),
    ],
)
def test_another_host_is_accepted_only_where_the_workspace_listens_on_it(host: str, name: str, accepted: bool) -> None:
    assert ListenAddress(host).accepts(name) is accepted


@given(host=st.sampled_from(HOSTS), name=NAMES, port=st.sampled_from(["", ":80", ":8080"]))
def test_no_other_name_is_accepted(host: str, name: str, port: str) -> None:
    is_own = name in {"localhost", host}
    is_address = name.replace(".", "").isdigit()  # DNS rebinding needs a name; "192.0.2.7" is an address
    assert is_own or is_address or not ListenAddress(host).accepts(name + port)


@given(host=st.sampled_from(HOSTS), address=st.ip_addresses())
def test_other_addresses_are_accepted_only_with_a_wildcard_host(host: str, address: IPv4Address | IPv6Address) -> None:
    own = {"127.0.0.1", "::1", host}
    assert ListenAddress(host).accepts(in_url(address)) is (host in {"0.0.0.0", "::"} or str(address) in own)


@given(host=st.sampled_from(HOSTS), before=st.text(), after=st.text())
def test_an_accepted_name_with_text_around_it_is_refused(host: str, before: str, after: str) -> None:
    name = f"{before}127.0.0.1{after}"
    plain = not before and (not after or (after[0] == ":" and after[1:].isascii() and after[1:].isdigit()))
    looks_like_an_address = not set(name) - set("0123456789.:")
    assert plain or looks_like_an_address or not ListenAddress(host).accepts(name)


@pytest.mark.parametrize(
    "host",
    ["", " ", "a b", "http://127.0.0.1", "127.0.0.1:80", "[::1]", "fe80::1%eth0", "0", "127.1", "0x7f.1", "a/b", "-"],
)
def test_an_invalid_host_is_refused(host: str) -> None:
    with pytest.raises(ValueError, match="an IP address"):
        ListenAddress(host)


@pytest.mark.parametrize(
    ("host", "url_host"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("::1", "[::1]"),
        ("localhost", "localhost"),
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8::7", "[2001:db8::7]"),
        ("demo.example", "demo.example"),
        ("0.0.0.0", "127.0.0.1"),
        ("::", "127.0.0.1"),
    ],
)
def test_urls_contain_a_reachable_host(host: str, url_host: str) -> None:
    assert ListenAddress(host).url_host == url_host


@pytest.mark.parametrize("host", HOSTS)
def test_a_host_that_other_machines_can_reach_has_a_warning(host: str) -> None:
    warning = ListenAddress(host).exposure_warning
    if host in {"127.0.0.1", "::1", "localhost"}:
        assert warning is None
    else:
        assert warning is not None
        assert host in warning
        for phrase in ("WARNING", "has no login", "can act as every person in it", "read its tokens"):
            assert phrase in warning
        assert warning.count(". ") == 0  # one sentence


@pytest.mark.parametrize(
    ("url", "is_local"),
    [
        ("http://127.0.0.1:3000/slack/events", True),
        ("http://localhost/", True),
        ("http://[::1]:1/", True),
        ("https://127.0.0.1/", False),
        ("http://127.0.0.1.evil.example/", False),
        ("http://127.0.0.1@evil.example/", False),
        ("http://127.0.0.1:0/", False),
        ("http://127.0.0.1:x/", False),
        ("http://[::1/", False),
        ("//127.0.0.1/", False),
    ],
)
def test_only_http_urls_of_this_machine_are_loopback_urls(url: str, is_local: bool) -> None:
    assert is_loopback_url(url) is is_local


@pytest.fixture(params=["127.0.0.2", "0.0.0.0", "localhost"])
async def sandbox(request: pytest.FixtureRequest) -> AsyncIterator[LocalWorkspace]:
    async with WorkspaceServer(LocalWorkspace(port=0, host=request.param)) as started:
        yield started


async def test_urls_in_responses_lead_to_the_listen_address(sandbox: LocalWorkspace) -> None:
    host = {"127.0.0.2": "127.0.0.2", "0.0.0.0": "127.0.0.1", "localhost": "localhost"}[sandbox.address.host]
    url = f"http://{host}:{sandbox.port}"
    assert (sandbox.url, sandbox.slack_api_url, sandbox.segment_url) == (url, f"{url}/api/", f"{url}/segment")
    assert sandbox.slack.create_response_url("C0OPS", "U0ALICE").startswith(f"{url}/response/")
    headers = {"Authorization": f"Bearer {sandbox.app_token}", "Host": f"{host}:{sandbox.port}"}
    async with (
        aiohttp.ClientSession(sandbox.local_url, headers=headers) as session,
        session.post("/api/apps.connections.open") as answer,
    ):
        link = (await answer.json())["url"]
        assert link.startswith(f"ws://{host}:{sandbox.port}/link?")


async def test_this_machine_reaches_the_workspace_at_every_host(sandbox: LocalWorkspace) -> None:
    async with aiohttp.ClientSession(sandbox.local_url) as session, session.get("/_control/state") as answer:
        assert (answer.status, (await answer.json())["app"]["slackApiUrl"]) == (200, sandbox.slack_api_url)
    foreign_host = {"Host": f"evil.example:{sandbox.port}"}
    async with (
        aiohttp.ClientSession(sandbox.local_url, headers=foreign_host) as session,
        session.get("/_control/state") as answer,
    ):
        assert answer.status == 403


async def test_by_default_the_server_listens_on_127_0_0_1_only() -> None:
    server = WorkspaceServer(LocalWorkspace(port=0))
    async with server as sandbox:
        assert server._runner is not None
        assert server._runner.addresses == [("127.0.0.1", sandbox.port)]


@pytest.mark.parametrize(
    ("host", "addresses"),
    [
        ("127.0.0.1", ["127.0.0.1"]),
        ("localhost", ["127.0.0.1"]),
        ("127.0.0.2", ["127.0.0.1", "127.0.0.2"]),
        ("2001:db8::7", ["127.0.0.1", "2001:db8::7"]),
        ("0.0.0.0", ["0.0.0.0"]),
        ("::", ["0.0.0.0", "::"]),
    ],
)
async def test_a_host_resolves_to_its_addresses_and_127_0_0_1(host: str, addresses: list[str]) -> None:
    assert await ListenAddress(host).resolve() == addresses


@pytest.mark.parametrize("host", ["192.0.2.7", "2001:db8::7", "no-such-name.invalid"])
async def test_a_host_of_another_machine_is_an_error_and_nothing_starts(host: str) -> None:
    server = WorkspaceServer(LocalWorkspace(port=0, host=host))
    with pytest.raises(AddressUnusable, match=rf"can't listen on {host}.*Nothing was started"):
        await server.start()
    await server.stop()
