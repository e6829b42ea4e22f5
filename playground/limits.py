"""What Discord accepts as a message: lengths, files, flags, mentions. Refusals are ApiErrors."""

from collections.abc import Iterable, Mapping, Sequence

from playground.commands_rules import check_choices, check_commands
from playground.components import check_layout, check_rows, check_url, overflows
from playground.errors import ApiError, Code
from playground.forms import Form, node_at, nodes_at
from playground.forms import Node as Payload
from playground.modals import check_modal

__all__ = ["check_choices", "check_commands", "check_message", "check_modal"]

SUPPRESS_EMBEDS, EPHEMERAL, SUPPRESS_NOTIFICATIONS, COMPONENTS_V2 = 1 << 2, 1 << 6, 1 << 12, 1 << 15
MAX_FILE, MAX_REQUEST = 10 << 20, 25 << 20
_MENTION_KINDS = ("users", "roles", "everyone")
_EMBED_TEXTS = (("title", 256), ("description", 4096), ("author.name", 256), ("footer.text", 2048))
_FORWARD = 1


def check_message(
    payload: Payload,
    *,
    files: int,
    file_sizes: Sequence[int],
    editing: bool,
    existing: Payload | None,
    interaction: bool = False,
) -> None:
    """Check a message to be sent, or an edit of `existing`; raises the ApiError Discord would.

    `interaction` allows the ephemeral flag, on responses and follow-ups. Fields that Discord does
    not know are ignored, as it does.
    """
    check_files(file_sizes)
    kept = existing or {}
    merged = {**kept, **payload}
    flags = _flags(payload) | _flags(kept)
    form = Form()
    _check_flags(form, payload, kept, editing=editing, interaction=interaction)
    form.text("content", payload.get("content"), 0, 2000)
    form.text("nonce", _as_text(payload.get("nonce")), 0, 25)
    _check_embeds(form, payload.get("embeds"))
    _check_mentions(form, node_at(payload, "allowed_mentions"))
    names = _check_attachments(form, payload, files, kept)
    if flags & COMPONENTS_V2:
        _check_no_legacy(form, merged)
        if "components" in payload or not editing:
            check_layout(form, payload.get("components"), names)
    else:
        check_rows(form, payload.get("components"))
    form.done()
    if flags & COMPONENTS_V2 and overflows(nodes_at(payload, "components")):
        raise ApiError.http(500)
    if _is_empty(merged, files, forwarding=_is_forward(payload)):
        raise ApiError.of(Code.EMPTY_MESSAGE)


def check_files(sizes: Sequence[int]) -> None:
    """Check uploaded files by size in bytes: 10 MiB each, 25 MiB together, ten of them."""
    if len(sizes) > 10:
        raise ApiError.of(Code.TOO_MANY_ATTACHMENTS)
    if sum(sizes) > MAX_REQUEST or any(size > MAX_FILE for size in sizes):
        raise ApiError.of(Code.REQUEST_TOO_LARGE)


def _flags(payload: Payload) -> int:
    value = payload.get("flags")
    return value if isinstance(value, int) else 0


def _check_flags(
    form: Form, payload: Payload, kept: Payload, *, editing: bool, interaction: bool
) -> None:
    allowed = SUPPRESS_EMBEDS | COMPONENTS_V2 | _flags(kept)
    if not editing:
        allowed |= SUPPRESS_NOTIFICATIONS
        allowed |= EPHEMERAL if interaction else 0
    if unknown := _flags(payload) & ~allowed:
        form.note("flags", "BITFIELD_FLAG_INVALID", f"These flags cannot be set here: {unknown}.")


def _as_text(nonce: object) -> object:
    return str(nonce) if isinstance(nonce, int) else nonce


def _check_embeds(form: Form, embeds: object) -> None:
    total = 0
    for index, embed in enumerate(form.nodes("embeds", embeds, 0, 10)):
        total += _check_embed(form, f"embeds.{index}", embed)
    if total > 6000:
        message = "Embed size exceeds maximum size of 6000"
        form.note("embeds", "MAX_EMBED_SIZE_EXCEEDED", message)


def _check_embed(form: Form, path: str, embed: Payload) -> int:
    """Check one embed and give how many characters it counts."""
    texts: list[object] = []
    for field, limit in _EMBED_TEXTS:
        texts.append(_at(embed, field))
        form.text(f"{path}.{field}", texts[-1], 0, limit)
    for index, field in enumerate(form.nodes(f"{path}.fields", embed.get("fields"), 0, 25)):
        form.needed_text(f"{path}.fields.{index}.name", field.get("name"), 1, 256)
        form.needed_text(f"{path}.fields.{index}.value", field.get("value"), 1, 1024)
        texts += (field.get("name"), field.get("value"))
    for field in ("image.url", "thumbnail.url", "footer.icon_url", "author.icon_url"):
        check_url(form, f"{path}.{field}", _at(embed, field), ("http", "https", "attachment"))
    form.whole(f"{path}.color", embed.get("color"), 0, 0xFFFFFF)
    return sum(len(text) for text in texts if isinstance(text, str))


def _at(embed: Payload, path: str) -> object:
    """Give what lies at `author.name` and the like, None where the way ends."""
    *way, last = path.split(".")
    for key in way:
        embed = node_at(embed, key)
    return embed.get(last)


def _check_mentions(form: Form, allowed: Payload) -> None:
    parse = form.items("allowed_mentions.parse", allowed.get("parse"), 0, 3)
    for index, kind in enumerate(parse):
        form.one_of(f"allowed_mentions.parse.{index}", kind, _MENTION_KINDS)
    for kind in ("users", "roles"):
        ids = form.items(f"allowed_mentions.{kind}", allowed.get(kind), 0, 100)
        for index, each in enumerate(ids):
            check_snowflake(form, f"allowed_mentions.{kind}.{index}", each)
        if kind in parse and ids:
            message = f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.'
            form.note("allowed_mentions", "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", message)


def check_snowflake(form: Form, path: str, value: object) -> None:
    """Check that a value is an id, as a number or a string."""
    if not str(value).isdecimal():
        message = f'Value "{value}" is not snowflake.'
        form.note(path, "NUMBER_TYPE_COERCE", message)


def _check_attachments(
    form: Form, payload: Payload, files: int, kept: Payload
) -> frozenset[str] | None:
    """Check what is attached and give the names, None where an upload's name is not told."""
    old = {str(each.get("id")): each for each in nodes_at(kept, "attachments")}
    listed = payload.get("attachments")
    if listed is None:
        listed = [*old.values(), *({"id": index} for index in range(files))]
    entries = form.nodes("attachments", listed, 0, 1000)
    if len(entries) > 10:
        raise ApiError.of(Code.TOO_MANY_ATTACHMENTS)
    for index, entry in enumerate(entries):
        _check_attachment(form, f"attachments.{index}", entry, files, old)
    return _names(old.get(str(entry.get("id")), entry).get("filename") for entry in entries)


def _check_attachment(
    form: Form, path: str, entry: Payload, files: int, old: Mapping[str, Payload]
) -> None:
    form.text(f"{path}.description", entry.get("description"), 0, 1024)
    form.text(f"{path}.filename", entry.get("filename"), 1, 1024)
    key = str(entry.get("id"))
    uploaded = key.isdecimal() and int(key) < files
    if not uploaded and key not in old:
        form.note(f"{path}.id", "ATTACHMENT_NOT_FOUND", "There is no such file in this request.")


def _names(names: Iterable[object]) -> frozenset[str] | None:
    found = list(names)
    return None if None in found else frozenset(map(str, found))


def _check_no_legacy(form: Form, merged: Payload) -> None:
    for field in ("content", "embeds", "poll", "sticker_ids"):
        if merged.get(field):
            form.note(
                field,
                "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
                f"The '{field}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2",
            )


def _is_forward(payload: Payload) -> bool:
    return node_at(payload, "message_reference").get("type") == _FORWARD


def _is_empty(merged: Payload, files: int, *, forwarding: bool) -> bool:
    if forwarding or files or str(merged.get("content") or "").strip():
        return False
    parts = ("embeds", "components", "attachments", "sticker_ids", "poll")
    return not any(merged.get(part) for part in parts)
