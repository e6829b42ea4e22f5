"""docs/models.md: what it says of the models that this bot was first made for."""

import datetime as dt
from collections import Counter

import pytest

from bot.catalog.catalog import Catalog
from bot.errors import ModelUnavailable
from bot.provider.request import build
from docs.make_models import SEEDS, TARGET, page
from tests.provider.payloads import catalog, prompt

TODAY = dt.date(2026, 11, 22)


@pytest.fixture(scope="module")
def here() -> Catalog:
    return catalog(TODAY)


def test_the_page_says_what_the_catalog_says() -> None:
    assert TARGET.read_text("utf-8") == page()


def test_all_64_models_of_both_pages_are_there_once() -> None:
    providers = Counter(seed.partition("/")[0] for seed in SEEDS)
    assert providers == {"aimlapi": 52, "huggingface": 12}
    assert len(set(SEEDS)) == 64


@pytest.mark.parametrize("seed", SEEDS)
def test_each_is_asked_by_a_request_or_refused_in_one_sentence_with_what_to_do(
    here: Catalog, seed: str
) -> None:
    model = here.find(seed)
    assert model is not None
    if here.living(model):
        endpoint = here.endpoint(model.provider)
        assert endpoint is not None
        assert build(model, endpoint, prompt(model)).body["model"] == model.name
    else:
        with pytest.raises(ModelUnavailable) as refusal:
            here.resolve(seed)
        assert model.label in refusal.value.sentence
        assert (model.successor or "Choose another model") in refusal.value.sentence


def test_as_many_live_see_and_chat_as_the_makers_and_the_pages_say(here: Catalog) -> None:
    models = [model for seed in SEEDS if (model := here.find(seed))]
    gone = [model for model in models if model.gone_since(TODAY)]
    assert Counter(model.provider.id for model in gone) == {"aimlapi": 29, "huggingface": 7}
    assert [model.name for model in models if model.guard] == [
        "meta-llama/Llama-Guard-3-11B-Vision-Turbo"
    ]
    assert len([model for model in models if not model.sees]) == 2
    assert len([model for model in models if not model.chat]) == 2
    assert sum(map(here.living, models)) == 27


def test_a_misspelt_seed_is_asked_by_its_right_name(here: Catalog) -> None:
    assert here.resolve("aimlapi/openai/gpt-5-nano-2025-08-0").name.endswith("-2025-08-07")


def test_every_retired_seed_has_a_successor_that_can_be_asked(here: Catalog) -> None:
    for seed in SEEDS:
        model = here.find(seed)
        assert model is not None
        if model.retired and not model.guard:
            assert model.successor is not None
            assert here.resolve(model.successor).provider is model.provider
