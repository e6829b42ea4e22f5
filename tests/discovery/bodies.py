"""Lists as the providers' documents show them, cut to a few models each."""

from typing import Any

AIMLAPI: dict[str, Any] = {
    "object": "list",
    "data": [
        {
            "id": "openai/gpt-4o",
            "aliases": ["gpt-4o"],
            "type": "openai/chat-completions",
            "info": {"name": "GPT-4o", "developer": "Open AI", "contextLength": 128000},
            "tags": ["playground:chat"],
            "modalities": {"input": ["image", "text"], "output": ["text"]},
            "capabilities": ["streaming", "vision"],
            "pricing": {
                "kind": "fixed",
                "currency": "USD",
                "units": [
                    {"name": "token", "measure": "input", "price": 0.00325, "per": 1000},
                    {"name": "token", "measure": "output", "price": 13, "per": 1000000},
                ],
            },
        },
        {
            "id": "anthropic/claude-opus-9",
            "aliases": [],
            "type": "openai/chat-completions",
            "info": {"name": "Claude **Opus** 9 <@1>", "developer": "Anthropic"},
            "tags": [],
            "modalities": {"input": ["text", "image"], "output": ["text"]},
            "capabilities": ["vision"],
            "pricing": {"kind": "variable", "currency": "USD"},
        },
        {
            "id": "openai/gpt-5-1-codex",
            "aliases": [],
            "type": "openai/responses",
            "info": {"name": "GPT 5.1 Codex", "developer": "Open AI", "contextLength": 400000},
            "tags": [],
            "modalities": {"input": ["text", "image"], "output": ["text"]},
            "capabilities": ["vision"],
        },
        {
            "id": "deepseek/deepseek-chat",
            "aliases": ["deepseek-chat"],
            "type": "openai/chat-completions",
            "info": {"name": "DeepSeek V3", "developer": "DeepSeek"},
            "tags": [],
            "modalities": {"input": ["text"], "output": ["text"]},
            "capabilities": ["streaming"],
        },
    ],
}

HUGGINGFACE: dict[str, Any] = {
    "object": "list",
    "data": [
        {
            "id": "zai-org/GLM-4.5V",
            "object": "model",
            "architecture": {"input_modalities": ["text", "image"], "output_modalities": ["text"]},
            "providers": [
                {
                    "provider": "novita",
                    "status": "live",
                    "context_length": 65536,
                    "pricing": {"input": 0.6, "output": 1.8},
                },
                {"provider": "zai-org", "status": "live", "is_model_author": True},
            ],
        },
        {
            "id": "deepseek-ai/DeepSeek-V4-Pro",
            "architecture": {"input_modalities": ["text"], "output_modalities": ["text"]},
            "providers": [{"provider": "novita", "status": "live", "context_length": 1048576}],
        },
    ],
}

OPENROUTER: dict[str, Any] = {
    "data": [
        {
            "id": "google/gemini-3.5-flash",
            "name": "Google: Gemini 3.5 Flash",
            "context_length": 1048576,
            "architecture": {"input_modalities": ["text", "image"], "output_modalities": ["text"]},
            "pricing": {"prompt": "0.0000015", "completion": "0.000009", "image": "0"},
            "supported_parameters": ["max_tokens", "reasoning"],
            "expiration_date": "2027-02-01",
        },
        {
            "id": "openrouter/auto",
            "name": "Auto Router",
            "context_length": 2000000,
            "architecture": {"input_modalities": ["text", "image"], "output_modalities": ["text"]},
            "pricing": {"prompt": "-1", "completion": "-1"},
            "supported_parameters": [],
            "expiration_date": None,
        },
    ],
}

OLLAMA_TAGS: dict[str, Any] = {
    "models": [
        {"name": "gemma4:latest", "model": "gemma4:latest", "size": 3825819519},
        {"name": "llama3.2:3b", "model": "llama3.2:3b", "size": 2019393189},
    ]
}
OLLAMA_SHOW: dict[str, dict[str, Any]] = {
    "gemma4:latest": {
        "capabilities": ["completion", "vision", "thinking"],
        "model_info": {"gemma4.context_length": 131072},
    },
    "llama3.2:3b": {"capabilities": ["completion", "tools"]},
}

LLAMACPP: dict[str, Any] = {
    "object": "list",
    "data": [
        {
            "id": "/models/Qwen3-VL-8B-Q4_K_M.gguf",
            "object": "model",
            "owned_by": "llamacpp",
            "meta": {"n_ctx": 16384, "n_ctx_train": 262144},
            "architecture": {"input_modalities": ["text", "image"], "output_modalities": ["text"]},
        }
    ],
}

LMSTUDIO: dict[str, Any] = {
    "models": [
        {
            "type": "llm",
            "key": "google/gemma-3-4b",
            "display_name": "Gemma 3 4B",
            "loaded_instances": [
                {"id": "google/gemma-3-4b", "config": {"context_length": 4096}},
            ],
            "max_context_length": 131072,
            "capabilities": {"vision": True, "trained_for_tool_use": False},
            "variants": ["google/gemma-3-4b@4bit"],
        },
        {"type": "embedding", "key": "nomic-embed-text-v1.5", "display_name": "Nomic Embed"},
    ]
}

OPENAI: dict[str, Any] = {
    "object": "list",
    "data": [
        {"id": "gpt-5.1", "object": "model", "owned_by": "openai", "shutdown_date": "2027-03-01"},
        {"id": "gpt-5.2", "object": "model", "owned_by": "openai", "shutdown_date": None},
    ],
}

VLLM: dict[str, Any] = {
    "object": "list",
    "data": [{"id": "Qwen/Qwen3-VL-8B", "object": "model", "max_model_len": 32768}],
}
