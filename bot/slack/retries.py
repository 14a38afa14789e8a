"""Retry Slack's rate-limited calls after a short wait. Upkeep repeats what needs a longer one, such as a card."""

from slack_sdk.http_retry import HttpRequest, HttpResponse, RetryState
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler

#: The longest Retry-After that a call waits for, in seconds.
_MAX_RETRY_AFTER = 20


class ShortRateLimitRetryHandler(AsyncRateLimitErrorRetryHandler):
    """Repeats a call after Slack's Retry-After, unless that is too long or not a number."""

    async def _can_retry_async(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        is_limited = await super()._can_retry_async(state=state, request=request, response=response, error=error)
        return is_limited and response is not None and _has_short_wait(response)


def _has_short_wait(response: HttpResponse) -> bool:
    values = next((value for name, value in response.headers.items() if name.lower() == "retry-after"), ["1"])
    return values[0].isdecimal() and int(values[0]) <= _MAX_RETRY_AFTER
