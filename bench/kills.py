"""kill -9 at random moments of random changes: each ends once, and as its card says.

    python -m bench.kills [SEED] [ROUNDS]

Half of the workspaces keep their requests in SQLite, half in the PostgreSQL at 127.0.0.1, where there is one; without
it all are SQLite. The same SEED makes the same kinds and moments. Ends with status 1 at the first thing that does not
hold. A process is killed again while it still finishes what the one before it left, so recovering is killed too.
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

#: Seconds after the press within which the process is killed.
_WITHIN = 0.3

#: Seconds that each call to Segment takes.
_CALL = 0.06

#: Workspaces at the same time.
_AT_ONCE = 2

#: The warehouses of one workspace, each for one round.
_NAMES = (
    "prod-snowflake", "finance-snowflake", "analytics-redshift", "crm-postgres", "support-postgres",
    "marketing-bigquery", "ml-databricks", "staging-snowflake", "staging-postgres",
)  # fmt: skip


class Plan(NamedTuple):
    """What one round does: a change of `kind` of the warehouse `name`, killed `moment` seconds after the press."""

    kind: str
    name: str
    moment: float


async def rounds(folder: Path, chance: random.Random, count: int) -> Counter[str]:
    """How `count` rounds ended, by kind, what was stored at the kill, and outcome. Raises AssertionError."""
    ends: Counter[str] = Counter()
    gate = asyncio.Semaphore(_AT_ONCE)
    stores = ("sqlite", "postgresql") if await has_postgresql() else ("sqlite",)

    async def workspace(number: int, plans: Sequence[Plan]) -> None:
        place = folder / str(number)
        place.mkdir()
        async with gate, scene(place, stores[number % len(stores)]) as bots:
            ends.update(await _workspace(bots, plans))
            print(f"{sum(ends.values())} of {count}", flush=True)

    planned = [_plan(chance, name) for name in itertools.islice(itertools.cycle(_NAMES), count)]
    async with asyncio.TaskGroup() as group:
        for number, first in enumerate(range(0, count, len(_NAMES))):
            group.create_task(workspace(number, planned[first : first + len(_NAMES)]))
    return ends


async def _workspace(bots: Bots, plans: Sequence[Plan]) -> Counter[str]:
    # Slow enough that the moments fall into every step of a change.
    await bots.workspace.fault("segment", "/profiles-warehouses", times=None, delay=_CALL)
    ends: Counter[str] = Counter()
    for ready, stage in [await _killed(bots, plan) for plan in plans]:
        stored = await ready.sound(bots)
        ends[f"{ready.kind}, killed after {stage}: {stored.request.state.value}"] += 1
    return ends


def _plan(chance: random.Random, name: str) -> Plan:
    kinds = ("create", "disable", "delete", *(["update"] if "snowflake" in name else []))
    return Plan(chance.choice(kinds), name, chance.uniform(0, _WITHIN))


async def _killed(bots: Bots, plan: Plan) -> tuple[Ready, str]:
    kind, name, moment = plan
    process = bots.running[0] if bots.running else await bots.start()
    ready = await asked(bots.workspace, kind, f"new-{name}" if kind == "create" else name)
    pressed = ready.go()
    await asyncio.sleep(moment)
    await bots.kill(process)
    stored = await ready.stored(bots)
    stage = stored.request.last_transition.kind if stored and stored.request.last_transition else "nothing was stored"
    await bots.start()
    if stored is None or stored.request.is_waiting:  # the press was lost: its person is told, and presses again
        assert not (await pressed)["ok"], "a press was acknowledged, and lost"
        assert (await ready.press())["ok"]
    await pressed
    return ready, stage


async def _main(seed: int, count: int) -> None:
    print(f"seed {seed}, {count} rounds", flush=True)
    chance = random.Random(seed)  # noqa: S311 - moments, not keys
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        try:
            ends = await rounds(Path(folder), chance, count)
        except* (AssertionError, TimeoutError) as errors:
            traceback.print_exception(errors)
            print(f"VIOLATED (seed {seed})")
            sys.exit(1)
    for end, times in sorted(ends.items()):
        print(f"{times:5}  {end}")
    took = time.monotonic() - began
    print(f"{ends.total()} rounds in {took:.0f} s: each was done once at most, and its card tells the truth")


if __name__ == "__main__":
    words = [int(word) for word in sys.argv[1:3]]
    given = words[0] if words else random.SystemRandom().randrange(10**6)
    asyncio.run(_main(given, words[1] if len(words) > 1 else ROUNDS))
