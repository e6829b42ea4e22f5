from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from bot.db.keys import SecretBox
from bot.errors import ConfigError, StorageError

HERE, THERE = "turns.exchange:1", "turns.exchange:2"


def a_key() -> str:
    return Fernet.generate_key().decode()


@pytest.mark.parametrize("text", ["", "hello", "a\0b", "löße 🧾", "lone \ud800 surrogate"])
def test_what_was_sealed_opens_in_its_place(tmp_path: Path, text: str) -> None:
    box = SecretBox.load((), tmp_path)
    assert box.open(box.seal(text, bound_to=HERE), bound_to=HERE) == text


def test_what_was_moved_to_another_row_does_not_open(tmp_path: Path) -> None:
    box = SecretBox.load((), tmp_path)
    assert box.open(box.seal("secret", bound_to=HERE), bound_to=THERE) is None


def test_sealed_data_does_not_show_the_text(tmp_path: Path) -> None:
    assert b"canary" not in SecretBox.load((), tmp_path).seal("canary", bound_to=HERE)


def test_damaged_data_does_not_open(tmp_path: Path) -> None:
    box = SecretBox.load((), tmp_path)
    sealed = box.seal("secret", bound_to=HERE)
    assert box.open(sealed[:-8] + b"AAAAAAA=", bound_to=HERE) is None
    assert box.open(b"", bound_to=HERE) is None


def test_the_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    sealed = SecretBox.load((), folder).seal("secret", bound_to=HERE)
    assert (folder / "secret.key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in folder.iterdir()] == ["secret.key"]
    assert SecretBox.load((), folder).open(sealed, bound_to=HERE) == "secret"


def test_configured_keys_rotate_the_first_one_seals(tmp_path: Path) -> None:
    old, new = a_key(), a_key()
    sealed = SecretBox.load((old,), tmp_path).seal("secret", bound_to=HERE)
    both = SecretBox.load((new, old), tmp_path)
    assert both.open(sealed, bound_to=HERE) == "secret"
    fresh = both.seal("secret", bound_to=HERE)
    assert SecretBox.load((new,), tmp_path).open(fresh, bound_to=HERE) == "secret"
    assert SecretBox.load((new,), tmp_path).open(sealed, bound_to=HERE) is None
    assert not (tmp_path / "secret.key").exists()


def test_a_configured_key_that_is_none_is_named_by_its_place_not_its_value(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="entry 2") as caught:
        SecretBox.load((a_key(), "hunter2"), tmp_path)
    assert "hunter2" not in caught.value.sentence


def test_a_damaged_key_file_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text("garbage")
    with pytest.raises(StorageError, match=r"secret\.key"):
        SecretBox.load((), tmp_path)
    assert (tmp_path / "secret.key").read_text() == "garbage"


def test_a_fingerprint_tells_secrets_apart_and_tells_none(tmp_path: Path) -> None:
    box, other = SecretBox.load((a_key(),), tmp_path), SecretBox.load((a_key(),), tmp_path)
    assert box.fingerprint("sk-one") == box.fingerprint("sk-one")
    assert len({box.fingerprint("sk-one"), box.fingerprint("sk-two")}) == 2
    assert box.fingerprint("sk-one") != other.fingerprint("sk-one")
    assert len(box.fingerprint("sk-one")) == 32
