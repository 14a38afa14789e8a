"""Which approvals of a request count, for which of its actions, and what is still missing."""

from collections.abc import Iterable, Sequence

from bot.domain.policy import Action
from bot.domain.requests.requirements import Requirement
from bot.domain.requests.transitions import Approve, BreakGlass, Move, Recount, Revalidate


def counts_for(vote: Approve, action: Action) -> bool:
    """Whether `vote` counts for `action`. A vote of an older version, which does not say, counts for every action."""
    return vote.actions is None or action in vote.actions


def counted_votes(history: Iterable[Move]) -> tuple[Approve, ...]:
    """The approvals that count after `history`, one a person."""
    votes: dict[str, Approve] = {}
    for move in history:
        match move:
            case Approve():
                votes[move.by] = move
            case Revalidate():
                for each in move.votes:
                    _recount(votes, each)
            case _:
                pass
    return tuple(votes.values())


def void_votes(history: Iterable[Move]) -> tuple[Recount, ...]:
    """The approvals that were found not to count (for everything) any more, and were not given again."""
    void: dict[str, Recount] = {}
    for move in history:
        match move:
            case Approve():
                void.pop(move.by, None)
            case Revalidate():
                void |= {each.by: each for each in move.votes if each.reason}
            case _:
                pass
    return tuple(void.values())


def valid_glass(history: Iterable[Move]) -> BreakGlass | None:
    """Who skipped the approvals, unless that was found not to count any more."""
    found = None
    for move in history:
        match move:
            case BreakGlass():
                found = move
            case Revalidate() if move.glass:
                found = None
            case _:
                pass
    return found


def given(requirement: Requirement, votes: Iterable[Approve]) -> int:
    """How many different people's `votes` count for `requirement`."""
    return len({vote.by for vote in votes if counts_for(vote, requirement.action)})


def unmet(requirements: Iterable[Requirement], votes: Sequence[Approve]) -> tuple[Requirement, ...]:
    """Those of `requirements` that `votes` do not meet yet."""
    return tuple(each for each in requirements if given(each, votes) < each.approvals)


def adds_to(vote: Approve, votes: Iterable[Approve]) -> bool:
    """Whether `vote` counts for more than what the same person gave before: else it is a second press."""
    before = next((each for each in votes if each.by == vote.by), None)
    if before is None:
        return True
    return before.actions is not None and (vote.actions is None or not set(vote.actions) <= set(before.actions))


def _recount(votes: dict[str, Approve], found: Recount) -> None:
    if found.by not in votes:
        return
    if found.actions:
        votes[found.by] = votes[found.by].model_copy(update={"actions": found.actions})
    else:
        del votes[found.by]
