"""Reads the provider files: TOML -> Provider and Model, merged once and checked as a whole.

A row inherits once, key by key: dataclass default < the file's [defaults] < the row."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec

from bot.catalog.catalog import Catalog
from bot.catalog.types import OWN, Model, Provider
from bot.errors import CatalogError, ConfigError
from bot.i18n import _

_Table = dict[str, Any]
_T = TypeVar("_T")

_plain_json = msgspec.json.Encoder(decimal_format="number")


def load(environ: Mapping[str, str], extra_dir: Path | None = None) -> Catalog:
    """Give the catalog of the shipped files, then of those in `extra_dir`.

    Raises CatalogError naming file and key, ConfigError for a wrong base URL or key."""
    files = _files(resources.files("bot.catalog") / "data")
    if extra_dir is not None:
        files += _files(extra_dir)
    providers: dict[str, Provider] = {}
    models: dict[str, Model] = {}
    taken: set[str] = set()
    for file in files:
        provider = file.provider
        _claim(taken, file, "provider.id", provider.id)
        _check_environ(provider, environ)
        providers[provider.id] = provider
        for place, model in _models(file, environ):
            for name in (model.id, *model.aliases):
                _claim(taken, file, place, name)
            models[model.id] = model
    _check_successors(models)
    templates = {file.provider.id: _template(file) for file in files if file.provider.any_model}
    return Catalog(providers, models, environ, templates)


def _files(folder: Traversable) -> "list[_File]":
    try:
        found = [file for file in folder.iterdir() if file.name.endswith(".toml")]
    except OSError as error:
        raise CatalogError(
            _("VIDI_CATALOG_DIR: the folder “{folder}” can't be read.").format(folder=folder)
        ) from error
    return sorted(map(_read, found), key=lambda file: (file.provider.rank, file.provider.id))


def _claim(taken: set[str], file: "_File", place: str, name: str) -> None:
    if name in taken:
        raise _wrong(file.name, place, _("“{name}” is there twice").format(name=name))
    taken.add(name)


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    provider: Provider
    defaults: _Table
    rows: list[_Table]


def _read(file: Traversable) -> _File:
    try:
        table: _Table = tomllib.loads(file.read_text("utf-8"), parse_float=Decimal)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CatalogError(f"{file.name}: {error}") from error
    for key in table.keys() - {"provider", "defaults", "models"}:
        raise _wrong(file.name, "", _unknown(key))
    provider = _convert(file.name, "provider", table.get("provider", {}), Provider)
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", provider.id):
        raise _wrong(file.name, "provider.id", _("use lower-case letters, digits and hyphens"))
    if provider.id == OWN:
        raise _wrong(file.name, "provider.id", _("“own” is taken by servers' own endpoints"))
    if provider.base_url and not is_url(provider.base_url):
        raise _wrong(file.name, "provider.base_url", _("it must begin with http:// or https://"))
    return _File(
        file.name,
        provider,
        _convert(file.name, "defaults", table.get("defaults", {}), dict[str, Any]),
        _convert(file.name, "models", table.get("models", []), list[dict[str, Any]]),
    )


def _models(file: _File, environ: Mapping[str, str]) -> Iterator[tuple[str, Model]]:
    for number, row in enumerate(file.rows):
        place = f"models[{number}]"
        yield place, _model(file, place, file.defaults | row)
    for name in environ.get(file.provider.models_env, "").split(","):
        if name.strip():
            table = file.defaults | {"name": name.strip(), "label": name.strip()}
            yield file.provider.models_env, _model(file, file.provider.models_env, table)


def _template(file: _File) -> Model:
    return _model(file, "defaults", file.defaults | {"name": "any", "label": "any"})


def _model(file: _File, place: str, table: _Table) -> Model:
    facts = {
        "provider": file.provider,
        "id": f"{file.provider.id}/{table.get('name', '')}",
        **table,
    }
    aliases = _convert(file.name, f"{place}: aliases", table.get("aliases", []), list[str])
    facts["aliases"] = tuple(f"{file.provider.id}/{name}" for name in aliases)
    if "extra_body" in table:
        facts["extra_body"] = _plain(file, place, table["extra_body"])
    for key in table.keys() & {"id", "provider", "listed", "found", "from_list"}:
        raise _wrong(file.name, place, _unknown(key))
    return _convert(file.name, place, facts, Model)


def _plain(file: _File, place: str, extra_body: object) -> object:
    """Give numbers for Decimals, which would go out as text."""
    try:
        return msgspec.json.decode(_plain_json.encode(extra_body))
    except msgspec.DecodeError as error:
        problem = _("use numbers that JSON has")
        raise _wrong(file.name, f"{place}: extra_body", problem) from error


def _convert(file: str, place: str, value: object, kind: type[_T]) -> _T:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise _wrong(file, place, _said(str(error))) from error


def _said(error: str) -> str:
    """Put msgspec's message the way round that our sentences have it: key, then problem."""
    problem, _at, path = error.partition(" - at `$")
    key = path.strip("`.")
    if unknown := re.fullmatch(r"Object contains unknown field `(.+)`", problem):
        problem = _unknown(unknown[1])
    elif missing := re.fullmatch(r"Object missing required field `(.+)`", problem):
        problem = _("“{key}” is missing").format(key=missing[1])
    return f"{key}: {problem}" if key else problem


def _unknown(key: str) -> str:
    return _('unknown key "{key}"').format(key=key)


def _wrong(file: str, place: str, problem: str) -> CatalogError:
    return CatalogError(": ".join(part for part in (file, place, problem) if part))


def _check_successors(models: Mapping[str, Model]) -> None:
    for model in models.values():
        if model.successor is not None and model.successor not in models:
            raise _wrong(model.id, "successor", _unknown(model.successor))


def _check_environ(provider: Provider, environ: Mapping[str, str]) -> None:
    url = environ.get(provider.base_url_env, "").strip()
    if url and not is_url(url):
        raise ConfigError(
            _("{name} is “{url}”; it must begin with http:// or https://.").format(
                name=provider.base_url_env, url=url
            )
        )
    for name in provider.api_key_env:
        if re.search(r"[^!-~]", environ.get(name, "").strip()):
            raise ConfigError(_("{name} has characters that no key has.").format(name=name))


def is_url(url: str) -> bool:
    """Tell whether this is an address of the web with a host and a possible port."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # no valid port, or a broken IPv6 address
        return False
