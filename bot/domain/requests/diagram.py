"""The state diagram of docs/requests.md, generated from the state table."""

import re

from bot.domain.requests.request import OPEN_STATES, State
from bot.domain.requests.state_table import STATE_TABLE


def draw_state_diagram() -> str:
    """Return the state table as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", f"    [*] --> {State.PENDING}"]
    for before in State:
        for after in State:
            names = [
                _to_words(transition.__name__)
                for (state, transition), end in STATE_TABLE.items()
                if (state, end) == (before, after)
            ]
            lines += [f"    {before} --> {after}: {', '.join(sorted(names))}"] if names else []
    return "\n".join([*lines, *(f"    {state} --> [*]" for state in State if state not in OPEN_STATES)])


def _to_words(class_name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", " ", class_name).lower()
