"""The Block Kit that the bot uses, cut to Slack's limits (docs.slack.dev, reference/block-kit)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from bot.domain.text import remove_invisible, to_one_line, truncate
from bot.render.mrkdwn import strip_markup, truncate_mrkdwn

Block = Mapping[str, object]

#: Characters of a section's text, and of an option's value.
_SECTION, _VALUE = 3000, 150

#: Characters that Slack takes in a text input.
MAX_INPUT_LENGTH = 3000


class Message(NamedTuple):
    """What to post: its blocks, and a `text` that says the same for notifications and screen readers."""

    text: str
    blocks: Sequence[Block]

    @property
    def payload(self) -> list[dict[str, object]]:
        """The blocks as Slack's client takes them."""
        return [dict(block) for block in self.blocks]


class Choice(NamedTuple):
    """One option of a menu; `note` is small print under the label. A value that Slack does not take is not offered."""

    label: str
    value: str
    description: str = ""


def render_message(blocks: Iterable[Block]) -> Message:
    """The message of `blocks`, with the text they hold."""
    kept = list(blocks)
    lines = (line for block in kept for line in _lines(block))
    return Message(truncate_mrkdwn("\n".join(lines), 3500), kept)


def read_blocks(view: Mapping[str, object]) -> list[Block]:
    """Return the blocks of `view`, as the bot made it or as Slack sends it."""
    blocks = view.get("blocks")
    return [block for block in blocks if isinstance(block, Mapping)] if isinstance(blocks, list) else []


def _lines(block: Block) -> Iterable[str]:
    texts = [block.get("text"), *_sequence(block.get("elements")), *_sequence(block.get("fields"))]
    for text in texts:
        if isinstance(text, Mapping) and text.get("type") == "mrkdwn":
            yield strip_markup(str(text["text"]))


def _sequence(value: object) -> Sequence[object]:
    return value if isinstance(value, (list, tuple)) else ()


def section(text: str, accessory: Block | None = None, block_id: str | None = None) -> Block:
    """A paragraph of mrkdwn, with an optional control at its right."""
    block: dict[str, object] = {"type": "section", "text": mrkdwn_text(text, _SECTION)}
    if accessory:
        block["accessory"] = accessory
    return _named(block, block_id)


def sections(lines: Iterable[str]) -> list[Block]:
    """All `lines` of mrkdwn, in as few sections as hold them; a line beyond Slack's 3000 characters is cut."""
    texts: list[str] = []
    for line in lines:
        if texts and len(texts[-1]) + 1 + len(line) <= _SECTION:
            texts[-1] += f"\n{line}"
        else:
            texts.append(line)
    return [section(text) for text in texts]


def context(text: str, block_id: str | None = None) -> Block:
    """Small print."""
    return _named({"type": "context", "elements": [mrkdwn_text(text, 3000)]}, block_id)


def actions(*controls: Block, block_id: str | None = None) -> Block:
    """A row of controls."""
    return _named({"type": "actions", "elements": list(controls)}, block_id)


def _named(block: dict[str, object], block_id: str | None) -> Block:
    return block | {"block_id": block_id} if block_id else block


def mrkdwn_text(text: str, most: int) -> Block:
    """Slack's mrkdwn, cut to `most` characters."""
    # Verbatim, for else Slack looks for addresses, channels and people in what strangers wrote, and links them.
    return {"type": "mrkdwn", "text": truncate_mrkdwn(text, most), "verbatim": True}


def plain_text(text: str, most: int) -> Block:
    """Text without markup, harmless, on one line and cut to `most` characters."""
    return {"type": "plain_text", "text": to_one_line(text, most) or "(blank)", "emoji": True}


def button(label: str, action_id: str, value: str, *, style: str | None = None, confirm: Block | None = None) -> Block:
    """A button. `style` is "primary" or "danger"; `confirm` is asked first."""
    made: dict[str, object] = {
        "type": "button",
        "text": plain_text(label, 75),
        "action_id": action_id,
        "value": truncate(value, 2000),
    }
    if style:
        made["style"] = style
    if confirm:
        made["confirm"] = confirm
    return made


def confirmation(title: str, text: str, yes: str, *, danger: bool = False) -> Block:
    """The question before a button acts."""
    asked: dict[str, object] = {
        "title": plain_text(title, 100),
        "text": plain_text(text, 300),
        "confirm": plain_text(yes, 30),
        "deny": plain_text("Back", 30),
    }
    return asked | {"style": "danger"} if danger else asked


def overflow(action_id: str, choices: Sequence[Choice]) -> Block:
    """The ⋯ menu; at most five choices."""
    return {"type": "overflow", "action_id": action_id, "options": [option(choice) for choice in choices[:5]]}


def option(choice: Choice) -> Block:
    """One option of a menu."""
    made: dict[str, object] = {"text": plain_text(choice.label, 75), "value": choice.value}
    return made | {"description": plain_text(choice.description, 75)} if choice.description else made


def select(action_id: str, placeholder: str, choices: Sequence[Choice], chosen: str | None = None) -> Block:
    """A menu to choose one of; more than a hundred choices are split into groups, as Slack wants it."""
    choices = [choice for choice in choices if len(choice.value) <= _VALUE]
    made: dict[str, object] = {
        "type": "static_select",
        "action_id": action_id,
        "placeholder": plain_text(placeholder, 150),
    }
    if len(choices) <= 100:
        made["options"] = [option(choice) for choice in choices]
    else:
        made["option_groups"] = [_group(choices[at : at + 100]) for at in range(0, min(len(choices), 10_000), 100)]
    initial = next((option(choice) for choice in choices if choice.value == chosen), None)
    return made | {"initial_option": initial} if initial else made


def _group(choices: Sequence[Choice]) -> Block:
    label = f"{choices[0].label} … {choices[-1].label}"
    return {"label": plain_text(label, 75), "options": [option(choice) for choice in choices]}


def text_input(action_id: str, initial: str = "", *, multiline: bool = False, placeholder: str = "") -> Block:
    """A field to type into. At first it shows what can be seen of `initial`, without `multiline` on one line."""
    initial = remove_invisible(initial if multiline else " ".join(initial.splitlines()))
    made: dict[str, object] = {"type": "plain_text_input", "action_id": action_id, "multiline": multiline}
    if initial:
        made["initial_value"] = truncate(initial, MAX_INPUT_LENGTH)
    if placeholder:
        made["placeholder"] = plain_text(placeholder, 150)
    return made


def input_field(
    block_id: str, label: str, element: Block, *, optional: bool = False, hint: str = "", dispatch_action: bool = False
) -> Block:
    """An input of a modal. With `dispatch`, each change of it is sent at once."""
    made: dict[str, object] = {
        "type": "input",
        "block_id": block_id,
        "label": plain_text(label, 2000),
        "element": element,
        "optional": optional,
    }
    if hint:
        made["hint"] = plain_text(hint, 2000)
    if dispatch_action:
        made["dispatch_action"] = True
    return made
