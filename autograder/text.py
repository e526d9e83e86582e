"""Text that a student may have had a part in."""


def printable(text: str) -> str:
    """The text with every character that is not printable, other than a line break, made visible as such."""
    return "".join(char if char.isprintable() or char == "\n" else "\N{REPLACEMENT CHARACTER}" for char in text)
