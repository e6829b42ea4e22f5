"""/settings panel: what it shows and changes, and Discord's limits in each of its states."""

import asyncio
import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import discord
import msgspec
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as effort

from bot.catalog.catalog import Catalog
from bot.catalog.loader import load
from bot.choices import Budget, GuildSettings
from bot.client import VidiBot
from bot.config import Config
from bot.errors import Refused
from bot.guilds.keyring import GuildKey
from cogs._changing.describe import changes
from cogs._panels import fit
from cogs.settings.panel.controls import Page, lay_out
from cogs.settings.panel.drawing import overview_page, part_page, sub_page
from cogs.settings.panel.part import Here
from cogs.settings.panel.press import PANEL, Press
from cogs.settings.panel.registry import PARTS
from tests.any_settings import any_settings
from tests.discord_limits import broken
from tests.full_settings import IDS, full_settings
from tests.interactions import GUILD_ID

KEYS = ("OPENAI_API_KEY", "AIMLAPI_API_KEY", "HF_TOKEN", "GEMINI_API_KEY", "ANTHROPIC_API_KEY")
CATALOG = load(dict.fromkeys(KEYS, "sk-not-a-real-key"))
LONG = tuple(f"openai/{'x' * size}{place}" for place, size in enumerate((80, 91, 92, 93, 180)))
MODELS = (*LONG, *list(CATALOG.models)[:40], "gone/**@everyone**")
ELSEWHERE = {"test", "undo", "forget"}
"""Controls that the panel itself answers."""


def foreign() -> Catalog:
    """A guild's catalog of more than 100 models with ids as long as they may be."""
    model = next(iter(CATALOG.models.values()))
    names = [f"{model.provider.id}/{place:03}{'y' * (place % 2 * 90)}" for place in range(150)]
    models = {n: msgspec.structs.replace(model, id=n, label=n, aliases=()) for n in names}
    return replace(CATALOG, models=models | {"local/reader": CATALOG.models["local/reader"]})


def guild() -> discord.Guild:
    """A guild in which every second channel and role is still there."""
    there = IDS[::2]
    channels = [
        {"id": str(each), "type": 0, "name": "c" * 100, "position": 0, "permission_overwrites": []}
        for each in there
    ]
    roles = [
        {"id": str(each), "name": "r" * 100, "permissions": "0", "position": 1, "color": 0,
         "colors": {"primary_color": 0}, "hoist": False, "managed": False, "mentionable": False}
        for each in there
    ]  # fmt: skip
    bot = {"id": "1", "username": "Vidi", "discriminator": "0", "avatar": None, "bot": True}
    me = {"user": bot, "roles": [], "joined_at": None, "deaf": False, "mute": False, "flags": 0}
    data: Any = {
        "id": str(GUILD_ID),
        "name": "g",
        "channels": channels,
        "roles": roles,
        "members": [me],
    }
    state = VidiBot(Config.load({}), message_content=True)._connection
    state.user = discord.ClientUser(state=state, data=bot)  # type: ignore[arg-type] # as READY brings it
    return discord.Guild(data=data, state=state)


def here(chosen: GuildSettings, catalog: Catalog = CATALOG) -> Here:
    moment = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
    owned = [
        GuildKey(name, "https://a.example:443", "abcd", moment, "") for name in catalog.providers
    ]
    model = catalog.find(chosen.model_id or "") or catalog.default()
    keys = {key.provider: key for key in owned}
    return Here(chosen, catalog, model, (model,), guild(), keys, lambda each: each.proven)


def sent(page: Page) -> dict[str, Any]:
    return {"content": fit(page.lines), "components": lay_out(page.rows).to_components()}


def presses(page: Page) -> Iterator[Press]:
    """Press every button, and choose the first and the last of every select."""
    for item in (item for row in page.rows for item in row):
        match = PANEL.fullmatch(getattr(item, "custom_id", ""))
        if match is None or match["control"] is None:
            continue
        control = tuple(match["control"].split(":"))
        options = [option.value for option in getattr(item, "options", ())]
        values = [options[0], options[-1]] if options else [str(IDS[0]), str(IDS[-1])]
        for value in values:
            added = (value,)
            yield Press(match["part"], control, added, added, frozenset(), frozenset(added))


def drawn(shown: Here) -> Iterator[dict[str, Any]]:
    """Everything that a panel can send in one state."""
    told = ["Changed.", *changes(GuildSettings(), shown.settings, shown.catalog)]
    yield sent(overview_page(shown, told))
    for name in PARTS:
        yield sent(part_page(shown, name, told, ["a fact"], 10**18 - 1))


def outcome(shown: Here, press: Press) -> Iterator[dict[str, Any]]:
    try:
        came = PARTS[press.part].changed(shown, press)
    except Refused as refusal:
        yield sent(part_page(shown, press.part, [refusal.sentence]))
        return
    if isinstance(came, Page):
        yield sent(sub_page(press.part, came))
    elif isinstance(came, discord.ui.Modal):
        yield came.to_dict()
    else:
        yield sent(part_page(replace(shown, settings=came), press.part))


def ahead(shown: Here) -> Iterator[dict[str, Any]]:
    """Everything that a panel can send one press after a state."""
    for name in PARTS:
        for press in presses(part_page(shown, name)):
            if press.control[0] not in ELSEWHERE:
                yield from outcome(shown, press)


def breaches(payloads: Iterator[dict[str, Any]]) -> dict[str, Any]:
    found = ((payload, broken(payload)) for payload in payloads)
    return {str(payload)[:300]: problems for payload, problems in found if problems}


STATES = {
    "empty": (GuildSettings(), CATALOG),
    "full": (full_settings(MODELS), CATALOG),
    "foreign": (full_settings(tuple(foreign().models)), foreign()),
    "nothing usable": (full_settings(MODELS), load({})),
    "nothing chosen, nothing usable": (GuildSettings(), load({})),
}


@pytest.mark.parametrize("state", STATES)
async def test_no_state_of_the_panel_breaks_a_limit(state: str) -> None:
    shown = here(*STATES[state])
    assert not breaches(drawn(shown))
    assert not breaches(ahead(shown))


@effort(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(any_settings)
def test_whatever_is_chosen_the_panel_breaks_no_limit(chosen: GuildSettings) -> None:
    async def walk() -> dict[str, Any]:
        return breaches(drawn(here(chosen)))

    assert not asyncio.run(walk())


async def test_what_happens_without_the_guard_is_asked_only_where_there_is_one() -> None:
    guarded = replace(GuildSettings(), screen_model="gone/guard")
    assert [len(row) for row in PARTS["guard"].rows(here(GuildSettings()))] == [1, 0]
    assert [len(row) for row in PARTS["guard"].rows(here(guarded))] == [1, 1]
    lenient = PARTS["guard"].changed(here(guarded), Press("guard", ("lenient",)))
    assert lenient == replace(guarded, screen_lenient=True)


@pytest.mark.parametrize(("part", "control"), [("model", "chosen"), ("budget", "cheaper")])
async def test_of_many_models_the_chosen_one_is_shown_as_chosen(part: str, control: str) -> None:
    catalog = foreign()
    last = [model for model in catalog.models.values() if len(model.id) < 50][-2].id
    chosen = GuildSettings(model_id=last, budget=Budget(cheaper=last))
    (select,) = (
        item
        for row in PARTS[part].rows(here(chosen, catalog))
        for item in row
        if isinstance(item, discord.ui.Select) and item.custom_id.endswith(f":{control}")
    )
    assert [option.value for option in select.options if option.default] == [last]
