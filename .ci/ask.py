"""Type `/warehouse list` as Alice in the local workspace at the given address, and wait for the answer."""

import json
import sys
import time
from typing import Any
from urllib.request import Request, urlopen


def call(address: str, body: dict[str, str] | None = None) -> Any:
    """The JSON that the control API answers."""
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(address, data, {"Content-Type": "application/json"}), timeout=30) as answer:  # noqa: S310 - http://127.0.0.1
        return json.load(answer)


def main(workspace: str) -> None:
    """Print the answer's first line, or exit with a message."""
    control = f"{workspace}/_control"
    call(f"{control}/command", {"channel": "C0OPS", "user": "U0ALICE", "command": "/warehouse", "text": "list"})
    for _ in range(150):
        messages = call(f"{control}/messages/C0OPS?user=U0ALICE")["messages"]
        if found := [each["text"] for each in messages if "prod-snowflake" in json.dumps(each)]:
            sys.stdout.write(found[-1].splitlines()[0] + "\n")
            return
        time.sleep(0.2)
    sys.exit("The bot did not answer `/warehouse list` within 30 s.")


if __name__ == "__main__":
    main(sys.argv[1])
