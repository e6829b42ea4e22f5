"""Proof of sight, between the real service and a provider that sees, or doesn't."""

import asyncio
import dataclasses
import datetime as dt
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot.choices import GuildSettings
from bot.core import Core
from bot.db.proofs import Look
from bot.errors import BadReply, PictureUnsupported, ProviderDown, RateLimited
from bot.images.decode import Decoder
from bot.net import origin
from bot.sight.known import learned
from bot.sight.looking import LETTERS, QUESTION, code_word, says
from bot.sight.proof import FRESH
from bot.types import ImageRef
from playground import File, Playground, eyes
from playground.completions import Act, Fail, Reply, no_urls
from playground.model_server import ModelRequest, ModelServer
from playground.pictures import photo
from tests.serving import GUILD, Screen, picture, question, serving, until

NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
OTHER = GuildSettings(model_id="custom/other")


@pytest.fixture
async def models() -> AsyncIterator[ModelServer]:
    async with ModelServer() as server:
        server.sees = False  # each test says itself how proofs are answered
        yield server


def is_proof(request: ModelRequest) -> bool:
    return QUESTION in request.text


def proofs(models: ModelServer) -> list[ModelRequest]:
    return [request for request in models.chats if is_proof(request)]


def questions(models: ModelServer) -> list[str]:
    """Which models were asked a member's question."""
    return [request.body["model"] for request in models.chats if not is_proof(request)]


def seeing(request: ModelRequest) -> str:
    if not is_proof(request):
        return "A cat."
    return eyes.read_inline(request.images[0]) or "I can't see any picture."


def blind(request: ModelRequest) -> str:
    return "A lovely sunset." if is_proof(request) else "I invent a dog."


def our_picture() -> ImageRef:
    """Give a picture whose bytes are at hand: it can go inline without a host."""
    return picture(photo(64, 64))


async def ask(core: Core, **changes: Any):
    return await core.service.ask(question(images=(our_picture(),), **changes), Screen())


def written(folder: Path) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(folder / "vidi.db")) as db:
        columns = "model_id, transport, outcome, cost_nano_usd, guild_id, fingerprint"
        return db.execute(f"SELECT {columns} FROM proofs ORDER BY id").fetchall()


async def prove(core: Core, name: str = "custom/other", **hang: Any):
    model = core.catalog.resolve(name)
    endpoint = core.catalog.endpoint(model.provider)
    assert endpoint is not None
    return await core.sight.prove(model, endpoint, **hang)


async def test_a_model_that_sees_is_proven_once_and_then_answers(
    tmp_path: Path, models: ModelServer
) -> None:
    models.always(seeing)
    async with serving(tmp_path, models) as core:
        await core.settings.change(GUILD, 1, OTHER)
        answers = [await ask(core), await ask(core)]
    assert [answer.text for answer in answers if answer] == ["A cat.", "A cat."]
    assert [is_proof(request) for request in models.chats] == [True, False, False]
    ((model_id, transport, outcome, _cost, guild_id, fingerprint),) = written(tmp_path)
    assert (model_id, transport, outcome, guild_id) == ("custom/other", "inline", "sees", GUILD)
    assert "127.0.0.1" not in fingerprint


async def test_no_question_reaches_a_blind_model_and_the_fallback_answers(
    tmp_path: Path, models: ModelServer
) -> None:
    models.always(blind)
    async with serving(tmp_path, models) as core:
        await core.settings.change(
            GUILD, 1, GuildSettings(model_id="custom/other", also=("custom/vision",))
        )
        first, again = await ask(core), await ask(core)
    assert first is not None
    assert again is not None
    assert first.model_id == again.model_id == "custom/vision"
    assert questions(models) == ["vision", "vision"]
    assert len(proofs(models)) == 1


async def test_without_a_fallback_a_blind_model_is_one_sentence_and_costs_nothing(
    tmp_path: Path, models: ModelServer
) -> None:
    models.always(blind)
    async with serving(tmp_path, models) as core:
        await core.settings.change(GUILD, 1, OTHER)
        screen = Screen()
        with pytest.raises(PictureUnsupported):
            await core.service.ask(question(images=(our_picture(),)), screen)
        receipt = await core.service.receipt(screen.question_ids[0])
    assert questions(models) == []
    assert receipt is not None
    assert (receipt.state, receipt.cost_nano_usd, receipt.host) == ("failed:blind", 0, None)


async def test_a_provider_that_says_it_takes_no_pictures_is_blind(
    tmp_path: Path, models: ModelServer
) -> None:
    message = "No endpoints found that support image input"
    models.always(lambda _request: Fail(404, {"error": {"message": message, "code": 404}}))
    async with serving(tmp_path, models) as core:
        assert (await prove(core)).sees is False


@pytest.mark.parametrize("stored", ["sees", "blind"])
async def test_what_was_proven_outlives_a_restart(
    tmp_path: Path, models: ModelServer, stored: str
) -> None:
    models.always(seeing if stored == "sees" else blind)
    async with serving(tmp_path, models) as core:
        await prove(core)
    async with serving(tmp_path, models) as core:
        await core.settings.change(GUILD, 1, OTHER)
        if stored == "sees":
            assert await ask(core)
        else:
            with pytest.raises(PictureUnsupported):
                await ask(core)
    assert len(proofs(models)) == 1
    assert questions(models) == (["other"] if stored == "sees" else [])


async def test_another_key_is_proven_again(tmp_path: Path, models: ModelServer) -> None:
    models.always(seeing)
    for key in ("sk-one-0123456789", "sk-two-0123456789", "sk-one-0123456789"):
        async with serving(tmp_path, models, CUSTOM_API_KEY=key) as core:
            await core.settings.change(GUILD, 1, OTHER)
            await ask(core)
    assert len(proofs(models)) == 2
    assert len({row[-1] for row in written(tmp_path)}) == 2
    assert b"sk-one" not in (tmp_path / "vidi.db").read_bytes()


async def test_questions_that_arrive_meanwhile_wait_for_the_same_proof(
    tmp_path: Path, models: ModelServer
) -> None:
    def slowly(request: ModelRequest) -> Act | str:
        word = seeing(request)
        return Reply((word,), first_delay=0.3) if is_proof(request) else word

    models.always(slowly)
    async with serving(tmp_path, models) as core:
        await core.settings.change(GUILD, 1, OTHER)
        answers = await asyncio.gather(*(ask(core) for _one in range(5)))
    assert all(answer and answer.text == "A cat." for answer in answers)
    assert len(proofs(models)) == 1


async def test_stopping_the_first_asker_leaves_the_proof_to_the_others(
    tmp_path: Path, models: ModelServer
) -> None:
    models.always(
        lambda request: Reply((seeing(request),), first_delay=0.3 if is_proof(request) else 0)
    )
    async with serving(tmp_path, models) as core:
        await core.settings.change(GUILD, 1, OTHER)
        first = asyncio.create_task(ask(core))
        await until(lambda: bool(models.chats))
        second = asyncio.create_task(ask(core))
        first.cancel()
        answer = await second
    assert answer is not None
    assert len(proofs(models)) == 1


@pytest.mark.parametrize(("status", "kind"), [(500, ProviderDown), (429, RateLimited)])
async def test_an_error_is_no_verdict_and_ends_as_it_would_have_anyway(
    tmp_path: Path, models: ModelServer, status: int, kind: type[Exception]
) -> None:
    models.always(
        lambda request: (
            Fail(status, {"error": {"message": "slow down"}}) if is_proof(request) else "A cat."
        )
    )
    async with serving(tmp_path, models) as core:
        await core.settings.change(GUILD, 1, OTHER)
        with pytest.raises(kind):
            await ask(core)
        models.always(seeing)
        answer = await ask(core)
    assert answer is not None
    assert questions(models) == ["other"]


async def test_what_the_operator_named_and_moderators_accepted_answers_unproven(
    tmp_path: Path, models: ModelServer
) -> None:
    models.always(blind)
    async with serving(tmp_path, models) as core:
        await ask(core)
        accepted = GuildSettings(model_id="custom/other", unproven=("custom/other",))
        await core.settings.change(GUILD, 1, accepted)
        await ask(core)
    assert questions(models) == ["vision", "other"]
    assert proofs(models) == []


async def test_what_is_known_blind_is_not_asked_whoever_named_it(
    tmp_path: Path, models: ModelServer
) -> None:
    models.always(blind)
    async with serving(tmp_path, models) as core:
        await prove(core, "custom/vision")
        with pytest.raises(PictureUnsupported):
            await ask(core)
    assert questions(models) == []


async def hang(pg: Playground, png: bytes) -> str:
    ada = pg.user("ada")
    (posted,) = (await ada.send(ada.dm, files=[File("canary.png", png)])).attachments
    return posted.url


async def linked_then_asked(folder: Path, models: ModelServer):
    """Prove by link, ask, and give the proof and how the member's picture travelled."""
    async with Playground() as pg:
        theirs = await hang(pg, photo(64, 64))
        async with serving(folder, models, VIDI_ATTACHMENT_HOSTS=pg.cdn_host) as core:
            await core.settings.change(GUILD, 1, OTHER)
            proof = await prove(core, hang=lambda canary: hang(pg, canary.png))
            shown = dataclasses.replace(picture(), url=theirs)
            await core.service.ask(question(images=(shown,)), Screen())
    asked = [request for request in models.requests if not is_proof(request)]
    return proof, asked[-1].images[0].partition(":")[0]


async def test_a_model_that_follows_links_is_proven_by_link_and_gets_links(
    tmp_path: Path, models: ModelServer
) -> None:
    models.sees = True
    proof, transport = await linked_then_asked(tmp_path, models)
    assert [glance.transport for glance in proof.glances] == ["url"]
    assert (proof.sees, transport) == (True, "http")


async def test_a_provider_that_rejects_links_is_given_bytes_from_then_on(
    tmp_path: Path, models: ModelServer
) -> None:
    def no_links(request: ModelRequest) -> Act | str:
        return no_urls() if request.images[0].startswith("http") else seeing(request)

    models.always(no_links)
    proof, transport = await linked_then_asked(tmp_path, models)
    assert (proof.sees, transport) == (True, "data")
    assert proof.glances[-1].transport == "inline"


async def test_a_provider_that_ignores_links_is_given_bytes_from_then_on(
    tmp_path: Path, models: ModelServer
) -> None:
    models.always(seeing)  # reads nothing off a link
    proof, transport = await linked_then_asked(tmp_path, models)
    assert [(glance.transport, glance.outcome) for glance in proof.glances] == [
        ("url", "blind"),
        ("inline", "sees"),
    ]
    assert (proof.sees, transport) == (True, "data")
    async with serving(tmp_path, models) as core:  # and after a restart
        model = core.catalog.resolve("custom/other")
        known = core.sight.standing(model, core.catalog.endpoint(model.provider))  # type: ignore[arg-type]  # configured
        assert known is not None
        assert (known.sees, known.by_link) == (True, False)


async def test_a_model_proven_by_bytes_alone_gets_bytes_until_links_are_proven(
    tmp_path: Path, models: ModelServer
) -> None:
    models.always(seeing)
    async with serving(tmp_path, models) as core:
        await core.settings.change(GUILD, 1, OTHER)
        await ask(core)
    assert all(request.images[0].startswith("data:") for request in models.chats)


async def test_models_in_use_are_proven_again_within_a_day_and_others_are_not(
    tmp_path: Path, models: ModelServer
) -> None:
    models.always(seeing)
    async with serving(tmp_path, models) as core:
        await core.settings.change(GUILD, 1, OTHER)
        now = dt.datetime.now(dt.UTC)
        core.sight._now = lambda: now  # the clock
        await ask(core)
        await core.sight.renew()
        assert len(proofs(models)) == 1
        now += dt.timedelta(hours=21)
        await core.sight.renew()
        assert len(proofs(models)) == 2
        now += dt.timedelta(hours=21)  # nobody asked for 42 hours
        await core.sight.renew()
        assert len(proofs(models)) == 2
        now += FRESH
        await ask(core)
        assert len(proofs(models)) == 3


async def test_a_guilds_own_key_is_not_used_again_without_a_question(
    tmp_path: Path, models: ModelServer
) -> None:
    models.always(seeing)
    async with serving(tmp_path, models) as core:
        await core.settings.change(GUILD, 1, OTHER)
        await core.keyring.put(GUILD, 1, "custom", origin(models.base_url), "sk-canary-of-a-guild")
        await ask(core)
        assert len(proofs(models)) == 1
        await core.keyring.remove(GUILD, 1, "custom")
        now = dt.datetime.now(dt.UTC) + dt.timedelta(hours=21)
        core.sight._now = lambda: now  # the clock
        await core.sight.renew()
    assert len(proofs(models)) == 1


async def test_an_old_proof_stays_in_force_while_nobody_can_tell(
    tmp_path: Path, models: ModelServer
) -> None:
    models.always(seeing)
    async with serving(tmp_path, models) as core:
        await core.settings.change(GUILD, 1, OTHER)
        await ask(core)
        later = dt.datetime.now(dt.UTC) + 2 * FRESH
        core.sight._now = lambda: later  # the clock
        models.always(
            lambda request: (
                Fail(400, {"error": {"message": "odd"}}) if is_proof(request) else "A cat."
            )
        )
        answer = await ask(core)
    assert answer is not None
    assert answer.text == "A cat."


async def test_a_proof_under_way_ends_with_the_process(tmp_path: Path, models: ModelServer) -> None:
    models.hang()
    async with asyncio.timeout(4), serving(tmp_path, models) as core:
        await core.settings.change(GUILD, 1, OTHER)
        asking = asyncio.create_task(ask(core))
        await until(lambda: bool(models.chats))
        asking.cancel()
    assert written(tmp_path) == []


async def test_the_word_on_the_picture_can_be_read() -> None:
    async with Decoder() as decoder:
        png = await decoder.draw("KHAEMT")
    assert eyes.read(png) == "KHAEMT"
    assert 4_000 < len(png) < 30_000


def test_words_are_random_and_of_letters_that_nobody_confuses() -> None:
    words = {code_word() for _one in range(200)}
    assert len(words) == 200
    assert all(len(word) == 6 and set(word) <= set(LETTERS) for word in words)


@pytest.mark.parametrize(
    "reply",
    [
        "KHAEMT",
        "khaemt.",
        "**K H A E M T**",
        "The word is “Khaemt”!",
        "K-H-A-E-M-T",
        "ＫＨＡＥＭＴ",
    ],
)
def test_the_word_counts_however_it_is_set(reply: str) -> None:
    assert says(reply, "KHAEMT")


@pytest.mark.parametrize("reply", ["", "KHAEM", "TMEAHK", "I see no picture.", "HELLO"])
def test_anything_else_does_not(reply: str) -> None:
    assert not says(reply, "KHAEMT")


def a_look(transport: str, outcome: str, hours: int = 0) -> Look:
    moment = NOON + dt.timedelta(hours=hours)
    return Look("a/b", "host", "f", transport, outcome, 5, 0, None, moment)


def after(*looks: Look):
    known = None
    for one in looks:
        known = learned(known, one)
    return known


def test_a_link_that_worked_is_kept_when_bytes_are_proven_later() -> None:
    known = after(a_look("url", "sees"), a_look("inline", "sees", 1))
    assert known is not None
    assert known.by_link
    limited = learned(known, a_look("url", "failed:rate_limited", 2))
    assert limited is not None
    assert limited.by_link


def test_links_that_fail_are_not_used_again() -> None:
    known = after(a_look("url", "sees"), a_look("url", "failed:rejected"), a_look("inline", "sees"))
    assert known is not None
    assert (known.sees, known.by_link) == (True, False)


def test_errors_and_blind_links_alone_say_nothing() -> None:
    assert after(a_look("url", "blind"), a_look("inline", "failed:timeout")) is None


def test_blindness_has_one_beginning() -> None:
    known = after(a_look("inline", "blind"), a_look("inline", "blind", 24))
    assert known is not None
    assert (known.blind_since, known.at) == (NOON, NOON + dt.timedelta(hours=24))


async def test_a_proof_that_was_paid_for_in_vain_is_not_tried_with_each_question(
    tmp_path: Path, models: ModelServer
) -> None:
    models.always(lambda request: "" if is_proof(request) else "A cat.")
    async with serving(tmp_path, models) as core:
        await core.settings.change(GUILD, 1, OTHER)
        for _question in range(3):
            with pytest.raises(BadReply):
                await ask(core)
    assert questions(models) == []
    assert len(proofs(models)) <= 2
