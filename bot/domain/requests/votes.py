"""Which approvals of a request count, for which of its actions, and what is still missing."""

from collections.abc import Iterable, Sequence

from bot.domain.policy import Action
from bot.domain.requests.requirements import Requirement
from bot.domain.requests.transitions import Approve, BreakGlass, Revalidate, Transition, VoteRecount


def counts_for(vote: Approve, action: Action) -> bool:
    """Whether `vote` counts for `action`. A vote of an older version, which does not say, counts for every action."""
    return vote.actions is None or action in vote.actions


def collect_valid_votes(history: Iterable[Transition]) -> tuple[Approve, ...]:
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


def collect_void_votes(history: Iterable[Transition]) -> tuple[VoteRecount, ...]:
    """The approvals that were found not to count (for everything) any more, and were not given again."""
    void: dict[str, VoteRecount] = {}
    for move in history:
        match move:
            case Approve():
                void.pop(move.by, None)
            case Revalidate():
                void |= {each.by: each for each in move.votes if each.reason}
            case _:
                pass
    return tuple(void.values())


def find_valid_break_glass(history: Iterable[Transition]) -> BreakGlass | None:
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


def count_votes(requirement: Requirement, votes: Iterable[Approve]) -> int:
    """How many different people's `votes` count for `requirement`."""
    return len({vote.by for vote in votes if counts_for(vote, requirement.action)})


def find_unmet_requirements(requirements: Iterable[Requirement], votes: Sequence[Approve]) -> tuple[Requirement, ...]:
    """Those of `requirements` that `votes` do not meet yet."""
    return tuple(each for each in requirements if count_votes(each, votes) < each.approvals)


def is_new_vote(vote: Approve, votes: Iterable[Approve]) -> bool:
    """Whether `vote` counts for more than what the same person gave before: else it is a second press."""
    before = next((each for each in votes if each.by == vote.by), None)
    if before is None:
        return True
    return before.actions is not None and (vote.actions is None or not set(vote.actions) <= set(before.actions))


def _recount(votes: dict[str, Approve], found: VoteRecount) -> None:
    if found.by not in votes:
        return
    if found.actions:
        votes[found.by] = votes[found.by].model_copy(update={"actions": found.actions})
    else:
        del votes[found.by]
