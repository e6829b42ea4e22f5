"""The trace as a table: settings × member × channel × way in, to decision, sentence and steps."""

import asyncio
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from bot.choices import Access, Budget, GuildSettings, Override, OwnEndpoint, Rate, RoleRate
from bot.owner.decisions import Allowance, Block, Decision, Keys
from bot.policy.trace import Trace, Verdict, dump
from bot.types import Asker, Entry, ImageRef, LeftOut, Place, Question, Turn
from tests.any_settings import any_settings
from tests.planned import (
    ADA,
    BEN,
    DIRECT,
    ELSEWHERE,
    GENERAL,
    GUESTS,
    GUILD,
    IN_THREAD,
    LOBBY,
    OFFICE,
    OPERATOR,
    STAFF,
    THREAD,
    picture,
    planned,
    question,
)

HERE = "block+ pictures+ access+ access+ "
ANSWERED = HERE + "model! rate+"
CENT = 10_000_000
_MARKS = {
    Verdict.PASSED: "+",
    Verdict.REFUSED: "-",
    Verdict.CHOSE: "!",
    Verdict.NOTED: "?",
}


@dataclass(frozen=True)
class Row:
    """What is in force, who asks where, and what has to come of it.

    `asked` are the models in their order, those of a second way behind a bar; `steps` are rules
    with + passed, - refused, ! decided, ? noted; `says` is what some step says."""

    about: str
    settings: GuildSettings = GuildSettings()  # noqa: RUF009 - a frozen value
    question: Question = field(default_factory=question)
    asked: str = ""
    refused: str = ""
    steps: str = ANSWERED
    says: str = ""
    operator: tuple[Decision, ...] = ()
    opted_out: tuple[int, ...] = ()
    keys: tuple[str, ...] = ()


def by(settings: GuildSettings = GuildSettings(), **more: object) -> GuildSettings:  # noqa: B008
    return replace(settings, **more)


def rules(**lists: tuple[int, ...]) -> GuildSettings:
    return GuildSettings(access=Access(**lists))


def role(model_id: str) -> Override:
    return Override("role", STAFF, model_id)


def channel(id_: int, model_id: str) -> Override:
    return Override("channel", id_, model_id)


UNPAID = (Keys(GUILD, allowed=False),)
ENDPOINT = OwnEndpoint("https://models.example.org/v1", ("vision",))
TWO = (picture(), picture(BEN, "dog.png"))

ROWS = [
    Row("nothing chosen", asked="acme/dear",
        says="Dear (`acme/dear`) answers: the one this bot uses by default."),
    # Blocks
    Row("somebody is blocked", operator=(Block("user", ADA),), steps="block-",
        refused="Whoever runs this bot has blocked you. Ask them why."),
    Row("they are blocked outside servers, too", operator=(Block("user", ADA),), steps="block-",
        question=question(place=DIRECT),
        refused="Whoever runs this bot has blocked you. Ask them why."),
    Row("the server is blocked", operator=(Block("guild", GUILD),), steps="block-",
        refused="Whoever runs this bot has blocked this server. Ask them why."),
    Row("a blocked server's members ask elsewhere", operator=(Block("guild", GUILD),),
        question=question(place=DIRECT), asked="acme/dear", steps="block+ pictures+ model!"),
    Row("another is blocked", operator=(Block("user", BEN),), asked="acme/dear"),
    # Pictures and consent
    Row("no picture", question=question(images=()), steps="block+ pictures-",
        refused="I see no picture to look at. Attach one to /ask or to a message that mentions "
        "me, or mention me in reply to a picture, or right-click its message → Apps → “Ask about "
        "image…”."),
    Row("a file that is none",
        question=replace(question(images=()), left_out=(LeftOut("a.pdf", "not a picture"),)),
        steps="block+ pictures? pictures-", says="1 left out: not a picture.",
        refused="a.pdf is not a picture I can open. Send it as JPEG, PNG, WebP or GIF."),
    Row("too many pictures", by(rate=Rate(pictures=1)), question(images=TWO), "acme/dear",
        steps="block+ pictures+ pictures? access+ access+ model! rate+",
        says="1 left out: this server takes 1 picture a question."),
    Row("as many pictures as may be", by(rate=Rate(pictures=2)), question(images=TWO),
        "acme/dear", says="2 of 2 can be looked at."),
    Row("the author opted out", question=question(images=(picture(BEN),)), opted_out=(BEN,),
        steps="block+ consent? consent-",
        refused="Whoever posted this picture doesn't want it sent to a model, so I can't look at "
        "it."),
    Row("all authors did", question=question(images=(picture(BEN), picture(BEN, "b.png"))),
        opted_out=(BEN,), steps="block+ consent? consent-",
        refused="Whoever posted these pictures doesn't want them sent to a model, so I can't look "
        "at them."),
    Row("one's own wish counts against oneself", opted_out=(ADA,),
        steps="block+ consent? consent-",
        refused="You chose that your pictures are sent to no model. /privacy optin lets me look "
        "at them."),
    Row("one of two authors did", question=question(images=TWO), opted_out=(BEN,),
        asked="acme/dear", steps="block+ consent? pictures+ access+ access+ model! rate+",
        says="1 left out: whose they are doesn't want them sent."),
    Row("consent counts outside servers, too", opted_out=(BEN,),
        question=question(place=DIRECT, images=(picture(BEN),)), steps="block+ consent? consent-",
        refused="Whoever posted this picture doesn't want it sent to a model, so I can't look at "
        "it."),
    # Access
    Row("the channel is closed", rules(denied_channels=(GENERAL,)),
        steps="block+ pictures+ access-",
        refused=f"Moderators have closed <#{GENERAL}> to questions. Ask in another channel."),
    Row("a closed channel closes its threads", rules(denied_channels=(GENERAL,)),
        question(place=IN_THREAD), steps="block+ pictures+ access-",
        refused=f"Moderators have closed <#{GENERAL}> to questions. Ask in another channel."),
    Row("a closed category", rules(denied_channels=(LOBBY,)), question(place=IN_THREAD),
        steps="block+ pictures+ access-",
        refused=f"Moderators have closed <#{LOBBY}> to questions. Ask in another channel."),
    Row("an open thread of a closed channel",
        rules(denied_channels=(GENERAL,), allowed_channels=(THREAD,)), question(place=IN_THREAD),
        "acme/dear", says=f"<#{THREAD}> is open to questions."),
    Row("only another channel is open", rules(allowed_channels=(OFFICE,)),
        steps="block+ pictures+ access-",
        refused=f"Questions can be asked only in <#{OFFICE}>."),
    Row("a member is denied", rules(denied_members=(ADA,), allowed_roles=(STAFF,)),
        question(roles=(STAFF,)), steps="block+ pictures+ access+ access-",
        refused="Moderators have denied you questions here."),
    Row("a role is denied", rules(denied_roles=(GUESTS,)), question(roles=(GUESTS,)),
        steps="block+ pictures+ access+ access-",
        refused=f"Moderators have denied questions to <@&{GUESTS}>, a role of yours."),
    Row("an allowed role beats a denied one",
        rules(denied_roles=(GUESTS,), allowed_roles=(STAFF,)), question(roles=(GUESTS, STAFF)),
        "acme/dear", says=f"A rule allows <@&{STAFF}>."),
    Row("a member is allowed whose role is denied",
        rules(denied_roles=(GUESTS,), allowed_members=(ADA,)), question(roles=(GUESTS,)),
        "acme/dear", says="A rule allows this member."),
    Row("only others are allowed", rules(allowed_members=(BEN,)),
        steps="block+ pictures+ access+ access-",
        refused="Only members whom moderators chose can ask here. Ask one of them."),
    Row("no server's rule holds outside of it", rules(denied_members=(ADA,)),
        question(place=DIRECT), "acme/dear", steps="block+ pictures+ model!"),
    # Models
    Row("the server chose", by(model_id="acme/other"), asked="acme/other",
        says="Other (`acme/other`) answers in this server.",),
    Row("a role's model", by(overrides=(channel(GENERAL, "acme/other"), role("acme/free"))),
        question(roles=(STAFF,)), "acme/free",
        says=f"Free (`acme/free`) answers for <@&{STAFF}>."),
    Row("the role of others", by(overrides=(role("acme/free"),)), question(roles=(GUESTS,)),
        "acme/dear"),
    Row("a channel's model", by(overrides=(channel(GENERAL, "acme/other"),)), asked="acme/other",
        says=f"Other (`acme/other`) answers for <#{GENERAL}>."),
    Row("a thread's own model",
        by(overrides=(channel(GENERAL, "acme/other"), channel(THREAD, "acme/free"))),
        question(place=IN_THREAD), "acme/free"),
    Row("a category's model", by(overrides=(channel(LOBBY, "acme/other"),)),
        question(place=IN_THREAD), "acme/other",
        says=f"Other (`acme/other`) answers for <#{LOBBY}>."),
    Row("one that is offered is asked for", by(also=("acme/other",)),
        question(model_id="acme/other"), "acme/other, acme/dear",
        steps=HERE + "model! model? rate+",
        says="Other (`acme/other`) was asked for, and is offered here."),
    Row("one that isn't", by(also=("acme/other",)), question(model_id="acme/free"),
        steps=HERE + "model-", says="The model asked for isn't offered here.",
        refused="The model “acme/free” isn't offered here. You can choose: acme/dear, acme/other."),
    Row("a retired one", by(model_id="acme/old"), steps=HERE + "model! model-",
        says="Old can't be asked here now.",
        refused="Old was shut down on 2026-01-01. Choose acme/dear instead."),
    Row("a blind one", by(model_id="acme/blind"), steps=HERE + "model! model-",
        refused="Blind can't see pictures. Choose another model."),
    Row("a guard", by(model_id="acme/warden"), steps=HERE + "model! model-",
        refused="Warden is a guard: it judges questions and answers none. A moderator can switch "
        "it on with /settings screen."),
    Row("one without a key", by(model_id="bolt/quick"), steps=HERE + "model! model-",
        refused="Quick needs BOLT_API_KEY, which whoever runs this bot has not set. "
        "In a server, moderators can enter a key of its own with /settings key."),
    Row("one that is no longer there", by(model_id="own/vision"), asked="acme/dear"),
    # What goes along
    Row("fallbacks in their order", by(fallbacks=("acme/other", "acme/old", "bolt/quick",
        "acme/dear", "acme/free")), asked="acme/dear, acme/other, acme/free",
        steps=HERE + "model! model? rate+",
        says="If it can't answer, these are asked: Other, Free."),
    Row("a cheaper model for a budget",
        by(budget=Budget(day=500 * CENT, cheaper="acme/cheap")),
        asked="acme/dear | acme/cheap", steps=ANSWERED + " budget+",
        says="The server spent $0 of $5 today (UTC)."),
    Row("a cheaper model that is the one", by(budget=Budget(cheaper="acme/dear")),
        asked="acme/dear"),
    Row("a cheaper model without a key", by(budget=Budget(cheaper="bolt/quick")),
        asked="acme/dear"),
    Row("a guard looks first", by(screen_model="acme/warden"), asked="acme/dear",
        steps=HERE + "model! screen? rate+", says="The guard acme/warden looks first."),
    Row("instructions", by(prompt="Be brief."), asked="acme/dear",
        steps=HERE + "model! prompt? rate+",
        says="The server's instructions go along (9 characters)."),
    Row("the reader needs nobody and sends nothing",
        by(model_id="local/reader", fallbacks=("acme/dear",), prompt="x",
           screen_model="acme/warden", budget=Budget(day=0)),
        asked="local/reader", steps=ANSWERED + " budget+"),
    # Rates and budgets
    Row("a rate of one's own role", by(rate=Rate(roles=(RoleRate(STAFF, 5, 50),))),
        question(roles=(STAFF,)), "acme/dear", steps=ANSWERED + " rate+",
        says=f"As one of <@&{STAFF}> this member asked 0 of 50 questions today (UTC)."),
    Row("who is exempt", by(rate=Rate(exempt_members=(ADA,), guild_day=9)), asked="acme/dear",
        steps=ANSWERED, says="The server asked 0 of 9 questions today (UTC)."),
    Row("whose role is", by(rate=Rate(exempt_roles=(STAFF,))), question(roles=(STAFF,)),
        "acme/dear", steps=HERE.rstrip() + " model!"),
    Row("no limit at all", by(rate=Rate(minute=None)), asked="acme/dear",
        steps=HERE + "model!"),
    Row("a budget of nothing", by(budget=Budget(month=0)), asked="acme/dear",
        steps=ANSWERED + " budget-",
        refused="This server's budget of $0 a month has $0 left, and this could cost up to $1.00. "
        "It starts anew <t:1788220800:R>."),
    Row("a member's budget is too small", by(budget=Budget(member_day=50 * CENT)),
        asked="acme/dear", steps=ANSWERED + " budget-",
        refused="Your budget of $0.50 a day has $0.50 left, and this could cost up to $1.00. "
        "It starts anew <t:1785628800:R>."),
    Row("a free model needs no budget", by(model_id="acme/free", budget=Budget(month=0)),
        asked="acme/free", steps=ANSWERED + " budget+"),
    # Who pays
    Row("the operator's budget", operator=(Allowance(day=50 * CENT),), asked="acme/dear",
        steps=ANSWERED + " budget-",
        refused="Of the $0.50 a day that the bot's owner pays for this server $0.50 is left, "
        "and this could cost up to $1.00. It starts anew <t:1785628800:R>; a moderator can set a "
        "key of the server's own with /settings key."),
    Row("a key of one's own", operator=(Allowance(day=0),), keys=("acme",), asked="acme/dear"),
    Row("a key of one's own makes a model askable", by(model_id="bolt/quick"), keys=("bolt",),
        asked="bolt/quick"),
    Row("the operator pays for nothing here", operator=UNPAID, steps=HERE + "model! model-",
        refused="Dear needs a key of this server's own. A moderator can enter one with /settings "
        "key."),
    Row("nothing here, but the server has its own key", operator=UNPAID, keys=("acme",),
        asked="acme/dear"),
    Row("nothing here, and the chosen model is gone", by(model_id="own/vision"), operator=UNPAID,
        steps=HERE + "model! model-",
        refused="Dear needs a key of this server's own. A moderator can enter one with /settings "
        "key."),
    Row("nothing here, but a role's model has a key",
        by(model_id="own/gone", overrides=(role("bolt/quick"),)), question(roles=(STAFF,)),
        operator=UNPAID, keys=("bolt",), asked="bolt/quick"),
    Row("an endpoint of the server's own", by(model_id="own/vision", endpoint=ENDPOINT),
        operator=(*UNPAID, Allowance(day=0)), asked="own/vision"),
    # Outside servers
    Row("direct messages", question=question(place=DIRECT), asked="acme/dear",
        steps="block+ pictures+ model!"),
    Row("a user install", question=question(place=ELSEWHERE), asked="acme/dear",
        steps="block+ pictures+ model!"),
    Row("there nothing else is offered", by(also=("acme/other",)),
        question(place=DIRECT, model_id="acme/other"), steps="block+ pictures+ model-",
        refused="The model “acme/other” isn't offered here. You can choose: acme/dear."),
]  # fmt: skip


def in_short(trace: Trace) -> str:
    return " ".join(f"{step.rule}{_MARKS[step.verdict]}" for step in trace)


@pytest.mark.parametrize("row", ROWS, ids=[row.about.replace(" ", "-") for row in ROWS])
async def test_every_rule_is_looked_at_and_says_what_it_decided(row: Row, tmp_path: Path) -> None:
    async with planned(tmp_path) as world:
        await world.choose(row.settings)
        for decision in row.operator:
            await world.owner.decide(decision, OPERATOR)
        for user_id in row.opted_out:
            await world.opt_outs.add(user_id)
        for provider_id in row.keys:
            await world.own_key(provider_id)
        for entry in Entry:  # the way in changes nothing
            plan = world.planner.plan(replace(row.question, entry=entry))
            ruling = await world.claims.check(plan)
            refused = ruling.refused if ruling else plan.refused
            trace = plan.trace + ruling.trace if ruling else plan.trace
            assert (refused.sentence if refused else "") == row.refused
            assert in_short(trace) == row.steps
            assert row.says in [step.text for step in trace] or not row.says
            ways = (", ".join(one.model.id for one in way) for way in plan.ways)
            assert " | ".join(ways) == row.asked


MARK = "zq-marker-zq"
_WRITTEN = ImageRef(
    url=f"https://cdn.invalid/{MARK}.png",
    filename=f"{MARK}.png",
    alt=MARK,
    width=64,
    height=64,
    author_id=ADA,
)


@pytest.mark.parametrize("place", [IN_THREAD, DIRECT], ids=["server", "direct"])
def test_the_trace_holds_nothing_that_a_member_wrote(tmp_path: Path, place: Place) -> None:
    with asyncio.Runner() as runner:
        opening = planned(tmp_path)
        world = runner.run(opening.__aenter__())
        runner.run(world.opt_outs.add(BEN))

        @given(
            settings=any_settings,
            authors=st.lists(st.sampled_from([ADA, BEN]), max_size=4),
            left_out=st.booleans(),
            model_id=st.sampled_from([None, MARK, f"custom/{MARK}", f"acme/{MARK}"]),
        )
        @hypothesis_settings(max_examples=60)
        def holds(
            settings: GuildSettings, authors: list[int], left_out: bool, model_id: str | None
        ) -> None:
            runner.run(world.choose(settings))
            asked = Question(
                source_id=1,
                entry=Entry.ASK,
                asker=Asker(ADA),
                place=place,
                text=MARK,
                images=tuple(replace(_WRITTEN, author_id=author) for author in authors),
                history=(Turn(MARK, MARK),),
                model_id=model_id,
                left_out=(LeftOut(MARK, "not a picture"),) if left_out else (),
            )
            assert MARK not in dump(world.planner.plan(asked).trace)

        try:
            holds()
        finally:
            runner.run(opening.__aexit__(None, None, None))
