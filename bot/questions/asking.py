"""One question under way: what is known of it so far, and what that adds up to."""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from math import ceil

from bot.catalog.prices import cost
from bot.choices import GuildSettings
from bot.errors import Interrupted, ProviderError, QuestionError, Refused
from bot.i18n import N_, _
from bot.images.prepare import Prepared
from bot.policy.trace import Rule, Step, Verdict
from bot.provider.response import EmptyReply
from bot.provider.types import Completion, OnText
from bot.questions.aside import Aside
from bot.questions.attempts import Wanted
from bot.text import first_sentence, plain
from bot.types import Answer, Exchange, Finish, Question, Usage

HOSTS_LIMIT = 255  # characters that a receipt has for them


@dataclass(slots=True)
class Asking:
    """A claimed question while it is being answered. Times by the monotonic `clock`."""

    question_id: int
    question: Question
    settings: GuildSettings
    candidates: tuple[Wanted, ...]
    """What may be asked of which model, in this order; the first was asked for."""
    on_text: OnText
    started: float
    clock: Callable[[], float] = time.monotonic
    tried: Wanted | None = None
    prepared: Prepared | None = None
    hosts: list[str] = field(default_factory=list[str])
    """Who was sent pictures, guard and failed tries included, in order."""
    unaccounted: bool = False
    """Whether a try that came to nothing may have cost something."""
    pieces: list[str] = field(default_factory=list[str])
    first_text: float | None = None
    task: asyncio.Task[Completion] | None = None
    stopped: str | None = None
    guard: Wanted | None = None
    """What a guard was asked before the model; the next three say how far that got."""
    guard_busy: bool = False
    guarded: tuple[Prepared, ...] = ()
    guard_usage: Usage | None = None
    notes: list[str] = field(default_factory=list[str])
    trace: list[Step] = field(default_factory=list[Step])
    """How it was decided, and what became of each try."""
    own_key: bool = True
    """Whether the guild's own key or endpoint paid for everything so far."""

    @property
    def wanted(self) -> Wanted:
        """What is asked of the model that is being asked now."""
        return self.tried or self.candidates[0]

    @property
    def text(self) -> str:
        """The text so far."""
        return "".join(self.pieces)

    @property
    def first_token_ms(self) -> int | None:
        """Milliseconds from the question to its first text."""
        return None if self.first_text is None else self._ms(self.first_text)

    @property
    def duration_ms(self) -> int:
        """Milliseconds from the question until now."""
        return self._ms(self.clock())

    def _ms(self, moment: float) -> int:
        return round((moment - self.started) * 1000)

    @property
    def host(self) -> str | None:
        """Who was sent pictures, each host once; None if nobody was."""
        return ", ".join(dict.fromkeys(self.hosts))[:HOSTS_LIMIT] if self.hosts else None

    @property
    def answered_by(self) -> str | None:
        """The model_id to write down instead of the claimed one, where another had its say."""
        if self.pieces:
            return self.wanted.model.id
        return self.guard.model.id if self.guard and not self.prepared else None

    @property
    def sent(self) -> tuple[int, int]:
        """How many pictures were sent, and their bytes."""
        if not self.hosts:
            return 0, 0
        sent = (self.prepared,) if self.prepared else self.guarded
        return sum(len(one.parts) for one in sent), sum(one.sent_bytes for one in sent)

    def screening(self, guard: Wanted) -> None:
        """Take note that a guard is about to be asked."""
        self.guard, self.guard_busy = guard, True

    def screened(self, aside: Aside) -> None:
        """Take note of what a guard was sent, and of what that used."""
        self.guard_busy = False
        if self.guard and aside.prepared and (aside.error is None or aside.error.sent):
            self.guarded += (aside.prepared,)
            self.hosts.append(self.guard.endpoint.host)
        self.guard_usage = _sum(self.guard_usage, aside.usage)
        if self.guard and aside.usage.cost_nano_usd != 0:
            self.own_key = self.own_key and self.guard.endpoint.own

    def note(self, sentence: str) -> None:
        """Have the answer tell this below it."""
        self.notes.append(sentence)

    def trying(self, wanted: Wanted, prepared: Prepared) -> None:
        """Take note of what is about to be sent, to whom."""
        self.tried, self.prepared = wanted, prepared
        self.hosts.append(wanted.endpoint.host)
        self.own_key = self.own_key and wanted.endpoint.own
        self.trace += _trying(wanted, prepared)

    def failed(self, error: ProviderError) -> None:
        """Take note of a try that came to nothing."""
        self.unaccounted = self.unaccounted or (error.sent and error.status is None)
        said = N_("{model} gave no answer: {reason}")
        reason = first_sentence(error.sentence, 200)
        facts: dict[str, str | int] = {"model": _label(self.wanted), "reason": reason}
        self.trace.append(Step(Rule.ATTEMPT, Verdict.NOTED, said, facts))
        if not error.sent:
            self.hosts.pop()

    def heard(self, delta: str) -> None:
        """Take note of the next piece of text, and hand it on."""
        if self.first_text is None:
            self.first_text = self.clock()
        self.pieces.append(delta)
        self.on_text(delta)

    def answer(self, completion: Completion) -> Answer:
        """Give the answer that a whole completion makes."""
        assert self.prepared is not None  # noqa: S101 - no completion without a request
        model = self.wanted.model
        return Answer(
            question_id=self.question_id,
            text=completion.text,
            finish=completion.finish,
            model_id=model.id,
            model_label=model.label,
            provider_label=model.provider.label,
            company=model.provider.company,
            host=self.wanted.endpoint.host,
            usage=self._in_all(
                cost(model, completion, self.prepared.parts, self.wanted.characters)
            ),
            images_sent=len(self.prepared.parts),
            sent_bytes=self.prepared.sent_bytes,
            first_token_ms=self.first_token_ms,
            duration_ms=self.duration_ms,
            left_out=self.question.left_out + self.prepared.left_out,
            notes=(*self.notes, *self._notes(), *self.prepared.notes),
            discreet=not self.settings.tell_company,
        )

    def _notes(self) -> tuple[str, ...]:
        asked, answered = self.candidates[0].model, self.wanted.model
        if asked.id == answered.id:
            return ()
        note = _("{model} could not be asked at the moment, so {other} answered.")
        return (note.format(model=asked.label, other=answered.label),)

    def spent(self, error: BaseException) -> Usage | None:
        """Give what it may have cost although it failed; None where it certainly cost nothing."""
        return _sum(self.guard_usage, self._spent(error))

    def _spent(self, error: BaseException) -> Usage | None:
        over = isinstance(error, ProviderError | Refused)
        if self.prepared is None:
            return Usage() if self.guard_busy and not over else None
        if self.pieces or isinstance(error, EmptyReply):
            lost = Completion(text=self.text, finish=Finish.LOST)
            so_far = error.completion if isinstance(error, EmptyReply) else lost
            return cost(self.wanted.model, so_far, self.prepared.parts, self.wanted.characters)
        return None if over and not self.unaccounted else Usage()

    def _in_all(self, usage: Usage) -> Usage:
        """Add what the guard used, and that a lost try may have cost something, too."""
        if self.unaccounted:
            usage += Usage()
        return usage if self.guard_usage is None else usage + self.guard_usage

    def exchange(self) -> Exchange:
        """Give what a follow-up or a retry needs to know."""
        question = self.question
        return Exchange(
            question_id=self.question_id,
            asker_id=question.asker.user_id,
            guild_id=question.place.guild_id,
            channel_id=question.place.channel_id,
            entry=question.entry,
            task=question.task,
            text=question.text,
            answer=self.text,
            images=question.images,
            history=self.candidates[0].history,
            model_id=self.candidates[0].model.id,
            private=question.private,
        )


def _label(wanted: Wanted) -> str:
    return plain(wanted.model.label)


def _trying(wanted: Wanted, prepared: Prepared) -> Iterator[Step]:
    for left in prepared.left_out:
        said = N_("A picture was left out: {reason}")
        yield Step(Rule.PICTURES, Verdict.NOTED, said, {"reason": left.reason})
    facts: dict[str, str | int] = {
        "model": _label(wanted),
        "host": wanted.endpoint.host,
        "count": len(prepared.parts),
        "size": ceil(prepared.sent_bytes / 1000),
    }
    if not wanted.endpoint.host:
        said = N_("{model} looked on the bot's own machine; pictures: {count}.")
    elif prepared.sent_bytes:
        said = N_("{model} at {host} was asked; pictures sent: {count}, as {size} kB of data.")
    else:
        said = N_("{model} at {host} was asked; pictures sent: {count}, as links.")
    yield Step(Rule.ATTEMPT, Verdict.NOTED, said, facts)


def _sum(one: Usage | None, other: Usage | None) -> Usage | None:
    return one + other if one and other else one or other


def state_after(error: BaseException) -> str:
    """Give the terminal state of a question that ended with this error."""
    if isinstance(error, Interrupted):
        return f"cancelled:{error.reason}"
    if isinstance(error, QuestionError):
        return error.state
    return "cancelled:shutdown" if isinstance(error, asyncio.CancelledError) else "failed:error"
