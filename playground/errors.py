"""Discord's error answers: the codes a bot can meet, with their real statuses and sentences."""

from collections.abc import Mapping
from enum import IntEnum
from http import HTTPStatus
from typing import Any, Self


class Code(IntEnum):
    """Discord's JSON error codes (developers/topics/opcodes-and-status-codes)."""

    GENERAL = 0
    UNKNOWN_APPLICATION = 10002
    UNKNOWN_CHANNEL = 10003
    UNKNOWN_GUILD = 10004
    UNKNOWN_MEMBER = 10007
    UNKNOWN_MESSAGE = 10008
    UNKNOWN_ROLE = 10011
    UNKNOWN_USER = 10013
    UNKNOWN_EMOJI = 10014
    UNKNOWN_WEBHOOK = 10015
    UNKNOWN_INTERACTION = 10062
    UNKNOWN_COMMAND = 10063
    SLOWMODE = 20016
    TOO_MANY_ATTACHMENTS = 30015
    TOO_MANY_COMMANDS = 30032
    TOO_MANY_COMMAND_CREATES = 30034
    TOO_MANY_OLD_EDITS = 30046
    REQUEST_TOO_LARGE = 40005
    ALREADY_ACKNOWLEDGED = 40060
    RESOURCE_RATE_LIMITED = 40062
    TOO_MANY_FOLLOWUPS = 40094
    MISSING_ACCESS = 50001
    CANNOT_EDIT_OTHERS_MESSAGE = 50005
    EMPTY_MESSAGE = 50006
    CANNOT_MESSAGE_USER = 50007
    NOT_A_TEXT_CHANNEL = 50008
    MISSING_PERMISSIONS = 50013
    WRONG_CHANNEL_TYPE = 50024
    INVALID_WEBHOOK_TOKEN = 50027
    TOO_OLD_TO_BULK_DELETE = 50034
    INVALID_FORM = 50035
    FILE_TOO_LARGE = 50045
    THREAD_ARCHIVED = 50083
    INVALID_JSON = 50109
    NO_HISTORY_FOR_REPLY = 160002
    THREAD_LOCKED = 160005
    FORWARD_WITHOUT_CONTENT = 160014
    BLOCKED_BY_AUTOMOD = 200000


_KNOWN: dict[Code, tuple[int, str]] = {
    Code.GENERAL: (401, "401: Unauthorized"),
    Code.UNKNOWN_APPLICATION: (404, "Unknown Application"),
    Code.UNKNOWN_CHANNEL: (404, "Unknown Channel"),
    Code.UNKNOWN_GUILD: (404, "Unknown Guild"),
    Code.UNKNOWN_MEMBER: (404, "Unknown Member"),
    Code.UNKNOWN_MESSAGE: (404, "Unknown Message"),
    Code.UNKNOWN_ROLE: (404, "Unknown Role"),
    Code.UNKNOWN_USER: (404, "Unknown User"),
    Code.UNKNOWN_EMOJI: (404, "Unknown Emoji"),
    Code.UNKNOWN_WEBHOOK: (404, "Unknown Webhook"),
    Code.UNKNOWN_INTERACTION: (404, "Unknown interaction"),
    Code.UNKNOWN_COMMAND: (404, "Unknown application command"),
    Code.SLOWMODE: (429, "This action cannot be performed due to slowmode rate limit"),
    Code.TOO_MANY_ATTACHMENTS: (400, "Maximum number of attachments in a message reached (10)"),
    Code.TOO_MANY_COMMANDS: (400, "Maximum number of application commands reached (100)"),
    Code.TOO_MANY_COMMAND_CREATES: (
        429,
        "Max number of daily application command creates has been reached (200)",
    ),
    Code.TOO_MANY_OLD_EDITS: (
        429,
        "Maximum number of edits to messages older than 1 hour reached. Try again later",
    ),
    Code.REQUEST_TOO_LARGE: (413, "Request entity too large"),
    Code.ALREADY_ACKNOWLEDGED: (400, "Interaction has already been acknowledged."),
    Code.RESOURCE_RATE_LIMITED: (429, "Service resource is being rate limited."),
    Code.TOO_MANY_FOLLOWUPS: (
        400,
        "This interaction has hit the maximum number of follow up messages",
    ),
    Code.MISSING_ACCESS: (403, "Missing Access"),
    Code.CANNOT_EDIT_OTHERS_MESSAGE: (403, "Cannot edit a message authored by another user"),
    Code.EMPTY_MESSAGE: (400, "Cannot send an empty message"),
    Code.CANNOT_MESSAGE_USER: (403, "Cannot send messages to this user"),
    Code.NOT_A_TEXT_CHANNEL: (400, "Cannot send messages in a non-text channel"),
    Code.MISSING_PERMISSIONS: (403, "Missing Permissions"),
    Code.WRONG_CHANNEL_TYPE: (400, "Cannot execute action on this channel type"),
    Code.INVALID_WEBHOOK_TOKEN: (401, "Invalid Webhook Token"),
    Code.TOO_OLD_TO_BULK_DELETE: (
        400,
        "You can only bulk delete messages that are under 14 days old.",
    ),
    Code.INVALID_FORM: (400, "Invalid Form Body"),
    Code.FILE_TOO_LARGE: (400, "File uploaded exceeds the maximum size"),
    Code.THREAD_ARCHIVED: (400, "Thread is archived"),
    Code.INVALID_JSON: (400, "The request body contains invalid JSON."),
    Code.NO_HISTORY_FOR_REPLY: (
        403,
        "Cannot reply without permission to read message history",
    ),
    Code.THREAD_LOCKED: (400, "This thread is locked"),
    Code.FORWARD_WITHOUT_CONTENT: (
        400,
        "You cannot forward a message whose content you cannot read",
    ),
    Code.BLOCKED_BY_AUTOMOD: (400, "Message was blocked by automatic moderation"),
}


class ApiError(Exception):
    """One refused request: what Discord's REST answers with."""

    def __init__(
        self,
        status: int,
        code: int,
        message: str,
        *,
        errors: dict[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{status} ({code}): {message}")
        self.status = status
        self.code = code
        self.message = message
        self.errors = errors
        self.headers = dict(headers or {})
        self.extra = dict(extra or {})

    @classmethod
    def of(
        cls,
        code: Code,
        *,
        errors: dict[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> Self:
        """Give the error of this code with Discord's own status and sentence."""
        status, message = _KNOWN[code]
        return cls(status, code, message, errors=errors, headers=headers, extra=extra)

    @classmethod
    def http(cls, status: int) -> Self:
        """Give the error without a code of its own, as `404: Not Found` (code 0)."""
        return cls(status, Code.GENERAL, f"{status}: {HTTPStatus(status).phrase}")

    def body(self) -> dict[str, Any]:
        """Give the JSON body that goes out."""
        body: dict[str, Any] = {"message": self.message, "code": int(self.code), **self.extra}
        if self.errors is not None:
            body["errors"] = self.errors
        return body


def invalid_form(problems: Mapping[str, tuple[str, str]]) -> ApiError:
    """Give 50035 for dotted paths (`embeds.0.title`), each with Discord's code and sentence."""
    tree: dict[str, Any] = {}
    for path, (code, message) in problems.items():
        node = tree
        for key in path.split(".") if path else ():
            node = node.setdefault(key, {})
        node.setdefault("_errors", []).append({"code": code, "message": message})
    return ApiError.of(Code.INVALID_FORM, errors=tree)
