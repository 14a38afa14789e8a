"""What goes wrong: for the bot in Slack's codes, for whoever drives the workspace in words."""

from collections.abc import Sequence


class SlackError(Exception):
    """A Web API call is refused: `code` is Slack's, `details` its `response_metadata.messages`."""

    def __init__(self, code: str, details: Sequence[str] = ()) -> None:
        self.code = code
        self.details = tuple(details)
        super().__init__(code)

    def to_response_body(self) -> dict[str, object]:
        """The answer's body."""
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
    """A person can't do that here and now; `words` say why, `status` is the control API's."""

    def __init__(self, message: str, status: int = 400) -> None:
        self.message = message
        self.status = status
        super().__init__(message)
