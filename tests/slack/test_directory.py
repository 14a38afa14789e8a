"""Who is who, when Slack is quick, slow, or does not answer."""

import asyncio
from collections.abc import Mapping

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.actors import Kind
from bot.slack import directory as patient
from bot.slack.directory import SlackDirectory
from bot.slack.work import Work


class FakeClient(AsyncWebClient):
    """People and groups from memory; `gate`, while it is unset, keeps every answer back."""

    def __init__(self, groups: Mapping[str, list[str]]) -> None:
        super().__init__()
        self.groups = groups
        self.gate = asyncio.Event()
        self.gate.set()
        self.asked: list[str] = []

    async def users_info(self, *, user: str, **_: object) -> dict[str, object]:  # type: ignore[override]
        self.asked.append(user)
        await self.gate.wait()
        return {"user": {"id": user, "team_id": "T0DEMO"}}

    async def usergroups_users_list(self, *, usergroup: str, **_: object) -> dict[str, object]:  # type: ignore[override]
        self.asked.append(usergroup)
        await self.gate.wait()
        if usergroup not in self.groups:
            raise SlackApiError("refused", {"ok": False, "error": "no_such_subteam"})  # type: ignore[no-untyped-call]  # slack-sdk leaves it untyped
        return {"users": self.groups[usergroup]}


def made(client: FakeClient, *groups: str) -> SlackDirectory:
    return SlackDirectory(client, "T0DEMO", frozenset(groups), Work())


async def test_a_member_comes_with_the_groups_that_matter() -> None:
    client = FakeClient({"S0DATA": ["U0BOB"], "S0OTHER": ["U0CAROL"]})
    actor = await made(client, "S0DATA", "S0OTHER").actor("U0BOB", "T0DEMO")
    assert (actor.kind, actor.groups) == (Kind.MEMBER, frozenset({"S0DATA"}))


async def test_many_presses_are_one_question() -> None:
    client = FakeClient({"S0DATA": ["U0BOB"]})
    directory = made(client, "S0DATA")
    await asyncio.gather(*(directory.actor("U0BOB", "T0DEMO") for _ in range(50)))
    assert sorted(client.asked) == ["S0DATA", "U0BOB"]


async def test_who_slack_is_slow_about_is_nobody_until_the_answer_came(monkeypatch: pytest.MonkeyPatch) -> None:
    client = FakeClient({"S0DATA": ["U0BOB"]})
    client.gate.clear()
    directory = made(client, "S0DATA")
    monkeypatch.setattr(patient, "_WITHIN", 0.01)
    assert (await directory.actor("U0BOB", "T0DEMO")).kind is Kind.UNKNOWN
    client.gate.set()
    assert (await directory.actor("U0BOB", "T0DEMO")).kind is Kind.MEMBER
    assert sorted(client.asked) == ["S0DATA", "U0BOB"]


async def test_groups_that_are_empty_or_not_there_are_deserted() -> None:
    client = FakeClient({"S0DATA": ["U0BOB"], "S0EMPTY": []})
    names = frozenset({"S0DATA", "S0EMPTY", "S0GONE"})
    assert await made(client).deserted(names) == {"S0EMPTY", "S0GONE"}
