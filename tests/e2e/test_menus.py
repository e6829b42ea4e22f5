"""The right-click menus of messages and people: private unless the guild wants it otherwise."""

from pathlib import Path

import pytest

from playground import Interaction, Message, Person
from tests.e2e.conftest import Town, new_town

BUTTONS = ["Follow up", "Retry", "Other model", "Receipt", "Delete", "Share"]
SIGNED = "-# vision · a server that the operator chose got the picture · cost unknown"


async def chosen(town: Town, name: str, message: Message, who: Person | None = None) -> Message:
    """Use a message's menu and wait for the whole answer."""
    used = await (who or town.ada).menu(name, message)
    return await town.shown(used.response)


async def asked(town: Town, opened: Interaction, question: str) -> Message:
    """Submit the form that a menu opened and wait for the whole answer."""
    assert isinstance(opened.user, Person)
    submitted = await opened.user.submit(opened, question=question)
    return await town.shown(submitted.response)


@pytest.mark.parametrize(
    ("menu", "wanted"),
    [
        ("Describe image", "Describe this picture."),
        ("Read text", "What does the text in this picture say?"),
        ("Translate text", "Translate the text in this picture into English."),
    ],
)
async def test_a_menu_answers_in_private_about_the_messages_picture(
    town: Town, menu: str, wanted: str
) -> None:
    town.models.reply("A cat.")
    hung = await town.ben.send(town.channel, "look", files=[town.picture()])
    async with town.bot():
        answer = await chosen(town, menu, hung)
    assert answer.ephemeral_to is town.ada
    assert answer.content == f"A cat.\n{SIGNED}"
    assert answer.buttons == BUTTONS
    (request,) = town.models.chats
    assert request.text.endswith(f"\n{wanted}")
    assert [link.partition("?")[0] for link in request.images] == [
        hung.attachments[0].url.partition("?")[0]
    ]


async def test_text_is_translated_into_the_members_own_language(town: Town) -> None:
    hans = town.pg.user("hans", locale="de")
    town.guild.join(hans)
    menu = await town.ben.send(town.channel, "the menu", files=[town.picture("menu.jpg")])
    async with town.bot():
        await chosen(town, "Translate text", menu, hans)
    (request,) = town.models.chats
    assert request.text.endswith("Translate the text in this picture into German.")
    assert "If there is no text, say so in German." in request.text


async def test_ask_about_image_takes_the_question_in_a_form(town: Town) -> None:
    town.models.reply("About seven.")
    hung = await town.ben.send(town.channel, files=[town.picture(description="my cat Tom")])
    async with town.bot():
        opened = await town.ada.menu("Ask about image…", hung)
        answer = await asked(town, opened, "how old is he?")
    assert opened.modal is not None
    assert opened.modal.title == "Ask about image"
    assert [(field.label, field.required) for field in opened.modal.inputs] == [("Question", False)]
    assert answer.ephemeral_to is town.ada
    assert answer.content == f"About seven.\n{SIGNED}"
    (request,) = town.models.chats
    assert request.text.endswith("how old is he?\n\nPicture 1, in its uploader's words: my cat Tom")


async def test_an_empty_form_asks_for_a_description(town: Town) -> None:
    hung = await town.ben.send(town.channel, files=[town.picture()])
    async with town.bot():
        await asked(town, await town.ada.menu("Ask about image…", hung), "")
    assert town.models.chats[0].text.endswith("\nDescribe this picture.")


async def test_ask_about_avatar_asks_about_the_person_who_was_clicked(town: Town) -> None:
    async with town.bot():
        opened = await town.ada.menu("Ask about avatar…", town.ben, town.channel)
        answer = await asked(town, opened, "what colour is it?")
    assert opened.modal is not None
    assert opened.modal.title == "Ask about avatar"
    assert answer.ephemeral_to is town.ada
    (request,) = town.models.chats
    assert request.images[0].startswith("https://cdn.discordapp.com/embed/avatars/")
    assert "what colour is it?" in request.text


async def test_a_private_answer_can_be_shared_with_everybody(town: Town) -> None:
    town.models.reply("A cat.")
    hung = await town.ben.send(town.channel, files=[town.picture()])
    async with town.bot():
        private = await asked(town, await town.ada.menu("Ask about image…", hung), "what is it?")
        shared = await town.ada.click(private, "Share")
        await town.pg.until(lambda: len(shared.followups) == 1)
    (public,) = shared.followups
    assert public.ephemeral_to is None
    assert public.content.startswith("> what is it?\nA cat.\n-# ")
    assert SIGNED in public.content
    assert public.buttons == BUTTONS[:-1]
    assert len(town.models.chats) == 1


async def test_moderators_can_make_the_menus_answer_in_public(town: Town) -> None:
    hung = await town.ben.send(town.channel, files=[town.picture()])
    async with town.bot():
        await town.mod.slash(town.channel, "settings answers", menus="public")
        answer = await chosen(town, "Describe image", hung)
        quoted = await asked(town, await town.ada.menu("Ask about image…", hung), "how old?")
    assert answer.ephemeral_to is None
    assert answer.buttons == BUTTONS[:-1]
    assert quoted.content.startswith("> how old?\nHello")


@pytest.mark.parametrize("menu", ["Describe image", "Ask about image…"])
async def test_a_message_without_a_picture_is_told_so_at_once(town: Town, menu: str) -> None:
    plain = await town.ben.send(town.channel, "good morning")
    async with town.bot():
        used = await town.ada.menu(menu, plain)
        said = await town.told(used)
    assert used.kind == "message"
    assert said.content == "This message has no picture that I can look at."
    assert said.ephemeral_to is town.ada
    assert town.models.chats == []


async def test_pictures_in_embeds_are_seen_through_discords_own_copy(town: Town) -> None:
    hung = await town.ben.send(town.channel, "https://example.com/cat")
    hung.embeds = [
        {
            "type": "rich",
            "url": "https://example.com/cat",
            "thumbnail": {
                "url": "https://example.com/cat.png",
                "proxy_url": f"http://{town.pg.cdn_host}/external/abc/https/example.com/cat.png",
                "width": 320,
                "height": 240,
            },
        }
    ]
    async with town.bot():
        await chosen(town, "Describe image", hung)
    assert town.models.chats[0].images == (
        f"http://{town.pg.cdn_host}/external/abc/https/example.com/cat.png",
    )


async def test_pictures_in_forwarded_messages_are_seen(town: Town) -> None:
    elsewhere = town.guild.channel("elsewhere")
    hung = await town.ben.send(elsewhere, "look", files=[town.picture("dog.jpg")])
    forwarded = await town.ben.forward(hung, town.channel)
    async with town.bot():
        await chosen(town, "Describe image", forwarded)
    (link,) = town.models.chats[0].images
    assert link.partition("?")[0] == hung.attachments[0].url.partition("?")[0]


async def test_pictures_in_galleries_are_seen(town: Town) -> None:
    shown = town.picture("gallery.jpg")
    hung = await town.ben.send(town.channel, files=[shown])
    upload = hung.attachments.pop()
    media = {
        "url": upload.url,
        "proxy_url": upload.proxy_url,
        "width": 320,
        "height": 240,
        "content_type": "image/jpeg",
        "attachment_id": str(upload.id),
    }
    gallery = {"type": 12, "id": 2, "items": [{"media": media, "description": "a sunset"}]}
    hung.components = [{"type": 17, "id": 1, "components": [gallery]}]
    hung.flags |= 1 << 15
    async with town.bot():
        await chosen(town, "Describe image", hung)
    (request,) = town.models.chats
    assert request.images == (media["url"],)
    assert "Picture 1, in its uploader's words: a sunset" in request.text


async def test_the_menus_need_no_message_content_intent(tmp_path: Path) -> None:
    async with new_town(tmp_path, message_content=False) as town, town.bot():
        town.models.reply("A cat.")
        hung = await town.ben.send(town.channel, "look", files=[town.picture()])
        answer = await chosen(town, "Describe image", hung)
        assert answer.content == f"A cat.\n{SIGNED}"
        assert len(town.models.chats[0].images) == 1
