"""Puts a reply together from the events of a stream, or from one whole JSON body.

Who sends what: usage on any chunk (AI/ML API), in `x_groq.usage` (Groq) or on a chunk without
choices (OpenAI); choices without `delta` (AI/ML API's Claude); null content, reasoning in either of
two fields, `<think>` inside the text; errors in a 200 stream (OpenRouter, vLLM, TGI, Cerebras)."""

import json
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, cast

import msgspec

from bot.errors import BadReply, ContentFiltered, ProviderDown, ProviderError
from bot.provider import faults
from bot.provider.sse import DONE
from bot.provider.types import Completion, OnText
from bot.types import Finish

_BAD_IN_A_ROW = 3
_MOST_TOKENS = 10_000_000
_MOST_USD = 1000

_FINISHES = {
    "length": Finish.LENGTH,
    "max_tokens": Finish.LENGTH,
    "model_length": Finish.LENGTH,
    "content_filter": Finish.FILTERED,
    "safety": Finish.FILTERED,
    "recitation": Finish.FILTERED,
    "prohibited_content": Finish.FILTERED,
    "refusal": Finish.REFUSED,
}
"""What finish reasons mean; every other word (stop, eos, end_turn, …) means STOP."""


class EmptyReply(BadReply):
    """A reply without text; `completion` has what it used all the same."""

    def __init__(self, detail: str, completion: Completion) -> None:
        super().__init__(detail)
        self.completion = completion


class Reply:
    """Takes events as they come, hands text on, and gives the Completion at the end.

    `steps` counts what moved the answer forward, reasoning included: keep-alives don't."""

    def __init__(self, on_text: OnText, *, key: str | None, max_text: int) -> None:
        self._on_text = on_text
        self._key = key
        self._room = max_text
        self._think = _ThinkFilter()
        self._pieces: list[str] = []
        self._refused = False
        self._bad = 0
        self._input_tokens: int | None = None
        self._output_tokens: int | None = None
        self._cost: Decimal | None = None
        self._model: str | None = None
        self._id: str | None = None
        self.finish: Finish | None = None
        self.steps = 0
        self.done = False

    @property
    def text(self) -> str:
        """The text so far."""
        return "".join(self._pieces)

    def event(self, data: bytes) -> None:
        """Take the data of one event; raises ProviderError for what can't be gone on with."""
        if data.startswith(DONE):
            self.done = True
            return
        chunk = _decode(data)
        if chunk is None:
            self._bad += 1
            if self._bad > _BAD_IN_A_ROW:
                raise BadReply(f"{self._bad} events in a row that are no JSON objects")
            return
        self._bad = 0
        if fault := faults.from_event(chunk, key=self._key):
            raise fault
        self._take(chunk)

    def completion(self, request_id: str | None = None, cut: Finish = Finish.LOST) -> Completion:
        """Give the whole reply; `cut` says how it ended where the provider didn't.

        Raises EmptyReply, ContentFiltered or ProviderDown when there is no text."""
        self._say(self._think.rest())
        whole = Completion(
            text=self.text.rstrip(),
            finish=Finish.REFUSED if self._refused else self.finish or cut,
            input_tokens=self._input_tokens,
            output_tokens=self._output_tokens,
            cost_usd=self._cost,
            model_name=self._model,
            request_id=request_id or self._id,
        )
        if not whole.text:
            raise _empty(whole)
        return whole

    def _take(self, chunk: Mapping[str, Any]) -> None:
        if (usage := chunk.get("usage")) is not None:
            self._use(usage)
        if (groq := chunk.get("x_groq")) is not None:
            self._use(_mapping(groq).get("usage"))
        if (meta := chunk.get("meta")) is not None:
            self._pay(_mapping(_mapping(meta).get("usage")).get("usd_spent"))
        if self._model is None:
            self._model = _string(chunk.get("model"))
            self._id = _string(chunk.get("id"))
        choices = chunk.get("choices")
        if isinstance(choices, list):
            for choice in cast("list[object]", choices):
                if isinstance(choice, dict):
                    self._choose(cast("dict[str, Any]", choice))

    def _choose(self, choice: Mapping[str, Any]) -> None:
        if choice.get("index"):  # we ask for one answer; another one would mix in
            return
        delta = choice.get("delta") or choice.get("message")
        if isinstance(delta, dict):
            self._hear(cast("dict[str, Any]", delta))
        reason = choice.get("finish_reason")
        if reason == "error":
            raise ProviderDown("the reply ended with finish_reason error")
        if isinstance(reason, str) and reason:
            self.finish = _FINISHES.get(reason.lower(), Finish.STOP)
            self.steps += 1

    def _hear(self, delta: Mapping[str, Any]) -> None:
        content = delta.get("content")
        if content:
            self.steps += 1
            self._say(self._think.feed(content if isinstance(content, str) else _joined(content)))
        elif delta.get("reasoning_content") or delta.get("reasoning"):
            self.steps += 1
        refusal = delta.get("refusal")
        if isinstance(refusal, str) and refusal:
            self._refused = True
            self.steps += 1
            self._say(refusal)

    def _say(self, text: str) -> None:
        if len(text) > self._room:
            text = text[: self._room]
            self.finish, self.done = Finish.LENGTH, True
        if not text:
            return
        self._room -= len(text)
        self._pieces.append(text)
        self._on_text(text)

    def _use(self, usage: object) -> None:
        told = _mapping(usage)
        read = _count(told.get("prompt_tokens", told.get("input_tokens")))
        written = _count(told.get("completion_tokens", told.get("output_tokens")))
        self._input_tokens = self._input_tokens if read is None else read
        self._output_tokens = self._output_tokens if written is None else written
        self._pay(told.get("cost"))  # OpenRouter's credits are US dollars

    def _pay(self, amount: object) -> None:
        cost = _usd(amount)
        self._cost = self._cost if cost is None else cost


class _ThinkFilter:
    """Keeps leading `<think>…</think>` blocks out of the text, however they are split.

    Only leading ones: in the middle of an answer it may be what the picture says."""

    _OPEN, _CLOSE = "<think>", "</think>"

    def __init__(self) -> None:
        self._held = ""
        self._thinking = False
        self._over = False

    def feed(self, text: str) -> str:
        """Take the next piece and give what of the answer it completes."""
        if self._over:
            return text
        self._held += text
        while not self._over:
            if self._thinking:
                before, closed, after = self._held.partition(self._CLOSE)
                if not closed:
                    self._held = before[-len(self._CLOSE) :]
                    return ""
                self._thinking, self._held = False, after
            self._held = self._held.lstrip()
            if self._held.startswith(self._OPEN):
                self._thinking, self._held = True, self._held[len(self._OPEN) :]
            elif self._OPEN.startswith(self._held):
                return ""
            else:
                self._over = True
        return self._held

    def rest(self) -> str:
        """Give what was held back in vain when the reply ends."""
        held = "" if self._over or self._thinking else self._held
        self._over = True
        return held


def _decode(data: bytes) -> Mapping[str, Any] | None:
    """Give the JSON object in an event, None if it is none."""
    try:
        found = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        found = _repaired(data)
    except RecursionError:
        return None
    return cast("dict[str, Any]", found) if isinstance(found, dict) else None


def _repaired(data: bytes) -> object:
    """Decode once more with wrong UTF-8 and halves of surrogate pairs as U+FFFD."""
    try:
        found = json.loads(data.decode("utf-8", "replace"))
        return json.loads(_SURROGATE.sub("\ufffd", json.dumps(found, ensure_ascii=False)))
    except (ValueError, RecursionError):
        return None


_SURROGATE = re.compile("[\ud800-\udfff]")


def _empty(whole: Completion) -> ProviderError:
    if whole.finish is Finish.FILTERED:
        return ContentFiltered("the reply has no text, its content was filtered")
    if whole.finish in (Finish.LOST, Finish.STALLED):
        return ProviderDown("the reply ended before it had any text")
    if whole.finish is Finish.LENGTH:
        return EmptyReply("no text: all tokens went into reasoning", whole)
    return EmptyReply("no text", whole)


def _joined(content: object) -> str:
    """Give the text of content that comes as a list of parts."""
    if not isinstance(content, list):
        return ""
    parts = (_mapping(part).get("text") for part in cast("list[object]", content))
    return "".join(text for text in parts if isinstance(text, str))


def _mapping(value: object) -> Mapping[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _string(value: object) -> str | None:
    return value[:200] if isinstance(value, str) and value else None


def _count(value: object) -> int | None:
    """Give a believable number of tokens; providers also send strings, negatives and billions."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST_TOKENS:
        return value
    return None


def _usd(value: object) -> Decimal | None:
    if not isinstance(value, int | float | str) or isinstance(value, bool):
        return None
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and 0 <= amount <= _MOST_USD else None
