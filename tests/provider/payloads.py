"""The request body of every model in the catalog, for one question with two pictures.

`python -m tests.provider.payloads` writes them to golden/; read the diff before committing."""

import dataclasses
import datetime as dt
import json
from functools import cache
from pathlib import Path

from bot.catalog.catalog import Catalog
from bot.catalog.loader import load
from bot.catalog.types import Model
from bot.provider.request import build
from bot.provider.types import ImagePart, Prompt
from bot.types import Turn

GOLDEN = Path(__file__).parent / "golden"

LINKS = (
    ImagePart(url="https://cdn.discordapp.com/attachments/1/2/cat.png?ex=1&is=2&hm=3"),
    ImagePart(url="https://cdn.discordapp.com/attachments/1/3/dog.jpg?ex=1&is=2&hm=3"),
)
BYTES = (
    ImagePart(data=b"a small cat", media_type="image/png"),
    ImagePart(data=b"a small dog", media_type="image/jpeg"),
)


@cache
def catalog(today: dt.date = dt.date(2026, 11, 22), *, configured: bool = True) -> Catalog:
    """Give the shipped catalog as it is on a day, with every provider configured or none."""
    environ: dict[str, str] = {}
    for provider in load({}).providers.values():
        if provider.kind == "http" and configured:
            value = f"key-{provider.id}" if provider.needs_key else "http://127.0.0.1:1/v1"
            environ[provider.needed_env] = value
            if provider.models_env:
                environ[provider.models_env] = "vision"
    return dataclasses.replace(load(environ), today=lambda: today)


def payloads(provider_id: str) -> dict[str, object]:
    """Give the body for each of this provider's models, by model_id."""
    models = [m for m in catalog().models.values() if m.provider.id == provider_id]
    return {model.id: payload(model) for model in models}


def payload(model: Model) -> object:
    """Give the body that goes out for this model."""
    endpoint = catalog().endpoint(model.provider)
    assert endpoint is not None
    return build(model, endpoint, prompt(model)).body


def prompt(model: Model) -> Prompt:
    """Give a question with two pictures, as they travel to this model, after an exchange."""
    return Prompt(
        system="Answer briefly.",
        text="Which of the two is larger?",
        images=LINKS if model.transport == "url" else BYTES,
        history=(Turn("What are these?", "A cat and a dog."),),
    )


def main() -> None:
    """Write the golden files anew."""
    for provider in catalog().providers.values():
        if provider.kind == "http":
            text = json.dumps(payloads(provider.id), indent=2, ensure_ascii=False)
            (GOLDEN / f"{provider.id}.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
