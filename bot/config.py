"""Config: what the process's environment says, read once."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dotenv import dotenv_values

from bot.errors import ConfigError
from bot.i18n import _

DISCORD_API = "https://discord.com/api/v10"
DISCORD_HOSTS = "cdn.discordapp.com,media.discordapp.net"

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Config:
    """The process's environment. `environ` is kept for the names that provider files bring."""

    environ: Mapping[str, str] = field(repr=False)
    token: str | None = field(repr=False)
    data_dir: Path
    database_url: str = field(repr=False)
    secret_keys: tuple[str, ...] = field(repr=False)
    default_model: str | None
    catalog_dir: Path | None
    attachment_hosts: frozenset[str]
    discord_api_url: str
    message_content: str
    """`auto`, `on` or `off`."""
    trusted_networks: tuple[Network, ...]
    dm_daily: int
    owner_ids: frozenset[int]
    log_level: str
    log_format: str
    """`console`, `json`, or empty: console on a terminal, else json."""

    @classmethod
    def load(cls, environ: Mapping[str, str], env_file: Path | None = None) -> "Config":
        """Read the environment over an optional `.env` file; ConfigError names what is wrong."""
        file_values = dotenv_values(env_file) if env_file and env_file.is_file() else {}
        env = {k: v for k, v in file_values.items() if v} | {k: v for k, v in environ.items() if v}
        data_dir = Path(env.get("VIDI_DATA_DIR", "data"))
        return cls(
            environ=env,
            token=env.get("DISCORD_TOKEN"),
            data_dir=data_dir,
            database_url=env.get(
                "VIDI_DATABASE_URL", f"sqlite+aiosqlite:///{data_dir / 'vidi.db'}"
            ),
            secret_keys=_words(env.get("VIDI_SECRET_KEYS", "")),
            default_model=env.get("VIDI_DEFAULT_MODEL"),
            catalog_dir=Path(env["VIDI_CATALOG_DIR"]) if "VIDI_CATALOG_DIR" in env else None,
            attachment_hosts=frozenset(_words(env.get("VIDI_ATTACHMENT_HOSTS", DISCORD_HOSTS))),
            discord_api_url=env.get("VIDI_DISCORD_API_URL", DISCORD_API).rstrip("/"),
            message_content=_choice(env, "VIDI_MESSAGE_CONTENT", ("auto", "on", "off"), "auto"),
            trusted_networks=_networks(env.get("VIDI_TRUSTED_NETWORKS", "")),
            dm_daily=_number(env, "VIDI_DM_DAILY", 20),
            owner_ids=frozenset(_ids(env.get("VIDI_OWNER_IDS", ""))),
            log_level=_choice(env, "VIDI_LOG_LEVEL", ("debug", "info", "warning", "error"), "info"),
            log_format=_choice(env, "VIDI_LOG_FORMAT", ("", "console", "json"), ""),
        )

    def first(self, names: tuple[str, ...]) -> str | None:
        """Give the value of the first of these environment names that is set."""
        return next((self.environ[name] for name in names if name in self.environ), None)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _choice(env: Mapping[str, str], name: str, allowed: tuple[str, ...], default: str) -> str:
    value = env.get(name, default).lower()
    if value not in allowed:
        raise ConfigError(
            _("{name} is “{value}”; it can be {allowed}.").format(
                name=name, value=value, allowed=", ".join(word for word in allowed if word)
            )
        )
    return value


def _number(env: Mapping[str, str], name: str, default: int) -> int:
    value = env.get(name, str(default))
    if not value.isdecimal():
        raise ConfigError(
            _("{name} is “{value}”; it must be a whole number.").format(name=name, value=value)
        )
    return int(value)


def _ids(text: str) -> tuple[int, ...]:
    words = _words(text)
    if not all(word.isdecimal() for word in words):
        raise ConfigError(_("VIDI_OWNER_IDS must be Discord user ids, separated by commas."))
    return tuple(int(word) for word in words)


def _networks(text: str) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(word, strict=False) for word in _words(text))
    except ValueError as error:
        raise ConfigError(
            _("VIDI_TRUSTED_NETWORKS: {problem}. Write networks like 192.168.1.0/24.").format(
                problem=error
            )
        ) from error
