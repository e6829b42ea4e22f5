"""What each kind of list says, and that odd things in it are not believed."""

import datetime as dt
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.catalog.discovered import Listed
from bot.discovery.lists import READERS
from bot.discovery.reading import OddList, day, label, name, usd
from tests.discovery import bodies


async def read(kind: str, answers: dict[str, Any]) -> dict[str, Listed]:
    """Read a list from answers by path; `path model` is what was posted for a model."""

    async def ask(path: str, body: object = None) -> object:
        key = f"{path} {body['model']}" if isinstance(body, dict) else path
        if key not in answers:
            raise OddList("HTTP status 404")
        encoded = msgspec.json.encode(answers[key])
        return msgspec.json.Decoder(float_hook=Decimal).decode(encoded)

    return {listed.name: listed for listed in await READERS[kind](ask)}


async def test_aimlapi_tells_sight_price_context_aliases_and_the_endpoint() -> None:
    found = await read("aimlapi", {"/models?include=all": bodies.AIMLAPI})
    assert found["openai/gpt-4o"] == Listed(
        name="openai/gpt-4o",
        label="GPT-4o",
        aliases=("gpt-4o",),
        sees=True,
        chat=True,
        context_tokens=128_000,
        input_usd=Decimal("3.25"),
        output_usd=Decimal(13),
    )
    assert found["openai/gpt-5-1-codex"].chat is False
    assert found["deepseek/deepseek-chat"].sees is False
    assert found["anthropic/claude-opus-9"].input_usd is None
    assert found["anthropic/claude-opus-9"].label == "Claude Opus 9 1"


async def test_huggingface_lists_each_partner_and_the_routers_choice() -> None:
    found = await read("huggingface", {"/models": bodies.HUGGINGFACE})
    partner = found["zai-org/GLM-4.5V:novita"]
    assert (partner.sees, partner.context_tokens) == (True, 65_536)
    assert (partner.input_usd, partner.output_usd) == (Decimal("0.6"), Decimal("1.8"))
    assert found["zai-org/GLM-4.5V:zai-org"].input_usd is None
    assert found["zai-org/GLM-4.5V"].sees is True
    assert found["deepseek-ai/DeepSeek-V4-Pro:novita"].sees is False


async def test_openrouters_prices_are_for_one_token_and_minus_one_is_no_price() -> None:
    found = await read("openrouter", {"/models": bodies.OPENROUTER})
    flash = found["google/gemini-3.5-flash"]
    assert (flash.input_usd, flash.output_usd) == (Decimal("1.5"), Decimal(9))
    assert (flash.reasoning, flash.shutdown) == (True, dt.date(2027, 2, 1))
    assert found["openrouter/auto"].input_usd is None


async def test_openrouters_pages_are_read_to_the_end_or_not_at_all() -> None:
    first = {"data": bodies.OPENROUTER["data"][:1], "links": {"next": "/api/v1/models?offset=1"}}
    last = {"data": bodies.OPENROUTER["data"][1:], "links": {"next": None}}
    assert len(await read("openrouter", {"/models": first, "/models?offset=1": last})) == 2
    with pytest.raises(OddList):
        await read("openrouter", {"/models": first})
    endless = {"/models": first, "/models?offset=1": first}
    with pytest.raises(OddList, match="no end"):
        await read("openrouter", endless)


async def test_ollama_is_asked_what_each_model_can() -> None:
    shown = {f"//api/show {name}": body for name, body in bodies.OLLAMA_SHOW.items()}
    found = await read("ollama", {"//api/tags": bodies.OLLAMA_TAGS} | shown)
    gemma = found["gemma4"]
    assert (gemma.aliases, gemma.sees, gemma.reasoning) == (("gemma4:latest",), True, True)
    assert gemma.context_tokens is None
    assert found["llama3.2:3b"].sees is False


async def test_an_ollama_model_that_can_not_be_shown_is_there_all_the_same() -> None:
    found = await read("ollama", {"//api/tags": bodies.OLLAMA_TAGS})
    assert found["gemma4"].sees is None


async def test_llamacpp_tells_modalities_and_the_context_in_use() -> None:
    (found,) = (await read("llamacpp", {"/models": bodies.LLAMACPP})).values()
    assert (found.sees, found.context_tokens) == (True, 16_384)
    assert found.label == "Qwen3-VL-8B-Q4_K_M.gguf"


async def test_lm_studio_tells_sight_and_the_loaded_context() -> None:
    found = await read("lmstudio", {"//api/v1/models": bodies.LMSTUDIO})
    assert (found["google/gemma-3-4b"].sees, found["google/gemma-3-4b"].context_tokens) == (
        True,
        4096,
    )
    assert found["nomic-embed-text-v1.5"].chat is False


async def test_plain_lists_tell_names_openais_the_end_and_vllms_the_context() -> None:
    found = await read("openai", {"/models": bodies.OPENAI})
    assert found["gpt-5.1"].shutdown == dt.date(2027, 3, 1)
    assert (found["gpt-5.2"].shutdown, found["gpt-5.2"].sees) == (None, None)
    served = await read("plain", {"/models": bodies.VLLM})
    assert served["Qwen/Qwen3-VL-8B"].context_tokens == 32_768


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize(
    "body",
    [[], {}, {"data": []}, {"models": []}, {"data": {}}, {"error": "no"}, "text", 7, None,
     {"data": [1, None, {"id": 3}], "models": [1, None, {"name": 3}]}],
)  # fmt: skip
async def test_what_is_no_list_of_models_is_odd(kind: str, body: object) -> None:
    paths = ("/models", "/models?include=all", "//api/tags", "//api/v1/models")
    with pytest.raises(OddList):
        await read(kind, dict.fromkeys(paths, body))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
KEYS = ("aliases", "type", "info", "modalities", "capabilities", "pricing", "architecture",
        "providers", "supported_parameters", "expiration_date", "meta", "loaded_instances",
        "variants", "shutdown_date", "max_model_len", "context_length", "links")  # fmt: skip


@pytest.mark.parametrize("kind", ["aimlapi", "huggingface", "openrouter", "llamacpp", "plain"])
@given(item=st.fixed_dictionaries({}, optional=dict.fromkeys(KEYS, JSON)))
async def test_an_odd_fact_costs_that_fact_only(kind: str, item: dict[str, Any]) -> None:
    body = {"data": [{"id": "maker/model"} | item]}
    found = await read(kind, {"/models": body, "/models?include=all": body})
    assert "maker/model" in found


@pytest.mark.parametrize("odd", ["", "a b", "`x`", "<@1>", "é", "x" * 161, "a\nb", None, 7])
def test_names_that_could_be_markup_are_no_names(odd: object) -> None:
    assert name(odd) is None


def test_labels_carry_no_markup() -> None:
    assert label("**GPT** [x](https://evil.example) @everyone `y`") == (
        "GPT x(https:evil.example) everyone y"
    )


@pytest.mark.parametrize("odd", ["NaN", "Infinity", "-1", "x", "", None, True, [], "1e999999"])
def test_prices_that_nobody_believes_are_no_prices(odd: object) -> None:
    assert usd(odd) is None
    assert usd(1, per=odd) is None


def test_a_price_with_more_digits_than_money_has_is_no_price() -> None:
    assert usd("1e17") is None
    assert usd("0.1", per="1e-17") is None


@pytest.mark.parametrize("odd", ["", "soon", "2027-13-01", -5, 10**30, None, True, [], {}])
def test_days_that_do_not_exist_are_no_days(odd: object) -> None:
    assert day(odd) is None


def test_a_day_may_come_as_seconds() -> None:
    assert day(1_800_000_000) == dt.date(2027, 1, 15)
