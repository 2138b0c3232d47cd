"""What to write where π cannot be: mathematical signs in ASCII."""

from __future__ import annotations

_SIGNS = {
    "·": "*",
    "×": "x",
    "²": "^2",
    "³": "^3",
    "π": "pi",
    "√": "sqrt",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "−": "-",
    "–": "-",
    "—": "-",
    "…": "...",
    "→": "->",
    "∞": "inf",
}


def plain(text: str) -> str:
    """The text in ASCII, a question mark for a sign without a name.

    >>> plain("sin²(π/2 · t)")
    'sin^2(pi/2 * t)'
    """
    return text if text.isascii() else "".join(sign if sign.isascii() else _SIGNS.get(sign, "?") for sign in text)


def instead(error: UnicodeError) -> tuple[str, int]:
    """The same as an error handler for a stream's encoding."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return plain(error.object[error.start : error.end]), error.end
