"""The domain's own values: what is asked, by whom, where, and what came of it."""

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum

import msgspec


class Entry(StrEnum):
    """The way in that a question took; stored in `questions.entry`."""

    ASK = "ask"
    MENU = "menu"
    MENTION = "mention"
    REPLY = "reply"
    BUTTON = "button"
    TERMINAL = "terminal"


class Task(StrEnum):
    """What kind of answer is wanted: it decides the instructions that go with the question."""

    ASK = "ask"
    DESCRIBE = "describe"
    READ = "read"
    TRANSLATE = "translate"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where on Discord a picture hangs, so that a fresh link to it can be had."""

    channel_id: int
    message_id: int
    attachment_id: int


@dataclass(frozen=True, slots=True)
class ImageRef:
    """A picture somebody pointed at; nothing of it has been opened. Sizes in bytes and pixels."""

    url: str
    filename: str
    content_type: str | None = None
    size: int | None = None
    width: int | None = None
    height: int | None = None
    alt: str | None = None
    spoiler: bool = False
    origin: Origin | None = None
    foreign: bool = False
    """A member wrote this link: only the guarded way out may follow it, no provider."""
    author_id: int | None = None
    """Whose picture it is: who uploaded or posted it, as far as Discord tells."""
    expires_at: dt.datetime | None = None
    data: bytes | None = field(default=None, repr=False)
    """The bytes themselves where no link exists (a file given to `vidi ask`)."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A picture that was not sent, and why, as a sentence for the asker."""

    filename: str
    reason: str


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks. `locale` is Discord's (`en-US`); moderators have Manage Server here."""

    user_id: int
    locale: str = "en-US"
    is_moderator: bool = False
    role_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where it is asked. `guild_id` is None wherever no guild of ours pays: direct messages and
    user installs in places where the bot is no member."""

    guild_id: int | None
    channel_id: int
    within: tuple[int, ...] = ()
    """What the channel lies in, nearest first: a thread's channel, the channel's category."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier exchange of the conversation."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where an answer must appear, as far as it must survive a crash.

    `token` is an interaction's (good for 15 minutes); `message_id` is the message that shows the
    answer, None until it is known."""

    channel_id: int
    message_id: int | None = None
    token: str | None = field(default=None, repr=False)
    application_id: int | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """One question about pictures, as every way in hands it to the service.

    `source_id` is the snowflake of the message or interaction: it makes a redelivered event lose.
    Empty `text` means the task alone says what is wanted."""

    source_id: int
    entry: Entry
    asker: Asker
    place: Place
    text: str
    images: tuple[ImageRef, ...]
    task: Task = Task.ASK
    history: tuple[Turn, ...] = ()
    model_id: str | None = None
    left_out: tuple[LeftOut, ...] = ()
    private: bool = False
    delivery: Delivery | None = None


class CostSource(StrEnum):
    """Where a cost figure comes from."""

    PROVIDER = "provider"
    ESTIMATE = "estimate"
    FREE = "free"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Usage:
    """What an answer used. Tokens are None where nobody said; money is integer nano-USD."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_nano_usd: int | None = None
    cost_source: CostSource = CostSource.UNKNOWN

    def __add__(self, other: "Usage") -> "Usage":
        """Give the sum; what one of them doesn't know, the sum doesn't know."""
        return Usage(
            _sum(self.input_tokens, other.input_tokens),
            _sum(self.output_tokens, other.output_tokens),
            _sum(self.cost_nano_usd, other.cost_nano_usd),
            max(self.cost_source, other.cost_source, key=_BY_TRUST.index),
        )


_BY_TRUST = (CostSource.FREE, CostSource.PROVIDER, CostSource.ESTIMATE, CostSource.UNKNOWN)


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other


class Finish(StrEnum):
    """How the text ended."""

    STOP = "stop"
    LENGTH = "length"
    FILTERED = "filtered"
    REFUSED = "refused"
    LOST = "lost"
    STALLED = "stalled"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a question. Times in milliseconds, `sent_bytes` is 0 where links were sent."""

    question_id: int
    text: str
    finish: Finish
    model_id: str
    model_label: str
    provider_label: str
    company: str
    """Who received the pictures."""
    host: str
    usage: Usage
    images_sent: int
    sent_bytes: int
    first_token_ms: int | None
    duration_ms: int
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()
    """Sentences the asker should know: a fallback answered, a first frame was shown."""
    discreet: bool = False
    """Whether the small print keeps the company to the receipt."""


class Exchange(msgspec.Struct, frozen=True, kw_only=True):
    """One question with its answer, as far as a follow-up needs it; pictures only as links."""

    question_id: int
    asker_id: int
    guild_id: int | None
    channel_id: int
    entry: Entry
    task: Task
    text: str
    answer: str
    images: tuple[ImageRef, ...] = ()
    history: tuple[Turn, ...] = ()
    model_id: str
    private: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """Everything that is written down about one question."""

    id: int
    source_id: int
    entry: str
    guild_id: int | None
    channel_id: int
    user_id: int
    answer_message_id: int | None
    model_id: str | None
    state: str
    host: str | None
    """Where the pictures went, separated by commas; None if they went nowhere."""
    images: int
    sent_bytes: int
    """Bytes of pictures that were sent; 0 where links were."""
    input_tokens: int | None
    output_tokens: int | None
    reserved_nano_usd: int
    cost_nano_usd: int | None
    cost_source: str | None
    first_token_ms: int | None
    duration_ms: int | None
    own_key: bool
    """Whether the guild's own key or endpoint paid."""
    trace: str | None = field(repr=False)
    """How it was decided, as `bot.policy.trace` reads it."""
    created_at: dt.datetime
    finished_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Undelivered:
    """An answer that has not arrived. `text` is the whole of it, None if it never got that far."""

    question_id: int
    delivery: Delivery
    text: str | None = field(repr=False)
    state: str
