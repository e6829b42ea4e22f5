"""A check says what would become of a question; it sends nothing and writes nothing."""

import sqlite3
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.choices import Access, Budget, GuildSettings, Override, Rate
from bot.core import Core
from bot.errors import PictureUnsupported, ProviderError, Refused
from bot.types import Asker, Entry, Place, Question
from playground.model_server import ModelServer
from playground.pictures import photo
from tests import serving
from tests.serving import ADA, CHANNEL, GUILD, Screen, picture

OUTSIDE = Place(None, 5)
PICTURE = picture(photo(64, 64))
STAFF = 21


def contents(folder: Path) -> list[str]:
    """Give everything that lies in the database."""
    with closing(sqlite3.connect(folder / "vidi.db")) as db:
        return list(db.iterdump())


async def outcome(core: Core, question: Question) -> tuple[str, str]:
    """Ask; give the refusal, or nothing, and which model answered, or nothing."""
    try:
        answer = await core.service.ask(question, Screen())
    except Refused as refusal:
        return refusal.sentence, ""
    assert answer is not None
    return "", answer.model_id


TABLE: list[tuple[GuildSettings, dict[str, object]]] = [
    (GuildSettings(), {}),
    (GuildSettings(), {"entry": Entry.MENU}),
    (GuildSettings(), {"images": ()}),
    (GuildSettings(), {"images": (PICTURE,) * 3}),
    (GuildSettings(model_id="custom/other"), {}),
    (GuildSettings(model_id="openai/gpt-4o"), {}),
    (GuildSettings(also=("custom/other",)), {"model_id": "custom/other"}),
    (GuildSettings(), {"model_id": "custom/other"}),
    (GuildSettings(), {"place": OUTSIDE}),
    (GuildSettings(access=Access(denied_channels=(CHANNEL,))), {}),
    (GuildSettings(access=Access(denied_members=(ADA,))), {}),
    (GuildSettings(access=Access(denied_members=(ADA,))), {"place": OUTSIDE}),
    (
        GuildSettings(overrides=(Override("role", STAFF, "custom/other"),)),
        {"asker": Asker(ADA, role_ids=(STAFF,))},
    ),
    (GuildSettings(budget=Budget(day=0)), {}),
    (GuildSettings(budget=Budget(member_month=60_000_000)), {}),
    (GuildSettings(rate=Rate(guild_day=1)), {}),
    (GuildSettings(prompt="Be brief.", rate=Rate(pictures=1)), {"images": (PICTURE,) * 2}),
]


@pytest.mark.parametrize(("settings", "changes"), TABLE)
async def test_a_check_sends_and_writes_nothing_and_says_what_asking_then_gives(
    tmp_path: Path, settings: GuildSettings, changes: dict[str, Any]
) -> None:
    async with (
        ModelServer() as models,
        serving.serving(tmp_path, models, VIDI_DM_DAILY="1") as core,
    ):
        await core.settings.change(GUILD, 1, settings)
        for _again in range(2):  # the second is stopped by what limits there are
            asked = replace(serving.question(images=(PICTURE,)), **changes)
            before, heard = contents(tmp_path), len(models.requests) + len(models.proofs)
            checked = await core.service.check(asked)
            assert contents(tmp_path) == before
            assert len(models.requests) + len(models.proofs) == heard
            refused, model_id = await outcome(core, replace(asked, private=True))
            assert (checked.error.sentence if checked.error else "") == refused
            chosen = [step.facts.get("id") for step in checked.trace if "id" in step.facts]
            assert refused or chosen[0] == model_id


async def test_a_check_tells_what_is_known_of_the_models_sight(tmp_path: Path) -> None:
    async with ModelServer() as models, serving.serving(tmp_path, models) as core:

        async def says(**settings: object) -> str:
            chosen = GuildSettings(model_id="custom/other", **settings)  # type: ignore[arg-type]  # by name
            await core.settings.change(GUILD, 1, chosen)
            checked = await core.service.check(serving.question())
            assert checked.error is None
            return checked.trace[-1].text

        assert await says() == (
            "Nobody has proven yet that other sees; that is tried before its first answer."
        )
        assert await says(unproven=("custom/other",)) == (
            "Nobody has proven that other sees; it is asked all the same."
        )
        assert not models.requests
        await says()
        await core.service.ask(serving.question(images=(PICTURE,)), Screen())
        assert await says() == "other was proven to see."


async def test_a_check_knows_that_a_blind_model_will_not_answer(tmp_path: Path) -> None:
    async with ModelServer() as models, serving.serving(tmp_path, models) as core:
        models.sees = False
        models.always(lambda _request: "I see nothing.")
        settings = GuildSettings(model_id="custom/other")
        await core.settings.change(GUILD, 1, settings)
        with pytest.raises(PictureUnsupported) as error:
            await core.service.ask(serving.question(images=(PICTURE,)), Screen())
        checked = await core.service.check(serving.question())
        assert checked.error is not None
        assert checked.error.sentence == error.value.sentence
        assert checked.trace[-1].text == "other was found blind, so it isn't asked."
        await core.settings.change(GUILD, 1, replace(settings, fallbacks=("custom/vision",)))
        checked = await core.service.check(serving.question())
        assert checked.error is None
        assert [step.text for step in checked.trace[-2:]] == [
            "other was found blind, so it isn't asked.",
            "Nobody has proven that vision sees; it is asked all the same.",
        ]


MARK = "zq-marker-zq"


async def test_attempts_leave_nothing_that_a_member_wrote_in_the_trace(tmp_path: Path) -> None:
    async with ModelServer() as models, serving.serving(tmp_path, models) as core:
        await core.settings.change(GUILD, 1, GuildSettings(fallbacks=("custom/other",)))
        pictures = (
            replace(PICTURE, filename=f"{MARK}.png", alt=MARK),
            replace(
                picture(b"no picture"), filename=f"{MARK}.txt", url=f"https://x.invalid/{MARK}"
            ),
        )
        for status in (400, 413, 429, 500, 0):
            if status:
                models.fail(status, {"error": {"message": MARK}})
            asked = serving.question(MARK, images=pictures)
            with suppress(ProviderError):
                await core.service.ask(asked, Screen())
    with closing(sqlite3.connect(tmp_path / "vidi.db")) as db:
        traces = [trace for (trace,) in db.execute("SELECT trace FROM questions")]
    assert len(traces) == 5
    assert all("attempt" in trace and "left out" in trace for trace in traces)
    assert MARK not in "".join(traces)
