"""Events of Segment's own audit trail."""

from bot.domain.frozen_model import FrozenModel


class SegmentEvent(FrozenModel):
    """One event of Segment's own audit trail, whose `actor` is a user of Segment's or only the API token."""

    at: str
    type: str
    actor: str
