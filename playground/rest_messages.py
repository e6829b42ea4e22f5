"""Routes of channels and their messages."""

from __future__ import annotations

from itertools import islice
from typing import cast

from playground.calls import Call, Endpoint, snowflake
from playground.channels import THREAD, Channel
from playground.errors import ApiError, Code, invalid_form
from playground.messages import REPLY, Message
from playground.permissions import can
from playground.users import Json, Value
from playground.writing import change, check_new, fill

_OLD = 3600.0  # seconds after which edits are rationed
_OLD_EDITS = 10  # Discord tells no number; a bot that edits old messages on and on meets it


def visible_channel(call: Call) -> Channel:
    """Find the channel of a request; ApiError 10003 or 50001."""
    channel = call.world.channel_for_bot(call.number("channel"))
    if not channel.visible_to_bot:
        raise ApiError.of(Code.MISSING_ACCESS)
    return channel


def _require(channel: Channel, name: str, code: Code = Code.MISSING_PERMISSIONS) -> None:
    if not can(channel, channel.world.bot, name):
        raise ApiError.of(code)


def _message(call: Call) -> Message:
    channel = visible_channel(call)
    message = channel.history.get(call.number("message"))
    if message is None or message.ephemeral_to is not None:
        raise ApiError.of(Code.UNKNOWN_MESSAGE)
    return message


def _show(message: Message) -> Json:
    return message.json(whole=message.channel.world.message_content)


def _get_channel(call: Call) -> Json:
    return visible_channel(call).json()


def _get_message(call: Call) -> Json:
    message = _message(call)
    _require(message.channel, "read_message_history", Code.MISSING_ACCESS)
    return _show(message)


def _list_messages(call: Call) -> list[Json]:
    channel = visible_channel(call)
    limit = _limit(call)
    if not can(channel, call.world.bot, "read_message_history"):
        return []
    newest = [m for m in reversed(channel.history.values()) if m.ephemeral_to is None]
    return [_show(message) for message in _window(newest, call, limit)]


def _limit(call: Call) -> int:
    text = call.query.get("limit", "50")
    if not text.isdecimal() or not 1 <= int(text) <= 100:
        message = "int value should be less than or equal to 100."
        raise invalid_form({"limit": ("NUMBER_TYPE_MAX", message)})
    return int(text)


def _window(newest: list[Message], call: Call, limit: int) -> list[Message]:
    """Cut the page out that before, after or around ask for; newest first."""
    if "before" in call.query:
        edge = snowflake(call.query["before"])
        return list(islice((m for m in newest if m.id < edge), limit))
    if "after" in call.query:
        edge = snowflake(call.query["after"])
        return [m for m in newest if m.id > edge][-limit:]
    if "around" in call.query:
        edge = snowflake(call.query["around"])
        older = list(islice((m for m in newest if m.id <= edge), limit // 2 + 1))
        newer = [m for m in newest if m.id > edge]
        return newer[max(0, len(newer) - limit + len(older)) :] + older
    return newest[:limit]


def _create_message(call: Call) -> Json:
    channel, body = visible_channel(call), call.body
    _require_to_write(channel, files=bool(call.files))
    reply_to = _replied(channel, body.get("message_reference"))
    check_new(body, call.files, interaction=False)
    nonce = body.get("nonce")
    if nonce is not None and body.get("enforce_nonce") and str(nonce) in channel.nonces:
        return _show(channel.nonces[str(nonce)])
    message = post(channel, call, body, reply_to)
    if nonce is not None:
        message.nonce = str(nonce)
        channel.nonces[message.nonce] = message
    call.world.tell_message("MESSAGE_CREATE", message)
    return message.json()


def post(channel: Channel, call: Call, body: Json, reply_to: Message | None) -> Message:
    """Store a checked message by the bot."""
    world = call.world
    message = Message(
        id=world.clock.snowflake(),
        channel=channel,
        author=world.bot,
        created=world.clock.now(),
        type=REPLY if reply_to is not None else 0,
        reply_to=reply_to,
    )
    fill(message, body, call.files)
    channel.keep(message)
    return message


def _require_to_write(channel: Channel, *, files: bool) -> None:
    if channel.guild is None:
        if not all(user.accepts_dms for user in channel.recipients):
            raise ApiError.of(Code.CANNOT_MESSAGE_USER)
        return
    threaded = channel.kind == THREAD
    _require(channel, "send_messages_in_threads" if threaded else "send_messages")
    if files:
        _require(channel, "attach_files")


def _replied(channel: Channel, reference: Value) -> Message | None:
    if not isinstance(reference, dict):
        return None
    reference = cast("Json", reference)
    _require(channel, "read_message_history", Code.NO_HISTORY_FOR_REPLY)
    message = channel.history.get(snowflake(reference.get("message_id")))
    if message is not None and message.ephemeral_to is None:
        return message
    if reference.get("fail_if_not_exists", True):
        problem = ("REPLIES_UNKNOWN_MESSAGE", "Unknown message")
        raise invalid_form({"message_reference": problem})
    return None


def _edit_message(call: Call) -> Json:
    message = _message(call)
    if message.author is not call.world.bot:
        raise ApiError.of(Code.CANNOT_EDIT_OTHERS_MESSAGE)
    if call.world.clock.now() - message.created > _OLD:
        message.late_edits += 1
        if message.late_edits > _OLD_EDITS:
            raise ApiError.of(Code.TOO_MANY_OLD_EDITS, extra={"retry_after": 60.0, "global": False})
    if call.files:
        _require(message.channel, "attach_files")
    change(message, call.body, call.files)
    call.world.tell_message("MESSAGE_UPDATE", message)
    return message.json()


def _delete_message(call: Call) -> None:
    message = _message(call)
    if message.author is not call.world.bot:
        _require(message.channel, "manage_messages")
    message.channel.drop(message)
    call.world.tell_deletion(message)


def _typing(call: Call) -> None:
    channel = visible_channel(call)
    _require_to_write(channel, files=False)
    channel.typed.append(call.world.clock.now())


ENDPOINTS = (
    Endpoint("GET", "/channels/{channel}", _get_channel),
    Endpoint("POST", "/channels/{channel}/typing", _typing),
    Endpoint("GET", "/channels/{channel}/messages", _list_messages),
    Endpoint("POST", "/channels/{channel}/messages", _create_message),
    Endpoint("GET", "/channels/{channel}/messages/{message}", _get_message),
    Endpoint("PATCH", "/channels/{channel}/messages/{message}", _edit_message),
    Endpoint("DELETE", "/channels/{channel}/messages/{message}", _delete_message),
)
