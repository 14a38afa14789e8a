"""The state table, drawn for docs/requests.md."""

from bot.domain.requests.request import OPEN, State
from bot.domain.requests.state_table import MOVES


def diagram() -> str:
    """The table of moves as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", f"    [*] --> {State.PENDING}"]
    for before in State:
        for after in State:
            moves = [move.__name__.lower() for (state, move), end in MOVES.items() if (state, end) == (before, after)]
            lines += [f"    {before} --> {after}: {', '.join(sorted(moves))}"] if moves else []
    return "\n".join([*lines, *(f"    {state} --> [*]" for state in State if state not in OPEN)])
