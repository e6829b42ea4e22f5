"""`vidi ask`: the same service from a terminal, on files and links, with nothing kept."""

import dataclasses
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO
from urllib.parse import urlsplit

from bot.catalog.prices import usd
from bot.config import Config
from bot.core import asking_service
from bot.errors import PictureRefused
from bot.i18n import _
from bot.provider.types import Request
from bot.types import Answer, Asker, Entry, ImageRef, Place, Question, Task

SOMEBODY = Asker(user_id=0)
NOWHERE = Place(guild_id=None, channel_id=0)


def question_from(arguments: Sequence[str]) -> Question:
    """Give the question that the arguments of `vidi ask` mean: pictures, then words.

    Raises PictureRefused naming what is neither a file nor a link."""
    pictures = [argument for argument in arguments if _is_picture(argument)]
    rest = [argument for argument in arguments if not _is_picture(argument)]
    wrong = rest if not pictures else [word for word in rest if word != arguments[-1]]
    if wrong:
        raise PictureRefused(
            _("“{name}” is neither a file nor a link. Name the pictures first, then ask.").format(
                name=wrong[0]
            )
        )
    text = rest[-1] if rest else ""
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
    return argument.startswith(("http://", "https://"))


def _is_picture(argument: str) -> bool:
    return _is_link(argument) or Path(argument).is_file()


def _image(argument: str) -> ImageRef:
    if _is_link(argument):
        return ImageRef(url=argument, filename=Path(urlsplit(argument).path).name or argument)
    data = Path(argument).read_bytes()
    return ImageRef(url="", filename=Path(argument).name, size=len(data), data=data)


class _Printer:
    """Shows an answer as it comes."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def claimed(self, question_id: int) -> None:
        """Nothing to show yet."""

    def text(self, delta: str) -> None:
        self._out.write(delta)
        self._out.flush()


class _Silent:
    """Waits for the whole answer."""

    def claimed(self, question_id: int) -> None:
        """Nothing to show."""

    def text(self, delta: str) -> None:
        """Nothing to show."""


async def ask(config: Config, question: Question, *, model_id: str | None, as_json: bool) -> None:
    """Ask, and print the answer: streaming text, or one JSON object. Raises QuestionError."""
    async with asking_service(config, model_id) as service:
        answer = await service.ask(question, _Silent() if as_json else _Printer(sys.stdout))
    assert answer is not None  # noqa: S101 - nobody else claims a question of this process
    if as_json:
        print(json.dumps(as_object(answer), ensure_ascii=False))
    else:
        print()
        print(last_line(answer), file=sys.stderr)


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


def last_line(answer: Answer) -> str:
    """Give the line that names model, receiver and cost."""
    cost = answer.usage.cost_nano_usd
    return _("{model} · {company} got {count} picture(s) · {cost}").format(
        model=answer.model_label,
        company=answer.company,
        count=answer.images_sent,
        cost=_("cost unknown") if cost is None else usd(cost),
    )
