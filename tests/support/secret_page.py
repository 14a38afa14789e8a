"""A browser's part in a one-time page, and where the bot serves it."""

import re
import socket
from typing import Any

import httpx
from cryptography.fernet import Fernet

KEY = Fernet.generate_key().decode()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def page_variables(**more: str) -> dict[str, str]:
    """What a bot needs to serve one-time pages."""
    port = free_port()
    return {"PORT": str(port), "PUBLIC_URL": f"http://127.0.0.1:{port}", "ENCRYPTION_KEYS": KEY, **more}


def address(view: dict[str, Any], key: str = "password") -> str:
    """The page's address in the form, for the setting `key`."""
    (block,) = (each for each in view["blocks"] if each.get("block_id") == f"link:{key}")
    return str(block["accessory"]["url"])


def own_nonce(page: str) -> str:
    """What the page's form sends back; empty where it has none."""
    found = re.search(r'name="nonce" value="([^"]*)"', page)
    return found[1] if found else ""


class Browser:
    """Opens pages and sends their forms, with cookies, as browsers do."""

    def __init__(self) -> None:
        self.http = httpx.AsyncClient(follow_redirects=True, timeout=30)

    async def open(self, url: str) -> httpx.Response:
        """GET, as a link opens."""
        return await self.http.get(url, headers={"Sec-Fetch-Site": "cross-site"})

    async def send(self, url: str, value: str, site: str = "same-origin", nonce: str | None = None) -> httpx.Response:
        """Open the page and send its form with `value`."""
        page = await self.open(url)
        form = {"nonce": own_nonce(page.text) if nonce is None else nonce, "value": value}
        return await self.http.post(url, data=form, headers={"Sec-Fetch-Site": site})
