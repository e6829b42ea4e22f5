"""What /models leaves out, and that buttons carry the filters."""

import dataclasses
import datetime as dt
from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from bot.catalog.catalog import Catalog
from bot.catalog.discovered import Discovered
from bot.guilds.catalogs import GuildCatalogs
from bot.service import VisionService
from bot.settings import SettingsBook
from cogs._entries import entries
from cogs._filters import Filters, provider_of, suggest_provider
from cogs.models import CONTEXT_LIMIT, PRICE_LIMIT, PROVIDER_LIMIT, SEARCH_LIMIT, ModelsCog
from tests.cogs.test_models import ids
from tests.interactions import Client, connected

NOON = dt.datetime(2026, 8, 1, 12, tzinfo=dt.UTC)


@pytest.fixture
async def client(
    catalogs: GuildCatalogs, service: VisionService, settings: SettingsBook
) -> AsyncIterator[Client]:
    async with connected([ModelsCog(catalogs, service, settings)]) as connection:
        yield connection


async def test_a_provider_may_be_named_or_chosen(client: Client) -> None:
    for provider in ("openai", "OpenAI"):
        shown = ids(await client.slash("models", provider=provider))
        assert shown
        assert all(model_id.startswith("openai/") for model_id in shown)


async def test_filters_are_kept_while_pages_are_turned(client: Client, catalog: Catalog) -> None:
    reply = await client.slash("models", provider="aimlapi", context=100_000, reasoning=True)
    seen = ids(reply)
    while "Next" in reply.buttons:
        reply = await client.press("Next", reply)
        seen += ids(reply)
    assert sorted(seen) == sorted(
        model.id
        for model in catalog.models.values()
        if model.provider.id == "aimlapi"
        and model.reasoning
        and (model.context_tokens or 0) >= 100_000
    )


async def test_nothing_that_fits_says_which_way_out(client: Client) -> None:
    reply = await client.slash("models", context=CONTEXT_LIMIT)
    assert "Take fewer filters" in reply.content


def test_a_price_or_free_leaves_out_what_nobody_knows(catalog: Catalog) -> None:
    models = catalog.models.values()
    cheap = [m for m in models if Filters(price=1.0).fit(m)]
    assert cheap
    assert all(m.price and max(m.price.input, m.price.output) <= 1 for m in cheap)
    free = [m for m in models if Filters(free=True, price=5.0).fit(m)]
    assert catalog.models["local/reader"] in free or catalog.models["ollama/gemma4"] in free
    assert all(m.price and not m.price.input and not m.price.output for m in free)


@pytest.mark.parametrize(
    "filters",
    [
        Filters(),
        Filters(search="a:b \\d"),
        Filters(provider="x" * PROVIDER_LIMIT, price=PRICE_LIMIT - 0.01, context=CONTEXT_LIMIT),
        Filters(search="y" * SEARCH_LIMIT, reasoning=False, free=True),
        Filters(price=0.05, reasoning=True),
    ],
)
def test_filters_survive_a_button(filters: Filters) -> None:
    assert Filters.unpacked(filters.packed()) == filters


def test_the_longest_filters_fit_into_a_button() -> None:
    longest = Filters("y" * SEARCH_LIMIT, "x" * PROVIDER_LIMIT, 999.99, CONTEXT_LIMIT, True, True)
    assert len(f"vidi:models:999:{longest.packed()}") <= 100


@pytest.mark.parametrize("text", ["", ":", "::::::", "a:b:c:d:e", "x:1.2.3:-4:rn:", "²:²:²:²:²"])
def test_any_custom_id_is_read_without_failing(text: str) -> None:
    Filters.unpacked(text)


def test_providers_are_suggested_by_name_and_found_by_it(catalog: Catalog) -> None:
    assert [choice.value for choice in suggest_provider("open", catalog)] == [
        "openai",
        "openrouter",
    ]
    assert provider_of("ai/ml api", catalog) == "aimlapi"
    assert provider_of(None, catalog) == ""


async def test_a_provider_that_nobody_knows_is_told_from_one_without_a_fitting_model(
    client: Client,
) -> None:
    unknown = await client.slash("models", provider="no:body")
    assert unknown.content.startswith("No provider is called “no:body”.")
    nothing = await client.slash("models", provider="openai", free=True)
    assert nothing.content.startswith("No model fits. Take fewer filters")


def test_an_entry_says_what_the_list_told_and_when(catalog: Catalog) -> None:
    row = Discovered(
        provider="openai",
        name="gpt-4o",
        input_usd=Decimal(1),
        output_usd=Decimal(2),
        shutdown=dt.date(2030, 1, 1),
        first_seen=NOON,
        last_seen=NOON,
    )
    new = dataclasses.replace(row, name="gpt-9-vision", sees=True)
    after = catalog.with_discovered([row, new])
    (entry,) = entries(after, Filters(search="openai/gpt-4o openai", provider="openai"), [])[:1]
    found = entries(after, Filters(search="gpt-9-vision"), [])
    assert "from the provider's own list of 2026-08-01: price, its end." in entry
    assert "Facts: openai/openai-openapi" in entry
    assert "Found on 2026-08-01 on the provider's own list." in found[0]
    assert "not proven to see" in found[0]
