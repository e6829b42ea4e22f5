"""Acting as a member: writing, commands, menus, buttons, forms."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from playground import commands
from playground.channels import THREAD, Channel
from playground.events import interaction_event
from playground.fields import modal_data
from playground.guilds import Role
from playground.interactions import (
    ACK_WITHIN,
    AUTOCOMPLETE,
    COMMAND,
    COMPONENT,
    MODAL_SUBMIT,
    Choice,
    Interaction,
)
from playground.messages import HAS_SNAPSHOT, REPLY, Edit, File, Message, label, parts
from playground.options import Filler, nested, subcommand
from playground.permissions import can
from playground.users import Json, User, Value
from playground.writing import attach, whom

BUTTON, STRING_SELECT, LINK = 2, 3, 5
_SELECTS = (3, 5, 6, 7, 8)


class Person(User):
    """A person who can act; every act returns once the bot has acknowledged it, or after 3 s."""

    async def send(
        self,
        channel: Channel,
        content: str = "",
        *,
        files: Sequence[File] = (),
        reply_to: Message | None = None,
        ping: bool = True,
    ) -> Message:
        """Write a message; `ping` is whether a reply notifies its author."""
        self._may_write(channel)
        message = self._draft(channel, content, reply_to)
        message.attachments = [attach(channel, file) for file in files]
        kinds = ["users", "roles"] + ["everyone"] * can(channel, self, "mention_everyone")
        whom(message, {"parse": kinds, "replied_user": ping}, "all")
        return self._post(message)

    async def forward(self, message: Message, channel: Channel) -> Message:
        """Forward a message into a channel."""
        self._may_write(channel)
        copy = self._draft(channel, "", None)
        copy.forwarded, copy.flags = message, HAS_SNAPSHOT
        return self._post(copy)

    async def edit(self, message: Message, content: str) -> Message:
        """Change the text of an own message."""
        assert message.author is self, f"{self.name} can edit only own messages"
        now = self.world.clock.now()
        message.edits.append(Edit(message.content, now))
        message.content, message.edited_at = content, now
        self.world.tell_message("MESSAGE_UPDATE", message)
        return message

    async def delete(self, message: Message) -> None:
        """Delete an own message, or any as a moderator."""
        allowed = message.author is self or can(message.channel, self, "manage_messages")
        assert allowed, f"{self.name} can't delete a message of {message.author.name}"
        message.channel.drop(message)
        self.world.tell_deletion(message)

    async def slash(self, channel: Channel, name: str, /, **options: Value) -> Interaction:
        """Use a slash command; `name` may go on to a sub-command ("settings model")."""
        command, owners = self._command(channel, name.split()[0], commands.CHAT_INPUT)
        chain, known = subcommand(command, name.split()[1:])
        filler = Filler(channel, self)
        filled = nested(chain, filler.fill(known, options))
        data = self._command_data(command, options=filled, resolved=filler.resolved)
        return await self._interact(Interaction(self.world, COMMAND, self, channel, data, owners))

    async def complete(
        self, channel: Channel, name: str, option: str, text: str, /, **options: Value
    ) -> list[Choice]:
        """Type into an option and give what the bot suggests."""
        command, owners = self._command(channel, name.split()[0], commands.CHAT_INPUT)
        chain, known = subcommand(command, name.split()[1:])
        target = next((o for o in known if o["name"] == option and o.get("autocomplete")), None)
        assert target is not None, f"/{name} completes no option {option!r}"
        filled = Filler(channel, self).fill([o for o in known if o["name"] in options], options)
        focused = {"name": option, "type": target["type"], "value": text, "focused": True}
        data = self._command_data(command, options=nested(chain, [*filled, focused]), resolved={})
        interaction = Interaction(self.world, AUTOCOMPLETE, self, channel, data, owners)
        return list((await self._interact(interaction)).choices)

    async def menu(
        self, name: str, target: Message | User, channel: Channel | None = None
    ) -> Interaction:
        """Right-click a message, or a user in a channel, and choose a command of the app."""
        if isinstance(target, Message):
            assert target.visible_to(self), f"{self.name} can't see that message"
            return await self._message_menu(name, target)
        assert channel is not None, "a user's menu is opened in a channel"
        command, owners = self._command(channel, name, commands.USER_MENU)
        filler = Filler(channel, self)
        target_id = filler.resolve(target)
        data = self._command_data(command, target_id=target_id, resolved=filler.resolved)
        return await self._interact(Interaction(self.world, COMMAND, self, channel, data, owners))

    async def click(self, message: Message, button: str) -> Interaction:
        """Press a button, named by label or custom_id."""
        found = self._control(message, button, (BUTTON,))
        assert found.get("style") != LINK, f"{button!r} only opens a link"
        data = {"component_type": BUTTON, "custom_id": found["custom_id"], "id": found["id"]}
        return await self._use(message, data)

    async def select(
        self, message: Message, menu: str, values: Sequence[str | User | Role | Channel]
    ) -> Interaction:
        """Choose in a select, named by placeholder or custom_id; options by label or value,
        people, roles and channels as themselves."""
        found = self._control(message, menu, _SELECTS)
        filler = Filler(message.channel, self)
        by_label = {option["label"]: option["value"] for option in found.get("options") or ()}
        chosen = [
            by_label.get(value, value) if isinstance(value, str) else filler.pick(found, value)
            for value in values
        ]
        unknown = set(chosen) - set(by_label.values())
        assert found["type"] != STRING_SELECT or not unknown, (
            f"{menu!r} has no {sorted(unknown)}, there are {list(by_label)}"
        )
        least, most = found.get("min_values", 1), found.get("max_values", 1)
        assert least <= len(chosen) <= most, f"{menu!r} takes {least} to {most} values"
        data = {"component_type": found["type"], "custom_id": found["custom_id"], "values": chosen}
        data["id"] = found["id"]
        if filler.resolved:
            data["resolved"] = filler.resolved
        return await self._use(message, data)

    async def submit(self, opened: Interaction, /, **fields: Value) -> Interaction:
        """Submit the form an interaction opened; fields by custom_id or label."""
        assert opened.modal is not None, "the bot opened no form"
        assert opened.user is self, f"the form is {opened.user.name}'s"
        data = modal_data(opened.modal, fields, Filler(opened.channel, self))
        interaction = Interaction(
            self.world, MODAL_SUBMIT, self, opened.channel, data, opened.owners
        )
        interaction.message, interaction.trigger = opened.message, opened
        return await self._interact(interaction)

    def direct_to(self, other: User) -> Channel:
        """Give the private channel with another person, where only user installs work."""
        return self.world.direct(self, other)

    def _may_write(self, channel: Channel) -> None:
        name = "send_messages_in_threads" if channel.kind == THREAD else "send_messages"
        assert can(channel, self, name), f"{self.name} can't write in {channel.name}"

    def _draft(self, channel: Channel, content: str, reply_to: Message | None) -> Message:
        assert len(content) <= 2000, f"a message takes 2,000 characters, not {len(content)}"
        return Message(
            id=self.world.clock.snowflake(),
            channel=channel,
            author=self,
            created=self.world.clock.now(),
            content=content,
            type=REPLY if reply_to is not None else 0,
            reply_to=reply_to,
        )

    def _post(self, message: Message) -> Message:
        message.channel.keep(message)
        self.world.tell_message("MESSAGE_CREATE", message)
        return message

    def _command(self, channel: Channel, name: str, kind: int) -> tuple[Json, dict[str, str]]:
        """Find a command as this person's client offers it here."""
        assert can(channel, self, "view_channel"), f"{self.name} can't see {channel.name}"
        guild_id = None if channel.guild is None else channel.guild.id
        there = [c for c in self.world.commands.available(guild_id) if c["type"] == kind]
        for command in there:
            if command["name"] == name and (
                owners := commands.authorization(command, self, channel)
            ):
                return command, owners
        shown = f"/{name}" if kind == commands.CHAT_INPUT else name
        names = [command["name"] for command in there]
        assert name not in names, f"{self.name} can't see {shown}"
        raise AssertionError(f"there is no {shown}, the bot registered {names}")

    def _command_data(self, command: Json, *, resolved: dict[str, Json], **more: Value) -> Json:
        data: Json = {"id": command["id"], "name": command["name"], "type": command["type"], **more}
        if "guild_id" in command:
            data["guild_id"] = command["guild_id"]
        return {**data, "resolved": resolved} if resolved else data

    async def _message_menu(self, name: str, target: Message) -> Interaction:
        command, owners = self._command(target.channel, name, commands.MESSAGE_MENU)
        resolved = {"messages": {str(target.id): target.json()}}
        data = self._command_data(command, target_id=str(target.id), resolved=resolved)
        return await self._interact(
            Interaction(self.world, COMMAND, self, target.channel, data, owners)
        )

    def _control(self, message: Message, name: str, kinds: tuple[int, ...]) -> Json:
        assert not message.deleted, "the message is gone"
        seen = message.visible_to(self) and can(message.channel, self, "view_channel")
        assert seen, f"{self.name} can't see that message"
        there = [part for part in parts(message.components) if part["type"] in kinds]
        for part in there:
            if name in (label(part), part.get("custom_id")):
                assert not part.get("disabled"), f"{name!r} is disabled"
                return part
        raise AssertionError(f"no {name!r} here, there are {[label(part) for part in there]}")

    async def _use(self, message: Message, data: Json) -> Interaction:
        if message.interaction is not None:
            owners = message.interaction.owners
        else:
            owners = commands.installs(self.world, self, message.channel)
        interaction = Interaction(self.world, COMPONENT, self, message.channel, data, owners)
        interaction.message = message
        return await self._interact(interaction)

    async def _interact(self, interaction: Interaction) -> Interaction:
        interaction.start()
        self.world.publish(interaction_event(interaction))
        try:
            async with asyncio.timeout(ACK_WITHIN):
                await interaction.answered.wait()
        except TimeoutError:
            what = interaction.data.get("name") or interaction.data.get("custom_id")
            self.world.violations.append(f"{what!r} was not acknowledged within 3 s")
        return interaction
