import asyncio
import dataclasses
import os
import sqlite3
from contextlib import closing
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from PIL import Image

from bot.choices import GuildSettings
from bot.errors import (
    Interrupted,
    KeyRejected,
    ModelGone,
    ModelUnavailable,
    NoPicture,
    NotOffered,
    QuotaExceeded,
    RequestRejected,
    TimedOut,
)
from bot.questions.attempts import SHOWN_BYTES
from bot.types import CostSource, Finish, LeftOut, Place, Task, Turn
from playground import File, Playground
from playground.model_server import Fail, ModelServer
from playground.pictures import photo
from tests.serving import GUILD, Screen, picture, question, serving, until


@pytest.fixture
async def models():
    async with ModelServer() as server:
        yield server


async def test_an_answer_streams_and_is_written_down(tmp_path: Path, models: ModelServer) -> None:
    models.reply("A cat on a mat.", usage={"prompt_tokens": 900, "completion_tokens": 6})
    async with serving(tmp_path, models) as core:
        screen = Screen()
        answer = await core.service.ask(question(), screen)
        assert answer is not None
        receipt = await core.service.receipt(answer.question_id)

    assert answer.text == "".join(screen.pieces) == "A cat on a mat."
    assert screen.question_ids == [answer.question_id]
    assert (answer.finish, answer.images_sent, answer.sent_bytes) == (Finish.STOP, 1, 0)
    assert receipt is not None
    assert (receipt.state, receipt.model_id) == ("answered", "custom/vision")
    assert (receipt.input_tokens, receipt.output_tokens) == (900, 6)
    assert receipt.finished_at is not None


async def test_the_picture_goes_out_as_the_link_it_came_as(
    tmp_path: Path, models: ModelServer
) -> None:
    async with serving(tmp_path, models) as core:
        await core.service.ask(question("What breed?"), Screen())
    (request,) = models.chats
    assert request.images == (picture().url,)
    assert "What breed?" in request.text
    assert request.body["stream"] is True


async def test_a_redelivered_event_is_answered_once(tmp_path: Path, models: ModelServer) -> None:
    asked = question()
    async with serving(tmp_path, models) as core:
        answers = await asyncio.gather(*(core.service.ask(asked, Screen()) for _ in range(5)))
    assert sum(answer is not None for answer in answers) == 1
    assert len(models.chats) == 1


async def test_a_provider_that_cannot_fetch_gets_the_bytes_from_then_on(
    tmp_path: Path, models: ModelServer
) -> None:
    models.inline_only = True
    async with Playground() as pg:
        ada = pg.user("ada")
        (posted,) = (await ada.send(ada.dm, files=[File("cat.png", photo(64, 64))])).attachments
        asked = question(images=(dataclasses.replace(picture(), url=posted.url),))
        async with serving(tmp_path, models, VIDI_ATTACHMENT_HOSTS=pg.cdn_host) as core:
            first = await core.service.ask(asked, Screen())
            again = await core.service.ask(
                dataclasses.replace(asked, source_id=asked.source_id + 1), Screen()
            )
    assert first is not None
    assert again is not None
    assert first.sent_bytes > 0
    sent = [request.images[0].partition(":")[0] for request in models.chats]
    assert sent == ["http", "data", "data"]


async def test_a_busy_provider_is_asked_again_once_it_says_when(
    tmp_path: Path, models: ModelServer
) -> None:
    models.fail(429, {"error": {"message": "slow down"}}, {"Retry-After": "0"})
    models.reply("Here I am.")
    async with serving(tmp_path, models) as core:
        answer = await core.service.ask(question(), Screen())
    assert answer is not None
    assert answer.text == "Here I am."


async def test_a_refused_key_is_not_tried_again_and_costs_nothing(
    tmp_path: Path, models: ModelServer
) -> None:
    models.fail(401, {"error": {"message": "Incorrect API key provided: sk-canary"}})
    async with serving(tmp_path, models) as core:
        screen = Screen()
        with pytest.raises(KeyRejected) as refusal:
            await core.service.ask(question(), screen)
        receipt = await core.service.receipt(screen.question_ids[0])
    assert "sk-canary" not in refusal.value.sentence
    assert receipt is not None
    assert (receipt.state, receipt.cost_nano_usd) == ("failed:key", 0)
    assert len(models.chats) == 1


async def test_text_that_was_shown_is_never_asked_for_again(
    tmp_path: Path, models: ModelServer
) -> None:
    models.cut(after="A cat on")
    async with serving(tmp_path, models) as core:
        screen = Screen()
        answer = await core.service.ask(question(), screen)
        exchange = await core.service.exchange(screen.question_ids[0])
    assert answer is not None
    assert answer.finish is Finish.LOST
    assert "".join(screen.pieces) == "A cat on"
    assert len(models.chats) == 1
    assert exchange is not None


async def test_stop_ends_the_stream_and_keeps_what_was_said(
    tmp_path: Path, models: ModelServer
) -> None:
    models.stall(after="A cat on")
    async with serving(tmp_path, models) as core:
        screen = Screen()
        asking = asyncio.create_task(core.service.ask(question(), screen))
        await until(lambda: "".join(screen.pieces) == "A cat on")
        (question_id,) = core.service.in_flight()
        assert core.service.stop(question_id, "stopped")
        assert not core.service.stop(question_id, "stopped")
        with pytest.raises(Interrupted) as stopped:
            await asking
        receipt = await core.service.receipt(question_id)
    assert stopped.value.text == "A cat on"
    assert receipt is not None
    assert receipt.state == "cancelled:stopped"
    assert not core.service.in_flight()


async def test_a_cancelled_caller_leaves_no_open_question(
    tmp_path: Path, models: ModelServer
) -> None:
    models.hang()
    async with serving(tmp_path, models) as core:
        screen = Screen()
        asking = asyncio.create_task(core.service.ask(question(), screen))
        await until(lambda: bool(models.chats))
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        receipt = await core.service.receipt(screen.question_ids[0])
    assert receipt is not None
    assert receipt.state == "cancelled:shutdown"


async def test_an_answer_is_given_although_it_can_be_written_down_only_later(
    tmp_path: Path, models: ModelServer
) -> None:
    models.reply("A cat.", first_delay=0.2)
    url = f"sqlite+aiosqlite:///{tmp_path / 'vidi.db'}?timeout=0.1"
    async with serving(tmp_path, models, VIDI_DATABASE_URL=url) as core:
        screen = Screen()
        asking = asyncio.create_task(core.service.ask(question(), screen))
        await until(lambda: bool(models.chats))
        with closing(sqlite3.connect(tmp_path / "vidi.db", isolation_level=None)) as foreign:
            foreign.execute("BEGIN IMMEDIATE")
            answer = await asking
            assert answer is not None
            assert core.service.in_flight() == {answer.question_id}, "not the reaper's to end"
        await until(lambda: not core.service.in_flight())
        receipt = await core.service.receipt(answer.question_id)
    assert answer.text == "A cat."
    assert receipt is not None
    assert receipt.state == "answered"


async def test_a_question_without_a_picture_reaches_nobody(
    tmp_path: Path, models: ModelServer
) -> None:
    async with serving(tmp_path, models) as core:
        with pytest.raises(NoPicture, match="/ask"):
            await core.service.ask(question(images=()), Screen())
        left = (LeftOut("notes.txt", "not a picture"),)
        with pytest.raises(NoPicture, match=r"notes\.txt is not a picture"):
            await core.service.ask(question(images=(), left_out=left), Screen())
    assert not models.chats


async def test_members_choose_only_among_offered_models(
    tmp_path: Path, models: ModelServer
) -> None:
    async with serving(tmp_path, models) as core:
        with pytest.raises(NotOffered, match="custom/vision"):
            await core.service.ask(question(model_id="custom/other"), Screen())
        await core.settings.change(
            GUILD, 1, GuildSettings(also=("custom/other",), unproven=("custom/other",))
        )
        answer = await core.service.ask(question(model_id="custom/other"), Screen())
    assert answer is not None
    assert models.chats[0].body["model"] == "other"


async def test_a_model_that_was_retired_answers_with_its_successor(
    tmp_path: Path, models: ModelServer
) -> None:
    async with serving(tmp_path, models, AIMLAPI_API_KEY="k") as core:
        await core.settings.change(GUILD, 1, GuildSettings(model_id="aimlapi/gpt-4-turbo"))
        with pytest.raises(ModelUnavailable, match="instead"):
            await core.service.ask(question(), Screen())


async def test_outside_guilds_the_day_has_its_quota(tmp_path: Path, models: ModelServer) -> None:
    alone = Place(guild_id=None, channel_id=5)
    async with serving(tmp_path, models, VIDI_DM_DAILY="2") as core:
        for _ in range(2):
            assert await core.service.ask(question(place=alone), Screen())
        with pytest.raises(QuotaExceeded, match="today"):
            await core.service.ask(question(place=alone), Screen())
        assert await core.service.ask(question(), Screen())
    assert len(models.chats) == 3


async def test_a_follow_up_carries_the_exchange_so_far(tmp_path: Path, models: ModelServer) -> None:
    history = (Turn("What is it?", "A cat."),)
    async with serving(tmp_path, models) as core:
        await core.service.ask(question("Which colour?", history=history), Screen())
    roles = [message["role"] for message in models.chats[0].body["messages"]]
    assert roles[-3:] == ["user", "assistant", "user"]


async def test_exchanges_are_kept_only_as_long_as_moderators_say(
    tmp_path: Path, models: ModelServer
) -> None:
    async with serving(tmp_path, models) as core:
        kept = await core.service.ask(question("Secret question?"), Screen())
        await core.settings.change(GUILD, 1, GuildSettings(retention_hours=0))
        unkept = await core.service.ask(question(), Screen())
        assert kept is not None
        assert unkept is not None
        exchange = await core.service.exchange(kept.question_id)
        assert exchange is not None
        assert (exchange.text, exchange.answer) == ("Secret question?", kept.text)
        assert await core.service.exchange(unkept.question_id) is None
        await core.service.forget(kept.question_id)
        assert await core.service.exchange(kept.question_id) is None
    assert b"Secret question" not in (tmp_path / "vidi.db").read_bytes()


async def test_unknown_prices_say_so_and_never_nothing(tmp_path: Path, models: ModelServer) -> None:
    async with serving(tmp_path, models) as core:
        answer = await core.service.ask(question(), Screen())
        assert answer is not None
        receipt = await core.service.receipt(answer.question_id)
    assert answer.usage.cost_source is CostSource.UNKNOWN
    assert receipt is not None
    assert receipt.cost_nano_usd is None
    assert receipt.reserved_nano_usd > 0


@pytest.mark.parametrize("task", list(Task))
async def test_every_task_says_what_is_wanted(
    task: Task, tmp_path: Path, models: ModelServer
) -> None:
    async with serving(tmp_path, models) as core:
        await core.service.ask(question("", task=task), Screen())
    assert "{" not in models.chats[0].text


async def test_a_silent_model_times_out_with_a_sentence(
    tmp_path: Path, models: ModelServer
) -> None:
    models.hang()
    folder = tmp_path / "catalog"
    folder.mkdir()
    (folder / "slow.toml").write_text(
        '[provider]\nid = "slow"\nlabel = "Slow"\ncompany = "Slow"\n'
        f'base_url = "{models.base_url}"\nneeds_key = false\n'
        '[[models]]\nname = "m"\nlabel = "M"\nfirst_text_seconds = 1\ntransport = "url"\n'
        'checked = 2026-11-22\nsource = "test"\n'
    )
    async with serving(tmp_path, VIDI_CATALOG_DIR=str(folder), VIDI_DEFAULT_MODEL="slow/m") as core:
        with pytest.raises(TimedOut):
            await core.service.ask(question(), Screen())


async def test_a_large_picture_is_shown_again_smaller(tmp_path: Path) -> None:
    noise, file = Image.frombytes("RGB", (1800, 1700), os.urandom(1800 * 1700 * 3)), BytesIO()
    noise.save(file, "PNG", compress_level=0)
    async with Playground() as pg, serving(tmp_path, VIDI_ATTACHMENT_HOSTS=pg.cdn_host) as core:
        ada = pg.user("ada")
        (posted,) = (await ada.send(ada.dm, files=[File("noise.png", file.getvalue())])).attachments
        shown = await core.service.show(dataclasses.replace(picture(), url=posted.url))
    assert shown is not None
    assert len(shown) <= SHOWN_BYTES < len(file.getvalue())


async def test_the_guilds_default_answers_for_a_model_that_cannot(
    tmp_path: Path, models: ModelServer
) -> None:
    models.script(lambda _request: Fail(429, {"error": {"message": "slow down"}}))
    models.reply("A cat.", usage={"prompt_tokens": 900, "completion_tokens": 6})
    async with serving(tmp_path, models) as core:
        await core.settings.change(
            GUILD, 1, GuildSettings(also=("custom/other",), unproven=("custom/other",))
        )
        answer = await core.service.ask(question(model_id="custom/other"), Screen())
        assert answer is not None
        receipt = await core.service.receipt(answer.question_id)
        exchange = await core.service.exchange(answer.question_id)
    assert [request.body["model"] for request in models.chats] == ["other", "vision"]
    assert any("other" in note and "vision" in note for note in answer.notes)
    assert receipt is not None
    assert receipt.model_id == answer.model_id == "custom/vision"
    assert exchange is not None
    assert exchange.model_id == "custom/other"


@pytest.mark.parametrize("up", [True, False])
async def test_the_receipt_names_every_host_that_was_sent_the_picture(
    tmp_path: Path, models: ModelServer, up: bool
) -> None:
    async with ModelServer() as failing:
        failing.always(lambda _request: Fail(404, {"error": {"message": "no such model"}}))
        base_url = failing.base_url if up else "http://127.0.0.1:9/v1"
        async with serving(tmp_path, models, OLLAMA_BASE_URL=base_url) as core:
            wanted = "ollama/gemma4"
            await core.settings.change(GUILD, 1, GuildSettings(also=(wanted,), unproven=(wanted,)))
            asked = question(model_id=wanted, images=(picture(photo(64, 64)),))
            answer = await core.service.ask(asked, Screen())
            assert answer is not None
            receipt = await core.service.receipt(answer.question_id)
    assert receipt is not None
    assert receipt.host is not None
    hosts = [urlsplit(server.base_url).netloc for server in (failing, models)]
    assert receipt.host.split(", ") == hosts[0 if up else 1 :]
    assert receipt.images == 1


async def test_a_model_that_is_not_offered_here_gets_no_picture_in_anothers_place(
    tmp_path: Path, models: ModelServer
) -> None:
    """The operator's default is another company's: /privacy doesn't name it in this guild."""
    models.fail(404)
    async with serving(tmp_path, models) as core:
        await core.settings.change(
            GUILD, 1, GuildSettings(model_id="custom/other", unproven=("custom/other",))
        )
        with pytest.raises(ModelGone):
            await core.service.ask(question(), Screen())
    assert [request.body["model"] for request in models.chats] == ["other"]


async def test_when_no_model_can_the_receipt_names_the_one_that_was_asked(
    tmp_path: Path, models: ModelServer
) -> None:
    models.always(lambda _request: Fail(404, {"error": {"message": "The model does not exist"}}))
    async with serving(tmp_path, models) as core:
        await core.settings.change(
            GUILD, 1, GuildSettings(also=("custom/other",), unproven=("custom/other",))
        )
        screen = Screen()
        with pytest.raises(ModelGone):
            await core.service.ask(question(model_id="custom/other"), screen)
        receipt = await core.service.receipt(screen.question_ids[0])
    assert len(models.chats) == 2
    assert receipt is not None
    assert (receipt.model_id, receipt.state) == ("custom/other", "failed:model_gone")
    assert receipt.cost_nano_usd == 0


async def test_a_lost_try_counts_although_the_last_one_was_turned_away(
    tmp_path: Path, models: ModelServer
) -> None:
    models.cut(after="")
    models.fail(400)
    async with serving(tmp_path, models) as core:
        screen = Screen()
        with pytest.raises(RequestRejected):
            await core.service.ask(question(), screen)
        receipt = await core.service.receipt(screen.question_ids[0])
    assert receipt is not None
    assert receipt.cost_nano_usd is None
    assert receipt.reserved_nano_usd > 0


async def test_the_provider_can_find_the_question_in_its_log(
    tmp_path: Path, models: ModelServer
) -> None:
    async with serving(tmp_path, models) as core:
        answer = await core.service.ask(question(), Screen())
    assert answer is not None
    (request,) = models.chats
    assert request.headers["x-client-request-id"] == f"vidi-{answer.question_id}"
