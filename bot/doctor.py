"""`vidi doctor`: everything the bot needs, checked for real, a line each."""

from collections.abc import AsyncIterator
from typing import NamedTuple

import aiohttp
import httpx

from bot.catalog.loader import load
from bot.catalog.types import Endpoint, Model, Provider
from bot.client import probe
from bot.config import Config
from bot.core import open_net
from bot.db.engine import Database
from bot.db.keys import SecretBox
from bot.db.lock import DatabaseInUse
from bot.errors import ModelUnavailable, StartupError, VidiError
from bot.i18n import _
from bot.net import Net
from bot.reader import Reader

PATIENCE = 10.0  # seconds for one request


class Check(NamedTuple):
    """One line of the doctor's: passed or not, and whether the bot can work without it."""

    passed: bool
    line: str
    needed: bool = True

    def __str__(self) -> str:
        mark = _("ok") if self.passed else _("FAILED") if self.needed else _("note")
        return f"{mark:>6}  {self.line}"


async def doctor(config: Config) -> int:
    """Print what works and what doesn't; 0 if the bot could work, else 1."""
    works = True
    async for check in _checks(config):
        works = works and (check.passed or not check.needed)
        print(check, flush=True)
    print(_("Vidi can run.") if works else _("Vidi can't run: see what FAILED above."))
    return 0 if works else 1


async def _checks(config: Config) -> AsyncIterator[Check]:
    async for check in _discord(config):
        yield check
    yield await _storage(config)
    yield _reader()
    try:
        catalog = load(config.environ, config.catalog_dir)
        model = catalog.default(config.default_model)
    except (StartupError, ModelUnavailable) as error:
        yield Check(False, error.sentence)
        return
    async with open_net(config, catalog) as net:
        for provider in catalog.providers.values():
            if provider.kind == "http" and (endpoint := catalog.endpoint(provider)):
                needed = provider == model.provider
                yield await _provider(net, provider, endpoint, needed=needed)
    yield _default(model)


async def _discord(config: Config) -> AsyncIterator[Check]:
    try:
        found = await probe(config)
    except StartupError as error:
        yield Check(False, error.sentence)
        return
    yield Check(True, _("Discord: the token is that of {name}").format(name=found.name))
    if found.message_content:
        yield Check(True, _("Message content: switched on at Discord"))
    elif config.message_content == "on":
        yield Check(False, _("Message content: VIDI_MESSAGE_CONTENT=on, but off at Discord"))
    else:
        line = _("Message content: off, so replying to somebody else's picture won't work")
        yield Check(False, line, needed=False)


async def _storage(config: Config) -> Check:
    try:
        SecretBox.load(config.secret_keys, config.data_dir)
        async with Database.open(config.database_url, config.data_dir):
            pass
    except DatabaseInUse:
        return Check(False, _("Database: in use by a Vidi that is running now"), needed=False)
    except StartupError as error:
        return Check(False, error.sentence)
    return Check(True, _("Database and keys: ready in {folder}").format(folder=config.data_dir))


def _reader() -> Check:
    if Reader.installed():
        return Check(True, _("Built-in reader: installed"))
    line = _('Built-in reader: not installed (pip install "vidi[reader]")')
    return Check(False, line, needed=False)


async def _provider(net: Net, provider: Provider, endpoint: Endpoint, *, needed: bool) -> Check:
    """Ask for the list of models: free, and most providers want the key for it.

    `needed` is whether questions go to this provider by default."""
    try:
        status = await _list_models(net, endpoint, endpoint.key)
        checks_key = bool(endpoint.key) and await _list_models(net, endpoint, None) in (401, 403)
    except (httpx.HTTPError, aiohttp.ClientError, OSError, VidiError):
        passed, line = False, _("{provider}: {host} can't be reached")
    else:
        passed, needed, line = _meaning(status, needed=needed, checks_key=checks_key)
    return Check(passed, line.format(provider=provider.label, host=endpoint.host), needed)


async def _list_models(net: Net, endpoint: Endpoint, key: str | None) -> int:
    url = f"{endpoint.base_url}/models"
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    async with net.http(url).stream("GET", url, headers=headers, timeout=PATIENCE) as response:
        return response.status_code


def _meaning(status: int, *, needed: bool, checks_key: bool) -> tuple[bool, bool, str]:
    """Give whether that is fine, whether it matters, and the line that says so."""
    if status in (401, 403):
        return False, needed, _("{provider}: {host} does not accept the key")
    if status >= 300:
        # Not every server lists its models; that says nothing about questions.
        return False, False, _("{provider}: {host} answers, but gives no list of models")
    if checks_key:
        return True, needed, _("{provider}: {host} accepts the key")
    return True, needed, _("{provider}: {host} answers")


def _default(model: Model) -> Check:
    if model.provider.kind == "local" and not Reader.installed():
        return Check(False, _("No model: set a provider's key in .env."))
    return Check(True, _("Model: {model} answers by default").format(model=model.id))
