"""One small reader for each kind of list: asks a provider, gives what it says of its models."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from decimal import Decimal
from urllib.parse import urlsplit

from bot.catalog.discovered import Listed
from bot.discovery.reading import (
    Ask,
    OddList,
    at,
    count,
    day,
    each,
    flag,
    items,
    label,
    name,
    names,
    usd,
    words,
)
from bot.i18n import _

Reader = Callable[[Ask], Awaitable[list[Listed]]]

_PAGES = 20
_SHOWN = 100  # of Ollama's models: each costs a request


async def aimlapi(ask: Ask) -> list[Listed]:
    """Source: aimlapi/api-docs@f14fa72 docs/api-references/service-endpoints."""
    return _every(items(await ask("/models?include=all")), _aimlapi)


def _aimlapi(item: object) -> Iterator[Listed]:
    inputs = words(at(item, "modalities", "input"))
    can = words(at(item, "capabilities"))
    if called := name(at(item, "id")):
        price = _units(at(item, "pricing"))
        yield Listed(
            name=called,
            label=label(at(item, "info", "name")),
            aliases=names(at(item, "aliases")),
            sees="image" in inputs or "vision" in can if inputs or can else None,
            chat=_chats(at(item, "type")),
            context_tokens=count(at(item, "info", "contextLength")),
            input_usd=price.get("input"),
            output_usd=price.get("output"),
        )


def _chats(kind: object) -> bool | None:
    """Tell from the endpoint's name; native message endpoints may be reached by chat as well."""
    if not isinstance(kind, str) or "message" in kind:
        return None
    return "chat" in kind


def _units(pricing: object) -> dict[str, Decimal]:
    """Give the dearest rate for what is read and what is written: some come in steps."""
    rates: dict[str, Decimal] = {}
    if at(pricing, "currency") not in (None, "USD"):
        return rates
    for unit in each(at(pricing, "units")):
        measure = at(unit, "measure")
        price = usd(at(unit, "price"), per=at(unit, "per"))
        if at(unit, "name") == "token" and isinstance(measure, str) and price is not None:
            rates[measure] = max(price, rates.get(measure, price))
    return rates


async def huggingface(ask: Ask) -> list[Listed]:
    """Source: huggingface/hub-docs@242f4a1 docs/inference-providers/hub-api.md."""
    return _every(items(await ask("/models")), _huggingface)


def _huggingface(item: object) -> Iterator[Listed]:
    """Give the model as the router picks a partner, and each partner's."""
    plain = name(at(item, "id"))
    inputs = words(at(item, "architecture", "input_modalities"))
    sees = "image" in inputs if inputs else None
    if plain is None:
        return
    yield Listed(name=plain, sees=sees, chat=True)
    for partner in each(at(item, "providers")):
        if host := name(at(partner, "provider")):
            yield Listed(
                name=f"{plain}:{host}",
                sees=sees,
                chat=True,
                context_tokens=count(at(partner, "context_length")),
                input_usd=usd(at(partner, "pricing", "input"), per=1_000_000),
                output_usd=usd(at(partner, "pricing", "output"), per=1_000_000),
            )


async def openrouter(ask: Ask) -> list[Listed]:
    """Source: openrouter.ai/docs/models; newer answers come in pages."""
    found: list[object] = []
    path = "/models"
    for _page in range(_PAGES):
        body = await ask(path)
        found += items(body)
        following = at(body, "links", "next")
        if not isinstance(following, str) or not following:
            return _every(found, _openrouter)
        path = f"/models?{urlsplit(following).query}"
    raise OddList(_("it has no end"))


def _openrouter(item: object) -> Iterator[Listed]:
    inputs = words(at(item, "architecture", "input_modalities"))
    outputs = words(at(item, "architecture", "output_modalities"))
    fields = words(at(item, "supported_parameters"))
    if called := name(at(item, "id")):
        yield Listed(
            name=called,
            label=label(at(item, "name")),
            sees="image" in inputs if inputs else None,
            chat="text" in outputs if outputs else None,
            reasoning="reasoning" in fields if fields else None,
            context_tokens=count(at(item, "context_length")),
            input_usd=usd(at(item, "pricing", "prompt")),
            output_usd=usd(at(item, "pricing", "completion")),
            shutdown=day(at(item, "expiration_date")),
        )


async def ollama(ask: Ask) -> list[Listed]:
    """Source: ollama/ollama@fb30760 docs/api.md. How long a context may be depends on the server,
    not on the model, so nothing is said about it."""
    tags = items(await ask("//api/tags"), "models")
    called = [found for tag in tags if (found := name(at(tag, "name")))]
    return _named([await _shown(ask, one, number) for number, one in enumerate(called)])


async def _shown(ask: Ask, called: str, number: int) -> Listed:
    can: frozenset[str] = frozenset()
    if number < _SHOWN:
        with suppress(OddList):  # that it is there is known all the same
            can = words(at(await ask("//api/show", {"model": called}), "capabilities"))
    plain = called.removesuffix(":latest")
    return Listed(
        name=plain,
        aliases=(called,) if called != plain else (),
        sees="vision" in can if can else None,
        chat="completion" in can if can else None,
        reasoning="thinking" in can if can else None,
    )


async def llamacpp(ask: Ask) -> list[Listed]:
    """Source: ggml-org/llama.cpp@00dc805 tools/server/README.md; older builds say less."""
    return _every(items(await ask("/models")), _llamacpp)


def _llamacpp(item: object) -> Iterator[Listed]:
    inputs = words(at(item, "architecture", "input_modalities"))
    if called := name(at(item, "id")):
        yield Listed(
            name=called,
            label=label(called.replace("\\", "/").rpartition("/")[2]),
            aliases=names(at(item, "aliases")),
            sees="image" in inputs if inputs else None,
            chat=True,
            context_tokens=count(at(item, "meta", "n_ctx")),
        )


async def lmstudio(ask: Ask) -> list[Listed]:
    """Source: lmstudio-ai/docs 1_developer/2_rest, lmstudio-bug-tracker#1659 (a whole answer)."""
    return _every(items(await ask("//api/v1/models"), "models"), _lmstudio)


def _lmstudio(item: object) -> Iterator[Listed]:
    contexts = [
        tokens
        for instance in each(at(item, "loaded_instances"))
        if (tokens := count(at(instance, "config", "context_length")))
    ]
    if called := name(at(item, "key")):
        yield Listed(
            name=called,
            label=label(at(item, "display_name")),
            aliases=names(at(item, "variants")),
            sees=flag(at(item, "capabilities", "vision")),
            chat=at(item, "type") == "llm",
            context_tokens=min(contexts, default=None),
        )


async def plain(ask: Ask) -> list[Listed]:
    """Give names, OpenAI's day of shutdown and vLLM's context; nobody says what sees.

    Sources: openai/openai-openapi@f85dbe2 `Model`; vLLM's `ModelCard`."""
    return _every(items(await ask("/models")), _plain)


def _plain(item: object) -> Iterator[Listed]:
    if called := name(at(item, "id")):
        yield Listed(
            name=called,
            context_tokens=count(at(item, "max_model_len")),
            shutdown=day(at(item, "shutdown_date")),
        )


def _every(found: list[object], read: Callable[[object], Iterator[Listed]]) -> list[Listed]:
    return _named([row for item in found for row in read(item)])


def _named(rows: list[Listed]) -> list[Listed]:
    """Give each model once; OddList when not one has a name."""
    if not rows:
        raise OddList(_("none of its models has a name"))
    return list({row.name: row for row in rows}.values())


READERS: Mapping[str, Reader] = {
    "aimlapi": aimlapi,
    "huggingface": huggingface,
    "openrouter": openrouter,
    "ollama": ollama,
    "llamacpp": llamacpp,
    "lmstudio": lmstudio,
    "openai": plain,
    "plain": plain,
}
