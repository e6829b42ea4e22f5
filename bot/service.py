"""VisionService: the whole story of one question, from the claim to the receipt."""

import asyncio
import functools
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from bot.catalog.types import Model
from bot.clock import Clock, utcnow
from bot.db import deliveries, ledger, turns
from bot.db.engine import Database
from bot.db.keys import SecretBox
from bot.db.tables import ANSWERED, MODEL_REFUSED
from bot.errors import Interrupted, ProviderError, QuestionError
from bot.guilds.budgets import BudgetEvent
from bot.guilds.catalogs import GuildCatalogs
from bot.owner.book import OwnerBook
from bot.policy.trace import Trace
from bot.policy.types import Limit, Used
from bot.privacy.deletion import erase_question
from bot.provider.types import Completion, Request
from bot.questions.asking import Asking, state_after
from bot.questions.attempts import Attempts
from bot.questions.claiming import Claim, Claims
from bot.questions.foreseeing import foreseen
from bot.questions.planning import Plan, Planner
from bot.questions.screen import Screen
from bot.questions.settling import Settler
from bot.sight.proof import Sight
from bot.types import (
    Answer,
    Asker,
    Exchange,
    Finish,
    ImageRef,
    Place,
    Question,
    Receipt,
)

log = logging.getLogger(__name__)


class Sink(Protocol):
    """Who shows the answer. Called on the event loop; must not block."""

    def claimed(self, question_id: int) -> None:
        """Show that the question is being worked on: it is ours."""
        ...

    def text(self, delta: str) -> None:
        """Take the next piece of the answer's text."""
        ...


@dataclass(frozen=True, slots=True)
class Checked:
    """What would become of a question: every rule looked at, and why there would be no answer."""

    trace: Trace
    error: QuestionError | None


class VisionService:
    """Answers questions about pictures, once each, and writes down what it cost."""

    def __init__(
        self,
        *,
        planner: Planner,
        catalogs: GuildCatalogs,
        owner: OwnerBook,
        db: Database,
        box: SecretBox,
        attempts: Attempts,
        sight: Sight | None = None,
        clock: Callable[[], float] = time.monotonic,
        now: Clock = utcnow,
    ) -> None:
        self._planner = planner
        self._owner = owner
        self._db = db
        self._box = box
        self._attempts = attempts
        self._sight = sight
        self._screen = Screen(catalogs, attempts)
        self._clock = clock
        self._now = now
        self._claims = Claims(db, box, now)
        self._running: dict[int, Asking] = {}
        self._settler = Settler(db, box, now)
        self.on_budget: Callable[[BudgetEvent], object] | None = None
        """Is told when a question meets its guild's budget."""

    async def ask(self, question: Question, sink: Sink) -> Answer | None:
        """Answer a question, streaming its text into `sink`.

        None means that another delivery of the same event has the question: stay silent.
        Raises Refused, ProviderError or Interrupted; the latter two carry the text so far."""
        started = self._clock()
        plan = self._planner.plan(question)
        claim = await self._claims.claim(plan)
        if claim is None:
            return None
        if claim.event and self.on_budget:
            self.on_budget(claim.event)
        if claim.refused:
            raise claim.refused
        asking = self._asking(plan, claim, sink, started)
        self._running[claim.question_id] = asking
        sink.claimed(claim.question_id)
        try:
            return await self._answer(asking)
        finally:
            del self._running[claim.question_id]

    def _asking(self, plan: Plan, claim: Claim, sink: Sink, started: float) -> Asking:
        # The question is named to providers, so that their support can be asked about it.
        request_id = f"vidi-{claim.question_id}"
        candidates = tuple(replace(each, request_id=request_id) for each in claim.candidates)
        asking = Asking(
            claim.question_id,
            plan.question,
            plan.settings,
            candidates,
            sink.text,
            started,
            self._clock,
            trace=list(claim.trace),
        )
        if claim.candidates is not plan.ways[0]:
            asking.note(claim.trace[-1].text)
        if announced := self._owner.announcement():
            asking.note(announced)
        return asking

    async def _answer(self, asking: Asking) -> Answer:
        try:
            completion = await self._run(asking)
        except BaseException as error:
            _complete_failure(asking, error)
            await self._settler.settle(asking, state_after(error), asking.spent(error))
            raise
        answer = asking.answer(completion)
        state = MODEL_REFUSED if answer.finish is Finish.REFUSED else ANSWERED
        await self._settler.settle(asking, state, answer.usage, text=answer.text)
        return answer

    async def request(self, question: Question) -> Request:
        """Give the request that would go out, without sending it; works without a key."""
        plan = self._planner.plan(question, need_key=False)
        if plan.refused:
            raise plan.refused
        return await self._attempts.request(plan.ways[0][0])

    def refuses(self, question: Question) -> bool:
        """Tell whether a question is refused for what it is, so that the no can be private."""
        return self._planner.plan(question).refused is not None

    async def check(self, question: Question) -> Checked:
        """Tell what would become of a question, rule by rule; asks nothing, writes nothing."""
        plan = self._planner.plan(question)
        ruling = await self._claims.check(plan)
        if ruling is None:
            return Checked(plan.trace, plan.refused)
        trace, error = plan.trace + ruling.trace, ruling.refused
        if ruling.offer is None or self._sight is None:
            return Checked(trace, error)
        seen, error = foreseen(plan.ways[ruling.offer], self._sight, plan.settings.unproven)
        return Checked(trace + seen, error)

    async def left(self, asker: Asker, place: Place) -> dict[Limit, Used]:
        """Give the limits that hold for who asks there, and how much of each is used."""
        limits = self._planner.limits(asker, place)
        return await self._claims.used(limits, place, asker.user_id)

    def stop(self, question_id: int, reason: str) -> bool:
        """Stop a running question; `ask` raises Interrupted(reason). False if it isn't running."""
        asking = self._running.get(question_id)
        if asking is None or asking.stopped is not None or asking.task is None:
            return False
        asking.stopped = reason
        return asking.task.cancel()

    def in_flight(self) -> frozenset[int]:
        """Give the ids of the questions that are being answered, or still have to be settled."""
        return frozenset({*self._running, *self._settler.unsettled})

    def model_of(self, guild_id: int | None) -> Model:
        """Give the model that answers in this guild, or outside guilds for None."""
        return self._planner.model_of(guild_id)

    def offered(
        self, guild_id: int | None, asker: Asker | None = None, place: Place | None = None
    ) -> tuple[Model, ...]:
        """Give the models that members may choose among, or this one there; the first answers."""
        return self._planner.offered(guild_id, asker, place)

    def receivers(self, guild_id: int | None) -> tuple[Model, ...]:
        """Give every model that a question in this guild may be sent to, its guard left out."""
        return self._planner.receivers(guild_id)

    async def _run(self, asking: Asking) -> Completion:
        # A task of its own, so that Stop ends the model's stream and not the caller.
        asking.task = asyncio.create_task(self._complete(asking))
        try:
            return await asking.task
        except asyncio.CancelledError:
            if asking.stopped is None:
                raise
            raise Interrupted(asking.stopped) from None

    async def _complete(self, asking: Asking) -> Completion:
        await self._screen.look(asking)
        if self._sight is None:
            return await self._attempts.run(asking.candidates, asking)
        guild_id, accepted = asking.question.place.guild_id, asking.settings.unproven
        ready = functools.partial(self._sight.ready, guild_id=guild_id, accepted=accepted)
        return await self._attempts.run(asking.candidates, asking, ready)

    async def placed(self, question_id: int, message_id: int) -> None:
        """Remember which message shows the answer, while it is being written."""
        await self._db.transact(lambda session: deliveries.placed(session, question_id, message_id))

    async def delivered(self, question_id: int, message_ids: tuple[int, ...]) -> None:
        """Remember the messages that show the whole answer: nothing is owed any more."""
        await self._db.transact(
            lambda session: deliveries.delivered(session, question_id, message_ids)
        )

    async def reattached(self, question_id: int, images: tuple[ImageRef, ...]) -> None:
        """Remember where the pictures of a question hang from now on."""
        await self._db.transact(
            lambda session: turns.reattach(session, self._box, question_id, images)
        )

    async def forget(self, question_id: int) -> None:
        """Erase the text of a question and its answer; the receipt's figures stay."""
        await self._db.transact(lambda session: ledger.forget(session, question_id))

    async def orphan(self, question_id: int, user_id: int) -> None:
        """Make a question nobody's: its sums stay, nothing leads to who asked it."""
        now = self._now()
        await self._db.transact(
            lambda session: erase_question(session, self._box, question_id, user_id, now)
        )

    async def exchange(self, question_id: int) -> Exchange | None:
        """Give what was asked and answered, as long as it is kept."""
        return await self._db.read(lambda session: turns.load(session, self._box, question_id))

    async def question_of_message(self, message_id: int) -> int | None:
        """Give the question whose answer this message shows; None if it shows none."""
        return await self._db.read(lambda session: turns.question_of_message(session, message_id))

    async def pages(self, question_id: int) -> tuple[int, ...]:
        """Give the messages that show the answer to a question, first page first."""
        return await self._db.read(lambda session: turns.pages(session, question_id))

    async def receipt(self, question_id: int) -> Receipt | None:
        """Give everything that was written down about a question."""
        return await self._db.read(lambda session: ledger.receipt(session, question_id))

    async def asked_by(self, source_id: int) -> int | None:
        """Give the question that this message asked; None if it asked none."""
        return await self._db.read(lambda session: ledger.asked_by(session, source_id))

    async def last_of(self, user_id: int, channel_id: int) -> int | None:
        """Give somebody's last question in a channel; None if they asked none there."""
        return await self._db.read(lambda session: ledger.last_of(session, user_id, channel_id))

    async def show(self, image: ImageRef) -> bytes | None:
        """Give a picture fit to be shown again: JPEG or PNG, shrunk when large, no metadata."""
        return await self._attempts.show(image)


def _complete_failure(asking: Asking, error: BaseException) -> None:
    """Put the text so far into the error, and the provider's words into the log."""
    if isinstance(error, ProviderError):
        log.warning("question %d: %s: %s", asking.question_id, error.state, error.detail)
    if isinstance(error, ProviderError | Interrupted):
        error.text = asking.text
