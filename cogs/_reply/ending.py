"""How an answer ends: whole, stopped or failed."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.errors import (
    Interrupted,
    NoPicture,
    ProviderError,
    Refused,
    StorageBusy,
    VidiError,
    reference_of,
    user_message,
)
from bot.i18n import _
from bot.questions.smallprint import small_print
from bot.service import VisionService
from bot.text import first_sentence
from bot.types import Answer, Question
from cogs._reply.buttons import FAILED, Action, after_answer
from cogs._reply.pages import Frame, Layout, Page, Upload, lay_out
from cogs._reply.reply import Reply
from cogs._reply.uploads import pictures_on

log = logging.getLogger(__name__)

ALT_TEXT = 1024
REATTACH_WAIT = 15.0  # seconds that pictures may come later than the text
NOWHERE = frozenset({"guild_left", "channel_gone", "forbidden"})  # to write that it was stopped


@dataclass(frozen=True, slots=True)
class Ending:
    """Sees one question through to its last edit; `uploads` are pictures to show again."""

    service: VisionService
    question: Question
    reply: Reply
    frame: Frame
    uploads: asyncio.Task[tuple[Upload, ...]]

    async def see_through(self) -> None:
        """Have the question answered, and show how that ended."""
        reply = self.reply
        try:
            answer = await self.service.ask(self.question, reply)
        except Refused as refusal:
            await reply.refuse(_refusal(refusal, self.question))
            if reply.question_id is not None:
                await self._note_down(reply.question_id)
        except Interrupted as stop:
            await self._interrupted(stop)
        except Exception as error:
            await self._failed(error)
        else:
            if answer is not None:
                await self._deliver(answer)

    async def _deliver(self, answer: Answer) -> None:
        alt = first_sentence(answer.text, ALT_TEXT)
        layout = lay_out(answer.text, self.frame, small_print(answer))
        actions = after_answer(private=self.question.private)
        late = not self.uploads.done()
        ready = () if late else self.uploads.result()
        await self._finish(answer.question_id, layout, actions, _described(ready, alt))
        await self._note_down(answer.question_id, ready)
        if late and (ready := await self._in_time()):
            await self._finish(answer.question_id, layout, actions, _described(ready, alt))
            await self._note_down(answer.question_id, ready)

    async def _interrupted(self, stop: Interrupted) -> None:
        question_id = self.reply.question_id
        if question_id is None:
            return
        if stop.reason in ("answer_deleted", "question_deleted"):
            await self.reply.remove()
            await self.service.forget(question_id)
        elif stop.reason not in NOWHERE:
            sentence = restarting() if stop.reason == "shutdown" else stop.sentence
            await self._finish(question_id, lay_out(stop.text, self.frame, (sentence,)), FAILED)
        await self._note_down(question_id)

    async def _failed(self, error: Exception) -> None:
        if not isinstance(error, VidiError):
            log.error("question failed (%s)", reference_of(error), exc_info=error)
        said = error.text if isinstance(error, ProviderError) else ""
        sentence = user_message(error)
        question_id = self.reply.question_id
        if question_id is None:
            await self.reply.refuse(Page(sentence))
            return
        whole = lay_out(said, self.frame, (sentence,)) if said.strip() else Layout((sentence,))
        await self._finish(question_id, whole, FAILED)
        await self._note_down(question_id)

    async def _finish(
        self,
        question_id: int,
        layout: Layout,
        actions: Sequence[Any],
        uploads: tuple[Upload, ...] = (),
    ) -> None:
        """Write the final messages: pictures on the first, buttons and the file on the last."""
        last = len(layout.texts) - 1
        rest = Upload(layout.rest.encode(), "answer.md", spoiler=self.frame.spoiler)
        await self.reply.finish(
            tuple(
                Page(
                    text,
                    question_id,
                    tuple(actions) if index == last else (),
                    (uploads if index == 0 else ())
                    + ((rest,) if index == last and layout.rest else ()),
                    self.frame.card,
                )
                for index, text in enumerate(layout.texts)
            )
        )

    async def _note_down(self, question_id: int, uploads: tuple[Upload, ...] = ()) -> None:
        """Write down where the answer stands; a failure here is no failure of the answer."""
        try:
            await self.service.delivered(question_id, self.reply.message_ids)
            if uploads and (images := pictures_on(self.reply.messages[0], uploads)):
                await self.service.reattached(question_id, images)
        except Exception:
            log.exception("question %d: its messages are not written down", question_id)

    async def _in_time(self) -> tuple[Upload, ...]:
        try:
            return await asyncio.wait_for(self.uploads, REATTACH_WAIT)
        except TimeoutError:
            return ()


def _refusal(refusal: Refused, question: Question) -> Page:
    """Give the sentence, with a button that tells every rule that was looked at."""
    if isinstance(refusal, StorageBusy | NoPicture):  # nothing is written down, or to explain
        return Page(refusal.sentence)
    return Page(refusal.sentence, question.source_id, (Action.WHY,))


def restarting() -> str:
    """Say that no question can be answered just now."""
    return _("I am being restarted. Please ask again in a minute.")


def _described(uploads: tuple[Upload, ...], alt: str) -> tuple[Upload, ...]:
    """Give pictures whose uploader wrote no alt text the answer's first sentence."""
    return tuple(upload if upload.alt else replace(upload, alt=alt) for upload in uploads)
