"""What happens to the workspace around the bot, in the words of a test."""

from typing import Any


class Surroundings:
    """Archives, closes accounts, deletes. Each asserts that it could be done; the workspace's reset undoes them all."""

    async def post(self, path: str, **body: Any) -> dict[str, Any]:
        """POST /_control/PATH."""
        raise NotImplementedError

    async def archive(self, channel: str = "C0OPS", *, archived: bool = True) -> None:
        """Archive the channel, or bring it back."""
        await self._done("archive", channel=channel, archived=archived)

    async def remove_bot(self, channel: str = "C0OPS") -> None:
        """Take the bot out of the channel."""
        await self._done("membership", channel=channel, user="U0WAREHOUSE", member=False)

    async def invite_bot(self, channel: str = "C0OPS") -> None:
        """Put the bot into the channel."""
        await self._done("membership", channel=channel, user="U0WAREHOUSE")

    async def deactivate(self, user: str) -> None:
        """Close that person's account, for good."""
        await self._done("deactivate", user=user)

    async def make_guest(self, user: str, *, single_channel: bool = False) -> None:
        """Make a guest of that person, of several channels or of a single one."""
        await self._done("guest", user=user, single_channel=single_channel)

    async def make_member(self, user: str) -> None:
        """Make a full member of a guest."""
        await self._done("guest", user=user, guest=False)

    async def set_group(self, *users: str, group: str = "S0DATA") -> None:
        """Let these be the group's members and nobody else; without any the group is empty."""
        await self._done("group", group=group, users=users)

    async def delete(self, message: dict[str, Any], channel: str = "C0OPS") -> None:
        """Delete the message, as an admin does, whoever wrote it."""
        await self._done("delete", channel=channel, messageTs=message["ts"])

    async def _done(self, path: str, **body: Any) -> None:
        answer = await self.post(path, **body)
        assert answer["ok"], answer
