"""A guard in front of the model: what it lets through, what it stops, what it costs."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.choices import GuildSettings
from bot.core import Core
from bot.errors import Interrupted, PictureRefused
from bot.net import origin
from bot.questions.screen import HAZARDS, Unsafe, Unscreened, hazards
from bot.types import Receipt
from bot.usage import summary
from playground.completions import Fail, Reply
from playground.model_server import ModelRequest, ModelServer
from playground.pictures import photo
from tests.serving import GUILD, Screen, picture, question, serving, until

GUARD = "acme/guard"
SCREENED = GuildSettings(screen_model=GUARD)
LENIENT = GuildSettings(screen_model=GUARD, screen_lenient=True)


@pytest.fixture
async def models() -> AsyncIterator[ModelServer]:
    async with ModelServer() as server:
        yield server


def judging(verdict: str):
    """Answer as a guard with this verdict, and as a model otherwise."""

    def answer(request: ModelRequest) -> Reply:
        guard = request.body["model"] == "guard"
        usage = {"prompt_tokens": 500, "completion_tokens": 5}
        return Reply((verdict if guard else "A cat.",), usage=usage)

    return answer


@asynccontextmanager
async def screening(
    folder: Path, models: ModelServer, settings: GuildSettings = SCREENED
) -> AsyncIterator[Core]:
    catalog = folder / "catalog"
    catalog.mkdir(exist_ok=True)
    (catalog / "acme.toml").write_text(
        f"""
        provider = {{ id = "acme", label = "Acme", company = "Acme Inc.", needs_key = false, \
base_url = "{models.base_url}" }}
        defaults = {{ checked = 2026-01-01, source = "written for a test" }}

        [[models]]
        name = "guard"
        label = "Acme Guard"
        guard = true
        transport = "url"
        images = {{ max_count = 1 }}
        price = {{ input = 1.0, output = 1.0, checked = 2026-01-01, source = "a test" }}

        [[models]]
        name = "model"
        label = "Acme Model"
        transport = "url"
        price = {{ input = 2.0, output = 2.0, checked = 2026-01-01, source = "a test" }}
        """,
        "utf-8",
    )
    environ = {"VIDI_CATALOG_DIR": str(catalog), "VIDI_DEFAULT_MODEL": "acme/model"}
    async with serving(folder, models, **environ) as core:
        await core.settings.change(GUILD, 1, settings)
        yield core


async def refused(core: Core, kind: type[Exception], **changes: Any) -> tuple[str, Receipt]:
    """Ask what is refused; gives the sentence and the receipt."""
    screen = Screen()
    with pytest.raises(kind) as refusal:
        await core.service.ask(question(**changes), screen)
    receipt = await core.service.receipt(screen.question_ids[0])
    assert receipt is not None
    return str(refusal.value), receipt


async def test_what_a_guard_cost_before_a_picture_was_refused_is_in_the_sums(
    tmp_path: Path, models: ModelServer
) -> None:
    models.always(judging("safe"))
    broken = replace(picture(b"no picture"), url="", filename="broken.png")
    async with screening(tmp_path, models) as core:
        _said, receipt = await refused(core, PictureRefused, images=(picture(), broken))
        beginning = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
        found = await summary(core.db, guild_id=GUILD, user_id=None, since=beginning)
    assert receipt.cost_nano_usd
    assert found.cost_nano_usd == receipt.cost_nano_usd


async def test_a_guard_on_the_operators_key_is_not_paid_with_the_guilds(
    tmp_path: Path, models: ModelServer
) -> None:
    models.always(judging("safe"))
    own = GuildSettings(model_id="custom/vision", unproven=("custom/vision",), screen_model=GUARD)
    async with screening(tmp_path, models, own) as core:
        await core.keyring.put(GUILD, 1, "custom", origin(models.base_url), "sk-canary-of-a-guild")
        screened, alone = Screen(), Screen()
        await core.service.ask(question(), screened)
        await core.settings.change(GUILD, 1, replace(own, screen_model=None))
        await core.service.ask(question(), alone)
        receipts = [
            await core.service.receipt(screen.question_ids[0]) for screen in (screened, alone)
        ]
    assert [receipt.own_key for receipt in receipts if receipt] == [False, True]


def asked(models: ModelServer) -> list[str]:
    return [request.body["model"] for request in models.chats]


async def test_the_guard_judges_at_its_own_temperature(tmp_path: Path, models: ModelServer) -> None:
    models.always(judging("safe"))
    chosen = GuildSettings(screen_model=GUARD, temperature=0.9)
    async with screening(tmp_path, models, chosen) as core:
        await core.service.ask(question(), Screen())
    assert [request.body.get("temperature") for request in models.chats] == [None, 0.9]


async def test_what_the_guard_calls_safe_is_asked_and_both_are_on_the_receipt(
    tmp_path: Path, models: ModelServer
) -> None:
    models.always(judging("safe"))
    async with screening(tmp_path, models) as core:
        answer = await core.service.ask(question("What breed?"), Screen())
        assert answer is not None
        receipt = await core.service.receipt(answer.question_id)
    first, second = models.chats
    assert (first.body["model"], second.body["model"]) == ("guard", "model")
    assert "What breed?" in first.text
    assert first.images == second.images == (picture().url,)
    assert [message["role"] for message in first.body["messages"]] == ["user"]
    assert answer.notes == ("Screened by Acme Guard first.",)
    assert receipt is not None
    assert (receipt.input_tokens, receipt.output_tokens) == (1000, 10)
    assert receipt.cost_nano_usd == 505_000 + 2 * 505_000
    assert (receipt.state, receipt.model_id) == ("answered", "acme/model")


async def test_what_it_calls_unsafe_never_reaches_the_model(
    tmp_path: Path, models: ModelServer
) -> None:
    models.always(judging("unsafe\nS1,S10"))
    async with screening(tmp_path, models) as core:
        sentence, receipt = await refused(core, Unsafe)
    assert asked(models) == ["guard"]
    assert "violent crimes, hate" in sentence
    assert (receipt.state, receipt.model_id) == ("refused:unsafe", GUARD)
    assert (receipt.input_tokens, receipt.cost_nano_usd) == (500, 505_000)
    assert (receipt.images, receipt.host) == (1, models.base_url.split("/")[2])


@pytest.mark.parametrize("settings", [SCREENED, LENIENT])
@pytest.mark.parametrize(
    "failing",
    [
        lambda _request: Fail(404, {"error": {"message": "The model does not exist"}}),
        lambda _request: "I would rather talk about the weather.",
    ],
    ids=["gone", "no verdict"],
)
async def test_a_guard_that_fails_refuses_or_lets_through_as_was_set(
    tmp_path: Path, models: ModelServer, settings: GuildSettings, failing
) -> None:
    models.always(
        lambda request: failing(request) if request.body["model"] == "guard" else "A cat."
    )
    async with screening(tmp_path, models, settings) as core:
        if settings.screen_lenient:
            answer = await core.service.ask(question(), Screen())
            assert answer is not None
            assert answer.notes == ("The guard could not look at this first.",)
        else:
            _sentence, receipt = await refused(core, Unscreened)
            assert receipt.state == "refused:unscreened"
    assert asked(models) == (["guard", "model"] if settings.screen_lenient else ["guard"])


async def test_a_guard_that_is_no_longer_there_fails_like_any_other(
    tmp_path: Path, models: ModelServer
) -> None:
    async with screening(tmp_path, models, GuildSettings(screen_model="acme/gone")) as core:
        await refused(core, Unscreened)
    assert asked(models) == []


async def test_every_picture_is_screened_however_few_the_guard_takes_at_once(
    tmp_path: Path, models: ModelServer
) -> None:
    verdicts = iter(["safe", "safe", "unsafe\nS12"])
    models.always(lambda _request: next(verdicts))
    async with screening(tmp_path, models) as core:
        sentence, receipt = await refused(core, Unsafe, images=(picture(),) * 3)
    assert asked(models) == ["guard"] * 3
    assert "sexual content" in sentence
    assert receipt.images == 3


async def test_a_follow_up_is_screened_once_again(tmp_path: Path, models: ModelServer) -> None:
    models.always(judging("safe"))
    async with screening(tmp_path, models) as core:
        for text in ("What is it?", "And how old?"):
            await core.service.ask(question(text), Screen())
    assert asked(models) == ["guard", "model"] * 2


async def test_what_stays_on_this_machine_is_shown_to_no_guard(
    tmp_path: Path, models: ModelServer
) -> None:
    settings = GuildSettings(model_id="local/reader", screen_model=GUARD)
    async with screening(tmp_path, models, settings) as core:
        await core.service.ask(question(images=(picture(photo(64, 64)),)), Screen())
    assert asked(models) == []


async def test_stopped_while_the_guard_looks_the_cost_is_unknown_not_nothing(
    tmp_path: Path, models: ModelServer
) -> None:
    models.hang()
    async with screening(tmp_path, models) as core:
        screen = Screen()
        asking = asyncio.create_task(core.service.ask(question(), screen))
        await until(lambda: bool(models.chats))
        assert core.service.stop(screen.question_ids[0], "stopped")
        with pytest.raises(Interrupted):
            await asking
        receipt = await core.service.receipt(screen.question_ids[0])
    assert receipt is not None
    assert (receipt.state, receipt.cost_nano_usd) == ("cancelled:stopped", None)


async def test_the_reservation_counts_the_guard(tmp_path: Path, models: ModelServer) -> None:
    models.always(judging("safe"))
    reserved: list[int] = []
    for settings in (GuildSettings(), SCREENED):
        async with screening(tmp_path, models, settings) as core:
            answer = await core.service.ask(question(), Screen())
            assert answer is not None
            receipt = await core.service.receipt(answer.question_id)
            assert receipt is not None
            reserved.append(receipt.reserved_nano_usd)
    assert reserved[0] < reserved[1]


@pytest.mark.parametrize("reply", ["safe", "\n\nsafe", " Safe.", "**safe**", "SAFE\n"])
def test_safe_is_read_however_it_is_set(reply: str) -> None:
    assert hazards(reply) == ()


@pytest.mark.parametrize(
    ("reply", "numbers"),
    [
        ("unsafe\nS1,S10", (1, 10)),
        ("unsafe\nS9", (9,)),
        ("\n\nUnsafe: S2, s2 and S13", (2, 13)),
        ("unsafe", (0,)),
        ("unsafe\nS99", (0,)),
    ],
)
def test_unsafe_is_read_with_its_hazards(reply: str, numbers: tuple[int, ...]) -> None:
    assert hazards(reply) == numbers


@pytest.mark.parametrize("reply", ["", "Sure! This is safe.", "unsafely", "S1", "safety first"])
def test_anything_else_is_no_judgement(reply: str) -> None:
    assert hazards(reply) is None


def test_every_hazard_has_words_of_its_own() -> None:
    assert sorted(HAZARDS) == list(range(1, 14))
    assert len(set(HAZARDS.values())) == 13
