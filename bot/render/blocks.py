"""Block Kit elements, truncated to Slack's limits (docs.slack.dev, reference/block-kit)."""

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
    """A message: its blocks, and the same as `text` for notifications and screen readers."""

    text: str
    blocks: Sequence[Block]

    @property
    def payload(self) -> list[dict[str, object]]:
        """The blocks in the form that Slack's client takes."""
        return [dict(block) for block in self.blocks]


class Choice(NamedTuple):
    """One option of a menu. `description` is small print below the label. Menus omit a value too long for Slack."""

    label: str
    value: str
    description: str = ""


def render_message(blocks: Iterable[Block]) -> Message:
    """Return a message of `blocks`, with their text."""
    items = list(blocks)
    lines = (line for block in items for line in _list_texts(block))
    return Message(truncate_mrkdwn("\n".join(lines), 3500), items)


def read_blocks(view: Mapping[str, object]) -> list[Block]:
    """Return the blocks of `view`, as the bot built it or as Slack sends it."""
    blocks = view.get("blocks")
    return [block for block in blocks if isinstance(block, Mapping)] if isinstance(blocks, list) else []


def _list_texts(block: Block) -> Iterable[str]:
    texts = [block.get("text"), *_sequence(block.get("elements")), *_sequence(block.get("fields"))]
    for text in texts:
        if isinstance(text, Mapping) and text.get("type") == "mrkdwn":
            yield strip_markup(str(text["text"]))


def _sequence(value: object) -> Sequence[object]:
    return value if isinstance(value, (list, tuple)) else ()


def section(text: str, accessory: Block | None = None, block_id: str | None = None) -> Block:
    """Return a paragraph of mrkdwn, with an optional control at its right."""
    block: dict[str, object] = {"type": "section", "text": mrkdwn_text(text, _SECTION)}
    if accessory:
        block["accessory"] = accessory
    return _with_block_id(block, block_id)


def sections(lines: Iterable[str]) -> list[Block]:
    """Return `lines` of mrkdwn in as few sections as possible; a line over 3000 characters is truncated."""
    texts: list[str] = []
    for line in lines:
        if texts and len(texts[-1]) + 1 + len(line) <= _SECTION:
            texts[-1] += f"\n{line}"
        else:
            texts.append(line)
    return [section(text) for text in texts]


def context(text: str, block_id: str | None = None) -> Block:
    """Return small print."""
    return _with_block_id({"type": "context", "elements": [mrkdwn_text(text, 3000)]}, block_id)


def actions(*controls: Block, block_id: str | None = None) -> Block:
    """Return a row of controls."""
    return _with_block_id({"type": "actions", "elements": list(controls)}, block_id)


def _with_block_id(block: dict[str, object], block_id: str | None) -> Block:
    return block | {"block_id": block_id} if block_id else block


def mrkdwn_text(text: str, most: int) -> Block:
    """Return mrkdwn, truncated to `most` characters."""
    # Without verbatim, Slack would turn addresses, channels and names in untrusted text into links.
    return {"type": "mrkdwn", "text": truncate_mrkdwn(text, most), "verbatim": True}


def plain_text(text: str, most: int) -> Block:
    """Return sanitised text without markup, on one line, truncated to `most` characters."""
    return {"type": "plain_text", "text": to_one_line(text, most) or "(blank)", "emoji": True}


def button(label: str, action_id: str, value: str, *, style: str | None = None, confirm: Block | None = None) -> Block:
    """Return a button. `style` is "primary" or "danger"; `confirm` is the dialog shown before it acts."""
    control: dict[str, object] = {
        "type": "button",
        "text": plain_text(label, 75),
        "action_id": action_id,
        "value": truncate(value, 2000),
    }
    if style:
        control["style"] = style
    if confirm:
        control["confirm"] = confirm
    return control


def confirmation(title: str, text: str, yes: str, *, danger: bool = False) -> Block:
    """Return the confirmation dialog of a button."""
    dialog: dict[str, object] = {
        "title": plain_text(title, 100),
        "text": plain_text(text, 300),
        "confirm": plain_text(yes, 30),
        "deny": plain_text("Back", 30),
    }
    return dialog | {"style": "danger"} if danger else dialog


def overflow(action_id: str, choices: Sequence[Choice]) -> Block:
    """Return a ⋯ menu of at most five choices."""
    return {"type": "overflow", "action_id": action_id, "options": [option(choice) for choice in choices[:5]]}


def option(choice: Choice) -> Block:
    """Return one option of a menu."""
    control: dict[str, object] = {"text": plain_text(choice.label, 75), "value": choice.value}
    return control | {"description": plain_text(choice.description, 75)} if choice.description else control


def select(action_id: str, placeholder: str, choices: Sequence[Choice], chosen: str | None = None) -> Block:
    """Return a menu for one choice; more than a hundred choices are split into groups, as Slack requires."""
    choices = [choice for choice in choices if len(choice.value) <= _VALUE]
    control: dict[str, object] = {
        "type": "static_select",
        "action_id": action_id,
        "placeholder": plain_text(placeholder, 150),
    }
    if len(choices) <= 100:
        control["options"] = [option(choice) for choice in choices]
    else:
        control["option_groups"] = [_group(choices[at : at + 100]) for at in range(0, min(len(choices), 10_000), 100)]
    initial = next((option(choice) for choice in choices if choice.value == chosen), None)
    return control | {"initial_option": initial} if initial else control


def _group(choices: Sequence[Choice]) -> Block:
    label = f"{choices[0].label} … {choices[-1].label}"
    return {"label": plain_text(label, 75), "options": [option(choice) for choice in choices]}


def text_input(action_id: str, initial: str = "", *, multiline: bool = False, placeholder: str = "") -> Block:
    """Return a text input, filled with the visible characters of `initial`; without `multiline`, on one line."""
    initial = remove_invisible(initial if multiline else " ".join(initial.splitlines()))
    control: dict[str, object] = {"type": "plain_text_input", "action_id": action_id, "multiline": multiline}
    if initial:
        control["initial_value"] = truncate(initial, MAX_INPUT_LENGTH)
    if placeholder:
        control["placeholder"] = plain_text(placeholder, 150)
    return control


def input_field(
    block_id: str, label: str, element: Block, *, optional: bool = False, hint: str = "", dispatch_action: bool = False
) -> Block:
    """Return an input of a modal. With `dispatch_action`, Slack sends each change at once."""
    control: dict[str, object] = {
        "type": "input",
        "block_id": block_id,
        "label": plain_text(label, 2000),
        "element": element,
        "optional": optional,
    }
    if hint:
        control["hint"] = plain_text(hint, 2000)
    if dispatch_action:
        control["dispatch_action"] = True
    return control
