"""Builds the whole HTTP request to a model as a value; nothing is sent here."""

from bot.catalog.types import Endpoint, Model
from bot.provider.dialects import DIALECTS
from bot.provider.types import Prompt, Request


def build(
    model: Model, endpoint: Endpoint, prompt: Prompt, *, request_id: str | None = None
) -> Request:
    """Give the streaming chat completions request for this prompt.

    `request_id` (1 to 128 of A-Z a-z 0-9 . _ : -) comes back in the provider's own log."""
    # The model comes first: Hugging Face's router then knows where to send megabytes of base64
    # without reading them (huggingface_hub inference/_providers/_common.py).
    body: dict[str, object] = {"model": model.name}
    body |= DIALECTS[model.dialect](model, prompt)
    body[model.max_tokens_field] = model.max_output_tokens
    if prompt.temperature is not None and model.temperature:
        body["temperature"] = min(prompt.temperature, model.max_temperature)
    body["stream"] = True
    body["stream_options"] = {"include_usage": True}
    body |= model.extra_body
    return Request(
        method="POST",
        url=f"{endpoint.base_url}/chat/completions",
        body={field: value for field, value in body.items() if field not in model.unsupported},
        headers=_headers(endpoint, request_id),
    )


def _headers(endpoint: Endpoint, request_id: str | None) -> dict[str, str]:
    headers = {
        "Content-Type": "application/json",
        "Accept": "text/event-stream",
        "Accept-Encoding": "identity",
    }
    if endpoint.key:
        headers["Authorization"] = f"Bearer {endpoint.key}"
    if request_id:
        headers["X-Client-Request-Id"] = request_id
    return headers
