"""What the Slack client repeats by itself: short waits only, since a card that comes late is repainted anyway."""

from slack_sdk.http_retry import HttpRequest, HttpResponse, RetryState
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler

#: The longest Retry-After that a call waits out, in seconds; what is asked to wait longer fails, and upkeep repeats it.
_LONGEST = 20


class ShortRateLimitRetryHandler(AsyncRateLimitErrorRetryHandler):
    """Repeats a call after the time that Slack asks for, unless that is long, or nothing that can be read."""

    async def _can_retry_async(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        limited = await super()._can_retry_async(state=state, request=request, response=response, error=error)
        return limited and response is not None and _short(response)


def _short(response: HttpResponse) -> bool:
    waits = next((value for name, value in response.headers.items() if name.lower() == "retry-after"), ["1"])
    return waits[0].isdecimal() and int(waits[0]) <= _LONGEST
