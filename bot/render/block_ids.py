"""The block ids of a form's inputs and notes: the forms set them, and the answers are read by them."""

from bot.domain.warehouses import WarehouseType

#: Prefixes of the blocks that show a secret's one-time page, and that a value was received. The setting's key follows.
LINK_PREFIX, RECEIVED_PREFIX = "link:", "got:"

#: Prefixes of a form's notes, and of the errors below its inputs.
NOTE_PREFIX, ERROR_PREFIX = "note:", "error:"

#: Prefix of the inputs into which people type a secret.
TYPED_SECRET_PREFIX = "typed:"  # noqa: S105 - no secret


def setting_block_id(kind: WarehouseType, key: str) -> str:
    """Return the block id of the input for a plain setting; with an empty key, the prefix of all of them."""
    return f"set:{kind.metadata_id}:{key}"


def secret_block_id(kind: WarehouseType, key: str) -> str:
    """Return the block id of the menu of secrets for a setting; with an empty key, the prefix of all of them."""
    return f"secret:{kind.metadata_id}:{key}"


def typed_secret_block_id(kind: WarehouseType, key: str) -> str:
    """Return the block id of the input for a typed secret; with an empty key, the prefix of all of them."""
    return f"{TYPED_SECRET_PREFIX}{kind.metadata_id}:{key}"


def editor_block_id(kind: WarehouseType) -> str:
    """Return the block id of the editor for settings whose keys are guesses."""
    return f"more:{kind.metadata_id}"


def secret_links_block_id(kind: WarehouseType, key: str) -> str:
    """Return the block id of the row of buttons for one-time pages; the key is empty for a row of several settings."""
    return f"once:{kind.metadata_id}:{key}"
