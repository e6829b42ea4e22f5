"""An answer laid out: pages within Discord's limits, the rest as a file."""

import re
from dataclasses import dataclass, field

from bot.text import ZWSP, neutralise, pages, plain, shorten, units
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


@dataclass(frozen=True, slots=True)
class Page:
    """One message of an answer."""

    text: str
    question_id: int = 0
    actions: tuple[Action, ...] = ()
    uploads: tuple[Upload, ...] = ()


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around an answer's text: a line above it, spoiler bars."""

    head: str = ""
    spoiler: bool = False


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
    room = PAGE - (4 if frame.spoiler else 0)
    cut = pages(text, room, head=units(head))
    rest = cut[MAX_PAGES:]
    cut = cut[:MAX_PAGES]
    if cut and units(cut[-1]) + units(tail) + (units(head) if len(cut) == 1 else 0) >= room:
        cut[-1:] = pages(cut[-1], room - units(tail) - 1, head=units(head) if len(cut) == 1 else 0)
        cut, rest = cut[:MAX_PAGES], cut[MAX_PAGES:] + rest
    texts = [f"||{page}||" if frame.spoiler else page for page in cut] or [""]
    texts[0] = f"{head}{texts[0]}".strip("\n")
    texts[-1] = f"{texts[-1]}\n{tail}".strip("\n")
    return Layout(tuple(texts), "\n".join(rest))


def quote(text: str) -> str:
    """Give a question as the line that stands above its public answer."""
    return f"> {shorten(plain(text), 300)}" if text.strip() else ""
