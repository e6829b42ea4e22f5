"""Provider files: what they inherit, and the sentence for each way to get one wrong."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from bot.catalog.loader import load
from bot.errors import CatalogError, ConfigError
from bot.provider.request import build
from bot.provider.types import ImagePart, Prompt

PROVIDER = """
[provider]
id = "acme"
label = "Acme"
company = "Acme Inc."
base_url = "https://api.acme.test/v1"
api_key_env = ["ACME_KEY", "ACME_TOKEN"]

[defaults]
checked = 2026-11-22
source = "acme's documents"
transport = "url"
context_tokens = 1000
images = { max_count = 3, formats = ["png"] }
"""

MODEL = """
[[models]]
name = "eye"
label = "Eye"
"""


def write(folder: Path, text: str, name: str = "acme.toml") -> Path:
    (folder / name).write_text(text, "utf-8")
    return folder


def wrong(folder: Path, text: str) -> str:
    with pytest.raises(CatalogError) as caught:
        load({}, write(folder, text))
    return caught.value.sentence


def test_a_new_provider_takes_one_file_and_no_python(tmp_path: Path) -> None:
    catalog = load({"ACME_TOKEN": "t"}, write(tmp_path, PROVIDER + MODEL))
    model = catalog.resolve("acme/eye")
    endpoint = catalog.endpoint(model.provider)
    assert endpoint is not None
    assert (endpoint.base_url, endpoint.key) == ("https://api.acme.test/v1", "t")
    assert list(catalog.providers)[-1] == "acme"
    assert catalog.default() is model
    picture = ImagePart(url="https://cdn.discordapp.com/attachments/1/2/cat.png")
    request = build(model, endpoint, Prompt("Be brief.", "What is it?", (picture,)))
    assert request.url == "https://api.acme.test/v1/chat/completions"
    assert request.headers["Authorization"] == "Bearer t"
    assert request.body == {
        "model": "eye",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "What is it?"},
                    {"type": "image_url", "image_url": {"url": picture.url}},
                ],
            },
        ],
        "max_tokens": 1024,
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_a_row_wins_over_the_files_defaults_and_those_over_ours(tmp_path: Path) -> None:
    row = MODEL + "context_tokens = 5\nimages = { max_count = 1 }\n"
    model = load({}, write(tmp_path, PROVIDER + MODEL + row.replace("eye", "ear"))).models
    assert model["acme/eye"].context_tokens == 1000
    assert model["acme/eye"].images.formats == ("png",)
    assert model["acme/eye"].max_output_tokens == 1024
    assert model["acme/ear"].context_tokens == 5
    assert model["acme/ear"].images.max_count == 1
    assert model["acme/ear"].images.formats == ("jpeg", "png"), "a table is replaced as a whole"


def test_money_stays_exact_and_extra_fields_stay_plain(tmp_path: Path) -> None:
    row = MODEL + (
        'price = { input = 0.1, output = 3, checked = 2026-11-22, source = "x" }\n'
        "extra_body = { top_k = 0.5, nested = { deep = [1.5] } }\n"
        'aliases = ["other"]\n'
    )
    model = load({}, write(tmp_path, PROVIDER + row)).models["acme/eye"]
    assert model.price is not None
    assert (model.price.input, model.price.output) == (Decimal("0.1"), Decimal(3))
    assert model.price.checked == dt.date(2026, 11, 22)
    assert model.extra_body == {"top_k": 0.5, "nested": {"deep": [1.5]}}
    assert isinstance(model.extra_body["top_k"], float)
    assert model.aliases == ("acme/other",)


@pytest.mark.parametrize(
    ("addition", "sentence"),
    [
        (MODEL * 2, "acme.toml: models[1]: “acme/eye” is there twice"),
        (
            MODEL + 'max_token_field = "max_tokens"',
            'acme.toml: models[0]: unknown key "max_token_field"',
        ),
        (MODEL + "images = { max = 1 }", 'acme.toml: models[0]: images: unknown key "max"'),
        (
            MODEL + 'image_tokens = { rule = "tile" }',
            "acme.toml: models[0]: image_tokens.rule: Invalid enum value 'tile'",
        ),
        (
            MODEL + 'context_tokens = "many"',
            "acme.toml: models[0]: context_tokens: Expected `int | null`, got `str`",
        ),
        (MODEL + 'dialect = "latin"', "acme.toml: models[0]: dialect: Invalid enum value 'latin'"),
        (MODEL + "price = { input = 1 }", "acme.toml: models[0]: price: “output” is missing"),
        ("[[models]]\nlabel = 'x'", "acme.toml: models[0]: “name” is missing"),
        (MODEL + 'id = "acme/x"', 'acme.toml: models[0]: unknown key "id"'),
        (MODEL + 'successor = "acme/no"', 'acme/eye: successor: unknown key "acme/no"'),
        (MODEL + 'aliases = ["eye"]', "acme.toml: models[0]: “acme/eye” is there twice"),
        (MODEL + 'aliases = "eyes"', "acme.toml: models[0]: aliases: Expected `array`, got `str`"),
        (MODEL + "aliases = 5", "acme.toml: models[0]: aliases: Expected `array`, got `int`"),
        (
            MODEL + "extra_body = { top_k = inf }",
            "acme.toml: models[0]: extra_body: use numbers that JSON has",
        ),
        (
            MODEL + 'price = { input = nan, output = 1, checked = 2026-11-22, source = "x" }',
            "acme.toml: models[0]: price: prices are zero or more",
        ),
        (
            MODEL + "image_tokens = { size = 0 }",
            "acme.toml: models[0]: image_tokens.size: Expected `int` >= 1",
        ),
        ("[extra]", 'acme.toml: unknown key "extra"'),
    ],
)
def test_a_wrong_row_is_named_with_file_and_key(
    tmp_path: Path, addition: str, sentence: str
) -> None:
    assert wrong(tmp_path, PROVIDER + addition) == sentence


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('id = "acme"', 'id = "openai"', "acme.toml: provider.id: “openai” is there twice"),
        (
            'id = "acme"',
            'id = "Ac/me"',
            "acme.toml: provider.id: use lower-case letters, digits and hyphens",
        ),
        (
            "https://",
            "ftp://",
            "acme.toml: provider.base_url: it must begin with http:// or https://",
        ),
        ('label = "Acme"', "", "acme.toml: provider: “label” is missing"),
        ("[defaults]", "[[defaults]]", "acme.toml: defaults: Expected `object`, got `array`"),
    ],
)
def test_a_wrong_provider_is_named_with_file_and_key(
    tmp_path: Path, old: str, new: str, sentence: str
) -> None:
    assert wrong(tmp_path, PROVIDER.replace(old, new) + MODEL) == sentence


def test_what_is_no_toml_is_named_with_its_file(tmp_path: Path) -> None:
    assert wrong(tmp_path, "provider = ").startswith("acme.toml: ")


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="VIDI_CATALOG_DIR"):
        load({}, tmp_path / "nowhere")


@pytest.mark.parametrize("url", ["localhost:11434", "ftp://x", "http://", "http://x:port", "no"])
def test_a_wrong_base_url_in_the_environment_is_named(url: str) -> None:
    with pytest.raises(ConfigError, match="OLLAMA_BASE_URL"):
        load({"OLLAMA_BASE_URL": url})


def test_a_key_with_impossible_characters_is_named_but_not_shown() -> None:
    with pytest.raises(ConfigError, match="HF_TOKEN") as caught:
        load({"HF_TOKEN": "hf_sécret"})
    assert "cret" not in caught.value.sentence


def test_custom_models_come_from_the_environment() -> None:
    catalog = load({"CUSTOM_BASE_URL": "http://box:8000/v1", "CUSTOM_MODELS": " llava, org/x:7b ,"})
    custom = [m for m in catalog.models.values() if m.provider.id == "custom"]
    assert [(m.id, m.name, m.transport) for m in custom] == [
        ("custom/llava", "llava", "url"),
        ("custom/org/x:7b", "org/x:7b", "url"),
    ]
    assert catalog.default() is custom[0]
