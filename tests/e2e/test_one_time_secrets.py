"""A secret handed over on the one-time page: it reaches Segment, and nothing else."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from tests.e2e.conftest import StartBot
from tests.support.local_workspace import Process, Workspace, until
from tests.support.secret_page import KEY, Browser, address, own_nonce, page_variables

VALUE = "canary-p4ssw0rd-canary"
FIELDS = {"account_id": "acme", "username": "S", "warehouse": "W", "database_name": "D"}


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    made = Browser()
    yield made
    await made.http.aclose()


async def form_with_link(workspace: Workspace, kind: str = "Snowflake") -> tuple[dict[str, Any], str]:
    await workspace.command("create prod")
    await workspace.choose(await workspace.view(having="Choose a type"), "type", kind)
    view = await workspace.view(having="Schema name")
    await workspace.press(view, "Enter it on a one-time page")
    view = await workspace.view(having="Open the page")
    return view, address(view)


async def test_what_is_entered_on_the_page_reaches_segment_and_is_erased(
    workspace: Workspace, start_bot: StartBot, browser: Browser, way: str, tmp_path: Path
) -> None:
    bot = await start_bot(way, LOG_LEVEL="DEBUG", **page_variables())
    _, url = await form_with_link(workspace)
    answer = await browser.send(url, f"{VALUE}\r\n")
    assert answer.status_code == 200
    assert "Received" in answer.text
    assert url.rpartition("/")[2] not in str(answer.url)
    view = await workspace.view(having="*Password* received")
    assert url.rpartition("/")[2].encode() not in await asyncio.to_thread(content, tmp_path)
    assert kept(tmp_path) == 1
    await workspace.press(view, "Test connection", values=await workspace.fill(view, **FIELDS))
    view = await workspace.view(having="Segment can connect")
    await workspace.submit(view, name="handed", **FIELDS)
    await workspace.sees("handed is created", thread_ts=None)
    assert (await workspace.warehouses())["handed"]["secrets"] == {"password": "set"}
    assert kept(tmp_path) == 0
    await assert_nowhere(workspace, bot, tmp_path)


async def test_a_value_waits_for_its_approval_through_a_kill_and_a_new_key(
    workspace: Workspace, start_bot: StartBot, browser: Browser, tmp_path: Path
) -> None:
    first = await start_bot(**page_variables())
    card = await ask_for_new_password(workspace, browser)
    assert "Password → entered on a one-time page" in card["text"]
    await first.kill()
    newer = Fernet.generate_key().decode()
    second = await start_bot(**page_variables(ENCRYPTION_KEYS=f"{newer},{KEY}"))
    await second.kill()
    third = await start_bot(**page_variables(ENCRYPTION_KEYS=newer))
    await workspace.click(await workspace.sees("asks to update"), "Approve update", "U0BOB", confirm=True)
    await workspace.sees("prod-snowflake is updated", thread_ts=None)
    assert (await workspace.warehouses())["prod-snowflake"]["credentialsReplaced"] == 1
    assert kept(tmp_path) == 0
    await assert_nowhere(workspace, third, tmp_path)


async def test_a_value_whose_key_is_gone_fails_the_request_and_says_why(
    workspace: Workspace, start_bot: StartBot, browser: Browser, tmp_path: Path
) -> None:
    first = await start_bot(**page_variables())
    card = await ask_for_new_password(workspace, browser)
    await first.kill()
    await start_bot(**page_variables(ENCRYPTION_KEYS=Fernet.generate_key().decode()))
    await workspace.click(card, "Approve update", "U0BOB", confirm=True)
    await workspace.sees("sealed with a key that is no longer in ENCRYPTION_KEYS")
    assert (await workspace.warehouses())["prod-snowflake"]["credentialsReplaced"] == 0
    assert kept(tmp_path) == 0


@pytest.mark.parametrize("end", ["deny", "cancel", "refused by Segment"])
async def test_a_value_is_erased_however_its_request_ends(
    workspace: Workspace, start_bot: StartBot, browser: Browser, tmp_path: Path, end: str
) -> None:
    await start_bot(**page_variables())
    card = await ask_for_new_password(workspace, browser)
    assert kept(tmp_path) == 1
    match end:
        case "deny":
            await workspace.click(card, "Deny", "U0BOB")
            await workspace.submit(await workspace.view("U0BOB", having="Why"), "U0BOB", why="not now")
            await workspace.sees("denied by")
        case "cancel":
            await workspace.click(card, "Cancel", "U0ALICE")
            await workspace.sees("cancelled")
        case _:
            await workspace.fault("segment", "PATCH /spaces", status=422, error=f"{VALUE} is weak")
            await workspace.click(card, "Approve update", "U0BOB", confirm=True)
            await workspace.sees("Segment refused")
    assert kept(tmp_path) == 0


async def test_no_address_of_a_page_is_kept(
    workspace: Workspace, start_bot: StartBot, browser: Browser, tmp_path: Path
) -> None:
    await start_bot(**page_variables())
    _, url = await form_with_link(workspace)
    assert (await browser.open(url)).status_code == 200
    assert url.rpartition("/")[2].encode() not in await asyncio.to_thread(content, tmp_path)


async def test_a_link_works_once_and_a_newer_one_ends_it(
    workspace: Workspace, start_bot: StartBot, browser: Browser, tmp_path: Path
) -> None:
    await start_bot(**page_variables())
    view, first = await form_with_link(workspace)
    await workspace.press(view, "Enter it on a one-time page")

    async def another() -> str | None:
        found = address(await workspace.view(having="Open the page"))
        return found if found != first else None

    second = await until(another)
    assert (await browser.open(first)).status_code == 410
    assert (await browser.open(second)).status_code == 200
    assert (await browser.open(second)).status_code == 200  # looking, as previews of links do, uses nothing up
    assert (await browser.send(second, VALUE)).status_code == 200
    for again in (await browser.open(second), await browser.http.post(second, data={"value": "another"})):
        assert again.status_code in {403, 410}
        assert VALUE not in again.text
    assert kept(tmp_path) == 1


async def test_a_link_raced_by_many_takes_one_value(
    workspace: Workspace, start_bot: StartBot, browser: Browser, tmp_path: Path
) -> None:
    await start_bot(**page_variables())
    _, url = await form_with_link(workspace)
    await browser.open(url)
    answers = await asyncio.gather(*(browser.send(url, f"{VALUE}-{number}") for number in range(8)))
    assert sorted(each.status_code for each in answers)[:2] == [200, 410]
    assert kept(tmp_path) == 1


async def test_what_another_site_sends_is_not_taken(
    workspace: Workspace, start_bot: StartBot, browser: Browser, tmp_path: Path
) -> None:
    await start_bot(**page_variables())
    _, url = await form_with_link(workspace)
    stranger = Browser()
    bare = await stranger.http.post(url, data={"value": "evil"})
    forged = await browser.send(url, "evil", nonce="forged")
    elsewhere = await browser.send(url, "evil", site="cross-site")
    assert [each.status_code for each in (bare, forged, elsewhere)] == [403, 403, 403]
    assert kept(tmp_path) == 0
    assert (await browser.send(url, VALUE)).status_code == 200
    await stranger.http.aclose()


async def test_every_answer_forbids_keeping_framing_and_telling_where_it_came_from(
    workspace: Workspace, start_bot: StartBot, browser: Browser
) -> None:
    await start_bot(**page_variables())
    _, url = await form_with_link(workspace)
    for answer in (
        await browser.open(url),
        await browser.send(url, "   "),
        await browser.send(url, "x" * 16_385),
        await browser.send(url, "x" * 300_000),
        await browser.send(url, VALUE),
        await browser.open(url),
        await browser.open(url.rpartition("/")[0] + "/guess"),
    ):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'sha256-")
        assert "script" not in answer.text
        assert "Server" not in answer.headers or "aiohttp" in answer.headers["Server"]


async def test_what_no_page_of_ours_sends_is_refused_and_uses_nothing_up(
    workspace: Workspace, start_bot: StartBot, browser: Browser, tmp_path: Path
) -> None:
    bot = await start_bot(LOG_LEVEL="DEBUG", **page_variables())
    _, url = await form_with_link(workspace)
    nonce = own_nonce((await browser.open(url)).text)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answers = [
        await browser.http.post(url, data={"nonce": nonce}, files={"value": ("secret.txt", VALUE)}),
        await browser.http.post(url, content=f"nonce={nonce}&value=%ff%fe".encode(), headers=form),
        await browser.http.post(url, content=b"\xff\xfe" * 50, headers=form),
        await browser.http.post(url, content=b"--", headers={"Content-Type": "multipart/form-data; boundary=x"}),
        await browser.http.put(url, content=VALUE.encode()),
        await browser.http.request("OPTIONS", url),
        await browser.http.head(url),
    ]
    assert all(each.status_code < 500 for each in answers), answers
    assert kept(tmp_path) == 0
    assert (await browser.send(url, VALUE)).status_code == 200
    await assert_nowhere(workspace, bot, tmp_path)


async def test_the_database_holds_no_link_that_works(workspace: Workspace, start_bot: StartBot, tmp_path: Path) -> None:
    await start_bot(**page_variables())
    _, url = await form_with_link(workspace)

    async def drawn() -> bytes | None:
        raw = await asyncio.to_thread(content, tmp_path)
        return raw if b"its page works once" in raw else None

    assert url.rpartition("/")[2].encode() not in await until(drawn)


async def test_what_is_entered_for_one_type_goes_with_that_type_alone(
    workspace: Workspace, start_bot: StartBot, browser: Browser
) -> None:
    await start_bot(**page_variables())
    _, url = await form_with_link(workspace)
    await browser.send(url, VALUE)
    await workspace.choose(await workspace.view(having="*Password* received"), "type", "Postgres")
    other = await workspace.view(having="Hostname")
    assert "*Password* received" not in str(other)
    await workspace.choose(other, "type", "Snowflake")
    await workspace.choose(await workspace.view(having="*Password* received"), "type", "Postgres")
    other = await workspace.view(having="Hostname")
    fields = {"hostname": "db.example.com", "port": "5432", "database_name": "d", "username": "u"}
    await workspace.submit(other, name="other", password="LOADER", **fields)
    await workspace.sees("Password → secret LOADER", thread_ts=None)


async def test_one_address_can_not_ask_without_end(workspace: Workspace, start_bot: StartBot, browser: Browser) -> None:
    variables = page_variables()
    await start_bot(**variables)
    url = f"{variables['PUBLIC_URL']}/secret/guess"
    answers = [(await browser.open(url)).status_code for _ in range(130)]  # a minute may begin in between
    assert answers.count(410) in range(60, 121)
    assert answers[-1] == 429


async def test_what_is_typed_into_slack_is_kept_sealed_where_that_is_allowed(
    workspace: Workspace, start_bot: StartBot, tmp_path: Path
) -> None:
    bot = await start_bot(LOG_LEVEL="DEBUG", ENCRYPTION_KEYS=KEY, ALLOW_SECRETS_IN_SLACK="true")
    await workspace.command("update prod-snowflake")
    view = await workspace.view(having="Slack keeps what you type here")
    await workspace.submit(view, **{"password,_typed_here": VALUE, "why": "rotated"})
    card = await workspace.sees("asks to update prod-snowflake")
    assert "Password → typed into Slack" in card["text"]
    assert kept(tmp_path) == 1
    await workspace.click(card, "Approve update", "U0BOB", confirm=True)
    await workspace.sees("prod-snowflake is updated", thread_ts=None)
    assert (await workspace.warehouses())["prod-snowflake"]["credentialsReplaced"] == 1
    assert kept(tmp_path) == 0
    await assert_nowhere(workspace, bot, tmp_path, typed=True)


async def test_what_was_typed_and_taken_out_again_is_not_sent(
    workspace: Workspace, start_bot: StartBot, tmp_path: Path
) -> None:
    await start_bot(ENCRYPTION_KEYS=KEY, ALLOW_SECRETS_IN_SLACK="true")
    await workspace.command("update prod-snowflake")
    view = await workspace.view(having="Slack keeps what you type here")
    typed = await workspace.fill(view, **{"password,_typed_here": VALUE})
    await workspace.press(view, "Test connection", values=typed)
    view = await workspace.view(having="Segment can connect")
    await workspace.submit(view, password="LOADER", why="rotated", **{"password,_typed_here": ""})
    await workspace.sees("Password → secret LOADER")


async def test_a_secret_typed_into_slack_is_not_drawn_again(
    workspace: Workspace, start_bot: StartBot, tmp_path: Path
) -> None:
    bot = await start_bot(ENCRYPTION_KEYS=KEY, ALLOW_SECRETS_IN_SLACK="true")
    await workspace.command("create prod")
    await workspace.choose(await workspace.view(having="Choose a type"), "type", "Snowflake")
    view = await workspace.view(having="Schema name")
    await workspace.fault("segment", "POST /spaces", status=422, error=f"{VALUE} is weak", delay=3)
    await workspace.submit(view, name="typed", **FIELDS, **{"password,_typed_here": VALUE})
    await workspace.view(having="is weak")
    await assert_nowhere(workspace, bot, tmp_path, typed=True)


async def test_without_leave_nothing_can_be_typed_or_entered(workspace: Workspace, start_bot: StartBot) -> None:
    await start_bot()
    await workspace.command("update prod-snowflake")
    view = str(await workspace.view(having="Account ID"))
    assert "typed here" not in view
    assert "one-time page" not in view


@pytest.mark.parametrize("delay", [0, 3], ids=["at once", "late"])
async def test_a_form_that_comes_back_says_that_its_value_is_erased_and_does_not_go_without_it(
    workspace: Workspace, start_bot: StartBot, browser: Browser, delay: int
) -> None:
    await start_bot(**page_variables())
    _, url = await form_with_link(workspace)
    await browser.send(url, VALUE)
    view = await workspace.view(having="*Password* received")
    await workspace.fault("segment", "POST /spaces", status=422, error="no", field="settings.account", delay=delay)
    await workspace.submit(view, name="handed", **FIELDS)
    again = await workspace.view(having="is erased. Enter it again")
    assert "*Password* received" not in str(again)
    await workspace.press(again, "Enter it on a one-time page")
    await browser.send(address(await workspace.view(having="Open the page")), VALUE)
    await workspace.submit(await workspace.view(having="*Password* received"), name="handed", **FIELDS)
    await workspace.sees("handed is created", thread_ts=None)


async def test_a_form_whose_value_was_erased_unseen_is_not_taken(
    workspace: Workspace, start_bot: StartBot, browser: Browser, tmp_path: Path
) -> None:
    await start_bot(**page_variables())
    _, url = await form_with_link(workspace)
    await browser.send(url, VALUE)
    view = await workspace.view(having="*Password* received")
    with closing(sqlite3.connect(tmp_path / "bot.db")) as database:
        database.execute("DELETE FROM handovers")
        database.commit()
    await workspace.submit(view, name="handed", **FIELDS)
    await workspace.view(having="is erased. Enter it again")
    assert "handed" not in await workspace.warehouses()


async def ask_for_new_password(workspace: Workspace, browser: Browser) -> dict[str, Any]:
    await workspace.command("update prod-snowflake")
    await workspace.press(await workspace.view(having="Account ID"), "Enter it on a one-time page")
    url = address(await workspace.view(having="Open the page"))
    assert (await browser.send(url, VALUE)).status_code == 200
    await workspace.submit(await workspace.view(having="*Password* received"), why="rotated")
    return await workspace.sees("asks to update prod-snowflake")


def kept(folder: Path) -> int:
    """How many values the database holds, sealed."""
    with closing(sqlite3.connect(f"file:{folder}/bot.db?mode=ro", uri=True)) as database:
        return int(database.execute("SELECT count(*) FROM handovers WHERE sealed IS NOT NULL").fetchone()[0])


async def assert_nowhere(workspace: Workspace, bot: Process, folder: Path, *, typed: bool = False) -> None:
    """The value is in nothing that left the bot; with `typed`, Slack told it to the bot."""
    log = (await workspace.get("log"))["log"]
    slack = [each for each in log if each["side"] == "slack" and not (typed and each["direction"] == "to_bot")]
    assert slack
    assert VALUE not in str(slack)
    assert VALUE not in bot.text
    assert VALUE.encode() not in await asyncio.to_thread(content, folder)


def content(folder: Path) -> bytes:
    """All bytes of the database."""
    return b"".join(file.read_bytes() for file in folder.glob("bot.db*"))
