"""Switches for behaviour of Segment that is unproven or varies, so that a client can be tested with each variant."""

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError


class InvalidSwitches(ValueError):
    """Some switches don't exist or have an invalid value; the message and `problems` have every problem."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class Switches(BaseModel):
    """The variants of unproven behaviour; the defaults are the stricter or the likelier ones.

    Attributes:
        secrets: How responses show secrets.
        patch: Whether PATCH merges settings or replaces them.
        enabled_left_out: Whether PATCH without `enabled` enables the warehouse or keeps it as it is.
        create_status: The status of a successful POST.
        omit_pagination: Whether a list of profiles warehouses that fits on one page has no `pagination`.
        end_cursors: Whether the cursor of a page that doesn't exist is absent or null.
        missing_credentials: How a Snowflake warehouse with neither password nor key is refused: "refused" is 422,
            "unknown" is the 500 that a related endpoint was seen to answer.
        rate_limit_per_minute: The number of calls per minute.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    secrets: Literal["absent", "redacted", "bullets"] = "absent"
    patch: Literal["merge", "replace"] = "merge"
    enabled_left_out: Literal["enables", "keeps"] = "enables"
    create_status: Literal[200, 201] = 201
    omit_pagination: bool = False
    end_cursors: Literal["absent", "null"] = "absent"
    missing_credentials: Literal["refused", "unknown"] = "refused"
    rate_limit_per_minute: int = Field(default=100_000, ge=1)

    def with_changes(self, changes: Mapping[str, object]) -> Self:
        """Return a copy with `changes`; raises InvalidSwitches, which names every problem."""
        try:
            return self.model_validate(self.model_dump() | dict(changes))
        except ValidationError as error:
            raise InvalidSwitches([_describe_problem(each["loc"], each["msg"]) for each in error.errors()]) from None


def _describe_problem(location: tuple[int | str, ...], message: str) -> str:
    return f"{'.'.join(map(str, location))}: {message}"
