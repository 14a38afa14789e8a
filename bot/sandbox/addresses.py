"""The addresses that the local workspace listens on, and the Host headers that it accepts."""

import asyncio
import re
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

LOOPBACK = "127.0.0.1"

_LOOPBACK_ADDRESSES = frozenset({ip_address("127.0.0.1"), ip_address("::1")})
_NAME = r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?"
_HOST = re.compile(rf"(\[(?P<ipv6>[0-9a-f:.]+)\]|(?P<name>{_NAME}))(:[0-9]{{1,5}})?")

_WARNING = (
    "WARNING: the local workspace listens on {host} and has no login, so anybody who can reach that address can act as "
    "every person in it, read its tokens, change everything in it, and make it send HTTP requests to this machine."
)


@dataclass(frozen=True)
class ListenAddress:
    """The IP address or host name of `--host`; `0.0.0.0` and `::` are all addresses of the machine.

    Raises:
        ValueError: `host` is neither an IP address nor a host name.
    """

    host: str = LOOPBACK

    def __post_init__(self) -> None:
        is_address = self._address is not None and "%" not in self.host
        if not (is_address or _is_name(self.host)):
            raise ValueError("an IP address without a zone, or a name of this machine")

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the address."""
        return self._address.is_loopback if self._address else self.host.lower() == "localhost"

    @property
    def is_wildcard(self) -> bool:
        """Whether the address stands for all addresses of the machine."""
        return self._address is not None and self._address.is_unspecified

    @property
    def url_host(self) -> str:
        """The host in URLs; 127.0.0.1 where the address stands for all addresses of the machine."""
        if self.is_wildcard:
            return LOOPBACK
        return f"[{self.host}]" if isinstance(self._address, IPv6Address) else self.host

    def accepts(self, host: str) -> bool:
        """Whether the workspace accepts a request with this Host header.

        It accepts 127.0.0.1, ::1, `localhost` and the host that it listens on, and any IP address where it listens on
        all addresses. It accepts no other name: with DNS rebinding, the name of a web page resolves to this machine.
        """
        match = _HOST.fullmatch(host.lower())
        if match is None:
            return False
        address = _parse_address(match["ipv6"] or match["name"])
        if address is None:
            return match["name"] in {"localhost", self.host.lower()}
        if isinstance(address, IPv6Address) != (match["ipv6"] is not None):
            return False
        return self.is_wildcard or address in _LOOPBACK_ADDRESSES or address == self._address

    async def resolve(self) -> list[str]:
        """Resolve the IP addresses to listen on: those of the host, and 127.0.0.1 for the bot that the demo runs.

        Raises:
            OSError: The host name is unknown.
        """
        if self.host.lower() == "localhost":
            return [LOOPBACK]
        if self.is_wildcard:
            # asyncio limits a socket on `::` to IPv6, so IPv4 needs its own.
            return list(dict.fromkeys(["0.0.0.0", self.host]))  # noqa: S104 - `--host` asked for all addresses
        entries = await asyncio.get_running_loop().getaddrinfo(self.host, None, type=socket.SOCK_STREAM)
        return list(dict.fromkeys([LOOPBACK, *(str(socket_address[0]) for *_, socket_address in entries)]))

    @property
    def exposure_warning(self) -> str | None:
        """The warning for a workspace that other machines can reach; None where only this machine can."""
        return None if self.is_loopback else _WARNING.format(host=self.host)

    @property
    def _address(self) -> IPv4Address | IPv6Address | None:
        return _parse_address(self.host)


def is_loopback_url(url: str) -> bool:
    """Whether `url` is a plain HTTP address on this machine."""
    try:
        parts = urlsplit(url)
        is_local = parts.hostname in {"127.0.0.1", "localhost", "::1"}
        return parts.scheme == "http" and is_local and (parts.port is None or parts.port > 0)
    except ValueError:
        return False


def _is_name(text: str) -> bool:
    # Browsers and resolvers treat a name that ends in a number as an address: "0" is 0.0.0.0, "127.1" is 127.0.0.1.
    last_label = text.rpartition(".")[2]
    is_number = re.fullmatch(r"[0-9]+|0x[0-9a-f]*", last_label, re.IGNORECASE)
    return not is_number and re.fullmatch(_NAME, text, re.IGNORECASE) is not None


def _parse_address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None
