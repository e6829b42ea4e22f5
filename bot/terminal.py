"""`vidi ask`: the same service from a terminal, on files and links, with nothing kept."""

import dataclasses
import json
import mimetypes
import re
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from bot.config import Config
from bot.core import asking_service
from bot.errors import PictureRefused
from bot.i18n import _
from bot.provider.types import Request
from bot.questions.smallprint import small_print
from bot.types import Answer, Asker, Entry, ImageRef, Place, Question, Task

SOMEBODY = Asker(user_id=0)
NOWHERE = Place(guild_id=None, channel_id=0)

# All that a terminal obeys; a model's text may hold it.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def question_from(arguments: Sequence[str]) -> Question:
    """Give the question that the arguments of `vidi ask` mean: pictures, then words.

    Raises PictureRefused naming what is neither a file nor a link, or can't be read."""
    words = [] if _is_picture(arguments[-1]) else list(arguments[-1:])
    pictures = arguments[: len(arguments) - len(words)]
    wrong = [name for name in pictures if not _is_picture(name)]
    if words and (not pictures or _names_a_picture(words[0])):
        wrong += words
    if wrong:
        raise PictureRefused(
            _("“{name}” is neither a file nor a link. Name the pictures first, then ask.").format(
                name=wrong[0]
            )
        )
    text = "".join(words).strip()
    return Question(
        source_id=time.time_ns(),
        entry=Entry.TERMINAL,
        asker=SOMEBODY,
        place=NOWHERE,
        text=text,
        task=Task.ASK if text else Task.DESCRIBE,
        images=tuple(_image(picture) for picture in pictures),
    )


def _is_link(argument: str) -> bool:
    return argument.lower().startswith(("http://", "https://"))


def _is_picture(argument: str) -> bool:
    try:
        return _is_link(argument) or Path(argument).is_file()
    except OSError:  # a question can be too long for a file's name
        return False


def _names_a_picture(argument: str) -> bool:
    """Tell whether a word is rather the name of a missing picture than a question."""
    kind, _encoding = mimetypes.guess_type(argument)
    return kind is not None and kind.startswith("image/") and not re.search(r"\s", argument)


def _image(argument: str) -> ImageRef:
    if _is_link(argument):
        return ImageRef(url=argument, filename=Path(urlsplit(argument).path).name or argument)
    try:
        data = Path(argument).read_bytes()
    except OSError as error:
        raise PictureRefused(
            _("“{name}” can't be read: {problem}.").format(name=argument, problem=error.strerror)
        ) from error
    return ImageRef(url="", filename=Path(argument).name, size=len(data), data=data)


class _Printer:
    """Shows an answer on stdout as it comes, unless it is `silent`."""

    def __init__(self, *, silent: bool) -> None:
        self._silent = silent
        self._begun = False

    def claimed(self, question_id: int) -> None:
        """Nothing to show yet."""

    def text(self, delta: str) -> None:
        if not self._silent:
            self._begun = True
            print(_CONTROL.sub("", delta), end="", flush=True)

    def end(self) -> None:
        """End the line: what follows may be an error."""
        if self._begun:
            print(flush=True)


async def ask(config: Config, question: Question, *, model_id: str | None, as_json: bool) -> None:
    """Ask, and print the answer: streaming text, or one JSON object. Raises QuestionError."""
    printer = _Printer(silent=as_json)
    async with asking_service(config, model_id) as service:
        try:
            answer = await service.ask(question, printer)
        finally:
            printer.end()
    assert answer is not None  # noqa: S101 - nobody else claims a question of this process
    if as_json:
        print(json.dumps(as_object(answer), ensure_ascii=False))
    else:
        print(*small_print(answer), sep="\n", file=sys.stderr)


async def dry_run(
    config: Config, question: Question, *, model_id: str | None, as_json: bool
) -> None:
    """Print the request that would go out, with the key masked. Raises QuestionError."""
    async with asking_service(config, model_id) as service:
        request = await service.request(question)
    print(json.dumps(request_object(request), ensure_ascii=False) if as_json else _shown(request))


def request_object(request: Request) -> dict[str, object]:
    """Give a request as `--dry-run --json` prints it."""
    return {
        "method": request.method,
        "url": request.url,
        "headers": request.masked_headers(),
        "body": request.body,
    }


def _shown(request: Request) -> str:
    headers = "\n".join(f"{name}: {value}" for name, value in request.masked_headers().items())
    body = json.dumps(request.body, ensure_ascii=False, indent=2)
    return f"{request.method} {request.url}\n{headers}\n\n{body}"


def as_object(answer: Answer) -> dict[str, object]:
    """Give an answer as `--json` prints it."""
    facts = dataclasses.asdict(answer)
    del facts["question_id"]
    return facts
