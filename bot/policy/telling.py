"""What a limit decided, in words: how much is used, why there is a no, and when there is room."""

import datetime as dt

from bot.i18n import N_
from bot.money import dollars, rounded
from bot.policy.trace import Rule, Step, Verdict
from bot.policy.types import Limit, Offer, Scope, Used, Window

_ASKED = {
    (Scope.MEMBER, Window.MINUTE): N_(
        "This member asked {used} of {most} questions in the last minute."
    ),
    (Scope.MEMBER, Window.DAY): N_("This member asked {used} of {most} questions today (UTC)."),
    (Scope.GUILD, Window.MINUTE): N_(
        "The server asked {used} of {most} questions in the last minute."
    ),
    (Scope.GUILD, Window.DAY): N_("The server asked {used} of {most} questions today (UTC)."),
    (Scope.PERSON, Window.DAY): N_(
        "Outside servers this person asked {used} of {most} questions today (UTC)."
    ),
}

_ASKED_WITH_ROLE = {
    Window.MINUTE: N_(
        "As one of {role} this member asked {used} of {most} questions in the last minute."
    ),
    Window.DAY: N_("As one of {role} this member asked {used} of {most} questions today (UTC)."),
}

_TOO_MANY = {
    (Scope.MEMBER, Window.MINUTE): N_(
        "You have asked {used} of {most} questions a minute. You can ask again {when}."
    ),
    (Scope.MEMBER, Window.DAY): N_(
        "You have asked {used} of {most} questions a day. You can ask again {when}."
    ),
    (Scope.GUILD, Window.MINUTE): N_(
        "This server has asked {used} of {most} questions a minute. Ask again {when}."
    ),
    (Scope.GUILD, Window.DAY): N_(
        "This server has asked {used} of {most} questions a day. Ask again {when}."
    ),
    (Scope.PERSON, Window.DAY): N_(
        "You have asked as often as you may today. You can ask again {when}."
    ),
}

_SPENT = {
    (Scope.MEMBER, Window.DAY): N_("This member spent {used} of {most} today (UTC)."),
    (Scope.MEMBER, Window.MONTH): N_("This member spent {used} of {most} this month (UTC)."),
    (Scope.GUILD, Window.DAY): N_("The server spent {used} of {most} today (UTC)."),
    (Scope.GUILD, Window.MONTH): N_("The server spent {used} of {most} this month (UTC)."),
    (Scope.OPERATOR, Window.DAY): N_(
        "The server spent {used} of the {most} that the bot's owner pays today (UTC)."
    ),
    (Scope.OPERATOR, Window.MONTH): N_(
        "The server spent {used} of the {most} that the bot's owner pays this month (UTC)."
    ),
}

_USED_UP = {
    (Scope.MEMBER, Window.DAY): N_(
        "Your budget of {most} a day has {left} left, and this could cost up to {cost}. "
        "It starts anew {when}."
    ),
    (Scope.MEMBER, Window.MONTH): N_(
        "Your budget of {most} a month has {left} left, and this could cost up to {cost}. "
        "It starts anew {when}."
    ),
    (Scope.GUILD, Window.DAY): N_(
        "This server's budget of {most} a day has {left} left, and this could cost up to {cost}. "
        "It starts anew {when}."
    ),
    (Scope.GUILD, Window.MONTH): N_(
        "This server's budget of {most} a month has {left} left, and this could cost up to "
        "{cost}. It starts anew {when}."
    ),
    (Scope.OPERATOR, Window.DAY): N_(
        "Of the {most} a day that the bot's owner pays for this server {left} is left, and this "
        "could cost up to {cost}. It starts anew {when}; a moderator can set a key of the "
        "server's own with /settings key."
    ),
    (Scope.OPERATOR, Window.MONTH): N_(
        "Of the {most} a month that the bot's owner pays for this server {left} is left, and this "
        "could cost up to {cost}. It starts anew {when}; a moderator can set a key of the "
        "server's own with /settings key."
    ),
}


def counted(limit: Limit, used: Used, now: dt.datetime) -> Step:
    """Give what a limit of questions decided: refused where as many were asked as may be."""
    facts: dict[str, str | int] = {"used": used.amount, "most": limit.most}
    if used.amount >= limit.most:
        facts["when"] = _moment(limit.resets_at(now, used.oldest))
        return Step(Rule.RATE, Verdict.REFUSED, _TOO_MANY[limit.scope, limit.window], facts)
    if limit.role_id is None:
        return Step(Rule.RATE, Verdict.PASSED, _ASKED[limit.scope, limit.window], facts)
    facts["role"] = f"<@&{limit.role_id}>"
    return Step(Rule.RATE, Verdict.PASSED, _ASKED_WITH_ROLE[limit.window], facts)


def spent(limit: Limit, used: Used) -> Step:
    """Tell how much of a budget is used where a question fits in."""
    facts: dict[str, str | int] = {"used": rounded(used.amount), "most": dollars(limit.most)}
    return Step(Rule.BUDGET, Verdict.PASSED, _SPENT[limit.scope, limit.window], facts)


def too_dear(limit: Limit, used: Used, cost: int, now: dt.datetime) -> Step:
    """Refuse a question that can cost more nano-USD than its budget has left."""
    facts: dict[str, str | int] = {
        "most": dollars(limit.most),
        "left": rounded(limit.most - used.amount),
        "cost": rounded(cost),
        "when": _moment(limit.resets_at(now)),
    }
    return Step(Rule.BUDGET, Verdict.REFUSED, _USED_UP[limit.scope, limit.window], facts)


def stepped_down(offer: Offer) -> Step:
    """Tell which cheaper model answers."""
    said = N_("The budget is nearly used up, so {model} answers instead.")
    return Step(Rule.BUDGET, Verdict.CHOSE, said, {"model": offer.label})


def _moment(when: dt.datetime) -> str:
    return f"<t:{int(when.timestamp())}:R>"
