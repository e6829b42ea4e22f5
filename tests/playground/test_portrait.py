"""A conversation as a picture."""

import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from playground import File
from playground.messages import EPHEMERAL, LOADING, V2, Message
from playground.pictures import photo
from playground.portrait import portrait
from playground.portrait_ink import GREEN, RED, TEXT, typeset
from playground.portrait_markup import Span, Style, parse, spans
from playground.portrait_text import draw_text

ANSWER = """# Receipt
The total is **20.40**, *by card*, __sure__, ~~cash~~, `code`, ||secret||.
> A quote
> - with an item
- one
  - deeper
1. first
```python
def total() -> int:
\treturn 2040
```
[a link](https://example.org) <https://example.org> https://example.org/a_b_c <t:1700000000:R>
-# small print"""
BUTTONS = {
    "type": 1,
    "components": [
        {"type": 2, "style": style, "label": f"Button {style}", "custom_id": f"b{style}"}
        for style in (1, 2, 3, 4, 5)
    ],
}
SELECT = {"type": 1, "components": [{"type": 3, "placeholder": "Choose a model", "options": []}]}
CONTAINER = {
    "type": 17,
    "accent_color": 0xFFAA00,
    "components": [
        {"type": 10, "content": "### Models"},
        {"type": 14},
        {
            "type": 9,
            "components": [{"type": 10, "content": "Beside"}],
            "accessory": {"type": 2, "style": 2, "label": "Press", "disabled": True},
        },
    ],
}
EMBED = {
    "title": "Usage",
    "description": "5 questions",
    "color": 0x3BA55D,
    "fields": [{"name": "By model", "value": "Reader: 5"}],
    "footer": {"text": "today\nand tomorrow"},
}


@pytest.fixture
def channel(pg):
    guild = pg.guild("Corner Bakery")
    for name in ("ada", "ben"):
        guild.join(pg.user(name))
    return guild.channel("general")


@pytest.fixture
def ada(channel):
    return next(user for user in channel.world.users.values() if user.name == "ada")


@pytest.fixture
def ben(channel):
    return next(user for user in channel.world.users.values() if user.name == "ben")


def say(channel, content="", **facts):
    """Put a message of the bot into a channel."""
    world = channel.world
    message = Message(
        id=world.clock.snowflake(),
        channel=channel,
        author=world.bot,
        created=world.clock.now(),
        content=content,
        **facts,
    )
    channel.keep(message)
    return message


def opened(png):
    return Image.open(io.BytesIO(png)).convert("RGB")


def drawn(*messages, **options):
    return opened(portrait(messages, title="#general", **options))


def solid(colour):
    out = io.BytesIO()
    Image.new("RGB", (300, 200), colour).save(out, "PNG")
    return out.getvalue()


def share(picture, colour):
    """Give how many pixels are nearly of a colour; palettes and smoothing move them a little."""
    near = [
        count
        for count, pixel in picture.getcolors(picture.width * picture.height)
        if all(abs(a - b) < 12 for a, b in zip(pixel, colour, strict=True))
    ]
    return sum(near)


async def test_a_conversation_with_everything_in_it_is_drawn(channel, ada, ben):
    cat = File("cat.jpg", photo(70, 90), spoiler=True, description="a cat")
    files = [File("a.jpg", photo(90, 70)), File("b.txt", b"text"), cat]
    post = await ben.send(channel, "Look", files=files)
    question = await ada.send(channel, f"{channel.world.bot.mention} what?", reply_to=post)
    say(channel, ANSWER, reply_to=question, edited_at=1.0, components=[BUTTONS, SELECT])
    say(channel, "", flags=LOADING)
    say(channel, "Only for one", flags=EPHEMERAL, ephemeral_to=ada)
    say(channel, "", embeds=[EMBED])
    say(channel, "", flags=V2, components=[CONTAINER])
    await ada.forward(post, channel)
    gone = await ben.send(channel, "gone")
    await ada.send(channel, "to nothing", reply_to=gone)
    await ben.delete(gone)
    for width in (480, 1100):
        png = portrait(channel.messages, title="#general", width=width, as_user=ada)
        picture = Image.open(io.BytesIO(png))
        assert (picture.format, picture.width) == ("PNG", width)
    assert picture.height > 1500


def test_an_empty_conversation_is_a_bar_with_its_title():
    picture = drawn(width=600)
    assert picture.width == 600
    assert picture.height < 120


async def test_private_messages_of_others_are_left_out(channel, ada, ben):
    public = await ben.send(channel, "Hello")
    private = say(channel, "psst", flags=EPHEMERAL, ephemeral_to=ada)
    everything = [public, private]
    without = portrait([public], title="#general", as_user=ben)
    assert portrait(everything, title="#general", as_user=ben) == without
    assert portrait(everything, title="#general", as_user=ada) != without


async def test_pictures_are_drawn_in_and_spoilers_covered(channel, ben):
    red = (250, 20, 30)
    plain = await ben.send(channel, files=[File("red.png", solid(red))])
    covered = await ben.send(channel, files=[File("red.png", solid(red), spoiler=True)])
    assert share(drawn(plain), red) > 50_000
    assert share(drawn(covered), red) == 0


async def test_a_picture_is_scaled_into_its_box_and_a_broken_one_is_a_file(channel, ben):
    tall = await ben.send(channel, files=[File("tall.jpg", photo(400, 3000))])
    broken = await ben.send(channel, files=[File("broken.jpg", photo(400, 3000)[:2000])])
    assert 500 < drawn(tall).height < 760
    assert drawn(broken).height < 300


def test_buttons_have_the_colours_of_their_styles(channel):
    picture = drawn(say(channel, "Done", components=[BUTTONS]))
    assert share(picture, GREEN) > 1500
    assert share(picture, RED) > 1500


def test_a_disabled_button_is_faint(channel):
    row = {"type": 1, "components": [{"type": 2, "style": 3, "label": "No", "disabled": True}]}
    assert share(drawn(say(channel, "Done", components=[row])), GREEN) == 0


async def test_one_persons_messages_stand_under_one_name(channel, ada, ben):
    first, second = await ben.send(channel, "one"), await ben.send(channel, "two")
    other = await ada.send(channel, "two")
    assert drawn(first, second).height < drawn(first, other).height


def test_lines_and_spans_are_told_apart(channel, ada):
    lines = parse(ANSWER, channel.world)
    assert [line.kind for line in lines] == [
        *("heading", "text", "text", "item", "item", "item", "item", "code", "text", "small")
    ]
    assert [line.quoted for line in lines[:5]] == [False, False, True, True, False]
    assert [line.depth for line in lines[4:6]] == [0, 1]
    found = spans(f"**bold *both*** {ada.mention} \\*plain\\* `**`", channel.world)
    assert Span("@Ada", Style.MENTION) in found
    assert Span("bold ", Style.BOLD) in found
    assert Span("**", Style.CODE) in found
    assert "".join(each.text for each in found if not each.style).strip() == "*plain*"


def test_a_covered_word_shows_no_letters(channel):
    def letters(text):
        block = draw_text(parse(text, channel.world), 400)
        return share(Image.alpha_composite(Image.new("RGBA", block.size), block), (*TEXT, 255))

    assert letters("secret") > 50
    assert letters("||secret||") == 0


def test_what_the_font_lacks_has_a_near_likeness():
    assert typeset("naïve – 3 × 4 €\u200b🎉") == "naive - 3 x 4 EUR"
    assert typeset("да") == "??"


@pytest.mark.parametrize("text", ["W" * 200, "@ % " * 90, f"**{'m' * 99}**", f"`{'W ' * 90}`"])
def test_long_lines_are_wrapped_before_the_edge(channel, text):
    block = draw_text(parse(text, channel.world), 300)
    box = block.getchannel("A").getbbox()
    assert box is not None
    assert box[2] < 300
    assert block.height > draw_text(parse(text, channel.world), 9000).height


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.text(st.characters(codec="utf-8") | st.sampled_from("*_`|~> -#\n"), max_size=200))
def test_any_text_can_be_drawn(channel, text):
    assert draw_text(parse(text, channel.world), 300).height < 200 * 70
