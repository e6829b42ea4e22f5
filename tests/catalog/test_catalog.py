"""Which model an id means, and which can be used here."""

import dataclasses
import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.catalog.catalog import READER, Catalog
from bot.catalog.loader import load
from bot.catalog.types import Model
from bot.errors import ModelUnavailable

TODAY = dt.date(2026, 11, 22)
KEYS = {"AIMLAPI_API_KEY": "a" * 20, "HF_TOKEN": "h" * 20}


def catalog(environ: Mapping[str, str] | None = None, today: dt.date = TODAY) -> Catalog:
    return dataclasses.replace(load(environ or {}), today=lambda: today)


def refusal(here: Catalog, model_id: str) -> str:
    with pytest.raises(ModelUnavailable) as caught:
        here.resolve(model_id)
    return caught.value.sentence


def test_the_order_of_providers_is_the_catalogs() -> None:
    assert list(catalog().providers) == [
        "aimlapi",
        "huggingface",
        "openai",
        "openrouter",
        "cerebras",
        "cohere",
        "featherless-ai",
        "fireworks-ai",
        "groq",
        "hyperbolic",
        "nebius",
        "novita",
        "nscale",
        "sambanova",
        "scaleway",
        "together",
        "ollama",
        "vllm",
        "llamacpp",
        "lmstudio",
        "custom",
        "local",
    ]


def test_without_any_key_the_built_in_reader_answers() -> None:
    assert catalog().default().id == READER
    assert catalog().resolve(READER).provider.kind == "local"


@pytest.mark.parametrize(
    ("environ", "model_id"),
    [
        (KEYS, "aimlapi/gpt-4o"),
        ({"HF_TOKEN": "h"}, "huggingface/google/gemma-4-31B-it:novita"),
        ({"OPENAI_API_KEY": "o", "OLLAMA_BASE_URL": "http://box:11434"}, "openai/gpt-5.1"),
        ({"OLLAMA_BASE_URL": "http://box:11434"}, "ollama/gemma4"),
        ({"OPENAI_API_KEY": "  "}, READER),
    ],
)
def test_the_first_configured_provider_answers(environ: dict[str, str], model_id: str) -> None:
    assert catalog(environ).default().id == model_id


def test_the_default_moves_on_when_a_model_is_shut_down() -> None:
    later = catalog(KEYS, dt.date(2027, 1, 14))
    assert later.default().id == "aimlapi/openai/gpt-5-1"


def test_the_operators_wish_comes_first_and_is_not_replaced_in_silence() -> None:
    assert catalog(KEYS).default("aimlapi/perplexity/sonar").name == "perplexity/sonar"
    with pytest.raises(ModelUnavailable):
        catalog(KEYS).default("openai/gpt-5.1")


@pytest.mark.parametrize(
    ("model_id", "sentence"),
    [
        ("aimlapi/nothing", "There is no model “aimlapi/nothing” here. /models lists them."),
        ("nobody/gpt", "There is no model “nobody/gpt” here. /models lists them."),
        ("aimlapi", "There is no model “aimlapi” here. /models lists them."),
        ("ollama/", "There is no model “ollama/” here. /models lists them."),
        (
            "aimlapi/gpt-4-turbo",
            "GPT-4 Turbo was shut down on 2026-06-12. Choose aimlapi/openai/gpt-5-1 instead.",
        ),
        (
            "aimlapi/MiniMax-Text-01",
            "MiniMax-Text-01 can't see pictures. Choose another model.",
        ),
        (
            "aimlapi/openai/gpt-5-1-codex",
            "GPT-5.1 Codex doesn't answer questions: it has another interface than chat. "
            "Choose aimlapi/openai/gpt-5-2 instead.",
        ),
        (
            "aimlapi/meta-llama/Llama-Guard-3-11B-Vision-Turbo",
            "Llama Guard 3 11B Vision is a guard that was shut down on 2026-03-29. "
            "A moderator can switch on openrouter/meta-llama/llama-guard-4-12b "
            "with /settings screen.",
        ),
        (
            "openrouter/meta-llama/llama-guard-4-12b",
            "Llama Guard 4 12B is a guard: it judges questions and answers none. "
            "A moderator can switch it on with /settings screen.",
        ),
        (
            "openai/gpt-4o",
            "GPT-4o needs OPENAI_API_KEY, which whoever runs this bot has not set. "
            "In a server, moderators can enter a key of its own with /settings key.",
        ),
        (
            "ollama/gemma4",
            "Gemma 4 (Ollama) needs OLLAMA_BASE_URL, which whoever runs this bot has not set.",
        ),
    ],
)
def test_a_model_that_cannot_answer_says_why(model_id: str, sentence: str) -> None:
    assert refusal(catalog(KEYS), model_id) == sentence


def test_a_model_with_another_interface_says_so(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text(
        '[provider]\nid = "x"\nlabel = "X"\ncompany = "X"\nbase_url = "https://x.test"\n'
        'needs_key = false\n[defaults]\nchecked = 2026-11-22\nsource = "x"\n'
        '[[models]]\nname = "codex"\nlabel = "Codex"\nchat = false\n'
    )
    here = load({}, tmp_path)
    assert "another interface" in refusal(here, "x/codex")
    assert not here.usable(here.models["x/codex"])


def test_guards_guard_where_they_are_configured_and_nothing_else_does() -> None:
    here = catalog(KEYS | {"OPENROUTER_API_KEY": "o"})
    [guard] = here.guards()
    assert here.guard(guard.id) is guard
    assert not here.living(guard)
    assert catalog(KEYS).guards() == []
    for model_id, word in [
        ("aimlapi/gpt-4o", "no guard"),
        ("aimlapi/meta-llama/Llama-Guard-3-11B-Vision-Turbo", "2026-03-29"),
        ("nobody/guard", "no model"),
    ]:
        with pytest.raises(ModelUnavailable, match=word):
            here.guard(model_id)
    with pytest.raises(ModelUnavailable, match="OPENROUTER_API_KEY"):
        catalog(KEYS).guard(guard.id)


def test_without_needing_a_key_an_unconfigured_model_has_an_address() -> None:
    model = catalog().resolve("openai/gpt-5.1", need_key=False)
    endpoint = catalog().endpoint(model.provider, need_key=False)
    assert endpoint is not None
    assert endpoint.base_url == "https://api.openai.com/v1"


def test_an_alias_means_the_model() -> None:
    found = catalog().find("aimlapi/openai/gpt-4o")
    assert found is not None
    assert found.id == "aimlapi/gpt-4o"


@pytest.mark.parametrize("name", ["zai-org/GLM-4.5V:cheapest", "zai-org/GLM-4.5V"])
def test_a_listed_model_takes_any_route_but_facts_of_another_partner_do_not_follow(
    name: str,
) -> None:
    model = catalog(KEYS).resolve(f"huggingface/{name}")
    assert (model.id, model.name) == (f"huggingface/{name}", name)
    assert (model.transport, model.price) == ("inline", None)
    assert {"transport", "price"} <= model.unverified


@pytest.mark.parametrize("route", ["fastest", "cheapest", "preferred", "a-partner-of-tomorrow"])
def test_a_model_that_left_one_partner_is_asked_for_elsewhere(route: str) -> None:
    gone = "huggingface/Qwen/Qwen2.5-VL-7B-Instruct"
    assert "2026-06-29" in refusal(catalog(KEYS), f"{gone}:hyperbolic")
    model = catalog(KEYS).resolve(f"{gone}:{route}")
    assert model.name == f"Qwen/Qwen2.5-VL-7B-Instruct:{route}"
    assert (model.retired, model.context_tokens) == (None, None)


def test_an_unlisted_route_takes_its_facts_from_one_that_lives() -> None:
    model = catalog(KEYS).resolve("huggingface/google/gemma-3-27b-it:fastest")
    assert (model.system_role, model.successor) == ("none", None)


@pytest.mark.parametrize(
    ("model_id", "env", "lives"),
    [
        ("cerebras/llama-4-scout-17b-16e-instruct", "CEREBRAS_API_KEY", False),
        ("cohere/command-a-vision-07-2025", "CO_API_KEY", True),
        ("featherless-ai/google/gemma-3-27b-it", "FEATHERLESS_API_KEY", True),
        (
            "fireworks-ai/accounts/fireworks/models/llama4-scout-instruct-basic",
            "FIREWORKS_API_KEY",
            False,
        ),
        ("groq/meta-llama/llama-4-scout-17b-16e-instruct", "GROQ_API_KEY", False),
        ("hyperbolic/Qwen/Qwen2.5-VL-7B-Instruct", "HYPERBOLIC_API_KEY", True),
        ("nebius/google/gemma-3-27b-it-fast", "NEBIUS_API_KEY", True),
        ("novita/zai-org/glm-4.5v", "NOVITA_API_KEY", True),
        ("nscale/meta-llama/Llama-4-Scout-17B-16E-Instruct", "NSCALE_API_KEY", True),
        ("sambanova/Llama-4-Maverick-17B-128E-Instruct", "SAMBANOVA_API_KEY", True),
        ("scaleway/gemma-3-27b-it", "SCW_SECRET_KEY", True),
        ("together/meta-llama/Llama-4-Scout-17B-16E-Instruct", "TOGETHER_API_KEY", False),
    ],
)
def test_a_partners_own_name_of_its_model_is_known_with_the_partners_key(
    model_id: str, env: str, lives: bool
) -> None:
    here = catalog({env: "k"})
    model = here.find(model_id)
    assert model is not None
    assert here.usable(model) is lives
    if not lives:
        assert model.successor is not None
        assert here.usable(here.models[model.successor])


@pytest.mark.parametrize(
    ("env", "provider_id"),
    [
        ("FIREWORKS_AI_BASE_URL", "fireworks-ai"),
        ("FEATHERLESS_AI_BASE_URL", "featherless-ai"),
        ("VLLM_BASE_URL", "vllm"),
        ("LLAMACPP_BASE_URL", "llamacpp"),
        ("LMSTUDIO_BASE_URL", "lmstudio"),
    ],
)
def test_a_base_url_is_named_after_its_provider(env: str, provider_id: str) -> None:
    here = catalog({env: "http://box:9/v1"})
    endpoint = here.endpoint(here.providers[provider_id], need_key=False)
    assert endpoint is not None
    assert endpoint.base_url == "http://box:9/v1"


@pytest.mark.parametrize(
    ("provider_id", "transport", "formats"),
    [
        ("vllm", "url", ("jpeg", "png", "webp")),
        ("llamacpp", "url", ("jpeg", "png")),
        ("lmstudio", "inline", ("jpeg", "png")),
    ],
)
def test_a_server_of_ones_own_is_asked_for_any_name_in_its_own_way(
    provider_id: str, transport: str, formats: tuple[str, ...]
) -> None:
    here = catalog({f"{provider_id.upper()}_BASE_URL": "http://box:9"})
    model = here.resolve(f"{provider_id}/anything/at:all")
    assert (model.name, model.transport, model.images.formats) == (
        "anything/at:all",
        transport,
        formats,
    )
    endpoint = here.endpoint(model.provider)
    assert endpoint is not None
    assert endpoint.base_url == "http://box:9/v1"


def test_routes_are_not_invented_for_unlisted_models_nor_elsewhere() -> None:
    assert catalog().find("huggingface/nobody/nothing:novita") is None
    assert catalog().find("aimlapi/gpt-4o:novita") is None


def test_ollama_is_asked_for_any_model_that_was_pulled_there() -> None:
    model = catalog({"OLLAMA_BASE_URL": "http://box:11434"}).resolve("ollama/library/llava:13b")
    assert (model.name, model.transport) == ("library/llava:13b", "inline")
    assert "sees" in model.unverified


@pytest.mark.parametrize(
    ("name", "url", "expected"),
    [
        ("OLLAMA_BASE_URL", "http://box:11434", "http://box:11434/v1"),
        ("OLLAMA_BASE_URL", "http://box:11434/", "http://box:11434/v1"),
        ("OLLAMA_BASE_URL", "http://box:11434/api/v1/", "http://box:11434/api/v1"),
        ("CUSTOM_BASE_URL", "http://box:8080", "http://box:8080"),
        ("CUSTOM_BASE_URL", "http://box/v1/chat/completions", "http://box/v1"),
    ],
)
def test_a_base_url_is_understood_however_it_is_written(name: str, url: str, expected: str) -> None:
    here = catalog({name: url})
    endpoint = here.endpoint(here.providers[name.partition("_")[0].lower()])
    assert endpoint is not None
    assert (endpoint.base_url, endpoint.key) == (expected, None)


def test_search_finds_living_models_by_words_in_the_catalogs_order() -> None:
    here = catalog(KEYS)
    assert [m.id for m in here.search("Claude sonnet", usable_only=True)] == [
        "aimlapi/anthropic/claude-sonnet-4.6",
        "aimlapi/anthropic/claude-sonnet-4.5",
        "aimlapi/anthropic/claude-sonnet-5",
    ]
    everywhere = here.search("gpt mini", usable_only=False)
    assert any(m.provider.id == "openai" for m in everywhere)
    assert here.search("turbo", usable_only=False) == []
    assert len(here.search("", usable_only=False, limit=5)) == 5


def test_configured_origins_are_trusted_with_their_port_written_out() -> None:
    origins = catalog(KEYS | {"OLLAMA_BASE_URL": "http://[::1]:11434"}).trusted_origins()
    assert origins == {
        "https://api.aimlapi.com:443",
        "https://router.huggingface.co:443",
        "http://[::1]:11434",
    }


def each_model() -> list[Model]:
    return list(load({"CUSTOM_MODELS": "vision"}).models.values())


@pytest.mark.parametrize("model", each_model(), ids=lambda model: model.id)
def test_every_fact_has_a_source_a_date_and_no_invented_name(model: Model) -> None:
    assert model.source
    assert dt.date(2026, 1, 1) < model.checked <= TODAY
    assert model.unverified <= set(model.__struct_fields__)
    if model.price is not None:
        assert model.price.source
        assert model.price.checked <= TODAY
    if model.retired is not None:
        assert model.successor is not None


@pytest.mark.parametrize("model", each_model(), ids=lambda model: model.id)
def test_every_successor_lives_when_its_time_comes(model: Model) -> None:
    if model.successor is not None:
        here = catalog()
        day = max(TODAY, model.gone_since(dt.date.max) or TODAY)
        successor = here.models[model.successor]
        assert successor.sees
        assert successor.gone_since(day) is None
