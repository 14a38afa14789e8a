"""kill -9 at random moments of random changes: each ends once, and as its card says.

    python -m bench.kills [SEED] [ROUNDS]

The same SEED makes the same kinds and moments. Ends with status 1 at the first thing that does not hold. A process is
killed again while it still finishes what the one before it left, so recovering is killed too.
"""

import asyncio
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.races.changing import Ready, asked
from tests.races.scene import Bots, scene

ROUNDS = 200

#: Seconds after the press within which the process is killed.
_WITHIN = 0.3

#: Seconds that each call to Segment takes.
_CALL = 0.06

#: The warehouses of one workspace, each for one round.
_NAMES = (
    "prod-snowflake", "finance-snowflake", "analytics-redshift", "crm-postgres", "support-postgres",
    "marketing-bigquery", "ml-databricks", "staging-snowflake", "staging-postgres",
)  # fmt: skip


async def rounds(folder: Path, chance: random.Random, count: int) -> Counter[str]:
    """How `count` rounds ended, by kind, what was stored at the kill, and outcome. Raises AssertionError."""
    ends: Counter[str] = Counter()
    for first in range(0, count, len(_NAMES)):
        place = folder / str(first)
        place.mkdir()
        async with scene(place) as bots:
            # Slow enough that the moments fall into every step of a change.
            await bots.workspace.fault("segment", "/profiles-warehouses", times=None, delay=_CALL)
            killed = [await _killed(bots, chance, name) for name in _NAMES[: count - first]]
            for ready, stage in killed:
                stored = await ready.sound(bots)
                ends[f"{ready.kind}, killed after {stage}: {stored.request.state.value}"] += 1
        print(f"{min(first + len(_NAMES), count)} of {count}", flush=True)
    return ends


async def _killed(bots: Bots, chance: random.Random, name: str) -> tuple[Ready, str]:
    kind, moment = chance.choice(("create", "disable", "delete")), chance.uniform(0, _WITHIN)
    process = bots.running[0] if bots.running else await bots.start()
    ready = await asked(bots.workspace, kind, f"new-{name}" if kind == "create" else name)
    pressed = ready.go()
    await asyncio.sleep(moment)
    await bots.kill(process)
    stored = await ready.stored(bots)
    stage = stored.request.last.kind if stored and stored.request.last else "nothing was stored"
    await bots.start()
    if stored is None or stored.request.waiting:  # the press was lost: its person is told, and presses again
        assert not (await pressed)["ok"], "a press was acknowledged, and lost"
        assert (await ready.press())["ok"]
    await pressed
    return ready, stage


async def _main(seed: int, count: int) -> int:
    print(f"seed {seed}, {count} rounds", flush=True)
    chance = random.Random(seed)  # noqa: S311 - moments, not keys
    with tempfile.TemporaryDirectory() as folder:
        try:
            ends = await rounds(Path(folder), chance, count)
        except (AssertionError, TimeoutError) as error:
            print(f"VIOLATED (seed {seed}): {error!r}")
            return 1
    for end, times in sorted(ends.items()):
        print(f"{times:5}  {end}")
    print(f"{sum(ends.values())} rounds: each was done once at most, and its card tells the truth")
    return 0


if __name__ == "__main__":
    words = [int(word) for word in sys.argv[1:3]]
    given = words[0] if words else random.SystemRandom().randrange(10**6)
    sys.exit(asyncio.run(_main(given, words[1] if len(words) > 1 else ROUNDS)))
