"""Sentences for people: `_()` marks and translates them; English until catalogues arrive."""

import gettext
from collections.abc import Mapping
from contextvars import ContextVar

# The locale in force belongs to one event (an interaction, a message), so it travels with its task.
_locale: ContextVar[str] = ContextVar("locale", default="en-US")

_catalogues: dict[str, gettext.NullTranslations] = {"en": gettext.NullTranslations()}


def use_locale(locale: str) -> None:
    """Put `locale` (a Discord locale such as `pt-BR`) in force for the current task."""
    _locale.set(locale)


def current_locale() -> str:
    """Give the Discord locale in force for the current task."""
    return _locale.get()


def _catalogue() -> gettext.NullTranslations:
    locale = _locale.get()
    return _catalogues.get(locale) or _catalogues.get(locale.split("-")[0]) or _catalogues["en"]


def _(sentence: str) -> str:
    """Translate a sentence into the locale in force."""
    return _catalogue().gettext(sentence)


def N_(sentence: str) -> str:  # noqa: N802 - gettext's own name for it
    """Mark a sentence for the catalogues where it stands, to be translated later."""
    return sentence


def ngettext(one: str, many: str, count: int) -> str:
    """Translate a sentence that counts something, with the plural form `count` asks for."""
    return _catalogue().ngettext(one, many, count)


LANGUAGES: Mapping[str, str] = {
    "bg": "Bulgarian",
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en-GB": "British English",
    "en-US": "English",
    "es-419": "Latin American Spanish",
    "es-ES": "Spanish",
    "fi": "Finnish",
    "fr": "French",
    "hi": "Hindi",
    "hr": "Croatian",
    "hu": "Hungarian",
    "id": "Indonesian",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "lt": "Lithuanian",
    "nl": "Dutch",
    "no": "Norwegian",
    "pl": "Polish",
    "pt-BR": "Brazilian Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sv-SE": "Swedish",
    "th": "Thai",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "vi": "Vietnamese",
    "zh-CN": "Simplified Chinese",
    "zh-TW": "Traditional Chinese",
}
"""Discord's locales, in the words a model understands best."""


def language_name(locale: str) -> str:
    """Give the English name of a Discord locale's language; English for one we don't know."""
    return LANGUAGES.get(locale, "English")
