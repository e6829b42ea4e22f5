"""An answer laid out: pages within Discord's limits, the rest as a file."""

import re
from dataclasses import dataclass, field, replace

from bot.i18n import _
from bot.text import ZWSP, neutralise, plain, shorten, split, units
from cogs._reply.buttons import Action

PAGE = 1990
MESSAGE = 2000
MAX_PAGES = 3
SMALL_PRINT = 900


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to attach."""

    data: bytes = field(repr=False)
    filename: str
    alt: str | None = None
    spoiler: bool = False
    author_id: int | None = None
    """Whose picture it is, where it is one that is shown again."""


@dataclass(frozen=True, slots=True)
class Page:
    """One message of an answer."""

    text: str
    question_id: int = 0
    actions: tuple[Action, ...] = ()
    uploads: tuple[Upload, ...] = ()
    card: bool = False
    """Whether it is framed."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around an answer's text: a line above it, spoiler bars, a file below it."""

    head: str = ""
    spoiler: bool = False
    files: bool = True
    """Whether files may be attached."""
    card: bool = False
    """Whether the whole answer is shown as cards."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The texts of an answer's messages, and what did not fit into them."""

    texts: tuple[str, ...]
    rest: str = ""


def lay_out(said: str, frame: Frame, small_print: tuple[str, ...] = ()) -> Layout:
    """Lay a model's text out over at most three messages, the small print on the last one."""
    text = neutralise(said).strip("\n")
    if frame.spoiler:
        text = re.sub(r"\|(?=\|)", f"|{ZWSP}", text)
    head = f"{frame.head}\n" if frame.head else ""
    tail = shorten("\n".join(f"-# {line}" for line in small_print), SMALL_PRINT)
    cut, rest = _cut(text, PAGE - (4 if frame.spoiler else 0), units(head), units(tail))
    if rest and not frame.files:
        allowed = replace(frame, files=True)
        return replace(lay_out(said, allowed, (_no_files(), *small_print)), rest="")
    texts = [f"||{page}||" if frame.spoiler else page for page in cut] or [""]
    texts[0] = f"{head}{texts[0]}".strip("\n")
    texts[-1] = f"{texts[-1]}\n{tail}".strip("\n")
    return Layout(tuple(texts), rest)


def _cut(text: str, room: int, head: int, tail: int) -> tuple[list[str], str]:
    """Give the pages, the last with room for the small print, and what is left over."""
    cut, rest = split(text, room, head=head, count=MAX_PAGES)
    if not cut or units(cut[-1]) + tail + (head if len(cut) == 1 else 0) < room:
        return cut, rest
    before, last = split(text, room, head=head, count=len(cut) - 1)
    left = MAX_PAGES - len(before)
    ending, rest = split(last, room - tail - 1, head=0 if before else head, count=left)
    return before + ending, rest


def _no_files() -> str:
    return _("The rest is missing: it would be a file, and I may not attach files here.")


def quote(text: str) -> str:
    """Give a question as the line that stands above its public answer."""
    return f"> {shorten(plain(text), 300)}" if text.strip() else ""
