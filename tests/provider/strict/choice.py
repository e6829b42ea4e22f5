"""Which strict providers a model's request has to please."""

from bot.catalog.types import Model
from tests.provider.strict import providers, rules
from tests.provider.strict.rules import Double


def _at_aimlapi(model: Model) -> Double:
    name = model.name.rpartition("/")[2]
    if name.startswith("claude") and not name.startswith("claude-3"):
        return providers.AIMLAPI_CLAUDE
    if name.startswith("gemma-3-4b"):
        return providers.AIMLAPI_GEMMA
    if name.startswith("qwen"):
        return providers.AIMLAPI_QWEN
    return providers.AIMLAPI_REASONING if _reasons(name) else providers.AIMLAPI


def _at_openai(model: Model) -> Double:
    return providers.OPENAI_REASONING if _reasons(model.name) else providers.OPENAI


def _reasons(name: str) -> bool:
    return name.startswith(("o1", "o3", "o4", "gpt-5"))


_BY_PROVIDER: dict[str, Double] = {
    "huggingface": providers.HUGGINGFACE,
    "openrouter": providers.OPENROUTER,
    "groq": providers.GROQ,
    "cerebras": providers.CEREBRAS,
    "cohere": providers.COHERE,
    "featherless-ai": providers.FEATHERLESS,
    "fireworks-ai": providers.FIREWORKS,
    "scaleway": providers.SCALEWAY,
    "together": providers.TOGETHER,
    "ollama": providers.OLLAMA,
    "lmstudio": providers.LMSTUDIO,
    "llamacpp": providers.LLAMACPP,
    "vllm": providers.vllm(4),
}
UNDOCUMENTED = frozenset({"custom", "hyperbolic", "nebius", "novita", "nscale", "sambanova"})
"""Providers that publish no rule of their own: OpenAI's shape is all there is to hold them to."""


def doubles_of(model: Model) -> list[Double]:
    """Give every strict provider that this model's request has to please."""
    provider = model.provider.id
    chosen = {"aimlapi": _at_aimlapi, "openai": _at_openai}.get(provider)
    if chosen is not None:
        return [chosen(model)]
    if provider == "huggingface":  # the router, and the partner that its suffix names
        partner = _BY_PROVIDER.get(model.name.partition(":")[2])
        return (
            [providers.HUGGINGFACE]
            if partner is None
            else [providers.HUGGINGFACE, _beneath_router(partner)]
        )
    return [providers.OPENAI if provider in UNDOCUMENTED else _BY_PROVIDER[provider]]


def _beneath_router(partner: Double) -> Double:
    """Give a partner as Hugging Face's router shows it: pictures alone are its own affair.

    The router's schema names the fields, so that those rules stay with the router (unverified)."""
    about_pictures = tuple(rule for rule in partner.rules if rule.__qualname__ in _ON_PICTURES)
    return Double(about_pictures, partner.variant)


_ON_PICTURES = frozenset(
    f"{factory.__qualname__}.<locals>.rule"
    for factory in (
        rules.at_most,
        rules.no_links,
        rules.bytes_of,
        rules.links_to,
        rules.encoded_bytes,
        rules.text_first,
    )
)
