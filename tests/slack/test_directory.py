"""The directory, when Slack answers quickly, slowly, or not at all."""

import asyncio
from collections.abc import Mapping

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.actors import Actor, ActorKind
from bot.slack import directory as directory_module
from bot.slack.background import BackgroundTasks
from bot.slack.directory import SlackDirectory, resolve_group_handles


class FakeClient(AsyncWebClient):
    """People and groups in memory. While `gate` is not set, no call is answered."""

    def __init__(self, groups: Mapping[str, list[str]], **users: Mapping[str, object]) -> None:
        super().__init__()
        self.groups = groups
        self.users = dict(users)
        self.refusals: dict[str, str] = {}
        self.gate = asyncio.Event()
        self.gate.set()
        self.lookups: list[str] = []

    async def users_info(self, *, user: str, **_: object) -> dict[str, object]:  # type: ignore[override]
        self.lookups.append(user)
        await self.gate.wait()
        self._refuse(user)
        return {"user": {"id": user, "team_id": "T0DEMO", **self.users.get(user, {})}}

    async def usergroups_users_list(self, *, usergroup: str, **_: object) -> dict[str, object]:  # type: ignore[override]
        self.lookups.append(usergroup)
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

    def _refuse(self, key: str) -> None:
        if code := self.refusals.get(key):
            raise refusal(code)


def refusal(code: str) -> SlackApiError:
    return SlackApiError("refused", {"ok": False, "error": code})  # type: ignore[no-untyped-call]  # slack-sdk leaves it untyped


def create_directory(client: FakeClient, *groups: str) -> SlackDirectory:
    return SlackDirectory(client, "T0DEMO", frozenset(groups), BackgroundTasks())


async def test_a_member_has_the_groups_that_the_policy_names() -> None:
    client = FakeClient({"S0DATA": ["U0BOB"], "S0OTHER": ["U0CAROL"]})
    actor = await create_directory(client, "S0DATA", "S0OTHER").get_actor("U0BOB", "T0DEMO")
    assert (actor.kind, actor.groups) == (ActorKind.MEMBER, frozenset({"S0DATA"}))


async def test_simultaneous_clicks_make_one_lookup() -> None:
    client = FakeClient({"S0DATA": ["U0BOB"]})
    directory = create_directory(client, "S0DATA")
    await asyncio.gather(*(directory.get_actor("U0BOB", "T0DEMO") for _ in range(50)))
    assert sorted(client.lookups) == ["S0DATA", "U0BOB"]


async def test_a_person_is_unknown_until_slack_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    client = FakeClient({"S0DATA": ["U0BOB"]})
    client.gate.clear()
    directory = create_directory(client, "S0DATA")
    monkeypatch.setattr(directory_module, "_INTERACTION_TIMEOUT", 0.01)
    assert (await directory.get_actor("U0BOB", "T0DEMO")).kind is ActorKind.UNKNOWN
    client.gate.set()
    assert (await directory.get_actor("U0BOB", "T0DEMO")).kind is ActorKind.MEMBER
    assert sorted(client.lookups) == ["S0DATA", "U0BOB"]


async def test_empty_and_missing_groups_say_why_they_are_empty() -> None:
    client = FakeClient({"S0DATA": ["U0BOB"], "S0EMPTY": []})
    found = await create_directory(client).get_groups(frozenset({"S0DATA", "S0EMPTY", "S0GONE"}))
    notes = {name: group.empty_reason for name, group in found.items()}
    assert notes == {"S0DATA": "", "S0EMPTY": "nobody is in it", "S0GONE": "Slack has no such group"}


@pytest.mark.parametrize("code", ["paid_teams_only", "plan_upgrade_required", "missing_scope", "no_such_subteam"])
async def test_an_unreadable_group_counts_as_empty_and_people_named_by_id_still_count(code: str) -> None:
    client = FakeClient({"S0DATA": ["U0BOB"]})
    client.refusals = {"S0DATA": code, "list": code}
    directory = create_directory(client, "S0DATA")
    assert await directory.get_actor("U0BOB", "T0DEMO") == Actor(id="U0BOB", kind=ActorKind.MEMBER)
    found = (await directory.get_groups(frozenset({"S0DATA"})))["S0DATA"]
    assert (found.members, found.error_code) == (frozenset(), code)
    assert await resolve_group_handles(client, ["@s0data", "U0BOB"]) == ({}, ["@s0data"])


@pytest.mark.parametrize("failing_id", ["U0BOB", "S0DATA"])
async def test_a_person_is_unknown_while_slack_fails(failing_id: str) -> None:
    client = FakeClient({"S0DATA": ["U0BOB"]})
    client.refusals = {failing_id: "internal_error"}
    directory = create_directory(client, "S0DATA")
    assert (await directory.get_actor("U0BOB", "T0DEMO")).kind is ActorKind.UNKNOWN
    assert (await directory.fetch_actors(frozenset({"U0BOB"}), frozenset({"S0DATA"})))[
        "U0BOB"
    ].kind is ActorKind.UNKNOWN
    client.refusals = {}
    assert (await directory.get_actor("U0BOB", "T0DEMO")).kind is ActorKind.MEMBER


async def test_facts_are_cached_for_a_click_and_read_again_for_a_claim() -> None:
    client = FakeClient({"S0DATA": ["U0BOB"]})
    directory, user_ids, groups = create_directory(client, "S0DATA"), frozenset({"U0BOB"}), frozenset({"S0DATA"})
    assert (await directory.get_actor("U0BOB", "T0DEMO")).groups == groups
    client.groups, client.users = {"S0DATA": []}, {"U0BOB": {"deleted": True}}
    assert (await directory.get_actor("U0BOB", "T0DEMO")).groups == groups
    assert await directory.fetch_actors(user_ids, groups) == {"U0BOB": Actor(id="U0BOB", kind=ActorKind.DEACTIVATED)}
    assert (
        await directory.get_actor("U0BOB", "T0DEMO")
    ).kind is ActorKind.DEACTIVATED  # the cache has what was read last


OUR_ORGANISATION = {"enterprise_user": {"teams": ["T0OTHER", "T0DEMO"]}}
SIBLING_WORKSPACE = {"enterprise_user": {"teams": ["T0OTHER"]}}


@pytest.mark.parametrize(
    ("payload", "user", "kind"),
    [
        ("T0DEMO", {}, ActorKind.MEMBER),
        (None, {}, ActorKind.OUTSIDER),
        ("", {}, ActorKind.OUTSIDER),
        ("T0OTHER", {}, ActorKind.OUTSIDER),
        ("T0DEMO", {"team_id": "T0OTHER"}, ActorKind.OUTSIDER),
        ("T0DEMO", {"team_id": "T0OTHER", **SIBLING_WORKSPACE}, ActorKind.OUTSIDER),
        ("T0OTHER", {"team_id": "T0OTHER", **SIBLING_WORKSPACE}, ActorKind.OUTSIDER),
        ("T0OTHER", {"team_id": "T0OTHER", **OUR_ORGANISATION}, ActorKind.MEMBER),
        ("E0ORG", {"team_id": "E0ORG", **OUR_ORGANISATION}, ActorKind.MEMBER),
        (None, {"team_id": "E0ORG", **OUR_ORGANISATION}, ActorKind.MEMBER),
        ("T0OTHER", {"team_id": "T0OTHER", "is_restricted": True, **OUR_ORGANISATION}, ActorKind.GUEST),
        ("T0OTHER", {"team_id": "T0OTHER", "deleted": True, **OUR_ORGANISATION}, ActorKind.DEACTIVATED),
        ("T0OTHER", {"enterprise_user": {"teams": "T0DEMO"}}, ActorKind.OUTSIDER),
    ],
)
async def test_a_person_of_another_team_is_an_outsider_unless_their_organisation_makes_them_a_member(
    payload: str | None, user: Mapping[str, object], kind: ActorKind
) -> None:
    client = FakeClient({}, U0BOB=user)
    assert (await create_directory(client).get_actor("U0BOB", payload)).kind is kind


async def test_a_person_of_another_team_is_an_outsider_while_slack_fails() -> None:
    client = FakeClient({})
    client.refusals = {"U0BOB": "internal_error"}
    assert (await create_directory(client).get_actor("U0BOB", "T0OTHER")).kind is ActorKind.OUTSIDER


@pytest.mark.parametrize("code", ["user_not_found", "user_not_visible"])
async def test_a_user_id_unknown_in_this_workspace_is_an_outsider(code: str) -> None:
    client = FakeClient({})
    client.refusals = {"U0NOBODY": code}
    assert (await create_directory(client).get_actors(frozenset({"U0NOBODY"})))["U0NOBODY"].kind is ActorKind.OUTSIDER
