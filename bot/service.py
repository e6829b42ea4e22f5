"""VisionService: the whole story of one question, from the claim to the receipt."""

import asyncio
import datetime as dt
import functools
import logging
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from bot.asking import Asking, state_after
from bot.attempts import Attempts, Wanted
from bot.catalog.catalog import Catalog
from bot.catalog.prices import worst_case_nano_usd
from bot.catalog.types import Endpoint, Model
from bot.choices import GuildSettings
from bot.db import deliveries, ledger, turns
from bot.db.engine import Database
from bot.db.keys import SecretBox
from bot.db.tables import ANSWERED, MODEL_REFUSED
from bot.errors import Interrupted, ProviderError, Refused
from bot.instructions import question_text, system_prompt
from bot.policy import access
from bot.proof import Sight
from bot.provider.types import Completion, Request
from bot.refusing import no_picture, over_quota
from bot.screen import Screen
from bot.settings import SettingsBook
from bot.settling import Settler
from bot.types import Answer, Exchange, Finish, ImageRef, Question, Receipt

log = logging.getLogger(__name__)

HISTORY_TURNS = 8


class Sink(Protocol):
    """Who shows the answer. Called on the event loop; must not block."""

    def claimed(self, question_id: int) -> None:
        """Show that the question is being worked on: it is ours."""
        ...

    def text(self, delta: str) -> None:
        """Take the next piece of the answer's text."""
        ...


class VisionService:
    """Answers questions about pictures, once each, and writes down what it cost."""

    def __init__(
        self,
        *,
        catalog: Catalog,
        settings: SettingsBook,
        db: Database,
        box: SecretBox,
        attempts: Attempts,
        sight: Sight | None = None,
        default_model: str | None = None,
        dm_daily: int | None = None,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
    ) -> None:
        self._catalog = catalog
        self._settings = settings
        self._db = db
        self._box = box
        self._attempts = attempts
        self._sight = sight
        self._screen = Screen(catalog, attempts)
        self._default_model = default_model
        self._dm_daily = dm_daily
        self._clock = clock
        self._now = now
        self._running: dict[int, Asking] = {}
        self._settler = Settler(db, box, now)

    async def ask(self, question: Question, sink: Sink) -> Answer | None:
        """Answer a question, streaming its text into `sink`.

        None means that another delivery of the same event has the question: stay silent.
        Raises Refused, ProviderError or Interrupted; the latter two carry the text so far."""
        started = self._clock()
        settings = self._settings.of(question.place.guild_id)
        try:
            candidates = self._candidates(question, settings)
        except Refused as refusal:
            if await self._claim(question, refused=refusal.state):
                raise
            return None
        reserve = self._worst_case(candidates, settings)
        claim = await self._claim(question, candidates, reserve=reserve)
        if claim is None:
            return None
        if claim.quota_resets_at:
            raise over_quota(claim.quota_resets_at)
        traced = tuple(_traced(wanted, claim.question_id) for wanted in candidates)
        asking = Asking(
            claim.question_id, question, settings, traced, sink.text, started, self._clock
        )
        self._running[claim.question_id] = asking
        sink.claimed(claim.question_id)
        try:
            return await self._answer(asking)
        finally:
            del self._running[claim.question_id]

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
        settings = self._settings.of(question.place.guild_id)
        wanted, *_others = self._candidates(question, settings, need_key=False)
        return await self._attempts.request(wanted)

    def refuses(self, question: Question) -> bool:
        """Tell whether a question is refused for what it is, so that the no can be private."""
        try:
            self._candidates(question, self._settings.of(question.place.guild_id))
        except Refused:
            return True
        return False

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
        chosen = self._settings.of(guild_id).model_id or self._default_model
        found = self._catalog.find(chosen) if chosen else None
        return found or self._catalog.default(self._default_model)

    def offered(self, guild_id: int | None) -> tuple[Model, ...]:
        """Give the models that members may choose among; the first is the default."""
        others = (self._catalog.find(model_id) for model_id in self._settings.of(guild_id).also)
        models = [self.model_of(guild_id), *(model for model in others if model is not None)]
        return tuple({model.id: model for model in models}.values())

    def _candidates(
        self, question: Question, settings: GuildSettings, *, need_key: bool = True
    ) -> tuple[Wanted, ...]:
        """Give what is asked of which model: the chosen one first, then its fallbacks."""
        if not question.images:
            raise no_picture(question)
        guild_id = question.place.guild_id
        chosen = access.choose(question.model_id, self.offered(guild_id))
        model = self._catalog.resolve(chosen.id, need_key=need_key)
        wanted = Wanted(
            model=model,
            endpoint=self._endpoint(model, need_key=need_key),
            system=system_prompt(question, settings),
            text=question_text(question, settings),
            images=question.images,
            task=question.task,
            history=question.history[-HISTORY_TURNS:],
        )
        others = (other for other in self._fallbacks(guild_id) if other.id != model.id)
        return wanted, *(
            replace(wanted, model=other, endpoint=self._endpoint(other)) for other in others
        )

    def _fallbacks(self, guild_id: int | None) -> tuple[Model, ...]:
        """Give what answers when the chosen model can't: the guild's default, the operator's.

        Only what is offered here: nobody else gets pictures, as /privacy says."""
        wished = {self.model_of(guild_id).id, self._default_model}
        return tuple(
            model
            for model in self.offered(guild_id)
            if model.id in wished and model.provider.kind == "http" and self._catalog.usable(model)
        )

    def _endpoint(self, model: Model, *, need_key: bool = True) -> Endpoint:
        return self._catalog.endpoint(model.provider, need_key=need_key) or Endpoint(base_url="")

    def _worst_case(self, candidates: tuple[Wanted, ...], settings: GuildSettings) -> int:
        """Give the most that the question can cost, its guard included, in nano-USD."""
        model = max(
            worst_case_nano_usd(one.model, len(one.images), one.characters) for one in candidates
        )
        return model + self._screen.worst_case(settings, candidates[0])

    async def _claim(
        self,
        question: Question,
        candidates: tuple[Wanted, ...] = (),
        *,
        reserve: int = 0,
        refused: str | None = None,
    ) -> ledger.Claim | None:
        return await self._db.transact(
            lambda session: ledger.claim(
                session,
                self._box,
                question,
                model_id=candidates[0].model.id if candidates else None,
                reserve_nano=reserve,
                refused=refused,
                dm_daily=self._dm_daily,
                now=self._now(),
            )
        )

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

    async def show(self, image: ImageRef) -> bytes | None:
        """Give a picture fit to be shown again: JPEG or PNG, shrunk when large, no metadata."""
        return await self._attempts.show(image)


def _traced(wanted: Wanted, question_id: int) -> Wanted:
    """Name the question to the provider, so that its support can be asked about it."""
    return replace(wanted, request_id=f"vidi-{question_id}")


def _complete_failure(asking: Asking, error: BaseException) -> None:
    """Put the text so far into the error, and the provider's words into the log."""
    if isinstance(error, ProviderError):
        log.warning("question %d: %s: %s", asking.question_id, error.state, error.detail)
    if isinstance(error, ProviderError | Interrupted):
        error.text = asking.text
