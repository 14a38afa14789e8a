"""Make text of strangers encodable: JSON may hold what neither UTF-8 nor a database can.

JSON can escape a lone half of a surrogate pair, U+D83D for one (RFC 8259, section 8.2). UTF-8 has no such character:
databases, logs and HTTP clients refuse the whole text. PostgreSQL refuses U+0000 as well. Both become U+FFFD where text
comes in, so that an odd name spoils nothing around it. What is compared later has come in the same way.
"""

import re

_REPLACEMENT = "\ufffd"

_UNENCODABLE = re.compile("[\0\ud800-\udfff]")

#: Every escape of JSON in turn, so that no half of a pair and no escaped backslash is taken for one.
_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|(?P<unencodable>u(?:[dD][89a-fA-F][0-9a-fA-F]{2}|0000))|.)",
    re.DOTALL,
)


def replace_unencodable(text: str) -> str:
    """`text` with U+FFFD in place of lone surrogates and U+0000."""
    return _UNENCODABLE.sub(_REPLACEMENT, text)


def replace_unencodable_json(document: bytes | str) -> str:
    """The JSON `document` with U+FFFD in place of what its strings can't hold, bytes that are not UTF-8 among that.

    Anything else, also what is not JSON, stays as it is.
    """
    text = document.decode(errors="replace") if isinstance(document, bytes) else replace_unencodable(document)
    return _ESCAPE.sub(lambda found: "\\ufffd" if found["unencodable"] else found[0], text)
