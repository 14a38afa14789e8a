"""Errors of the local Slack: with Slack's codes for the bot, with sentences for users of the control API."""

from collections.abc import Sequence


class SlackError(Exception):
    """Slack refuses a Web API call: `code` is Slack's, `details` become `response_metadata.messages`."""

    def __init__(self, code: str, details: Sequence[str] = ()) -> None:
        self.code = code
        self.details = tuple(details)
        super().__init__(code)

    def to_response_body(self) -> dict[str, object]:
        """Return the body of the response."""
        if not self.details:
            return {"ok": False, "error": self.code}
        messages = [detail if detail.startswith("[ERROR]") else f"[ERROR] {detail}" for detail in self.details]
        return {
            "ok": False,
            "error": self.code,
            "errors": list(self.details),
            "response_metadata": {"messages": messages},
        }


class ControlError(Exception):
    """A person can't do this now; `message` says why, `status` is the HTTP status of the control API."""

    def __init__(self, message: str, status: int = 400) -> None:
        self.message = message
        self.status = status
        super().__init__(message)
