"""What counts as a picture in Discord's own objects, built from payloads as Discord sends them."""

import datetime as dt
from typing import Any

import discord
import pytest

from bot.errors import Refused
from cogs._sources.attachments import expiry, from_attachments
from cogs._sources.interaction import from_link
from cogs._sources.message import pictures_of, question_text, says_nothing
from cogs._sources.places import around

AUTHOR = {"id": "7", "username": "ada", "discriminator": "0", "avatar": None}
EX = 1_800_000_000
SIGNED = f"https://cdn.discordapp.com/attachments/1/2/a.png?ex={EX:x}&is=1&hm=abc"


@pytest.fixture
async def client() -> discord.Client:
    return discord.Client(intents=discord.Intents.none())


def attachment(number: int, filename: str = "a.png", **facts: Any) -> dict[str, Any]:
    url = SIGNED.replace("/2/", f"/{number}/")
    known = {"id": str(number), "filename": filename, "size": 10, "url": url, "proxy_url": url}
    return known | facts


def part(**facts: Any) -> dict[str, Any]:
    empty: dict[str, Any] = {
        "content": "",
        "attachments": [],
        "embeds": [],
        "type": 0,
        "components": [],
    }
    times = {"timestamp": "2026-01-01T00:00:00+00:00", "edited_timestamp": None}
    return empty | times | {"mentions": [], "mention_roles": [], "flags": 0} | facts


def message(client: discord.Client, **facts: Any) -> discord.Message:
    payload = part(id="5", channel_id="3", author=AUTHOR, pinned=False, tts=False, **facts)
    payload["mention_everyone"] = False
    channel: Any = client.get_partial_messageable(3)
    return discord.Message(state=client._connection, channel=channel, data=payload)  # type: ignore[arg-type]


async def test_an_attachment_keeps_its_facts_and_where_it_hangs(client: discord.Client):
    facts = {"content_type": "image/png", "width": 4, "height": 3, "description": "a cat"}
    (image,) = pictures_of(message(client, attachments=[attachment(2, **facts)])).images
    assert (image.content_type, image.width, image.height, image.alt) == (*facts.values(),)
    assert image.origin is not None
    assert (image.origin.channel_id, image.origin.message_id, image.origin.attachment_id) == (
        3,
        5,
        2,
    )
    assert image.expires_at == dt.datetime.fromtimestamp(EX, dt.UTC)


async def test_a_spoiler_is_one_by_name_or_by_flag(client: discord.Client):
    listed = [attachment(1, "SPOILER_a.png"), attachment(2, flags=8), attachment(3)]
    images = pictures_of(message(client, attachments=listed)).images
    assert [image.spoiler for image in images] == [True, True, False]


async def test_a_file_that_is_no_picture_is_left_out_by_name(client: discord.Client):
    listed = [attachment(1, "notes.txt", content_type="text/plain"), attachment(2)]
    found = pictures_of(message(client, attachments=listed))
    assert [image.filename for image in found.images] == ["a.png"]
    assert [left.filename for left in found.left_out] == ["notes.txt"]


async def test_the_eleventh_picture_is_left_out(client: discord.Client):
    first = pictures_of(message(client, attachments=[attachment(n) for n in range(10)]))
    found = first + pictures_of(message(client, attachments=[attachment(10), attachment(3)]))
    assert len(found.images) == 10
    assert len(found.left_out) == 1


async def test_an_embed_gives_discords_copy_and_never_the_site_itself(client: discord.Client):
    proxied = {"url": "https://site.example/x.png", "proxy_url": "https://media.discordapp.net/x"}
    bare = {"url": "https://site.example/y.png"}
    embeds = [{"type": "rich", "image": proxied}, {"type": "image", "thumbnail": bare}]
    images = pictures_of(message(client, embeds=embeds)).images
    assert [image.url for image in images] == ["https://media.discordapp.net/x"]


async def test_a_forward_gives_the_pictures_of_its_snapshot(client: discord.Client):
    snapshot = {"message": part(attachments=[attachment(9)])}
    found = message(client, message_snapshots=[snapshot])
    (image,) = pictures_of(found).images
    assert image.origin is not None
    assert (image.origin.message_id, image.origin.attachment_id) == (5, 9)


async def test_a_gallery_inside_a_container_is_seen(client: discord.Client):
    media = {"url": SIGNED, "proxy_url": SIGNED, "content_type": "image/png", "attachment_id": "4"}
    gallery = {
        "type": 12,
        "id": 2,
        "items": [{"media": media, "description": "x", "spoiler": True}],
    }
    container = {"type": 17, "id": 1, "components": [gallery]}
    (image,) = pictures_of(message(client, components=[container])).images
    assert (image.alt, image.spoiler) == ("x", True)
    assert image.origin is not None
    assert image.origin.attachment_id == 4


async def test_a_sticker_counts_unless_it_is_an_animation_file(client: discord.Client):
    stickers = [
        {"id": "1", "name": "wave", "format_type": 1},
        {"id": "2", "name": "l", "format_type": 3},
    ]
    images = pictures_of(message(client, sticker_items=stickers)).images
    assert [image.filename for image in images] == ["wave.png"]


async def test_a_withheld_message_says_nothing(client: discord.Client):
    assert says_nothing(message(client))
    assert not says_nothing(message(client, content="hi"))


async def test_the_mention_is_no_part_of_the_question(client: discord.Client):
    asked = message(client, content="<@42> what is <@7> doing <@!42>?")
    assert question_text(asked, 42) == "what is <@7> doing ?"


NO_LINKS = (
    "ftp://a.example/x.png x.png https:// https://me:pw@a.example/x http://[::1 "
    "https://discord.com/channels/1/2/3"
)


@pytest.mark.parametrize("link", NO_LINKS.split())
def test_a_link_that_is_no_pictures_is_refused(link: str):
    with pytest.raises(Refused):
        from_link(link)


def test_a_link_gives_its_picture_and_no_link_none():
    (image,) = from_link("<https://a.example/dir/cat.png?size=2>").images
    assert (image.url, image.filename) == ("https://a.example/dir/cat.png?size=2", "cat.png")
    assert not from_link(None).images
    assert not from_attachments([]).images


@pytest.mark.parametrize(
    "url", ["https://a.example", "https://a.example?ex=zz", "https://a.example?ex="]
)
def test_a_link_without_a_date_does_not_expire(url: str):
    assert expiry(url) is None


async def test_a_messages_own_pictures_are_its_authors_and_a_forwards_nobodys_yet(
    client: discord.Client,
):
    own = message(client, attachments=[attachment(1)], sticker_items=[STICKER], embeds=[EMBED])
    assert [image.author_id for image in pictures_of(own).images] == [7, 7, 7]
    forward = message(client, message_snapshots=[{"message": part(attachments=[attachment(9)])}])
    assert [image.author_id for image in pictures_of(forward).images] == [None]


STICKER = {"id": "1", "name": "wave", "format_type": 1}
EMBED = {
    "type": "image",
    "thumbnail": {"url": "https://a.example/x", "proxy_url": "https://media.discordapp.net/x"},
}


def test_a_link_is_whose_it_is_given_by():
    (image,) = from_link("https://a.example/cat.png", author_id=7).images
    assert image.author_id == 7


@pytest.mark.parametrize(
    "link",
    [
        "https://cdn.discordapp.com/avatars/8/0123abcd.png?size=1024",
        "<https://cdn.discordapp.com/guilds/70/users/8/avatars/0123abcd.webp>",
        "https://media.discordapp.net//%61vatars/8/0123abcd.png",
    ],
)
def test_a_link_to_an_avatar_is_whose_avatar_it_is(link: str):
    (image,) = from_link(link, author_id=7).images
    assert image.author_id == 8


async def test_a_channel_lies_in_its_category_and_a_thread_in_its_channel_first(
    client: discord.Client,
):
    category = {"id": "70", "type": 4, "name": "c", "position": 0}
    channel = {"id": "71", "type": 0, "name": "g", "position": 0, "parent_id": "70"}
    data: Any = {"id": "9", "name": "Bakery", "channels": [category, channel]}
    guild = discord.Guild(data=data, state=client._connection)
    metadata = {
        "archived": False,
        "auto_archive_duration": 60,
        "archive_timestamp": "2026-01-01T00:00:00+00:00",
    }
    facts: Any = {"id": "72", "parent_id": "71", "owner_id": "7", "name": "t", "type": 11}
    facts |= {"message_count": 0, "member_count": 1, "thread_metadata": metadata}
    thread = discord.Thread(guild=guild, state=client._connection, data=facts)
    assert around(guild, 72, thread) == (71, 70)
    assert around(guild, 71, None) == (70,)
    assert around(guild, 70, None) == ()
    assert around(None, 72, thread) == (71,)
    assert around(None, 5, None) == ()
