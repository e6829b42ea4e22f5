"""`vidi doctor`: everything the bot needs, checked for real, a line each."""

from collections.abc import AsyncIterator
from typing import NamedTuple

import httpx

from bot.catalog.catalog import Catalog
from bot.catalog.loader import load
from bot.catalog.types import Endpoint, Provider
from bot.client import probe
from bot.config import Config
from bot.core import open_net
from bot.db.engine import Database
from bot.db.keys import SecretBox
from bot.errors import StartupError, VidiError
from bot.i18n import _
from bot.net import Net
from bot.reader import Reader


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
        print(check)
    print(_("Vidi can run.") if works else _("Vidi can't run: see what FAILED above."))
    return 0 if works else 1


async def _checks(config: Config) -> AsyncIterator[Check]:
    yield await _token(config)
    yield await _storage(config)
    try:
        catalog = load(config.environ, config.catalog_dir)
    except StartupError as error:
        yield Check(passed=False, line=error.sentence)
        return
    yield _reader()
    async with open_net(config, catalog) as net:
        for provider in catalog.providers.values():
            if provider.kind == "http" and (endpoint := catalog.endpoint(provider)):
                yield await _provider(net, provider, endpoint)
    yield _model(config, catalog)


async def _token(config: Config) -> Check:
    try:
        found = await probe(config)
    except StartupError as error:
        return Check(passed=False, line=error.sentence)
    content = (
        _("message content is on")
        if found.message_content
        else _("message content is off: replying to somebody else's picture won't work")
    )
    return Check(passed=True, line=f"Discord: {found.name}, {content}")


async def _storage(config: Config) -> Check:
    try:
        SecretBox.load(config.secret_keys, config.data_dir)
        async with Database.open(config.database_url, config.data_dir):
            pass
    except StartupError as error:
        return Check(passed=False, line=error.sentence)
    return Check(
        passed=True, line=_("Database and keys: ready in {folder}").format(folder=config.data_dir)
    )


def _reader() -> Check:
    if Reader.installed():
        return Check(passed=True, line=_("Built-in reader: installed"))
    return Check(
        passed=False,
        needed=False,
        line=_('Built-in reader: not installed (pip install "vidi[reader]")'),
    )


async def _provider(net: Net, provider: Provider, endpoint: Endpoint) -> Check:
    """Ask for the list of models: free, and most providers want the key for it."""
    url = f"{endpoint.base_url}/models"
    headers = {"Authorization": f"Bearer {endpoint.key}"} if endpoint.key else {}
    try:
        response = await net.http(url).get(url, headers=headers, timeout=10)
    except (httpx.HTTPError, OSError, VidiError):
        line = _("{provider}: {host} can't be reached")
        return Check(False, line.format(provider=provider.label, host=endpoint.host), needed=False)
    line, passed = _meaning(response.status_code)
    return Check(passed, line.format(provider=provider.label, host=endpoint.host), needed=False)


def _meaning(status: int) -> tuple[str, bool]:
    if status < 300:
        return _("{provider}: {host} answers"), True
    if status in {401, 403}:
        return _("{provider}: {host} does not accept the key"), False
    return _("{provider}: {host} answers with an error to the list of models"), False


def _model(config: Config, catalog: Catalog) -> Check:
    try:
        model = catalog.resolve(catalog.default(config.default_model).id)
    except VidiError as error:
        return Check(passed=False, line=error.sentence)
    if model.provider.kind == "local" and not Reader.installed():
        return Check(passed=False, line=_("No model: set a provider's key in .env."))
    return Check(passed=True, line=_("Model: {model} answers by default").format(model=model.id))
