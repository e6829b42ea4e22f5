"""Make docs/models.md: what became of the models that this bot was first made for.

`.venv/bin/python -m docs.make_models`, from the project's folder. Everything but the names is
read from the provider files in bot/catalog/data.
"""

from pathlib import Path

from bot.catalog.catalog import Catalog
from bot.catalog.loader import load
from bot.catalog.types import Model

TARGET = Path(__file__).with_name("models.md")

# AI/ML API's page of text models that see, and the models that Hugging Face's page names for its
# partners, both as they were at the end of 2025; spelt as they are there.
SEEDS = (
    "aimlapi/alibaba/qwen3-vl-32b-instruct",
    "aimlapi/alibaba/qwen3-vl-32b-thinking",
    "aimlapi/claude-3-haiku-20240307",
    "aimlapi/claude-3-opus-20240229",
    "aimlapi/claude-3-5-haiku-20241022",
    "aimlapi/claude-3-7-sonnet-20250219",
    "aimlapi/claude-sonnet-4-20250514",
    "aimlapi/claude-opus-4-20250514",
    "aimlapi/anthropic/claude-opus-4.1",
    "aimlapi/anthropic/claude-sonnet-4.5",
    "aimlapi/anthropic/claude-opus-4-5",
    "aimlapi/gemini-2.0-flash-exp",
    "aimlapi/google/gemini-2.0-flash",
    "aimlapi/google/gemini-2.5-flash",
    "aimlapi/google/gemini-2.5-pro",
    "aimlapi/google/gemma-3-4b-it",
    "aimlapi/google/gemma-3-27b-it",
    "aimlapi/meta-llama/Llama-Guard-3-11B-Vision-Turbo",
    "aimlapi/meta-llama/Meta-Llama-3.1-405B-Instruct-Turbo",
    "aimlapi/meta-llama/llama-4-scout",
    "aimlapi/meta-llama/llama-4-maverick",
    "aimlapi/MiniMax-Text-01",
    "aimlapi/chatgpt-4o-latest",
    "aimlapi/gpt-4-turbo",
    "aimlapi/gpt-4-turbo-2024-04-09",
    "aimlapi/gpt-4o",
    "aimlapi/gpt-4o-2024-05-13",
    "aimlapi/gpt-4o-2024-08-06",
    "aimlapi/gpt-4o-mini",
    "aimlapi/gpt-4o-mini-2024-07-18",
    "aimlapi/openai/gpt-4.1-2025-04-14",
    "aimlapi/openai/gpt-4.1-mini-2025-04-14",
    "aimlapi/openai/gpt-4.1-nano-2025-04-14",
    "aimlapi/openai/o4-mini-2025-04-16",
    "aimlapi/openai/o3-2025-04-16",
    "aimlapi/o1",
    "aimlapi/openai/gpt-5-2025-08-07",
    "aimlapi/openai/gpt-5-mini-2025-08-07",
    "aimlapi/openai/gpt-5-nano-2025-08-0",
    "aimlapi/openai/gpt-5-chat-latest",
    "aimlapi/openai/gpt-5-1",
    "aimlapi/openai/gpt-5-1-chat-latest",
    "aimlapi/openai/gpt-5-1-codex",
    "aimlapi/openai/gpt-5-1-codex-mini",
    "aimlapi/openai/gpt-5-2",
    "aimlapi/openai/gpt-5-2-chat-latest",
    "aimlapi/perplexity/sonar",
    "aimlapi/perplexity/sonar-pro",
    "aimlapi/x-ai/grok-4-fast-non-reasoning",
    "aimlapi/x-ai/grok-4-fast-reasoning",
    "aimlapi/x-ai/grok-4-1-fast-non-reasoning",
    "aimlapi/x-ai/grok-4-1-fast-reasoning",
    "huggingface/meta-llama/Llama-4-Scout-17B-16E-Instruct:cerebras",
    "huggingface/CohereLabs/command-a-vision-07-2025:cohere",
    "huggingface/google/gemma-3-27b-it:featherless-ai",
    "huggingface/meta-llama/Llama-4-Scout-17B-16E-Instruct:fireworks-ai",
    "huggingface/meta-llama/Llama-4-Scout-17B-16E-Instruct:groq",
    "huggingface/Qwen/Qwen2.5-VL-7B-Instruct:hyperbolic",
    "huggingface/google/gemma-3-27b-it:nebius",
    "huggingface/zai-org/GLM-4.5V:novita",
    "huggingface/meta-llama/Llama-4-Scout-17B-16E-Instruct:nscale",
    "huggingface/meta-llama/Llama-4-Maverick-17B-128E-Instruct:sambanova",
    "huggingface/google/gemma-3-27b-it:scaleway",
    "huggingface/meta-llama/Llama-4-Scout-17B-16E-Instruct:together",
)

INTRODUCTION = """\
# Models

These are the models that AI/ML API and Hugging Face named on their pages about pictures at the end
of 2025, and what became of them; `/models` and `vidi models` list everything that can be asked
today. Any partner of Hugging Face can follow the colon, and so can `fastest`, `cheapest` and
`preferred`.

This page is made from the provider files in [bot/catalog/data](../bot/catalog/data), which say
where each fact comes from; `python -m docs.make_models` makes it again. What nobody confirmed
carries the safer value, and is named in the last column.

| Model | State | Checked | Not confirmed |
|---|---|---|---|
"""


def page() -> str:
    """Give the page, a line for each model."""
    catalog = load({})
    return INTRODUCTION + "".join(_line(catalog, seed) for seed in SEEDS)


def _line(catalog: Catalog, seed: str) -> str:
    model = catalog.find(seed)
    if model is None:
        raise LookupError(f"no provider file knows {seed}")
    doubts = model.unverified & {"retired"} if model.retired else model.unverified
    facts = (f"`{seed}`", _state(seed, model), str(model.checked), ", ".join(sorted(doubts)))
    return f"| {' | '.join(facts)} |\n"


def _state(seed: str, model: Model) -> str:
    """Say what can be done with it, the same on every day: dates are given, not judged."""
    states = [f"alias of `{model.id}`"] if seed != model.id else []
    if model.guard:
        states.append("a guard, not for questions")
    if not model.chat:
        states.append("not by chat completions")
    if not model.sees:
        states.append("can't see pictures")
    if model.retired:
        states.append(f"retired on {model.retired}{_successor(model)}")
    elif model.shutdown:
        states.append(f"ready to ask until {model.shutdown}{_successor(model)}")
    elif model.sees and model.chat and not model.guard:
        states.append("ready to ask")
    return "; ".join(states)


def _successor(model: Model) -> str:
    return f" → `{model.successor}`" if model.successor else ""


if __name__ == "__main__":
    TARGET.write_text(page(), "utf-8")
