"""The votes of a request: which of them count, for which of its actions, and which requirements they meet."""

from collections.abc import Iterable, Sequence

from bot.domain.policy import Action
from bot.domain.requests.requirements import Requirement
from bot.domain.requests.transitions import Approve, BreakGlass, Revalidate, Transition, VoteRecount


def counts_for(vote: Approve, action: Action) -> bool:
    """Return whether `vote` counts for `action`. A vote without actions (of an older version) counts for every one."""
    return vote.actions is None or action in vote.actions


def collect_valid_votes(history: Iterable[Transition]) -> tuple[Approve, ...]:
    """Return the votes that count after `history`, one for each person."""
    votes: dict[str, Approve] = {}
    for transition in history:
        match transition:
            case Approve():
                votes[transition.by] = transition
            case Revalidate():
                for recount in transition.votes:
                    _apply_recount(votes, recount)
            case _:
                pass
    return tuple(votes.values())


def collect_void_votes(history: Iterable[Transition]) -> tuple[VoteRecount, ...]:
    """Return the recounts of votes that lost something and were not cast again, one for each person."""
    void: dict[str, VoteRecount] = {}
    for transition in history:
        match transition:
            case Approve():
                void.pop(transition.by, None)
            case Revalidate():
                void |= {recount.by: recount for recount in transition.votes if recount.reason}
            case _:
                pass
    return tuple(void.values())


def find_valid_break_glass(history: Iterable[Transition]) -> BreakGlass | None:
    """Return the break-glass override, unless a revalidation found it void."""
    break_glass = None
    for transition in history:
        match transition:
            case BreakGlass():
                break_glass = transition
            case Revalidate() if transition.glass:
                break_glass = None
            case _:
                pass
    return break_glass


def count_votes(requirement: Requirement, votes: Iterable[Approve]) -> int:
    """Return how many different people's votes count for `requirement`."""
    return len({vote.by for vote in votes if counts_for(vote, requirement.action)})


def find_unmet_requirements(requirements: Iterable[Requirement], votes: Sequence[Approve]) -> tuple[Requirement, ...]:
    """Return the requirements that `votes` do not meet."""
    return tuple(each for each in requirements if count_votes(each, votes) < each.approvals)


def is_new_vote(vote: Approve, votes: Iterable[Approve]) -> bool:
    """Return whether `vote` adds something to the same person's vote among `votes`, and does not just repeat it."""
    earlier = next((each for each in votes if each.by == vote.by), None)
    if earlier is None:
        return True
    return earlier.actions is not None and (vote.actions is None or not set(vote.actions) <= set(earlier.actions))


def _apply_recount(votes: dict[str, Approve], recount: VoteRecount) -> None:
    """Update the voter's vote in `votes`, or remove it if it is void."""
    if recount.by not in votes:
        return
    if recount.actions:
        votes[recount.by] = votes[recount.by].model_copy(update={"actions": recount.actions})
    else:
        del votes[recount.by]
