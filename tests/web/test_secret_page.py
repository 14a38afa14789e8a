"""The one-time page against what no browser sends: it answers in its own words, and keeps nothing by mistake."""

import gzip
import re
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
from aiohttp import web
from cryptography.fernet import Fernet
from pydantic import SecretStr

from bot.domain.errors import StoreFailed
from bot.domain.one_time_secrets import OneTimeSecret
from bot.domain.redaction.scrubber import Scrubber
from bot.secrets.encryption import Encryptor
from bot.services.one_time_secrets import OneTimeSecrets
from bot.store.database import migrate, open_engine
from bot.store.one_time_secrets import SqlOneTimeSecretStore
from bot.web.secret_page import SecretPage
from bot.web.server import run_server
from tests.support.samples import ALICE

NONCE = "A" * 32
FORM = "application/x-www-form-urlencoded"


class NoForms:
    async def show_secret_received(self, handover: OneTimeSecret) -> None:
        pass


class Served(NamedTuple):
    http: httpx.AsyncClient
    handovers: OneTimeSecrets
    kept: SqlOneTimeSecretStore
    link: str

    async def post(self, body: bytes | str, kind: str = FORM, **headers: str) -> httpx.Response:
        """Send `body` as the page's form, with the cookie that fits."""
        cookie = f"warehouse-bot-form={NONCE}"
        return await self.http.post(
            self.link, content=body, headers={"Content-Type": kind, "Cookie": cookie, **headers}
        )

    async def waiting(self) -> Mapping[str, object]:
        """What was kept."""
        return await self.handovers.find_received_refs(ALICE, "V1")


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    engine = open_engine(f"sqlite+aiosqlite:///{tmp_path}/bot.db")
    await migrate(engine)
    kept, sealing = SqlOneTimeSecretStore(engine), Encryptor([SecretStr(Fernet.generate_key().decode())])
    public = "http://127.0.0.1/below"
    handovers = OneTimeSecrets(
        kept, sealing.encrypt, Scrubber(), lambda: datetime.now(UTC), f"{public}/secret", can_type_secrets=False
    )
    app = web.Application()
    SecretPage(handovers, NoForms(), public).add_routes(app)
    _, url = await handovers.create_link(ALICE, "V1", "password", "Password", "a new warehouse")
    async with (
        run_server(app, "127.0.0.1", 0) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http,
    ):
        yield Served(http, handovers, kept, f"/below/secret/{url.rpartition('/')[2]}")
    await engine.dispose()


def guarded(answer: httpx.Response) -> bool:
    """Whether it has the headers of every page, and is one."""
    own = answer.headers.get("Content-Security-Policy", "").startswith("default-src 'none'")
    return own and answer.headers["Cache-Control"] == "no-store" and "<!doctype html>" in answer.text


FILE = "\r\n".join(
    (
        '--B\r\nContent-Disposition: form-data; name="nonce"\r\n',
        NONCE,
        '--B\r\nContent-Disposition: form-data; name="value"; filename="x"\r\n',
        "s3cret\r\n--B--\r\n",
    )
)


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (f"nonce={NONCE}&value=".encode() + b"\xff\xfe", FORM, 400),
        (f"nonce={NONCE}&value=%FF", FORM, 400),
        (f"nonce={NONCE}&value=%ED%A0%80abc", FORM, 400),
        (f"nonce={NONCE}&value=ok&" + "a=&" * 60_000, FORM, 400),
        (FILE, "multipart/form-data; boundary=B", 415),
        (FILE, "multipart/form-data", 415),
        (f"nonce={NONCE}&value=ok", "text/plain", 415),
        (f"nonce={NONCE}&value=+2AA-abcd", f"{FORM}; charset=utf-7", 303),
        (gzip.compress(f"nonce={NONCE}&value=ok".encode()), FORM, 400),
    ],
    ids=["bytes", "escaped bytes", "half a pair", "many", "a file", "no boundary", "text", "another charset", "gzip"],
)
async def test_what_is_no_form_of_the_page_is_answered_by_the_page(
    served: Served, body: bytes | str, kind: str, status: int
) -> None:
    answer = await served.post(body, kind, **({"Content-Encoding": "gzip"} if body[:1] == b"\x1f" else {}))
    assert answer.status_code == status
    assert status == 303 or guarded(answer)
    assert len(await served.waiting()) == (status == 303)


async def test_what_is_sent_in_pieces_is_no_longer_than_the_rest(served: Served) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(30):
            yield b"value=" + b"x" * 10_000

    headers = {"Content-Type": FORM, "Cookie": f"warehouse-bot-form={NONCE}"}
    answer = await served.http.post(served.link, content=pieces(), headers=headers)
    assert answer.status_code == 413
    assert guarded(answer)


@pytest.mark.parametrize("cookie", [b"\xff", b'"a\\012Set-Cookie: x=y"', b'"><script>', b"x" * 5000, b""])
async def test_a_cookie_from_elsewhere_is_replaced(served: Served, cookie: bytes) -> None:
    answer = await served.http.get(served.link, headers=[(b"Cookie", b"warehouse-bot-form=" + cookie)])
    assert answer.status_code == 200
    found = re.search(r'name="nonce" value="([^"]*)"', answer.text)
    assert found
    assert re.fullmatch(r"[\w-]{32}", found[1])
    assert answer.cookies["warehouse-bot-form"] == found[1]


@pytest.mark.parametrize("method", ["PUT", "OPTIONS", "DELETE", "PATCH", "TRACE"])
async def test_no_other_method_does_anything(served: Served, method: str) -> None:
    answer = await served.http.request(method, served.link, content=f"nonce={NONCE}&value=x")
    assert answer.status_code == 404
    assert guarded(answer)
    assert not await served.waiting()


@pytest.mark.parametrize("path", ["", "/", "/a/b", "/a/../b/c", "/%2e%2e%2fx/y"])
async def test_no_other_address_leads_anywhere(served: Served, path: str) -> None:
    answer = await served.http.get(f"/below/secret{path}")
    assert answer.status_code == 404
    assert guarded(answer)


@pytest.mark.parametrize(("error", "status"), [(StoreFailed(), 503), (RuntimeError("s3cret"), 500)])
async def test_what_fails_inside_is_said_in_plain_words(
    served: Served, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    async def fail(_link: str) -> None:
        raise error

    monkeypatch.setattr(served.kept, "find_by_link", fail)
    answer = await served.post(f"nonce={NONCE}&value=ok")
    assert answer.status_code == status
    assert guarded(answer)
    assert "Not kept" in answer.text
    assert "s3cret" not in answer.text
