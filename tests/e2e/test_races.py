"""One execution, however often and wherever a button is pressed, and whenever a process is killed. For real."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.e2e.conftest import StartBot
from tests.support.databases import database
from tests.support.local_workspace import Process, Workspace, until, values

#: A short lease, so that a killed process is soon taken over from.
PACE = '[execution]\nlease = "2s"\nlook_again = "1s"\n[secrets]\nLOADER = ["everyone"]\n'

EVENTS = {"create": "Created", "disable": "Updated", "delete": "Deleted"}
DONE = {"create": "new-one is created", "disable": "prod-snowflake is disabled", "delete": "prod-snowflake is deleted"}
NOT_DONE = "Not created: new-one"
METHODS = {"create": "POST /spaces", "disable": "PATCH /spaces", "delete": "DELETE /spaces"}

Change = str


@pytest.fixture
def policy(tmp_path: Path) -> dict[str, str]:
    file = tmp_path / "policy.toml"
    file.write_text(PACE)
    return {"POLICY_FILE": str(file)}


async def effects(workspace: Workspace, change: Change) -> int:
    """How often the change took effect, by Segment's own audit trail."""
    state = await workspace.get("segment")
    return sum(event["type"] == f"Profiles Sync Warehouse {EVENTS[change]}" for event in state["auditEvents"])


async def begin(workspace: Workspace, change: Change) -> None:
    """Everything up to the press that runs the change."""
    if change == "create":
        await workspace.command("create prod")
        await workspace.choose(await workspace.view(having="Choose a type"), "type", "Redshift")
        await workspace.view(having="Schema name")
    else:
        await workspace.command(f"{change} prod-snowflake --reason moved")
        await workspace.sees(f"asks to {change} prod-snowflake", user="U0BOB", thread_ts=None)


async def press(workspace: Workspace, change: Change) -> None:
    """The press that runs the change; its answer may never come."""
    if change == "create":
        typed = {"hostname": "h", "port": "5439", "database_name": "d", "username": "u", "password": "LOADER"}
        await workspace.submit(await workspace.view(), name="new-one", **typed)
        return
    card = await workspace.sees(f"asks to {change} prod-snowflake", user="U0BOB", thread_ts=None)
    if change == "delete":
        await workspace.approve_deletion(card, "U0BOB", name="prod-snowflake")
    else:
        await workspace.click(card, "Approve disabling", "U0BOB", confirm=True)


async def logged(workspace: Workspace, name: str) -> None:
    async def found() -> bool | None:
        return bool(await workspace.calls(name)) or None

    await until(found)


async def before_the_claim(workspace: Workspace, change: Change) -> None:
    await asyncio.sleep(0.5)  # the fault on the first read holds it there


async def after_the_claim(workspace: Workspace, change: Change) -> None:
    await asyncio.sleep(0.7)  # the fault on the card's first repainting holds it there


async def while_the_call_is_out(workspace: Workspace, change: Change) -> None:
    await asyncio.sleep(0.7)  # the fault on the call holds its answer back


async def after_the_answer(workspace: Workspace, change: Change) -> None:
    await workspace.sees("…", thread_ts=None)  # running: every read before the call is over
    await workspace.fault("segment", "GET /spaces", times=None, delay=10)
    await logged(workspace, METHODS[change])
    await asyncio.sleep(1.0)


async def before_the_card_is_painted(workspace: Workspace, change: Change) -> None:
    await workspace.sees("…", thread_ts=None)
    await workspace.fault("slack", "chat.update", times=None, delay=10)
    await logged(workspace, METHODS[change])
    await asyncio.sleep(1.3)


STEPS: dict[Callable[[Workspace, Change], Awaitable[None]], tuple[str, str, float]] = {
    before_the_claim: ("segment", "GET /spaces/", 10),
    after_the_claim: ("slack", "chat.update", 10),
    while_the_call_is_out: ("segment", "{method}", 3),
    after_the_answer: ("segment", "{method}", 0.8),
    before_the_card_is_painted: ("segment", "{method}", 0.8),
}


async def truth(workspace: Workspace, change: Change) -> str:
    """The card's text once it has ended; where the kill came before the press was kept, it is pressed again."""
    with suppress(TimeoutError):
        return await outcome(workspace, change, 20)
    if change != "create":
        await workspace.sees("0 of 1 approvals", user="U0BOB", thread_ts=None)
        await press(workspace, change)
    return await outcome(workspace, change, 40)


async def outcome(workspace: Workspace, change: Change, patience: float) -> str:
    ends = (DONE[change], NOT_DONE) if change == "create" else (DONE[change],)

    async def ended() -> str | None:
        texts = [each["text"] for each in await workspace.messages() if not each.get("thread_ts")]
        return next((text for text in texts for end in ends if end in text), None)

    return await until(ended, patience=patience)


@pytest.mark.timeout(150)
@pytest.mark.parametrize("change", ["create", "disable", "delete"])
@pytest.mark.parametrize("step", list(STEPS), ids=lambda step: step.__name__)
async def test_killed_at_any_step_it_ends_with_one_effect_and_the_truth(
    workspace: Workspace,
    start_bot: StartBot,
    policy: dict[str, str],
    step: Callable[[Workspace, Change], Awaitable[None]],
    change: Change,
) -> None:
    first = await start_bot(**policy)
    await begin(workspace, change)
    target, match, delay = STEPS[step]
    await workspace.fault(target, match.format(method=METHODS[change]), delay=delay)
    pressing = asyncio.create_task(press(workspace, change))
    await step(workspace, change)
    await first.kill()
    await workspace.clear_faults()
    await start_bot(**policy)
    said = await truth(workspace, change)
    await asyncio.gather(pressing, return_exceptions=True)
    await settled(workspace, change, said)


async def settled(workspace: Workspace, change: Change, said: str) -> None:
    """What the card says is what Segment has, and it had it once."""
    assert await effects(workspace, change) == (1 if DONE[change] in said else 0), said
    has = await workspace.warehouses()
    after = {
        "create": ("new-one" in has) is (DONE["create"] in said),
        "disable": has.get("prod-snowflake", {}).get("enabled") is False,
        "delete": "prod-snowflake" not in has,
    }
    assert after[change], said
    assert len(await workspace.calls("POST /spaces")) <= 1


@pytest.mark.timeout(150)
async def test_killed_at_random_moments_it_still_does(
    workspace: Workspace, start_bot: StartBot, policy: dict[str, str]
) -> None:
    chance = random.Random(7)
    for change in chance.sample(["create", "disable", "delete"], 3):
        await workspace.post("reset")
        bot = await start_bot(**policy)
        await begin(workspace, change)
        pressing = asyncio.create_task(press(workspace, change))
        await asyncio.sleep(chance.random() * 0.3)
        await bot.kill()
        again = await start_bot(**policy)
        await asyncio.gather(pressing, return_exceptions=True)
        if (await effects(workspace, change)) == 0 and not await asked(workspace):
            await again.stop()
            continue  # the press itself never arrived, and nobody was told that it did
        said = await truth(workspace, change)
        await settled(workspace, change, said)
        await again.stop()


async def asked(workspace: Workspace) -> bool:
    """Whether anything still runs, or is about to: a card that no longer waits for a press."""
    await asyncio.sleep(2)
    cards = [each["text"] for each in await workspace.messages() if not each.get("thread_ts")]
    return any("approvals" not in text for text in cards)


@pytest.mark.timeout(150)
async def test_a_thousand_presses_on_three_processes_are_one_call(
    workspace: Workspace, start_bot: StartBot, tmp_path: Path
) -> None:
    async with database("postgresql", tmp_path) as url:
        bots = [await start_bot(DATABASE_URL=url) for _ in range(3)]
        await workspace.command("disable prod-snowflake --reason moved")
        card = await workspace.sees("asks to disable prod-snowflake", user="U0BOB")
        await workspace.fault("slack", "chat.update", times=None, delay=15)  # the button stays while the presses come
        gate = asyncio.Semaphore(40)

        async def one(number: int) -> None:
            async with gate:
                await workspace.click(card, "Approve disabling", ("U0BOB", "U0CAROL")[number % 2], confirm=True)

        await asyncio.gather(*(one(number) for number in range(1000)))
        await workspace.clear_faults()
        await workspace.sees("prod-snowflake is disabled", thread_ts=None)
        assert len(await workspace.calls("PATCH /spaces")) == 1
        assert await effects(workspace, "disable") == 1
        said = [each for each in await workspace.messages() if "prod-snowflake" in each["text"]]
        assert len([each for each in said if not each.get("thread_ts")]) == 1
        delivered = len(await workspace.calls("block_actions"))
        assert delivered > 100  # the others found that the button was gone

        async def heard() -> bool | None:
            told = [each for user in ("U0BOB", "U0CAROL") for each in await workspace.messages(user)]
            return sum(each["ephemeral"] and "approved this" in each["text"] for each in told) == delivered - 1 or None

        assert await until(heard, patience=60)
        for bot in bots:
            assert await bot.stop() == 0


@pytest.mark.timeout(150)
async def test_any_process_takes_any_press_and_takes_over_from_a_dead_one(
    workspace: Workspace, start_bot: StartBot, policy: dict[str, str], tmp_path: Path
) -> None:
    async with database("postgresql", tmp_path) as url:
        first = await start_bot(DATABASE_URL=url, **policy)
        await workspace.command("delete legacy-redshift --reason moved")
        card = await workspace.sees("asks to delete legacy-redshift", user="U0BOB")
        second = await start_bot(DATABASE_URL=url, **policy)
        await workspace.fault("segment", "DELETE /spaces", times=2, delay=3)
        await workspace.approve_deletion(card, "U0BOB")
        await workspace.sees("deleting legacy-redshift", thread_ts=None)
        # One of the two holds the claim; the other finishes what it can't.
        await first.kill()
        done = await workspace.sees("legacy-redshift is deleted", thread_ts=None)
        assert done["ts"] == card["ts"]
        assert await effects(workspace, "delete") == 1
        assert await second.stop() == 0


async def test_two_of_a_quorum_at_once_are_one_call(workspace: Workspace, start_bot: StartBot, tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text("[defaults]\napprovals = 2\n")
    async with database("postgresql", tmp_path) as url:
        bots: list[Process] = [await start_bot(DATABASE_URL=url, POLICY_FILE=str(file)) for _ in range(2)]
        await workspace.command("delete legacy-redshift --reason moved")
        card = await workspace.sees("asks to delete legacy-redshift", user="U0BOB")
        typed = {}
        for user in ("U0BOB", "U0CAROL"):
            await workspace.click(card, "Approve deletion", user)
            typed[user] = values(await workspace.view(user, having="Type its name"), type_its_name="legacy-redshift")
        await asyncio.gather(*(workspace.post("submit", user=user, values=named) for user, named in typed.items()))
        await workspace.sees("legacy-redshift is deleted", thread_ts=None)
        assert len(await workspace.calls("DELETE /spaces")) == 1
        for bot in bots:
            assert await bot.stop() == 0


async def test_the_requester_cancelling_while_the_last_vote_comes_ends_in_one_of_the_two(
    workspace: Workspace, start_bot: StartBot, tmp_path: Path
) -> None:
    async with database("postgresql", tmp_path) as url:
        bots = [await start_bot(DATABASE_URL=url) for _ in range(2)]
        await workspace.command("disable prod-snowflake --reason moved")
        card = await workspace.sees("asks to disable prod-snowflake", user="U0BOB")
        await asyncio.gather(
            workspace.click(card, "Approve disabling", "U0BOB", confirm=True),
            workspace.click(card, "Cancel", "U0ALICE"),
        )

        async def ended() -> str | None:
            texts = [each["text"] for each in await workspace.messages() if each["ts"] == card["ts"]]
            return next((text for text in texts if "is disabled" in text or "cancelled by" in text), None)

        said = await until(ended)
        enabled = (await workspace.warehouses())["prod-snowflake"]["enabled"]
        assert enabled is ("cancelled by" in said)
        assert await effects(workspace, "disable") == (0 if enabled else 1)
        for bot in bots:
            assert await bot.stop() == 0
