"""The base of the domain's values: a pydantic model that can't be changed after it is made."""

from pydantic import BaseModel, ConfigDict


class FrozenModel(BaseModel):
    """A value that can't be changed, and that refuses fields it does not declare."""

    model_config = ConfigDict(frozen=True, extra="forbid")
