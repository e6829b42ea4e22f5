"""The states in which a question ends, in words."""

from collections.abc import Iterator

from bot.errors import ProviderError
from bot.i18n import N_, _

_OTHERS = {
    "failed:error": N_("Something went wrong inside this bot."),
    "failed:interrupted": N_("This bot was restarted meanwhile."),
    "refused:model": N_("The model declined to answer."),
    "refused:picture": N_("No picture could be opened."),
    "refused:expired": N_("The picture's link no longer worked."),
    "refused:reader": N_("The built-in reader isn't installed."),
    "refused:unscreened": N_("The guard could not look at it."),
    "cancelled:shutdown": N_("This bot was being restarted."),
    "cancelled:question_deleted": N_("The question was deleted meanwhile."),
    "cancelled:answer_deleted": N_("The answer was deleted meanwhile."),
    "failed:rate_limited": N_("The provider had too many requests."),
}


def state_text(state: str) -> str:
    """Say how a question ended without a whole answer; the state itself where no words exist."""
    return _(_SAID[state]) if state in _SAID else state


def _kinds(kind: type[ProviderError]) -> Iterator[type[ProviderError]]:
    yield kind
    for further in kind.__subclasses__():
        yield from _kinds(further)


_SAID = {kind.state: kind.said for kind in _kinds(ProviderError)} | _OTHERS
