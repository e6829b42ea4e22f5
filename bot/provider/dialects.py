"""How models want to be told: pure functions from a prompt to the fields that hold it."""

import base64
from collections.abc import Callable

from bot.catalog.types import Dialect, Model
from bot.provider.types import ImagePart, Prompt

Fields = dict[str, object]


def openai(model: Model, prompt: Prompt) -> Fields:
    """Give `messages` as OpenAI's: the system prompt as a message, pictures as image_url parts."""
    messages: list[Fields] = []
    text = prompt.text
    if prompt.system and model.system_role == "none":
        text = f"{prompt.system}\n\n{text}"
    elif prompt.system:
        messages.append({"role": model.system_role, "content": prompt.system})
    messages += _turns(prompt)
    messages.append(_question(text, [_image_url(image) for image in prompt.images]))
    return {"messages": messages}


def anthropic_parts(model: Model, prompt: Prompt) -> Fields:
    """Give Anthropic's own picture parts, and the system prompt beside the messages.

    AI/ML API's schema for Claude 4.0 to 4.7 has neither image_url nor a system role:
    aimlapi/api-docs@f14fa72 docs/api-references/text-models-llm/Anthropic/claude-opus-4-5.json."""
    fields: Fields = {"system": prompt.system} if prompt.system else {}
    question = _question(prompt.text, [_source(image) for image in prompt.images])
    fields["messages"] = [*_turns(prompt), question]
    return fields


DIALECTS: dict[Dialect, Callable[[Model, Prompt], Fields]] = {
    "openai": openai,
    "anthropic_parts": anthropic_parts,
}


def _turns(prompt: Prompt) -> list[Fields]:
    messages: list[Fields] = []
    for turn in prompt.history:
        messages.append({"role": "user", "content": turn.question})
        messages.append({"role": "assistant", "content": turn.answer})
    return messages


def _question(text: str, pictures: list[Fields]) -> Fields:
    parts: list[Fields] = [{"type": "text", "text": text}, *pictures]
    return {"role": "user", "content": parts if pictures else text}


def _image_url(image: ImagePart) -> Fields:
    url = image.url if image.data is None else f"data:{image.media_type};base64,{_base64(image)}"
    return {"type": "image_url", "image_url": {"url": url}}


def _source(image: ImagePart) -> Fields:
    if image.data is None:  # Claude 4.8 and later take links
        return {"type": "image", "source": {"type": "url", "url": image.url}}
    source = {"type": "base64", "media_type": image.media_type, "data": _base64(image)}
    return {"type": "image", "source": source}


def _base64(image: ImagePart) -> str:
    return base64.b64encode(image.data or b"").decode("ascii")
