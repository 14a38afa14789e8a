"""However Segment answers a change or a deletion: what the card says in the end is what Segment has."""

from pathlib import Path
from typing import Any

import pytest

from bot.domain.requests.request import State
from tests.races.change_process import asked
from tests.races.race_setup import scene

FOR_GOOD = {"times": None}
HALF = '{"data": {"profilesWare'

#: What Segment does with the calls about one warehouse, and how that has to end. Where a fault has a body or drops the
#: connection "after", the call has its effect.
ANSWERS: dict[str, tuple[list[dict[str, Any]], State]] = {
    "prod-snowflake": ([{"status": 429, "retry_after": 0}], State.SUCCEEDED),
    "finance-snowflake": ([{"status": 429, "retry_after": 600, **FOR_GOOD}], State.FAILED),
    "analytics-redshift": ([{"status": 500}], State.SUCCEEDED),
    "crm-postgres": ([{"status": 500, **FOR_GOOD}], State.FAILED),
    "support-postgres": ([{"drop": "before", **FOR_GOOD}], State.FAILED),
    "marketing-bigquery": ([{"drop": "after", **FOR_GOOD}], State.SUCCEEDED),
    "ml-databricks": ([{"status": 200, "body": HALF, **FOR_GOOD}], State.SUCCEEDED),
    "staging-snowflake": ([{"status": 500, "body": HALF}, {"status": 429, "retry_after": 600}], State.SUCCEEDED),
    "staging-postgres": ([{"drop": "after"}], State.SUCCEEDED),
}


@pytest.mark.parametrize("kind", ["disable", "delete"])
async def test_no_answer_makes_a_false_outcome(tmp_path: Path, kind: str) -> None:
    async with scene(tmp_path) as bots:
        await bots.start()
        there = await bots.workspace.warehouses()
        for name, (faults, _) in ANSWERS.items():
            for fault in faults:
                await bots.workspace.fault("segment", f"/profiles-warehouses/{there[name]['id']}", **fault)
        changes = {}
        for name in ANSWERS:
            changes[name] = await asked(bots.workspace, kind, name)
            answer = await changes[name].press()
            assert answer["ok"], (name, answer, bots.running[0].text[-3000:])
        ends = {name: (await each.sound(bots)).request.state for name, each in changes.items()}
        assert ends == {name: state for name, (_, state) in ANSWERS.items()}
