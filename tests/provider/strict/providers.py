"""Each provider's rules and refusals; whatever of a body nobody documents is said so."""

from collections.abc import Callable

from playground.completions import Fail, no_urls, unsupported
from tests.provider.strict import rules, streams
from tests.provider.strict.rules import Double, Rule

Said = Callable[[str], Fail]

ANY = ("image/jpeg", "image/png", "image/webp", "image/gif")
STB = ("image/jpeg", "image/png", "image/gif")
MB = 1024 * 1024


def _openai(message: str, status: int = 400, code: object = None, param: str | None = None) -> Fail:
    """OpenAI's shape, which Groq, Together, Fireworks, Scaleway and Ollama share."""
    kind = "invalid_request_error"
    return Fail(status, {"error": {"message": message, "type": kind, "param": param, "code": code}})


def _aimlapi(message: str, status: int = 400) -> Fail:
    """AI/ML API's own shape: no `error` at all."""
    return Fail(
        status,
        {
            "message": message,
            "path": "/v1/chat/completions",
            "requestId": "7f0c8f2e-3c9c-4b62-9f58-0d8b6a2f1c11",
            "statusCode": str(status),
            "timestamp": "2026-08-21T10:00:00.000Z",
        },
    )


def _huggingface(message: str, status: int = 400) -> Fail:
    """A sentence under `error`; TGI names its kind beside it."""
    return Fail(status, {"error": message, "error_type": "validation"})


def _openrouter(message: str, status: int = 400) -> Fail:
    """An integer code and metadata of whoever it asked."""
    return Fail(
        status,
        {"error": {"message": message, "code": status, "metadata": {"provider_name": "Google"}}},
    )


def _cerebras(message: str, status: int = 400) -> Fail:
    """No `error` around it; the sentences are unverified."""
    kind = "invalid_request_error"
    return Fail(
        status, {"message": message, "type": kind, "param": "messages", "code": "wrong_api_format"}
    )


def _cohere(message: str, status: int = 400) -> Fail:
    """A message alone, as the native API says it (unverified for the compatible one)."""
    return Fail(status, {"message": message})


def _vllm(message: str, status: int = 400) -> Fail:
    return Fail(
        status,
        {
            "error": {
                "message": message,
                "type": "BadRequestError",
                "param": None,
                "code": status,
            }
        },
    )


def _lmstudio(message: str, status: int = 400) -> Fail:
    """A bare sentence."""
    return Fail(status, {"error": message})


def _model_first(refuse: Said) -> Rule:
    """The router reads no further than it must (huggingface_hub inference/_providers)."""
    return lambda body: None if next(iter(body)) == "model" else refuse("model must come first")


def _plain(refuse: Said, *more: Rule, variant: streams.Variant = streams.OPENAI) -> Double:
    return Double((rules.well_formed(refuse), *more), variant)


def _unknown_role(role: str) -> Fail:
    return _aimlapi(
        f"Unsupported value: 'messages[0].role' does not support '{role}' with this model."
    )


def _value(field: str) -> Fail:
    message = (
        f"Unsupported value: '{field}' does not support 0.2 with this model. "
        "Only the default (1) value is supported."
    )
    return _openai(message, code="unsupported_value", param=field)


_OPENAI_IMAGES = rules.bytes_of(
    ANY,
    _openai(
        "You uploaded an unsupported image. Please make sure your image has of one the following "
        "formats: ['png', 'jpeg', 'gif', 'webp'].",
        code="invalid_image_format",
    ),
)
OPENAI = _plain(_openai, _OPENAI_IMAGES)
OPENAI_REASONING = _plain(
    _openai,
    rules.without(lambda name: unsupported(name, "max_completion_tokens"), "max_tokens"),
    rules.without(_value, "temperature", "top_p"),
    _OPENAI_IMAGES,
)

_BODY = "Body validation error!"
AIMLAPI = _plain(
    _aimlapi,
    rules.roles(_unknown_role, ("system", "developer", "user", "assistant")),
    rules.bytes_of(ANY, _aimlapi(_BODY)),
    variant=streams.AIMLAPI,
)
AIMLAPI_GEMMA = _plain(
    _aimlapi,
    rules.roles(_unknown_role, ("user", "assistant")),
    rules.bytes_of(ANY, _aimlapi(_BODY)),
    variant=streams.AIMLAPI,
)
AIMLAPI_REASONING = _plain(
    _aimlapi,
    rules.without(lambda _field: _aimlapi(_BODY), "temperature", "top_p"),
    rules.bytes_of(ANY, _aimlapi(_BODY)),
    variant=streams.AIMLAPI,
)
AIMLAPI_QWEN = _plain(_aimlapi, rules.bytes_of(ANY, _aimlapi(_BODY)), variant=streams.AIMLAPI_QWEN)


def _five_parts(body: rules.Body) -> Fail | None:
    return _aimlapi(_BODY) if len(rules.parts(body)) > 5 else None


def _native_parts(body: rules.Body) -> Fail | None:
    fine = all(part["type"] in ("text", "image") for part in rules.parts(body))
    return None if fine else _aimlapi(_BODY)


AIMLAPI_CLAUDE = _plain(
    _aimlapi,
    _native_parts,
    _five_parts,
    rules.roles(_unknown_role, ("user", "assistant")),
    rules.only(
        lambda _field: _aimlapi(_BODY),
        {"model", "messages", "system", "max_tokens", "stream", "thinking", "stop_sequences"},
    ),
    rules.no_links(_aimlapi(_BODY)),
    rules.bytes_of(ANY, _aimlapi("Could not process image")),
    rules.encoded_bytes(5 * MB, 32 * MB, _aimlapi("image exceeds 5 MB maximum", 413)),
    variant=streams.AIMLAPI_CLAUDE,
)
HUGGINGFACE = _plain(
    _huggingface,
    _model_first(_huggingface),
    rules.bytes_of(ANY, _huggingface("cannot identify image file")),
    variant=streams.HUGGINGFACE,
)
OPENROUTER = _plain(
    _openrouter,
    rules.text_first(_openrouter),
    rules.bytes_of(ANY, _openrouter("Unable to process input image")),
    variant=streams.OPENROUTER,
)
_GROQ_COUNT = "Too many images provided. This model supports up to 5 images"  # unverified
GROQ = _plain(
    _openai,
    rules.at_most(5, _openai, _GROQ_COUNT),
    rules.encoded_bytes(4 * MB, 4 * MB, _openai("Request Entity Too Large", 413)),
    variant=streams.GROQ,
)
CEREBRAS = _plain(
    _cerebras,
    rules.without(lambda name: _cerebras(f"{name} is deprecated"), "max_tokens"),
    rules.no_links(_cerebras("Image URLs are not supported. Provide a base64 data URI.")),
    rules.bytes_of(("image/jpeg", "image/png"), _cerebras("Unsupported image format")),
    variant=streams.CEREBRAS,
)
COHERE = _plain(
    _cohere,
    rules.without(lambda name: _cohere(f"unknown field: parameter '{name}'"), "stream_options"),
    rules.at_most(20, _cohere, "too many images: at most 20 images"),
    rules.encoded_bytes(20 * MB, 20 * MB, _cohere("too large: at most 20 MB of images")),
)
FEATHERLESS = _plain(_openai, rules.text_first(_openai))
FIREWORKS = _plain(
    _openai,
    rules.at_most(30, _openai, "too many images: at most 30 images"),
    rules.encoded_bytes(10 * MB, 10 * MB, _openai("images are too large", 413)),
    rules.bytes_of(STB, _openai("unsupported image format")),
    rules.links_to((".png", ".jpg", ".jpeg", ".gif"), _openai("unsupported image format")),
)
SCALEWAY = _plain(
    _openai, rules.at_most(12, _openai, "At most 12 image(s) may be provided in one prompt.")
)
TOGETHER = _plain(
    _openai,
    rules.without(lambda name: unsupported(name, None), "stream_options"),
    variant=streams.TOGETHER,
)
OLLAMA = _plain(
    _openai,
    rules.no_links(no_urls()),
    rules.bytes_of(("image/jpeg", "image/png", "image/webp"), _openai("invalid image input")),
    rules.without(lambda _field: _openai("output would be unbounded"), "max_completion_tokens"),
    variant=streams.OLLAMA,
)
_LM_URL = _lmstudio("'url' field must be a base64 encoded image.")
LMSTUDIO = _plain(
    _lmstudio,
    rules.no_links(_LM_URL),
    rules.bytes_of(STB, _LM_URL),
    rules.without(lambda _field: _lmstudio("output would be unbounded"), "max_completion_tokens"),
)
LLAMACPP = _plain(
    _vllm,
    rules.bytes_of(STB, _vllm("Failed to load image", 400)),
    rules.links_to((".png", ".jpg", ".jpeg", ".gif"), _vllm("Failed to load image")),
    variant=streams.LLAMACPP,
)


def vllm(images: int) -> Double:
    """Give a vLLM server started with `--limit-mm-per-prompt image=<images>`."""
    sentence = (
        f"At most {images} image(s) may be provided in one prompt. "
        "Set `--limit-mm-per-prompt` to increase this limit."
    )
    return _plain(_vllm, rules.at_most(images, _vllm, sentence), variant=streams.VLLM)
