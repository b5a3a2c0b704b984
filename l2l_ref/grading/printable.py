"""Text from a student's file, made fit for a terminal or a page."""

import re
import unicodedata


def printable(text: str) -> str:
    """One line without characters that control a terminal or turn the direction of writing."""
    return "".join(_shown(character) for character in " ".join(text.split()))


def beginning(text: str, most: int = 50) -> str:
    """So many characters of it, `printable`."""
    return printable(text[:most]) + "..." * (len(text) > most)


def is_text(name: str) -> bool:
    """Whether it is text that every file and database takes: a name on disk may be any bytes."""
    return not any("\ud800" <= character <= "\udfff" for character in name)


def _shown(character: str) -> str:
    if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
        return f"\\u{ord(character):04x}"
    return character


def fenced(text: str) -> str:
    """A text as Markdown shows it letter by letter."""
    longest = max(map(len, re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text}\n{fence}"


def width(text: str) -> int:
    """The columns that a text takes on a terminal."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(unicodedata.combining(character) > 0 for character in text)


def padded(text: str, columns: int) -> str:
    """A text that fills a column of a table."""
    return text + " " * (columns - width(text))
