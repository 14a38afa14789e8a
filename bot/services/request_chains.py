"""The chain of requests that a request repeats: asked again, taken back, made anew."""

from bot.domain.requests.request import Request
from bot.services.ports import RequestStore


async def load_chain(request: Request, requests: RequestStore) -> Request:
    """`request` with everybody who asked for a request that it repeats.

    New requests store their chain. Of those that an older version stored, the links are followed.
    """
    if request.chain:
        return request
    chain: list[str] = []
    passed, before = {request.id}, request.again_of or request.follows
    while before and before not in passed:
        passed.add(before)
        if (stored := await requests.get(before)) is None:
            break
        chain += [stored.request.asked_by, *stored.request.chain]
        before = "" if stored.request.chain else stored.request.again_of or stored.request.follows
    return request.model_copy(update={"chain": tuple(dict.fromkeys(chain))}) if chain else request
