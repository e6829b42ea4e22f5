"""Routes of interactions: the callback, and the webhook that edits and follows up."""

from __future__ import annotations

import time

from playground.calls import Call, Endpoint
from playground.errors import ApiError, Code, invalid_form
from playground.interactions import (
    ACK_WITHIN,
    AUTOCOMPLETE,
    COMMAND,
    COMPONENT,
    MODAL_SUBMIT,
    USER_INSTALL_FOLLOWUPS,
    Choice,
    Interaction,
    read_modal,
)
from playground.limits import check_choices, check_modal
from playground.messages import CHAT_INPUT, CONTEXT_MENU, EPHEMERAL, LOADING, REPLY, Message
from playground.users import Json, items
from playground.writing import change, check_new, fill

MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9
_ALLOWED = {
    COMMAND: (MESSAGE, DEFERRED, MODAL),
    COMPONENT: (MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, MODAL),
    AUTOCOMPLETE: (CHOICES,),
    MODAL_SUBMIT: (MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE),
}


def _callback(call: Call) -> Json | None:
    interaction = _open_interaction(call)
    kind = call.body.get("type") or 0
    if kind not in _ALLOWED[interaction.type]:
        problem = ("INTERACTION_CALLBACK_INVALID", "This response is not allowed here.")
        raise invalid_form({"type": problem})
    data: Json = call.body.get("data") or {}
    if kind in (MESSAGE, DEFERRED):
        _respond(call, interaction, data, deferred=kind == DEFERRED)
    elif kind in (UPDATE, DEFERRED_UPDATE):
        _update(call, interaction, data, deferred=kind == DEFERRED_UPDATE)
    elif kind == CHOICES:
        found = items(data, "choices")
        check_choices(found)
        interaction.choices = tuple(Choice(each["name"], each["value"]) for each in found)
        interaction.acknowledge("choices")
    else:
        check_modal(data)
        interaction.modal = read_modal(data)
        interaction.acknowledge("modal")
    call.world.changed()
    wanted = call.query.get("with_response", "").lower() in ("1", "true")
    return _callback_body(interaction, kind) if wanted else None


def _open_interaction(call: Call) -> Interaction:
    interaction = call.world.interactions.get(call.params["token"])
    if interaction is None or interaction.id != call.number("interaction"):
        raise ApiError.of(Code.UNKNOWN_INTERACTION)
    if interaction.acknowledged:
        raise ApiError.of(Code.ALREADY_ACKNOWLEDGED)
    late = time.monotonic() - interaction.sent_at
    if late > ACK_WITHIN:
        call.world.violations.append(f"interaction answered after {late:.1f} s, 3 are allowed")
        raise ApiError.of(Code.UNKNOWN_INTERACTION)
    return interaction


def _respond(call: Call, interaction: Interaction, data: Json, *, deferred: bool) -> None:
    message = _blank(interaction)
    if deferred:
        message.flags = LOADING | ((data.get("flags") or 0) & EPHEMERAL)
    else:
        check_new(data, call.files, interaction=True)
        fill(message, data, call.files)
    interaction.response = message
    interaction.acknowledge("deferred" if deferred else "message")
    _publish(message)


def _update(call: Call, interaction: Interaction, data: Json, *, deferred: bool) -> None:
    if interaction.message is None:
        problem = ("INTERACTION_CALLBACK_INVALID", "There is no message to update.")
        raise invalid_form({"type": problem})
    if not deferred:
        change(interaction.message, data, call.files)
        call.world.tell_message("MESSAGE_UPDATE", interaction.message)
    interaction.response = interaction.message
    interaction.acknowledge("deferred_update" if deferred else "update")


def _blank(interaction: Interaction) -> Message:
    world = interaction.world
    source = interaction.message
    kind = CHAT_INPUT
    if source is not None:
        kind = REPLY
    elif interaction.origin.data["type"] != 1:
        kind = CONTEXT_MENU
    return Message(
        id=world.clock.snowflake(),
        channel=interaction.channel,
        author=world.bot,
        created=world.clock.now(),
        type=kind,
        interaction=interaction,
        reply_to=source,
    )


def _publish(message: Message) -> None:
    """Settle who sees a new answer, keep it and tell of it."""
    interaction = message.interaction
    assert interaction is not None
    if interaction.forced_ephemeral:
        message.flags |= EPHEMERAL
    if message.flags & EPHEMERAL:
        message.ephemeral_to = interaction.user
    message.channel.keep(message)
    interaction.world.tell_message("MESSAGE_CREATE", message)


def _callback_body(interaction: Interaction, kind: int) -> Json:
    body: Json = {"id": str(interaction.id), "type": interaction.type}
    resource: Json = {"type": kind}
    message = interaction.response
    if message is not None:
        body["response_message_id"] = str(message.id)
        body["response_message_loading"] = message.thinking
        body["response_message_ephemeral"] = bool(message.flags & EPHEMERAL)
        resource["message"] = message.json()
    return {"interaction": body, "resource": resource}


def _by_token(call: Call) -> Interaction:
    interaction = call.world.interactions.get(call.params["token"])
    if interaction is None or call.number("application") != call.world.application_id:
        raise ApiError.of(Code.UNKNOWN_WEBHOOK)
    if interaction.expired:
        raise ApiError.of(Code.INVALID_WEBHOOK_TOKEN)
    if not interaction.acknowledged:
        raise ApiError.of(Code.UNKNOWN_WEBHOOK)
    return interaction


def _target(call: Call) -> Message:
    interaction = _by_token(call)
    if "message" not in call.params:
        message = interaction.response
    else:
        wanted = call.number("message")
        mine = (interaction.response, interaction.message, *interaction.followups)
        message = next((m for m in mine if m is not None and m.id == wanted), None)
    if message is None or message.deleted:
        raise ApiError.of(Code.UNKNOWN_MESSAGE)
    return message


def _get(call: Call) -> Json:
    return _target(call).json()


def _edit(call: Call) -> Json:
    message = _target(call)
    change(message, call.body, call.files)
    call.world.tell_message("MESSAGE_UPDATE", message)
    return message.json()


def _delete(call: Call) -> None:
    message = _target(call)
    message.channel.drop(message)
    call.world.tell_deletion(message)


def _follow_up(call: Call) -> Json:
    interaction = _by_token(call)
    response = interaction.response
    if response is not None and response.thinking and not response.deleted:
        return _fulfil(response, call)
    if interaction.user_install_only and interaction.followups_sent >= USER_INSTALL_FOLLOWUPS:
        raise ApiError.of(Code.TOO_MANY_FOLLOWUPS)
    check_new(call.body, call.files, interaction=True)
    message = _blank(interaction)
    message.type, message.reply_to = REPLY, response
    fill(message, call.body, call.files)
    interaction.followups.append(message)
    interaction.followups_sent += 1
    _publish(message)
    return message.json()


def _fulfil(response: Message, call: Call) -> Json:
    """Let the first follow-up after a deferral become the response, as visible as that."""
    body = {key: value for key, value in call.body.items() if key != "flags"}
    check_new(call.body, call.files, interaction=True)
    body["flags"] = (call.body.get("flags") or 0) & ~EPHEMERAL
    response.flags &= ~LOADING
    fill(response, body, call.files)
    call.world.tell_message("MESSAGE_UPDATE", response)
    return response.json()


_WEBHOOK = "/webhooks/{application}/{token}"
ENDPOINTS = (
    Endpoint("POST", "/interactions/{interaction}/{token}/callback", _callback, "interaction"),
    Endpoint("POST", _WEBHOOK, _follow_up, "interaction"),
    Endpoint("GET", _WEBHOOK + "/messages/@original", _get, "interaction"),
    Endpoint("PATCH", _WEBHOOK + "/messages/@original", _edit, "interaction"),
    Endpoint("DELETE", _WEBHOOK + "/messages/@original", _delete, "interaction"),
    Endpoint("GET", _WEBHOOK + "/messages/{message}", _get, "interaction"),
    Endpoint("PATCH", _WEBHOOK + "/messages/{message}", _edit, "interaction"),
    Endpoint("DELETE", _WEBHOOK + "/messages/{message}", _delete, "interaction"),
)
