"""The data inventory: every column of every table, why it is kept, how long, who can delete it.

`/privacy show` and docs/PRIVACY.md are made from it; a column that is missing here fails a test."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.i18n import N_


class Kind(StrEnum):
    """What a column holds. A PERSON column leads to somebody."""

    PERSON = "person's id"
    ID = "id"
    TEXT = "content, encrypted"
    KEY = "secret, encrypted"
    FACT = "fact"
    SETTING = "setting"


@dataclass(frozen=True, slots=True)
class Group:
    """Tables that are kept for one reason. The sentences are marked, not yet translated."""

    what: str
    until: str
    deletion: str
    """What `/privacy delete` does."""
    tables: Mapping[str, Mapping[str, Kind]]


def _columns(**names: str) -> dict[str, Kind]:
    """Give each column its kind, from one line of names for each kind."""
    return {name: Kind[kind] for kind, line in names.items() for name in line.split()}


INVENTORY = (
    Group(
        what=N_(
            "Questions and answers, and the links of their pictures, for follow-ups; encrypted"
        ),
        until=N_(
            "As long as the server's moderators set, 24 hours unless they chose; Delete on an "
            "answer erases them at once."
        ),
        deletion=N_(
            "Erased. What others carried on keeps the earlier words, without the person, until it "
            "is erased itself."
        ),
        tables={"turns": _columns(ID="question_id", TEXT="exchange", FACT="erase_at")},
    ),
    Group(
        what=N_(
            "Answers that have not reached their channel, so that a restart loses none; encrypted"
        ),
        until=N_("At most 15 minutes."),
        deletion=N_("Erased."),
        tables={
            "deliveries": _columns(
                ID="question_id channel_id message_id application_id",
                KEY="token",
                TEXT="text",
                FACT="created_at",
            )
        },
    ),
    Group(
        what=N_(
            "Who asked when and where, which model answered and how that was decided, how many "
            "pictures and tokens, and what it cost: for receipts, limits and usage figures"
        ),
        until=N_("Until you delete it, or 30 days after I have left the server."),
        deletion=N_(
            "The figures stay for the sums, without person, channel, message and decision. Until "
            "the month ends, a mark that only limits can compare stands for the person."
        ),
        tables={
            "questions": _columns(
                PERSON="user_id",
                ID="id source_id guild_id channel_id answer_message_id",
                FACT="entry model_id state host images sent_bytes input_tokens output_tokens "
                "reserved_nano_usd cost_nano_usd cost_source first_token_ms duration_ms own_key "
                "trace created_at finished_at",
            ),
            "answer_pages": _columns(ID="message_id question_id"),
        },
    ),
    Group(
        what=N_(
            "What moderators set here, and who changed it when; the server's own keys, encrypted"
        ),
        until=N_("Keys until I leave the server, the rest until 30 days after that."),
        deletion=N_(
            "Settings, their history and keys are the server's and stay, without who made them. "
            "Rules that name you stay until moderators change them."
        ),
        tables={
            "guild_settings": _columns(
                ID="guild_id",
                SETTING="model_id also prompt ask_private menus_private retention_hours unproven "
                "screen_model screen_lenient fallbacks overrides language length style "
                "temperature strip_metadata tell_company access rate budget endpoint",
                FACT="updated_at",
            ),
            "settings_changes": _columns(
                PERSON="user_id", ID="id guild_id", SETTING="kind before after", FACT="created_at"
            ),
            "guild_keys": _columns(
                PERSON="set_by",
                ID="guild_id",
                SETTING="provider origin last_four",
                KEY="key",
                FACT="set_at",
            ),
        },
    ),
    Group(
        what=N_("Which servers have me since when, and what their moderators were told"),
        until=N_("Until 30 days after I have left."),
        deletion=N_("Nothing here is about a person."),
        tables={
            "guilds": _columns(
                ID="guild_id", SETTING="operator_keys", FACT="joined_at left_at introduced_at"
            ),
            "budget_notices": _columns(ID="guild_id", FACT="period level told_at"),
            "notices": _columns(ID="guild_id", FACT="model_id shutdown told_at"),
            "blind_notices": _columns(ID="guild_id", FACT="model_id since"),
        },
    ),
    Group(
        what=N_("Who doesn't want their pictures sent"),
        until=N_("Until you use /privacy optin."),
        deletion=N_("Stays, because it is your wish; /privacy optin removes it."),
        tables={"opt_outs": _columns(PERSON="user_id", FACT="since")},
    ),
    Group(
        what=N_("What whoever runs this bot decided: budgets, and whom they keep out"),
        until=N_("Until they change it."),
        deletion=N_("Whom they keep out stays; who wrote that down is erased."),
        tables={
            "blocks": _columns(
                PERSON="blocked_by", ID="id", SETTING="kind reason", FACT="blocked_at"
            ),
            "operator": _columns(
                ID="id",
                SETTING="new_guilds guild_day_nano_usd guild_month_nano_usd announcement "
                "announced_until",
            ),
        },
    ),
    Group(
        what=N_("What is known of models, and when they were tested with a picture made for that"),
        until=N_("For good; which server had a test made, until 30 days after I have left it."),
        deletion=N_("No person stands in it."),
        tables={
            "discovered_models": _columns(
                FACT="provider name label aliases sees chat reasoning context_tokens "
                "input_nano_usd output_nano_usd shutdown first_seen last_seen missing_since "
                "gone_since was_context_tokens was_input_nano_usd was_output_nano_usd changed_at"
            ),
            "proofs": _columns(
                ID="id guild_id",
                FACT="model_id origin fingerprint transport outcome latency_ms cost_nano_usd "
                "tried_at",
            ),
        },
    ),
)

NEVER_KEPT = (
    N_("Pictures. They are looked at in memory or only passed on as a link."),
    N_("Messages that don't ask me anything."),
)
