"""Kill the bot with SIGKILL at random moments of random changes: each change is made once, and its card is right.

    python -m bench.kills [SEED] [ROUNDS]

Half of the workspaces store their requests in SQLite, and half in PostgreSQL at 127.0.0.1 if there is one. The same
SEED gives the same kinds and moments. The program ends with status 1 at the first violation. A process is killed again
while it finishes the changes of the one before it, so recovery is interrupted too.
"""

import asyncio
import itertools
import random
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests.races.change_process import Ready, asked
from tests.races.race_setup import Bots, scene
from tests.support.databases import has_postgresql

ROUNDS = 200

#: The longest time from the click to the kill, in seconds.
_MAX_DELAY = 0.3

#: The seconds of each call to Segment.
_SEGMENT_DELAY = 0.06

#: Concurrent workspaces.
_CONCURRENCY = 2

#: The warehouses of one workspace; each is used for one round.
_WAREHOUSES = (
    "prod-snowflake", "finance-snowflake", "analytics-redshift", "crm-postgres", "support-postgres",
    "marketing-bigquery", "ml-databricks", "staging-snowflake", "staging-postgres",
)  # fmt: skip


class Plan(NamedTuple):
    """The plan of a round: a change of `kind` to the warehouse `name`, and the kill `delay` seconds after the click."""

    kind: str
    name: str
    delay: float


async def run_rounds(folder: Path, generator: random.Random, count: int) -> Counter[str]:
    """Run `count` rounds, and count them by kind, last transition before the kill, and outcome.

    Raises AssertionError for a violation.
    """
    outcomes: Counter[str] = Counter()
    semaphore = asyncio.Semaphore(_CONCURRENCY)
    databases = ("sqlite", "postgresql") if await has_postgresql() else ("sqlite",)

    async def run_numbered(number: int, plans: Sequence[Plan]) -> None:
        workspace_folder = folder / str(number)
        workspace_folder.mkdir()
        async with semaphore, scene(workspace_folder, databases[number % len(databases)]) as bots:
            outcomes.update(await _run_workspace(bots, plans))
            print(f"{sum(outcomes.values())} of {count}", flush=True)

    all_plans = [_make_plan(generator, name) for name in itertools.islice(itertools.cycle(_WAREHOUSES), count)]
    async with asyncio.TaskGroup() as group:
        for number, first in enumerate(range(0, count, len(_WAREHOUSES))):
            group.create_task(run_numbered(number, all_plans[first : first + len(_WAREHOUSES)]))
    return outcomes


async def _run_workspace(bots: Bots, plans: Sequence[Plan]) -> Counter[str]:
    # With this delay, kills happen in every step of a change.
    await bots.workspace.fault("segment", "/profiles-warehouses", times=None, delay=_SEGMENT_DELAY)
    outcomes: Counter[str] = Counter()
    for ready, stage in [await _run_round(bots, plan) for plan in plans]:
        stored = await ready.sound(bots)
        outcomes[f"{ready.kind}, killed after {stage}: {stored.request.state.value}"] += 1
    return outcomes


def _make_plan(generator: random.Random, name: str) -> Plan:
    kinds = ("create", "disable", "delete", *(["update"] if "snowflake" in name else []))
    return Plan(generator.choice(kinds), name, generator.uniform(0, _MAX_DELAY))


async def _run_round(bots: Bots, plan: Plan) -> tuple[Ready, str]:
    kind, name, delay = plan
    process = bots.running[0] if bots.running else await bots.start()
    ready = await asked(bots.workspace, kind, f"new-{name}" if kind == "create" else name)
    click = ready.go()
    await asyncio.sleep(delay)
    await bots.kill(process)
    stored = await ready.stored(bots)
    stage = stored.request.last_transition.kind if stored and stored.request.last_transition else "nothing was stored"
    await bots.start()
    if stored is None or stored.request.is_waiting:  # the click was lost: Slack shows an error, and one clicks again
        assert not (await click)["ok"], "a click was acknowledged, and lost"
        assert (await ready.press())["ok"]
    await click
    return ready, stage


async def _main(seed: int, count: int) -> None:
    print(f"seed {seed}, {count} rounds", flush=True)
    generator = random.Random(seed)  # noqa: S311 - moments, not keys
    started_at = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        try:
            outcomes = await run_rounds(Path(folder), generator, count)
        except* (AssertionError, TimeoutError) as errors:
            traceback.print_exception(errors)
            print(f"VIOLATED (seed {seed})")
            sys.exit(1)
    for outcome, times in sorted(outcomes.items()):
        print(f"{times:5}  {outcome}")
    seconds = time.monotonic() - started_at
    print(f"{outcomes.total()} rounds in {seconds:.0f} s: each change was made at most once, and its card is right")


if __name__ == "__main__":
    arguments = [int(argument) for argument in sys.argv[1:3]]
    random_seed = arguments[0] if arguments else random.SystemRandom().randrange(10**6)
    asyncio.run(_main(random_seed, arguments[1] if len(arguments) > 1 else ROUNDS))
