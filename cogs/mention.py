"""Messages: mentions with pictures, replies to pictures, replies to answers, direct messages."""

import discord
from discord.ext import commands

from bot.errors import NoPicture, Refused
from bot.i18n import N_, _, use_locale
from bot.types import Delivery, Entry, Question, Task, Turn
from cogs._reply import Desk
from cogs._sources.attachments import Pictures
from cogs._sources.message import (
    asker_of,
    pictures_of,
    place_of,
    question_text,
    replied_to,
    says_nothing,
)
from cogs._sources.refresh import exchange_shown_by, follow_up

MESSAGE_WITHHELD = N_(
    "I can't see the message you replied to. Right-click it → Apps → “Ask about image…” "
    "works everywhere."
)
REPLY_WITHHELD = N_(
    "I can't read replies to this answer. Press “Follow up” beneath it, or mention me in "
    "your reply."
)
ASKABLE = frozenset({discord.MessageType.default, discord.MessageType.reply})


class MentionCog(commands.Cog):
    """Listens to messages that address the bot."""

    def __init__(self, desk: Desk, bot: commands.AutoShardedBot) -> None:
        self._desk = desk
        self._bot = bot

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Answer a person's message that is meant for the bot."""
        if message.author.bot or message.webhook_id or message.type not in ASKABLE:
            return
        if not self._addressed(message) or not self._desk.may_answer(message):
            return
        use_locale(asker_of(message).locale)
        try:
            await self._answer(message, replied_to(message))
        except Refused as refusal:
            await self._desk.refuse_message(message, refusal.sentence)

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """Stop what belongs to a deleted message."""
        self._desk.message_deleted(payload.message_id)

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        """Stop what belongs to deleted messages."""
        for message_id in payload.message_ids:
            self._desk.message_deleted(message_id)

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Stop what is being answered in a guild that the bot has left."""
        self._desk.guild_left(guild.id)

    async def _answer(self, message: discord.Message, about: discord.Message | None) -> None:
        if about is None:
            pictures = await self._pictures(message)
            await self._desk.answer_message(message, self._question(message, pictures))
            return
        if self._is_mine(about) and await self._followed_up(message, about):
            return
        pictures = pictures_of(message)
        if says_nothing(about) and not pictures.images:
            raise NoPicture(_(MESSAGE_WITHHELD))
        pictures += await self._pictures(about)
        if pictures.images or self._is_mentioned(message):
            await self._desk.answer_message(message, self._question(message, pictures))

    async def _pictures(self, message: discord.Message) -> Pictures:
        return await self._desk.authors.named(message, pictures_of(message))

    def _addressed(self, message: discord.Message) -> bool:
        if message.guild is None or self._is_mentioned(message):
            return True
        about = replied_to(message)
        if about is None or not self._is_mine(about):
            return False
        # Discord shows a bot what replies to its messages say, but not to its commands' answers.
        return bool(message.content or (says_nothing(message) and about.interaction_metadata))

    def _is_mentioned(self, message: discord.Message) -> bool:
        return any(user.id == self._my_id for user in message.mentions)

    def _is_mine(self, message: discord.Message) -> bool:
        return message.author.id == self._my_id

    @property
    def _my_id(self) -> int:
        assert self._bot.user is not None  # noqa: S101 - messages arrive after the login
        return self._bot.user.id

    async def _followed_up(self, message: discord.Message, about: discord.Message) -> bool:
        """Answer a reply to one of the bot's answers; False if it isn't one that is kept."""
        needed = not (pictures_of(message) + pictures_of(about)).images
        exchange = await exchange_shown_by(self._desk.service, about.id, needed=needed)
        if exchange is None:
            return False
        if says_nothing(message):
            raise Refused(_(REPLY_WITHHELD))
        images, history = await follow_up(self._bot, exchange, message.author.id)
        pictures = pictures_of(message) + Pictures(images)
        question = self._question(message, pictures, entry=Entry.REPLY, history=history)
        await self._desk.answer_message(message, question)
        return True

    def _question(
        self,
        message: discord.Message,
        pictures: Pictures,
        *,
        entry: Entry = Entry.MENTION,
        history: tuple[Turn, ...] = (),
    ) -> Question:
        text = question_text(message, self._my_id)
        return Question(
            source_id=message.id,
            entry=entry,
            asker=asker_of(message),
            place=place_of(message),
            text=text,
            images=pictures.images,
            task=Task.ASK if text else Task.DESCRIBE,
            history=history,
            left_out=pictures.left_out,
            delivery=Delivery(channel_id=message.channel.id),
        )
