"""Who is who, when Slack is quick, slow, or does not answer."""

import asyncio
from collections.abc import Mapping

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.actors import Actor, ActorKind
from bot.slack import directory as patient
from bot.slack.background import BackgroundTasks
from bot.slack.directory import SlackDirectory, resolve_group_handles


class FakeClient(AsyncWebClient):
    """People and groups from memory; `gate`, while it is unset, keeps every answer back."""

    def __init__(self, groups: Mapping[str, list[str]], **users: Mapping[str, object]) -> None:
        super().__init__()
        self.groups = groups
        self.users = dict(users)
        self.refusals: dict[str, str] = {}
        self.gate = asyncio.Event()
        self.gate.set()
        self.asked: list[str] = []

    async def users_info(self, *, user: str, **_: object) -> dict[str, object]:  # type: ignore[override]
        self.asked.append(user)
        await self.gate.wait()
        self._refuse(user)
        return {"user": {"id": user, "team_id": "T0DEMO", **self.users.get(user, {})}}

    async def usergroups_users_list(self, *, usergroup: str, **_: object) -> dict[str, object]:  # type: ignore[override]
        self.asked.append(usergroup)
        await self.gate.wait()
        self._refuse(usergroup)
        if usergroup not in self.groups:
            raise refusal("no_such_subteam")
        return {"users": self.groups[usergroup]}

    async def usergroups_list(self, **_: object) -> dict[str, object]:  # type: ignore[override]
        self._refuse("list")
        return {
            "usergroups": [{"id": each, "handle": each.lower(), "users": self.groups[each]} for each in self.groups]
        }

    def _refuse(self, about: str) -> None:
        if code := self.refusals.get(about):
            raise refusal(code)


def refusal(code: str) -> SlackApiError:
    return SlackApiError("refused", {"ok": False, "error": code})  # type: ignore[no-untyped-call]  # slack-sdk leaves it untyped


def made(client: FakeClient, *groups: str) -> SlackDirectory:
    return SlackDirectory(client, "T0DEMO", frozenset(groups), BackgroundTasks())


async def test_a_member_comes_with_the_groups_that_matter() -> None:
    client = FakeClient({"S0DATA": ["U0BOB"], "S0OTHER": ["U0CAROL"]})
    actor = await made(client, "S0DATA", "S0OTHER").get_actor("U0BOB", "T0DEMO")
    assert (actor.kind, actor.groups) == (ActorKind.MEMBER, frozenset({"S0DATA"}))


async def test_many_presses_are_one_question() -> None:
    client = FakeClient({"S0DATA": ["U0BOB"]})
    directory = made(client, "S0DATA")
    await asyncio.gather(*(directory.get_actor("U0BOB", "T0DEMO") for _ in range(50)))
    assert sorted(client.asked) == ["S0DATA", "U0BOB"]


async def test_who_slack_is_slow_about_is_nobody_until_the_answer_came(monkeypatch: pytest.MonkeyPatch) -> None:
    client = FakeClient({"S0DATA": ["U0BOB"]})
    client.gate.clear()
    directory = made(client, "S0DATA")
    monkeypatch.setattr(patient, "_INTERACTION_TIMEOUT", 0.01)
    assert (await directory.get_actor("U0BOB", "T0DEMO")).kind is ActorKind.UNKNOWN
    client.gate.set()
    assert (await directory.get_actor("U0BOB", "T0DEMO")).kind is ActorKind.MEMBER
    assert sorted(client.asked) == ["S0DATA", "U0BOB"]


async def test_groups_that_are_empty_or_not_there_say_so() -> None:
    client = FakeClient({"S0DATA": ["U0BOB"], "S0EMPTY": []})
    found = await made(client).get_groups(frozenset({"S0DATA", "S0EMPTY", "S0GONE"}))
    notes = {name: group.empty_reason for name, group in found.items()}
    assert notes == {"S0DATA": "", "S0EMPTY": "nobody is in it", "S0GONE": "Slack has no such group"}


@pytest.mark.parametrize("code", ["paid_teams_only", "plan_upgrade_required", "missing_scope", "no_such_subteam"])
async def test_a_group_that_slack_never_lists_counts_as_empty_and_people_named_by_id_still_count(code: str) -> None:
    client = FakeClient({"S0DATA": ["U0BOB"]})
    client.refusals = {"S0DATA": code, "list": code}
    directory = made(client, "S0DATA")
    assert await directory.get_actor("U0BOB", "T0DEMO") == Actor(id="U0BOB", kind=ActorKind.MEMBER)
    found = (await directory.get_groups(frozenset({"S0DATA"})))["S0DATA"]
    assert (found.members, found.error_code) == (frozenset(), code)
    assert await resolve_group_handles(client, ["@s0data", "U0BOB"]) == ({}, ["@s0data"])


@pytest.mark.parametrize("about", ["U0BOB", "S0DATA"])
async def test_a_failure_that_passes_makes_somebody_nobody_for_now(about: str) -> None:
    client = FakeClient({"S0DATA": ["U0BOB"]})
    client.refusals = {about: "internal_error"}
    directory = made(client, "S0DATA")
    assert (await directory.get_actor("U0BOB", "T0DEMO")).kind is ActorKind.UNKNOWN
    assert (await directory.fetch_actors(frozenset({"U0BOB"}), frozenset({"S0DATA"})))[
        "U0BOB"
    ].kind is ActorKind.UNKNOWN
    client.refusals = {}
    assert (await directory.get_actor("U0BOB", "T0DEMO")).kind is ActorKind.MEMBER


async def test_facts_are_kept_for_a_press_and_read_anew_for_a_claim() -> None:
    client = FakeClient({"S0DATA": ["U0BOB"]})
    directory, who, groups = made(client, "S0DATA"), frozenset({"U0BOB"}), frozenset({"S0DATA"})
    assert (await directory.get_actor("U0BOB", "T0DEMO")).groups == groups
    client.groups, client.users = {"S0DATA": []}, {"U0BOB": {"deleted": True}}
    assert (await directory.get_actor("U0BOB", "T0DEMO")).groups == groups
    assert await directory.fetch_actors(who, groups) == {"U0BOB": Actor(id="U0BOB", kind=ActorKind.DEACTIVATED)}
    assert (
        await directory.get_actor("U0BOB", "T0DEMO")
    ).kind is ActorKind.DEACTIVATED  # what was read anew is kept, too


OURS = {"enterprise_user": {"teams": ["T0OTHER", "T0DEMO"]}}
SIBLINGS = {"enterprise_user": {"teams": ["T0OTHER"]}}


@pytest.mark.parametrize(
    ("payload", "user", "kind"),
    [
        ("T0DEMO", {}, ActorKind.MEMBER),
        (None, {}, ActorKind.OUTSIDER),
        ("", {}, ActorKind.OUTSIDER),
        ("T0OTHER", {}, ActorKind.OUTSIDER),
        ("T0DEMO", {"team_id": "T0OTHER"}, ActorKind.OUTSIDER),
        ("T0DEMO", {"team_id": "T0OTHER", **SIBLINGS}, ActorKind.OUTSIDER),
        ("T0OTHER", {"team_id": "T0OTHER", **SIBLINGS}, ActorKind.OUTSIDER),
        ("T0OTHER", {"team_id": "T0OTHER", **OURS}, ActorKind.MEMBER),
        ("E0ORG", {"team_id": "E0ORG", **OURS}, ActorKind.MEMBER),
        (None, {"team_id": "E0ORG", **OURS}, ActorKind.MEMBER),
        ("T0OTHER", {"team_id": "T0OTHER", "is_restricted": True, **OURS}, ActorKind.GUEST),
        ("T0OTHER", {"team_id": "T0OTHER", "deleted": True, **OURS}, ActorKind.DEACTIVATED),
        ("T0OTHER", {"enterprise_user": {"teams": "T0DEMO"}}, ActorKind.OUTSIDER),
    ],
)
async def test_who_comes_without_our_team_is_an_outsider_unless_a_member_through_their_organisation(
    payload: str | None, user: Mapping[str, object], kind: ActorKind
) -> None:
    client = FakeClient({}, U0BOB=user)
    assert (await made(client).get_actor("U0BOB", payload)).kind is kind


async def test_who_comes_from_elsewhere_while_slack_says_nothing_is_an_outsider() -> None:
    client = FakeClient({})
    client.refusals = {"U0BOB": "internal_error"}
    assert (await made(client).get_actor("U0BOB", "T0OTHER")).kind is ActorKind.OUTSIDER


@pytest.mark.parametrize("code", ["user_not_found", "user_not_visible"])
async def test_who_is_nobody_in_this_workspace_is_an_outsider(code: str) -> None:
    client = FakeClient({})
    client.refusals = {"U0NOBODY": code}
    assert (await made(client).get_actors(frozenset({"U0NOBODY"})))["U0NOBODY"].kind is ActorKind.OUTSIDER
