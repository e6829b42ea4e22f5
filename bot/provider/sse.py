"""Server-sent events from bytes, as tolerant as the field needs.

Bytes, not text: only CR, LF and CRLF end a line, so U+2028 and U+0085 inside JSON stay whole, and
characters split between chunks come together by themselves."""

MAX_LINE = 256 * 1024
DONE = b"[DONE]"
"""The data with which OpenAI's streams end; it counts at once, with or without its blank line."""
_BOM = b"\xef\xbb\xbf"


class TooLong(ValueError):
    """A line, or the data of one event, is longer than any honest one."""


class Parser:
    """Collects bytes as they come and gives the data of each event that they complete."""

    def __init__(self, max_line: int = MAX_LINE) -> None:
        self._max_line = max_line
        self._pieces: list[bytes] = []  # of a line that has no end yet
        self._held = 0
        self._data: list[bytes] = []  # lines of an event that has no end yet
        self._data_size = 0
        self._after_cr = False
        self._at_start = True

    def feed(self, chunk: bytes) -> list[bytes]:
        """Take a chunk of any size and give the data of the events it ends; raises TooLong."""
        if self._after_cr and chunk.startswith(b"\n"):  # a CRLF that was split
            chunk = chunk[1:]
            self._after_cr = False
        if not chunk:
            return []
        self._after_cr = chunk.endswith(b"\r")
        lines = chunk.splitlines(keepends=True)
        rest = b"" if lines[-1].endswith((b"\n", b"\r")) else lines.pop()
        if lines and self._pieces:
            lines[0] = b"".join((*self._pieces, lines[0]))
            self._pieces.clear()
            self._held = 0
        events = self._take(lines)
        if rest:
            self._hold(rest)
        return events

    def close(self) -> list[bytes]:
        """Give the last event of a stream that ended without its blank line."""
        last = b"".join(self._pieces)
        self._pieces.clear()
        return self._take([last, b""])

    def _hold(self, rest: bytes) -> None:
        self._pieces.append(rest)
        self._held += len(rest)
        if self._held > self._max_line:
            raise TooLong(f"a line of more than {self._max_line} bytes")

    def _take(self, lines: list[bytes]) -> list[bytes]:
        events: list[bytes] = []
        for ended in lines:
            line = ended.rstrip(b"\r\n")
            if self._at_start and ended:
                line = line.removeprefix(_BOM)
                self._at_start = False
            if line.startswith(b"data:"):
                self._add(line[6:] if line.startswith(b"data: ") else line[5:])
            if self._data and (not line or self._data[-1].startswith(DONE)):
                events.append(self._data[0] if len(self._data) == 1 else b"\n".join(self._data))
                self._data.clear()
                self._data_size = 0
        return events

    def _add(self, data: bytes) -> None:
        self._data.append(data)
        self._data_size += len(data)
        if self._data_size > self._max_line:
            raise TooLong(f"an event of more than {self._max_line} bytes")
