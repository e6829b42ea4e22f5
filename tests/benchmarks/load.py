"""Asking, and the way of each answer in moments of CLOCK_MONOTONIC (seconds)."""

import asyncio
import functools
import random
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass

from playground import Channel, File, Message, Person, Playground
from playground.completions import Reply
from playground.model_server import ModelRequest, ModelServer

ANSWER_SECONDS = 40
BREATH = 0.05  # seconds between two questions of the same person
_NUMBER = re.compile(r"(?:question|answer)(\d+)x")


@dataclass(frozen=True, slots=True)
class Speed:
    """How a model answers: seconds of thought, then so many tokens, so many seconds apart."""

    first: float
    tokens: int
    apart: float

    @property
    def seconds(self) -> float:
        """How long an answer takes."""
        return self.first + self.tokens * self.apart


@dataclass(frozen=True, slots=True)
class Asked:
    """A question; `at` is the moment in which its author sent it."""

    number: int
    at: float
    message: Message


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds that the bot took for each step of one answer."""

    request: float
    shown: float
    first_text: float
    final: float


PEOPLE = 50  # so that nobody meets the 30 questions a minute that everybody has


class Crowd:
    """Members who ask about a picture, each question with a number of its own."""

    def __init__(
        self, pg: Playground, models: ModelServer, channels: int, picture: File, speed: Speed
    ) -> None:
        guild = pg.guild("Corner Bakery")
        self.pg = pg
        self.models = models
        self.people: list[Person] = [pg.user(f"ada{number}") for number in range(PEOPLE)]
        self.ada = self.people[0]
        for person in self.people:
            guild.join(person)
        self.channels = [guild.channel(f"room-{index}") for index in range(channels)]
        self._picture = picture
        self._asked = 0
        self.speed = speed
        models.always(self._answer)

    def _answer(self, request: ModelRequest) -> Reply:
        number = _number(request.text)
        middle = (f" word{index}" for index in range(self.speed.tokens - 2))
        pieces = (f"answer{number}x", *middle, f" end{number}x")
        return Reply(pieces, self.speed.apart, self.speed.first)

    async def ask(self, channel: Channel | None = None) -> Asked:
        """Ask by a mention with the picture attached; without a channel in the next one."""
        channel = channel or self.channels[self._asked % len(self.channels)]
        self._asked += 1
        number = self._asked
        at = time.monotonic()
        said = f"{self.pg.bot.mention} question{number}x what is this?"
        asker = self.people[number % len(self.people)]
        return Asked(number, at, await asker.send(channel, said, files=[self._picture]))

    async def one_by_one(self, questions: int) -> list[Asked]:
        """Ask so many questions, each when the last is answered."""
        asked: list[Asked] = []
        for _one in range(questions):
            asked += await self.in_one_place(None, 1)
        return asked

    async def in_one_place(
        self, channel: Channel | None, questions: int, *, after: float = 0
    ) -> list[Asked]:
        """Ask so many questions in one channel, each when the last is answered."""
        await asyncio.sleep(after)
        asked: list[Asked] = []
        for _turn in range(questions):
            asked.append(await self.ask(channel))
            await self.answered(asked[-1:])
            await asyncio.sleep(BREATH)
        return asked

    async def at_once(self, questions: int) -> list[Asked]:
        """Ask so many questions in the same moment."""
        asked = [await self.ask() for _one in range(questions)]
        await self.answered(asked)
        return asked

    async def arriving(self, questions: int, *, in_flight: int) -> list[Asked]:
        """Ask at random moments, whether or not the last are answered: on average `in_flight`."""
        rng = random.Random(7)
        rate = in_flight / self.speed.seconds
        due, asked = time.monotonic(), list[Asked]()
        for _arrival in range(questions):
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            asked.append(await self.ask())
            due += rng.expovariate(rate)
        await self.answered(asked)
        return asked

    async def answered(self, asked: Sequence[Asked]) -> None:
        """Wait until all of these have their whole answers."""
        for one in asked:
            await self.pg.until(functools.partial(_is_answered, one), timeout=ANSWER_SECONDS)

    def timings(self, asked: Sequence[Asked]) -> list[Timing]:
        """Give how long each step of these answers took."""
        sent = {_number(chat.text): chat for chat in self.models.chats}
        ours = {one.message.id: one.number for one in asked}
        shown: dict[int, float] = {}
        texts: dict[int, list[float]] = {}
        for write in self.pg.requests:
            if write.status != 200:
                continue
            body = write.payload if isinstance(write.payload, dict) else {}
            reference = body.get("message_reference") or {}
            if number := ours.get(int(reference.get("message_id", 0))):
                shown.setdefault(number, write.at)
            if said := _NUMBER.search(body.get("content") or ""):
                texts.setdefault(int(said[1]), []).append(write.at)
        return [
            Timing(
                request=sent[one.number].at - one.at,
                shown=shown[one.number] - one.at,
                first_text=texts[one.number][0] - sent[one.number].chunks_at[0],
                final=texts[one.number][-1] - sent[one.number].chunks_at[-1],
            )
            for one in asked
        ]


def _is_answered(asked: Asked) -> bool:
    end = f"end{asked.number}x"
    return any(
        message.reply_to is asked.message
        and end in message.content
        and "Stop" not in message.buttons
        for message in reversed(asked.message.channel.messages)
    )


def _number(text: str) -> int:
    found = _NUMBER.search(text)
    assert found, f"no number in {text!r}"
    return int(found[1])
