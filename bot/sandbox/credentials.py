"""The tokens and secrets of a local workspace."""

import secrets
from dataclasses import dataclass, field
from typing import Self


@dataclass(frozen=True)
class Credentials:
    """The tokens that the bot sends, and the secrets that Slack's payloads carry, in the formats of Slack and Segment.

    They are random, so a program can know them only by reading them from the workspace. "local" in a token shows that
    it works only here. `verification_token` is the deprecated `token` field of payloads.
    """

    bot_token: str = field(repr=False)
    app_token: str = field(repr=False)
    signing_secret: str = field(repr=False)
    verification_token: str = field(repr=False)
    segment_token: str = field(repr=False)

    @classmethod
    def generate(cls) -> Self:
        """Generate new random credentials."""
        return cls(
            bot_token=f"xoxb-local-{secrets.token_hex(16)}",
            app_token=f"xapp-1-local-{secrets.token_hex(24)}",
            signing_secret=secrets.token_hex(16),
            verification_token=secrets.token_hex(12),
            segment_token=f"sgp_local_{secrets.token_hex(16)}",
        )
