"""Pure text: a model's hostile words made harmless, and cut into pages that Discord takes."""

import re
import unicodedata
from urllib.parse import unquote

from bot.i18n import _

FENCE = "```"
ZWSP = "\u200b"
LONGEST_LINK = 500

# Controls, direction overrides, invisible fillers, lone surrogates and tag characters: nothing a
# reader would miss. Zero-width joiners stay, emoji and several scripts need them.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u064b-\u065f\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
    "\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f\U000e0100-\U000e01ef"
)
_MARK_FLOOD = re.compile(f"([{_MARKS}]{{4}})[{_MARKS}]+")
_JOINER_FLOOD = re.compile("([\u200c\u200d])[\u200c\u200d]+")
_LINE_FLOOD = re.compile(r"\n{5,}")
_TICK_FLOOD = re.compile("`{4,}")
_ESCAPED_TICK = re.compile(r"(?<!\\)\\++(?=`)")

_MASKED_LINK = re.compile(
    r"!?\[([^\[\]]*)\]\(\s*<?(https?://(?:[^\s()<>]|\([^\s()<>]*\))+)>?"
    r"(?:\s+(?:\"[^\"]*\"|'[^']*'))?\s*\)",
    re.IGNORECASE,
)
_LINK_IN_CODE = re.compile(r"\](?=\(\s*<?[a-z]+://)", re.IGNORECASE)
_LINK = re.compile(r"(?:(?<!\\)\\++)?(?:<(https?://[^\s<>]+)>|(https?://[^\s<>]+))", re.IGNORECASE)
_APP_LINK = re.compile(r"(?<=discord:)(?=//)", re.IGNORECASE)
_INVITE = re.compile(
    r"(?:www\.)?(?:discord(?:app)?\.com/+invite|discord\.(?:gg|me|io|li)|dsc\.gg|invite\.gg)"
    r"[/\\]+[^\s<>]+",
    re.IGNORECASE,
)
_MENTION = re.compile(r"(?<=@)(?=everyone|here)|(?<=<)(?=[@#]|/[\w -]+:\d)", re.IGNORECASE)
_MARKDOWN = re.compile(r"[*~`|]+|(?<!\w)_+|_+(?!\w)")
_AT_IN_LINK = re.compile(r"@(?=everyone|here)", re.IGNORECASE)


def neutralise(text: str) -> str:
    """Give a model's text with links bare and unpreviewed, without invites, mentions or tricks.

    Idempotent, and safe for every prefix of a stream; code blocks stay readable."""
    parts = _clean(text).split(FENCE)
    closed = len(parts) - (len(parts) % 2 == 0)
    safe: list[str] = []
    for index, part in enumerate(parts):
        if index % 2 == 0:
            safe.append(_prose(part))
        elif part.strip() or index >= closed:
            safe.append(FENCE + _code(part) + (FENCE if index < closed else ""))
    return "".join(safe)


def plain(text: str) -> str:
    """Give a person's text as one harmless line, for quoting and labels."""
    return " ".join(neutralise(text).replace(FENCE, "").split())


def shorten(text: str, limit: int) -> str:
    """Give `text`, or as much of it as fits `limit` with an ellipsis."""
    if units(text) <= limit:
        return text
    return text[: _index_of(text, limit - 1)].rstrip() + "…"


def first_sentence(text: str, limit: int) -> str:
    """Give the first sentence of `text` as one line of at most `limit`, without Markdown."""
    line = _MARKDOWN.sub("", plain(text)).lstrip("#> ")
    end = re.search(r"[.!?。](?:\s|$)|[。]", line)
    return shorten(line[: end.end()].strip() if end else line, limit)


def units(text: str) -> int:
    """Give the length as Discord's clients count it, in UTF-16 code units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def pages(text: str, limit: int = 2000, *, head: int = 0) -> list[str]:
    """Cut `text` into pages of at most `limit`; the first leaves `head` free.

    Code fences are closed at a page's end and opened again, with their language, on the next."""
    return split(text, limit, head=head)[0]


def split(
    text: str, limit: int, *, head: int = 0, count: int | None = None
) -> tuple[list[str], str]:
    """Cut at most `count` pages off `text`; what is left comes uncut, its code fence opened."""
    cut: list[str] = []
    opener, rest, room = "", text, limit - head
    while rest.strip():
        opened = opener + rest
        if len(cut) == count:
            return cut, opened
        whole = opened + _closing(opened)
        if units(whole) <= room:
            return [*cut, whole], ""
        page, rest = _cut(opened, room - len(FENCE) - 1, len(opener))
        if page.strip():
            cut.append(page + _closing(page))
        opener, room = _open_fence(page), limit
    return cut, ""


def _cut(text: str, room: int, keep: int) -> tuple[str, str]:
    """Cut at a paragraph, else a line, else a word, else anywhere that breaks nothing.

    At least one character after the first `keep` goes onto the page, so that it ends some day."""
    window = text[: _index_of(text, room) + 1]
    for mark, least in (("\n\n", len(window) // 2), ("\n", len(window) // 3), (" ", 0)):
        at = window.rfind(mark)
        if at > max(least, keep) and not _only_opens(window[:at]):
            return text[:at], text[at + len(mark) :].removeprefix("\n")
    at = _unbroken(text, len(window) - 1, keep)
    return text[:at], text[at:]


def _unbroken(text: str, at: int, keep: int) -> int:
    """Move a cut to before the link, the run of backticks or the emoji that it would break."""
    start = text.rfind("<", max(keep, at - LONGEST_LINK - 2), at)
    if start > keep and ">" not in text[start:at] and _LINK.match(text, start):
        return start
    moved = at
    while moved > keep + 1 and at - moved < 20 and _belongs_together(text[moved - 1], text[moved]):
        moved -= 1
    return moved


def _belongs_together(left: str, right: str) -> bool:
    return (
        left == right == "`"
        or "\u200d" in (left, right)
        or bool(unicodedata.combining(right))
        or "\ufe00" <= right <= "\ufe0f"
        or "\U0001f3fb" <= right <= "\U0001f3ff"
    )


def _index_of(text: str, room: int) -> int:
    """Give how many characters fit into `room` code units."""
    size = min(len(text), room)
    while (over := units(text[:size]) - room) > 0:
        size -= (over + 1) // 2
    return size


def _only_opens(page: str) -> bool:
    return bool(_open_fence(page)) and not page.rpartition(FENCE)[2].partition("\n")[2].strip()


def _open_fence(page: str) -> str:
    """Give the line that opens the fence in which this page ends, or nothing."""
    if page.count(FENCE) % 2 == 0:
        return ""
    language = re.match(r"[\w+\-.#]{0,30}(?=\n)", page.rpartition(FENCE)[2])
    return FENCE + (language[0] if language else "") + "\n"


def _closing(page: str) -> str:
    return f"\n{FENCE}" if page.count(FENCE) % 2 else ""


def _clean(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    text = _INVISIBLE.sub("", text)
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
        text = _JOINER_FLOOD.sub(r"\1", _MARK_FLOOD.sub(r"\1", text))
        text = unicodedata.normalize("NFC", text)
    text = _LINE_FLOOD.sub("\n\n\n\n", text)
    # Discord knows fences of three; escaped or longer ones would let its idea of what is code
    # differ from ours.
    return _TICK_FLOOD.sub(FENCE, _ESCAPED_TICK.sub("", text))


def _prose(text: str) -> str:
    for _depth in range(10):
        text, links = _MASKED_LINK.subn(_unmask, text)
        if not links:
            break
    text = text.replace("](", f"]{ZWSP}(")
    text = _APP_LINK.sub(ZWSP, _LINK.sub(_bare_link, text))
    return _harmless(text)


def _code(text: str) -> str:
    return _harmless(_LINK_IN_CODE.sub(f"]{ZWSP}", text))


def _harmless(text: str) -> str:
    return _MENTION.sub(ZWSP, _INVITE.sub(_("‹invite removed›"), text))


def _unmask(match: re.Match[str]) -> str:
    label, link = match[1].strip(), match[2]
    return f"<{link}>" if label in ("", link) else f"{label} <{link}>"


def _bare_link(match: re.Match[str]) -> str:
    link = match[1] or match[2]
    if match[2]:
        link = _without_trail(link)
    tail = "" if match[1] else match[2][len(link) :]
    if link.endswith("://"):
        return match[0]
    if _INVITE.search(unquote(unicodedata.normalize("NFKC", link))):
        return _("‹invite removed›") + tail
    if len(link) > LONGEST_LINK:
        return _("‹link removed›") + tail
    return f"<{_AT_IN_LINK.sub('%40', link)}>{tail}"


def _without_trail(link: str) -> str:
    """Give a bare link without the punctuation that ends the sentence around it."""
    while True:
        shorter = link.rstrip("\\.,;:!?'\"]}*_~|`")
        if shorter.endswith(")") and shorter.count(")") > shorter.count("("):
            shorter = shorter[:-1]
        if shorter in (link, "http:/", "https:/"):
            return link
        link = shorter
