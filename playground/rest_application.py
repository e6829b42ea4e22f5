"""Routes about the bot itself: its user, its application, the gateway's address."""

from __future__ import annotations

from collections.abc import Callable

from playground.calls import Call, Endpoint, snowflake
from playground.errors import ApiError, Code
from playground.state import CONTENT_FLAG, World
from playground.users import Json

_SESSIONS = {"total": 1000, "remaining": 1000, "reset_after": 86_400_000, "max_concurrency": 1}


def endpoints(gateway_url: Callable[[], str]) -> tuple[Endpoint, ...]:
    """Give the routes; the gateway's address is known once the server listens."""

    def gateway(call: Call) -> Json:
        return {"url": gateway_url()}

    def gateway_bot(call: Call) -> Json:
        return {"url": gateway_url(), "shards": 1, "session_start_limit": _SESSIONS}

    return (
        Endpoint("GET", "/gateway", gateway, "none"),
        Endpoint("GET", "/gateway/bot", gateway_bot),
        Endpoint("GET", "/users/@me", _me),
        Endpoint("GET", "/users/{user}", _user),
        Endpoint("POST", "/users/@me/channels", _open_dm),
        Endpoint("GET", "/applications/@me", _application),
        Endpoint("GET", "/oauth2/applications/@me", _application),
        Endpoint("GET", "/guilds/{guild}", _guild),
    )


def _me(call: Call) -> Json:
    return {**call.world.bot.json, "verified": True, "mfa_enabled": True, "locale": "en-US"}


def _user(call: Call) -> Json:
    user = call.world.users.get(call.number("user"))
    if user is None:
        raise ApiError.of(Code.UNKNOWN_USER)
    return user.json


def _guild(call: Call) -> Json:
    guild = call.world.guilds.get(call.number("guild"))
    if guild is None or not guild.has_bot:
        raise ApiError.of(Code.UNKNOWN_GUILD)
    return guild.json()


def _open_dm(call: Call) -> Json:
    user = call.world.users.get(snowflake(call.body.get("recipient_id")))
    if user is None or user.bot:
        raise ApiError.of(Code.CANNOT_MESSAGE_USER)
    return call.world.direct(user, call.world.bot).json()


def _application(call: Call) -> Json:
    world = call.world
    flags = CONTENT_FLAG if world.message_content else 0
    return {
        "id": str(world.application_id),
        "name": world.bot.name,
        "icon": None,
        "type": None,
        "description": "",
        "summary": "",
        "bot": world.bot.json,
        "bot_public": True,
        "bot_require_code_grant": False,
        "owner": _team_user(world) if world.team else world.owner.json,
        "team": _team(world) if world.team else None,
        "verify_key": "0" * 64,
        "flags": flags,
        "flags_new": str(flags),
        "approximate_guild_count": sum(guild.has_bot for guild in world.guilds.values()),
        "approximate_user_install_count": len(world.installed_by),
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "eligible_oauth2_scopes": [],
        "role_connections_verification_url": None,
        "integration_types_config": {"0": {}, "1": {}},
        "interactions_endpoint_url": None,
        "redirect_uris": [],
        "tags": [],
    }


def _team(world: World) -> Json:
    owner = {"membership_state": 2, "team_id": str(world.application_id), "role": "admin"}
    return {
        "id": str(world.application_id),
        "name": "the team",
        "icon": None,
        "owner_user_id": str(world.owner.id),
        "members": [{**owner, "user": world.owner.json}, *world.team],
    }


def _team_user(world: World) -> Json:
    """Give the account that stands for a team where an owner is expected."""
    name = f"team{world.application_id}"
    return {**world.owner.json, "id": str(world.application_id), "username": name, "flags": 1024}
