"""What about Segment is unproven, or varies: each is a switch, so that a client can be tried against every reading."""

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError


class InvalidSwitches(ValueError):
    """Some switches don't exist or can't have that value; every problem is in the message and in `problems`."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class Switches(BaseModel):
    """How this Segment behaves where the real one is unproven. The defaults are the stricter or likelier reading.

    `secrets` is how secrets come back; `patch` is whether PATCH merges settings or replaces them;
    `enabled_left_out` is what PATCH does without `enabled`; `create_status` is what POST answers;
    `omit_pagination` leaves `pagination` off a list of profiles warehouses that fits on one page;
    `end_cursors` is how a cursor that leads nowhere is written; `missing_credentials` is how a Snowflake warehouse
    with neither password nor key is refused: with 422, or with the 500 `unknown` seen on a sibling endpoint.
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
        """These switches with `changes`; raises BadSwitches that names every problem, and then nothing changed."""
        try:
            return self.model_validate(self.model_dump() | dict(changes))
        except ValidationError as problem:
            raise InvalidSwitches([_says(error["loc"], error["msg"]) for error in problem.errors()]) from None


def _says(where: tuple[int | str, ...], message: str) -> str:
    return f"{'.'.join(map(str, where))}: {message}"
