"""Types that several modules of the local workspace share."""

from typing import Any, Literal

#: The two APIs that the local workspace stands in for.
ApiName = Literal["slack", "segment"]

#: A JSON object, as `json.loads` returns it.
JsonObject = dict[str, Any]
