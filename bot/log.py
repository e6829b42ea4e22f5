"""What the operator reads: one line an event, console or JSON, without secrets."""

import datetime as dt
import json
import logging
import sys

from bot.config import Config
from bot.net import redact

# Below WARNING these write whole URLs, bodies and tokens, or what nobody needs to know.
_TALKATIVE = (
    "aiosqlite",
    "alembic",
    "httpx",
    "httpcore",
    "discord.http",
    "discord.webhook.async_",
    "discord.gateway",
)


class _ConsoleFormatter(logging.Formatter):
    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


class _JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redact(record.getMessage()),
        }
        if record.exc_info:
            line["exception"] = redact(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


def configure(config: Config, *, quiet: bool) -> None:
    """Send the log to stderr; `quiet` keeps warnings only."""
    console = config.log_format == "console" or (not config.log_format and sys.stderr.isatty())
    handler = logging.StreamHandler()
    handler.setFormatter(_ConsoleFormatter() if console else _JsonFormatter())
    level = logging.WARNING if quiet else logging.getLevelNamesMapping()[config.log_level.upper()]
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
