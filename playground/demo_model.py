"""A model whose answers are written down beforehand, as one of the bot's own: `example/vision`."""

from pathlib import Path

from playground.model_server import ModelServer

NAME = "example/vision"
_PROVIDER = """
[provider]
id = "example"
label = "Example AI"
company = "Example AI"
api_key_env = ["EXAMPLE_API_KEY"]

[defaults]
checked = 2026-11-22
source = "invented, as this provider is"
transport = "inline"

[[models]]
name = "vision"
label = "Scripted model"
max_output_tokens = 100
price = {{ input = {price[0]}, output = {price[1]}, checked = 2026-11-22, source = "invented" }}
"""


def environment(
    models: ModelServer, folder: Path, price: tuple[str, str] = ("0.4", "1.6")
) -> dict[str, str]:
    """Give what tells the bot of the model; its facts are written into a folder below `folder`.

    `price` is USD per million tokens read and written."""
    catalog = folder / "catalog"
    catalog.mkdir()
    (catalog / "example.toml").write_text(_PROVIDER.format(price=price), "utf-8")
    return {
        "VIDI_CATALOG_DIR": str(catalog),
        "EXAMPLE_BASE_URL": models.base_url,
        "EXAMPLE_API_KEY": "not-a-key",
    }


def answer(models: ModelServer, text: str) -> None:
    """Script the next answer, with what a photograph and a few sentences take."""
    usage = {"prompt_tokens": 1630, "completion_tokens": 70, "total_tokens": 1700}
    models.reply(text, usage=usage)
