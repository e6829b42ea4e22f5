"""Sealing: what is secret lies in the database only encrypted, with keys that are not in it."""

import hmac
import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from bot.errors import ConfigError, StorageError
from bot.i18n import _

_BOUND = b"\0"


class SecretBox:
    """Seals text for one place: what is copied into another row does not open there."""

    def __init__(self, fernet: MultiFernet, pepper: bytes) -> None:
        self._fernet = fernet
        self._pepper = pepper

    @classmethod
    def load(cls, keys: tuple[str, ...], data_dir: Path) -> "SecretBox":
        """Take Fernet keys, the first of which seals; without any, those of `<data_dir>/secret.key`
        (made when missing). ConfigError or StorageError when one is no key."""
        if keys:
            fernets = [_configured(key, n) for n, key in enumerate(keys, 1)]
            return cls(MultiFernet(fernets), keys[0].encode())
        fernet, key = _kept(data_dir / "secret.key")
        return cls(MultiFernet([fernet]), key)

    def seal(self, text: str, *, bound_to: str) -> bytes:
        """Encrypt `text` for one place, named `table.column:id`."""
        return self._fernet.encrypt(
            bound_to.encode() + _BOUND + text.encode(errors="surrogatepass")
        )

    def open(self, data: bytes, *, bound_to: str) -> str | None:
        """Decrypt what was sealed for this place; None when no key fits or it was moved."""
        try:
            place, _zero, text = self._fernet.decrypt(data).partition(_BOUND)
        except InvalidToken:
            return None
        return text.decode(errors="surrogatepass") if place == bound_to.encode() else None

    def fingerprint(self, text: str) -> str:
        """Give 32 hex digits by which a secret is known again and that don't tell it."""
        return hmac.digest(self._pepper, text.encode(), "sha256").hex()[:32]


def _configured(key: str, position: int) -> Fernet:
    try:
        return Fernet(key)
    except ValueError as error:
        raise ConfigError(
            _(
                "VIDI_SECRET_KEYS: entry {position} is no key. Make one with: "
                "openssl rand -base64 32 | tr '+/' '-_'"
            ).format(position=position)
        ) from error


def _kept(path: Path) -> tuple[Fernet, bytes]:
    try:
        if not path.exists():
            _make(path)
        key = path.read_bytes().strip()
        return Fernet(key), key
    except OSError as error:
        raise StorageError(
            _("The key file {path} can't be used: {problem}.").format(
                path=path, problem=error.strerror
            )
        ) from error
    except ValueError as error:
        raise StorageError(
            _(
                "{path} holds no key. Restore it from a backup, or remove it to start with a new "
                "one: then what was sealed with the old one can't be read any more."
            ).format(path=path)
        ) from error


def _make(path: Path) -> None:
    # Written whole under another name first: a crash leaves no half key, and a racing process
    # finds the name taken and reads the other's key.
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(Fernet.generate_key() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
