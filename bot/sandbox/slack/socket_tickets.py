"""Single-use tickets for Socket Mode connections."""

import secrets


class SocketTickets:
    """The tickets that are issued and not yet redeemed."""

    def __init__(self) -> None:
        self._tickets: set[str] = set()

    def issue(self) -> str:
        """Return a new ticket for one connection."""
        ticket = secrets.token_urlsafe(18)
        self._tickets.add(ticket)
        return ticket

    def is_valid(self, ticket: str) -> bool:
        """Return whether `ticket` would open a connection."""
        return ticket in self._tickets

    def redeem(self, ticket: str) -> bool:
        """Use up `ticket`, and return whether it was valid."""
        is_valid = self.is_valid(ticket)
        self._tickets.discard(ticket)
        return is_valid

    def clear(self) -> None:
        """Invalidate every ticket."""
        self._tickets.clear()
