"""The errors of a submitted form."""

from collections.abc import Mapping


class FormErrors(Exception):
    """What is wrong with a form.

    `by_input` maps the `block_id` of an input to plain text. `general` is mrkdwn about what belongs to no input.
    """

    def __init__(self, by_input: Mapping[str, str], general: str = "") -> None:
        super().__init__(sorted(by_input))
        self.by_input = by_input
        self.general = general
