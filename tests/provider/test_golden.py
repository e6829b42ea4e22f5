"""What goes out, byte for byte, for every model of the catalog."""

import json

import msgspec
import pytest

from bot.catalog.types import Endpoint
from bot.provider.request import build
from bot.provider.types import ImagePart, Prompt
from tests.provider.payloads import GOLDEN, catalog, payloads

PROVIDERS = [p.id for p in catalog().providers.values() if p.kind == "http"]
BOARDWALK = (
    "https://upload.wikimedia.org/wikipedia/commons/thumb/d/dd/"
    "Gfp-wisconsin-madison-the-nature-boardwalk.jpg/"
    "2560px-Gfp-wisconsin-madison-the-nature-boardwalk.jpg"
)


@pytest.mark.parametrize("provider_id", PROVIDERS)
def test_every_model_gets_the_request_written_down_for_it(provider_id: str) -> None:
    golden = json.loads((GOLDEN / f"{provider_id}.json").read_text("utf-8"))
    assert payloads(provider_id) == golden


def test_the_request_of_ai_ml_apis_own_page_goes_out_with_our_instructions_streaming() -> None:
    model = catalog().models["aimlapi/gpt-4o"]
    request = build(
        msgspec.structs.replace(model, max_output_tokens=300),
        Endpoint(base_url="https://api.aimlapi.com/v1", key="k" * 20),
        Prompt(
            system="You answer questions about pictures.",
            text="What’s in this image?",
            images=(ImagePart(url=BOARDWALK),),
        ),
    )
    golden = json.loads((GOLDEN / "aimlapi-gpt-4o.json").read_text("utf-8"))
    assert request.body == golden
    assert list(request.body) == list(golden)
    assert request.url == "https://api.aimlapi.com/v1/chat/completions"
    assert request.method == "POST"
    assert request.headers["Authorization"] == "Bearer " + "k" * 20
    assert request.headers["Content-Type"] == "application/json"
