"""Every error Vidi raises on purpose.

VidiError
  x StartupError                  the process can't start; printed, exit status 1
    + ConfigError (environment)  + CatalogError (provider file)  + StorageError (database)
  x QuestionError                 everything `VisionService.ask` may raise
    + Refused(code)               decided here, before a provider was asked
      - NoPicture  - ModelUnavailable  - NotOffered  - QuotaExceeded  - StorageBusy
      - PictureRefused > PictureExpired  - ReaderMissing  - Unsafe, Unscreened (the screen)
    + ProviderError(status)       the provider said no, or nothing; `sent` tells whether the
                                  request can have cost money
      - KeyRejected 401/403       - NoCredit 402           - RateLimited 429 (retry_after)
      - ModelGone 404             - PictureNotFetched      - PictureUnreadable
      - PictureUnsupported        - RequestTooLarge 413    - RequestRejected 400/422 (field)
      - ContentFiltered           - Unreachable > Insecure - TimedOut
      - ProviderDown 5xx          - BadReply
    + Interrupted(reason)         stopped by a person, a deletion, a shutdown

`str(error)` is for the log. What a person may read is `user_message(error)`: provider bodies,
keys and addresses never are in it.
"""

import secrets
from typing import ClassVar

from bot.i18n import N_, _


class VidiError(Exception):
    """Anything Vidi raises on purpose."""

    said: ClassVar[str] = N_("Something went wrong. Try again in a moment.")

    @property
    def sentence(self) -> str:
        """What a person may read: what happened and what to do next."""
        return _(self.said)


class _Said(VidiError):
    """An error that is raised with the sentence for people itself."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)

    @property
    def sentence(self) -> str:
        return str(self)


class StartupError(_Said):
    """The process can't start; `sentence` says what to do."""


class ConfigError(StartupError):
    """An environment value is missing or wrong."""


class CatalogError(StartupError):
    """A provider file is wrong; the sentence names file and key."""


class StorageError(StartupError):
    """The database can't be used."""


class QuestionError(VidiError):
    """A question that ends without an answer."""

    state: ClassVar[str] = "failed:error"


class Refused(_Said, QuestionError):
    """Vidi itself says no, before any provider is asked; nothing is charged."""

    state: ClassVar[str] = "refused:policy"


class NoPicture(Refused):
    """Nothing to look at."""

    state = "refused:no_picture"


class ModelUnavailable(Refused):
    """The model is unknown, retired, blind or has no key."""

    state = "refused:unavailable"


class NotOffered(Refused):
    """A member asked for a model that moderators don't offer."""

    state = "refused:not_offered"


class QuotaExceeded(Refused):
    """Too many questions, or too much money, for now."""

    state = "refused:quota"


class PictureRefused(Refused):
    """No picture of the question can be sent."""

    state = "refused:picture"


class PictureExpired(PictureRefused):
    """The picture's link no longer works."""

    state = "refused:expired"


class ReaderMissing(Refused):
    """The built-in reader isn't installed."""

    state = "refused:reader"


class StorageBusy(Refused):
    """Nothing can be written down, so nothing is asked."""

    state = "refused:storage"


class ProviderError(QuestionError):
    """The provider's no. `detail` is for the log, `text` what had arrived before it; `sent` is
    False if the provider certainly never got the request."""

    state = "failed:provider"
    said = N_("The model's provider failed. Try again in a moment.")

    def __init__(
        self, detail: str, *, status: int | None = None, sent: bool = True, text: str = ""
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.status = status
        self.sent = sent
        self.text = text


class KeyRejected(ProviderError):
    """401, or 403 about the key."""

    state = "failed:key"
    said = N_("The provider did not accept the key. Whoever entered it must set a working one.")


class NoCredit(ProviderError):
    """402, or whatever the provider says when the account is empty."""

    state = "failed:no_credit"
    said = N_(
        "The account at the model's provider has no credit left. "
        "Whoever pays for it must top it up, or a moderator can choose another model."
    )


class RateLimited(ProviderError):
    """429. `retry_after` in seconds, None when the provider did not say."""

    state = "failed:rate_limited"

    def __init__(
        self, detail: str, *, retry_after: float | None = None, status: int | None = 429
    ) -> None:
        super().__init__(detail, status=status)
        self.retry_after = retry_after

    @property
    def sentence(self) -> str:
        seconds = max(1, round(self.retry_after or 60))
        return _("The model is busy. Try again in {seconds} s.").format(seconds=seconds)


class ModelGone(ProviderError):
    """The provider doesn't know the model (any more)."""

    state = "failed:model_gone"
    said = N_(
        "The provider no longer has this model. "
        "A moderator can choose another with /settings model."
    )


class PictureNotFetched(ProviderError):
    """The provider could not download the picture's link."""

    state = "failed:picture_not_fetched"
    said = N_("The model could not fetch the picture. Send it again and ask once more.")


class PictureUnreadable(ProviderError):
    """The provider got the picture and can't read it."""

    state = "failed:picture_unreadable"
    said = N_("The model could not read this picture. Try it as PNG or JPEG.")


class PictureUnsupported(ProviderError):
    """The model takes text only."""

    state = "failed:blind"
    said = N_("This model can't see pictures. A moderator can choose another with /settings model.")


class RequestTooLarge(ProviderError):
    """413, or too many tokens or bytes in other words."""

    state = "failed:too_large"
    said = N_("That is too much for the model at once. Use fewer or smaller pictures.")


class RequestRejected(ProviderError):
    """400 or 422. `field` is the request field the provider named, if it named one."""

    state = "failed:rejected"

    def __init__(self, detail: str, *, status: int | None = 400, field: str | None = None) -> None:
        super().__init__(detail, status=status)
        self.field = field

    said = N_(
        "The model's provider did not accept the request. "
        "A moderator can choose another model with /settings model."
    )


class ContentFiltered(ProviderError):
    """The provider's filter stopped it."""

    state = "failed:filtered"
    said = N_("The model's provider does not answer this: its content filter stopped it.")


class Unreachable(ProviderError):
    """No connection: name, route, refused or an address that isn't allowed."""

    state = "failed:unreachable"
    said = N_("The model's server can't be reached. Try again later.")


class Insecure(Unreachable):
    """TLS failed: the key was not sent."""

    state = "failed:insecure"
    said = N_("The model's server has no valid certificate. Tell whoever runs this bot.")


class TimedOut(ProviderError):
    """Connected, but nothing meaningful came in time."""

    state = "failed:timeout"
    said = N_("The model did not answer in time. Try again in a moment.")


class ProviderDown(ProviderError):
    """5xx, overloaded, loading."""

    state = "failed:provider_down"
    said = N_("The model's provider has a problem at the moment. Try again later.")


class BadReply(ProviderError):
    """A reply that can't be understood, or has no text in it."""

    state = "failed:bad_reply"
    said = N_("The model returned no text. Try again, or ask in other words.")


class Interrupted(QuestionError):
    """Stopped by a person, a deletion or a shutdown; `reason` says which."""

    said = N_("Stopped.")

    def __init__(self, reason: str, text: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.text = text


def user_message(error: BaseException) -> str:
    """Give the sentence a person may read; unknown errors get a reference found in the log."""
    if isinstance(error, VidiError):
        return error.sentence
    return _("Something went wrong (reference {reference}). Try again in a moment.").format(
        reference=reference_of(error)
    )


def reference_of(error: BaseException) -> str:
    """Give the short reference under which this error stands in the log."""
    for note in getattr(error, "__notes__", ()):
        if note.startswith("reference "):
            return note.removeprefix("reference ")
    reference = secrets.token_hex(3)
    error.add_note(f"reference {reference}")
    return reference
