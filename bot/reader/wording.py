"""The reader's answers in sentences."""

import re
from collections.abc import Sequence

from bot.i18n import _
from bot.reader.reading import Reading
from bot.types import Task

_MOST_CLOSEST = 3  # more lines than this point nowhere


def opening(task: Task) -> str | None:
    """Give what stands before everything, where something else than reading was wanted."""
    if task is Task.ASK:
        return _("I can't answer questions, I can only read. This is what I see:")
    if task is Task.TRANSLATE:
        return _("I can't translate, I can only read. This is what I see:")
    return None


def section(reading: Reading, task: Task, question: str = "") -> str:
    """Give what is said about one picture; lines with words of the question are pointed out."""
    paragraphs = [_described(reading)] if task is Task.DESCRIBE else []
    if reading.lines:
        paragraphs.append("\n".join(reading.lines))
    if task is Task.ASK and (closest := _closest(reading.lines, question)):
        paragraphs.append(_("Closest to your question:\n{lines}").format(lines="\n".join(closest)))
    if reading.unreadable_script:
        paragraphs.append(
            _(
                "There is text here that I can't read. "
                "I know Latin letters, Chinese and Japanese, but not Cyrillic, Greek or Arabic."
            )
        )
    elif not reading.lines:
        paragraphs.append(_("No text found in this picture."))
    return "\n\n".join(paragraphs)


def numbered(number: int, said: str) -> str:
    """Give a section under the number of its picture."""
    return _("Picture {number}:\n{said}").format(number=number, said=said)


def closing(task: Task) -> str | None:
    """Give the line that says what this reader is, where the opening didn't."""
    if task in {Task.ASK, Task.TRANSLATE}:
        return None
    return _("I am the built-in reader: I only read text, I don't understand pictures.")


def _closest(lines: Sequence[str], question: str) -> list[str]:
    """Give the few lines that share a word with the question; none where many do."""
    wanted = _words(question)
    found = [f"> {line}" for line in lines if wanted & _words(line)]
    return found if len(found) <= _MOST_CLOSEST else []


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w{4,}", text.casefold()))


def _described(reading: Reading) -> str:
    if not reading.colours:
        return _("A {format} picture, {width} × {height} pixels, in many colours.").format(
            format=reading.format, width=reading.width, height=reading.height
        )
    return _("A {format} picture, {width} × {height} pixels, mostly {colours}.").format(
        format=reading.format,
        width=reading.width,
        height=reading.height,
        colours=_listed([_(colour) for colour in reading.colours]),
    )


def _listed(words: Sequence[str]) -> str:
    if len(words) == 1:
        return words[0]
    return _("{several} and {last}").format(several=", ".join(words[:-1]), last=words[-1])
