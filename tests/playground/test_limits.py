import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.commands_rules import size
from playground.errors import ApiError, Code, invalid_form
from playground.limits import check_choices, check_commands, check_message, check_modal

V2 = 1 << 15


def send(payload, *, sizes=(), interaction=False):
    check_message(
        payload,
        files=len(sizes),
        file_sizes=sizes,
        editing=False,
        existing=None,
        interaction=interaction,
    )


def edit(payload, existing, *, sizes=()):
    check_message(payload, files=len(sizes), file_sizes=sizes, editing=True, existing=existing)


def refusal(call, *args, **kwargs):
    """The paths and codes of a refusal, flattened as discord.py would show them."""
    with pytest.raises(ApiError) as caught:
        call(*args, **kwargs)
    return caught.value.code, dict(flat(caught.value.errors or {}))


def flat(tree, path=""):
    for key, value in tree.items():
        if key == "_errors":
            yield path, value[0]["code"]
        else:
            yield from flat(value, f"{path}.{key}".strip("."))


def button(**fields):
    return {"type": 2, "style": 1, "label": "Retry", "custom_id": "retry", **fields}


def row(*components):
    return {"type": 1, "components": list(components)}


def select(**fields):
    options = [{"label": "a", "value": "a"}, {"label": "b", "value": "b"}]
    return {"type": 3, "custom_id": "pick", "options": options, **fields}


def slash(**fields):
    return {"type": 1, "name": "ask", "description": "Ask about a picture", **fields}


def test_content_is_counted_in_code_points():
    send({"content": "🧁" * 2000})
    assert refusal(send, {"content": "🧁" * 2001}) == (
        Code.INVALID_FORM,
        {"content": "BASE_TYPE_MAX_LENGTH"},
    )


@pytest.mark.parametrize("payload", [{}, {"content": " \n"}, {"content": None, "embeds": []}])
def test_a_message_of_nothing_is_empty(payload):
    assert refusal(send, payload) == (Code.EMPTY_MESSAGE, {})


@pytest.mark.parametrize(
    "payload",
    [
        {"sticker_ids": ["1"]},
        {"embeds": [{"title": "t"}]},
        {"components": [row(button())]},
        {"message_reference": {"type": 1, "message_id": "1"}},
    ],
)
def test_a_message_without_content_may_carry_something_else(payload):
    send(payload)


def test_an_edit_may_clear_the_content_only_when_something_remains():
    edit({"content": ""}, {"content": "hi", "attachments": [{"id": "77", "filename": "a.png"}]})
    code, _ = refusal(edit, {"content": ""}, {"content": "hi", "attachments": []})
    assert code == Code.EMPTY_MESSAGE


def test_unknown_fields_are_ignored():
    send({"content": "hi", "colour": "blue"})


@pytest.mark.parametrize(
    ("embed", "path"),
    [
        ({"title": "x" * 257}, "embeds.0.title"),
        ({"description": "x" * 4097}, "embeds.0.description"),
        ({"footer": {"text": "x" * 2049}}, "embeds.0.footer.text"),
        ({"author": {"name": "x" * 257}}, "embeds.0.author.name"),
        ({"fields": [{"name": "n", "value": "x" * 1025}]}, "embeds.0.fields.0.value"),
        ({"fields": [{"name": "", "value": "v"}]}, "embeds.0.fields.0.name"),
        ({"title": "t", "image": {"url": "ftp://x/y.png"}}, "embeds.0.image.url"),
    ],
)
def test_an_embed_over_a_limit_is_named_by_its_path(embed, path):
    code, problems = refusal(send, {"embeds": [embed]})
    assert (code, list(problems)) == (Code.INVALID_FORM, [path])


def test_embeds_share_six_thousand_characters():
    send({"embeds": [{"description": "x" * 3000}] * 2})
    _, problems = refusal(send, {"embeds": [{"description": "x" * 3000}] * 2 + [{"title": "y"}]})
    assert problems == {"embeds": "MAX_EMBED_SIZE_EXCEEDED"}


def test_eleven_embeds_are_too_many():
    assert "embeds" in refusal(send, {"embeds": [{"title": "t"}] * 11})[1]


@pytest.mark.parametrize(
    ("components", "path"),
    [
        ([row(button(label="x" * 81))], "components.0.components.0.label"),
        ([row(button(custom_id="x" * 101))], "components.0.components.0.custom_id"),
        ([row(button(custom_id=""))], "components.0.components.0.custom_id"),
        ([row(button(custom_id=None))], "components.0.components.0.custom_id"),
        ([row(button(url="https://x.example"))], "components.0.components.0"),
        ([row(button(style=5, custom_id=None))], "components.0.components.0.url"),
        ([row(button(style=9))], "components.0.components.0.style"),
        ([row(button(label=None))], "components.0.components.0"),
        ([row()], "components.0.components"),
        ([row(*(button(custom_id=str(n)) for n in range(6)))], "components.0.components"),
        ([row(button(custom_id=str(n))) for n in range(6)], "components"),
        ([row(button()), row(button())], "components"),
        ([row(select(), button())], "components.0.components.1"),
        ([button()], "components.0.type"),
        ([{"type": 10, "content": "only with the flag"}], "components.0.type"),
        (["row"], "components.0"),
        ("row", "components"),
    ],
)
def test_a_bad_classic_layout_is_named_by_its_path(components, path):
    code, problems = refusal(send, {"content": "hi", "components": components})
    assert (code, list(problems)) == (Code.INVALID_FORM, [path])


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"placeholder": "x" * 151}, ".placeholder"),
        ({"options": []}, ".options"),
        ({"options": [{"label": "x" * 101, "value": "v"}]}, ".options.0.label"),
        ({"options": [{"label": "l", "value": "x" * 101}]}, ".options.0.value"),
        (
            {"options": [{"label": "l", "value": "v", "description": "x" * 101}]},
            ".options.0.description",
        ),
        ({"options": [{"label": "l", "value": "v"}] * 2}, ".options.1.value"),
        ({"options": [{"label": str(n), "value": str(n)} for n in range(26)]}, ".options"),
        ({"max_values": 3}, ".options"),
        ({"min_values": 2, "max_values": 1}, ".min_values"),
    ],
)
def test_a_bad_select_is_named_by_its_path(fields, path):
    code, problems = refusal(send, {"components": [row(select(**fields))]})
    assert (code, list(problems)) == (Code.INVALID_FORM, ["components.0.components.0" + path])


class Everything(discord.ui.View):
    @discord.ui.button(label="Stop", style=discord.ButtonStyle.danger)
    async def stop_it(self, *_): ...

    @discord.ui.select(options=[discord.SelectOption(label="one")], row=1)
    async def pick(self, *_): ...


async def test_what_discord_py_builds_passes():
    view = Everything()
    view.add_item(discord.ui.Button(label="Docs", url="https://example.org"))
    send({"content": "hi", "components": view.to_components()})
    layout = discord.ui.LayoutView()
    layout.add_item(
        discord.ui.Container(
            discord.ui.TextDisplay("# Receipt"),
            discord.ui.Section("Bread 3.20", accessory=discord.ui.Button(label="Why")),
            discord.ui.MediaGallery(discord.MediaGalleryItem("attachment://a.png")),
            discord.ui.Separator(),
            discord.ui.ActionRow(discord.ui.Button(label="Retry")),
        )
    )
    attachments = [{"id": 0, "filename": "a.png", "description": "a receipt"}]
    payload = {"flags": V2, "components": layout.to_components(), "attachments": attachments}
    send(payload, sizes=[100])


def text(content):
    return {"type": 10, "content": content}


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"content": "hi", "components": [text("x")]}, "content"),
        ({"embeds": [{"title": "t"}], "components": [text("x")]}, "embeds"),
        ({"components": [text("x" * 2001), text("y" * 2000)]}, "components"),
        ({"components": [text("x")] * 40 + [text("y")]}, "components"),
        ({"components": [{"type": 17, "components": [text("x")] * 40}]}, "components"),
        ({"components": [{"type": 9, "components": [text("x")]}]}, "components.0.accessory"),
        ({"components": [{"type": 12, "items": []}]}, "components.0.items"),
        ({"components": [{"type": 17, "components": []}]}, "components.0.components"),
        ({"components": [{"type": 13, "file": {"url": "attachment://no.txt"}}]}, "components"),
        ({"components": [{"type": 13, "file": {"url": "http://a/b"}}]}, "components.0.file.url"),
    ],
)
def test_a_bad_layout_of_the_second_kind_is_named_by_its_path(fields, path):
    code, problems = refusal(send, {"flags": V2, **fields})
    assert (code, list(problems)) == (Code.INVALID_FORM, [path])


def test_a_layout_of_too_many_bytes_breaks_the_server():
    send({"flags": V2, "components": [text("質" * 3386)]})
    with pytest.raises(ApiError, match="500: Internal Server Error"):
        send({"flags": V2, "components": [text("質" * 3387)]})


def test_an_attachment_that_no_component_shows_is_refused():
    payload = {"flags": V2, "components": [text("x")], "attachments": [{"id": 0, "filename": "a"}]}
    assert refusal(send, payload, sizes=[1])[1] == {
        "attachments": "MESSAGE_ATTACHMENT_NOT_REFERENCED"
    }


def test_the_layout_flag_stays_once_set():
    existing = {"flags": V2, "components": [text("x")]}
    edit({"components": [text("y")]}, existing)
    assert "content" in refusal(edit, {"content": "plain again"}, existing)[1]


def test_the_layout_flag_needs_the_old_content_cleared():
    payload = {"flags": V2, "components": [text("y")]}
    assert "content" in refusal(edit, payload, {"content": "old"})[1]
    edit({**payload, "content": None}, {"content": "old"})


def test_files_are_limited_in_size_and_number():
    send({}, sizes=[10 << 20, 10 << 20, 5 << 20])
    assert refusal(send, {}, sizes=[(10 << 20) + 1])[0] == Code.REQUEST_TOO_LARGE
    assert refusal(send, {}, sizes=[9 << 20] * 3)[0] == Code.REQUEST_TOO_LARGE
    assert refusal(send, {}, sizes=[1] * 11)[0] == Code.TOO_MANY_ATTACHMENTS


def test_kept_and_new_attachments_count_together():
    kept = {"attachments": [{"id": str(1000 + n), "filename": "k.png"} for n in range(9)]}
    edit({"content": "hi"}, kept, sizes=[1])
    assert refusal(edit, {"content": "hi"}, kept, sizes=[1, 1])[0] == Code.TOO_MANY_ATTACHMENTS


@pytest.mark.parametrize(
    ("entry", "path"),
    [
        ({"id": 0, "description": "x" * 1025}, "attachments.0.description"),
        ({"id": 5, "filename": "a.png"}, "attachments.0.id"),
    ],
)
def test_an_attachment_needs_its_file_and_a_short_description(entry, path):
    assert list(refusal(send, {"attachments": [entry]}, sizes=[1])[1]) == [path]


def test_only_the_flags_of_a_message_may_be_set():
    send({"content": "hi", "flags": 4 | 4096})
    send({"content": "hi", "flags": 64}, interaction=True)
    assert "flags" in refusal(send, {"content": "hi", "flags": 64})[1]
    edit({"content": "hi", "flags": 4}, {"flags": 64})
    assert "flags" in refusal(edit, {"content": "hi", "flags": 4096}, {"flags": 0})[1]


@pytest.mark.parametrize(
    ("allowed", "path"),
    [
        ({"parse": ["users"], "users": ["1"]}, "allowed_mentions"),
        ({"parse": ["everybody"]}, "allowed_mentions.parse.0"),
        ({"users": list(range(101))}, "allowed_mentions.users"),
        ({"roles": ["ada"]}, "allowed_mentions.roles.0"),
    ],
)
def test_allowed_mentions_must_make_sense(allowed, path):
    problems = refusal(send, {"content": "hi", "allowed_mentions": allowed})[1]
    assert list(problems) == [path]


def test_allowed_mentions_may_be_nothing_or_mixed():
    for allowed in (None, {"parse": []}, {"parse": ["users"], "roles": [1], "users": []}):
        send({"content": "hi", "allowed_mentions": allowed})


def test_a_nonce_has_at_most_25_characters():
    send({"content": "hi", "nonce": "n" * 25})
    send({"content": "hi", "nonce": 12345})
    assert "nonce" in refusal(send, {"content": "hi", "nonce": "n" * 26})[1]


class Question(discord.ui.Modal, title="Ask about image"):
    question = discord.ui.TextInput(label="Question", max_length=500, default="what is it?")
    file = discord.ui.Label(text="File", component=discord.ui.FileUpload())


async def test_the_modal_that_discord_py_builds_passes():
    check_modal(Question().to_dict())


def field(**fields):
    return row({"type": 4, "style": 1, "label": "Question", "custom_id": "q", **fields})


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"title": "x" * 46}, "title"),
        ({"title": ""}, "title"),
        ({"custom_id": None}, "custom_id"),
        ({"components": []}, "components"),
        ({"components": [field(custom_id=str(n)) for n in range(6)]}, "components"),
        ({"components": [field(), field()]}, "components"),
        ({"components": [field(label="x" * 46)]}, "components.0.components.0.label"),
        ({"components": [field(placeholder="x" * 101)]}, "components.0.components.0.placeholder"),
        ({"components": [field(max_length=4001)]}, "components.0.components.0.max_length"),
        ({"components": [field(max_length=3, value="four")]}, "components.0.components.0.value"),
        ({"components": [field(style=3)]}, "components.0.components.0.style"),
        ({"components": [row(button())]}, "components.0.components.0.type"),
        ({"components": [{"type": 18, "label": "l"}]}, "components.0.component"),
    ],
)
def test_a_bad_modal_is_named_by_its_path(fields, path):
    modal = {"title": "Ask", "custom_id": "ask", "components": [field()], **fields}
    code, problems = refusal(check_modal, modal)
    assert (code, list(problems)) == (Code.INVALID_FORM, [path])


@pytest.mark.parametrize("name", ["ask", "demande-à", "спроси", "質問", "it's", "छवि"])
def test_slash_commands_may_be_called_so(name):
    check_commands([slash(name=name)])


@pytest.mark.parametrize("name", ["Ask", "ask me", "ask!", "", "x" * 33])
def test_slash_commands_may_not_be_called_so(name):
    assert "0.name" in refusal(check_commands, [slash(name=name)])[1]


def option(name="image", **fields):
    return {"type": 3, "name": name, "description": "d", **fields}


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"description": ""}, "0.description"),
        ({"description": "x" * 101}, "0.description"),
        ({"description_localizations": {"xx": "d"}}, "0.description_localizations.xx"),
        ({"name_localizations": {"de": "Frag Mich"}}, "0.name_localizations.de"),
        ({"options": [option(f"o{n}") for n in range(26)]}, "0.options"),
        ({"options": [option("a"), option("b", required=True)]}, "0.options"),
        ({"options": [option("a"), option("a")]}, "0.options"),
        ({"options": [option("a"), option("b", type=1)]}, "0.options"),
        ({"options": [option(type=99)]}, "0.options.0.type"),
        (
            {"options": [option(choices=[{"name": str(n), "value": "v"} for n in range(26)])]},
            "0.options.0.choices",
        ),
        (
            {"options": [option(autocomplete=True, choices=[{"name": "n", "value": "v"}])]},
            "0.options.0",
        ),
        ({"options": [option(type=11, autocomplete=True)]}, "0.options.0.autocomplete"),
        ({"contexts": [0, 3]}, "0.contexts.1"),
        ({"contexts": []}, "0.contexts"),
        ({"integration_types": [0, 0]}, "0.integration_types"),
        ({"default_member_permissions": "manage"}, "0.default_member_permissions"),
    ],
)
def test_a_bad_command_is_named_by_its_path(fields, path):
    code, problems = refusal(check_commands, [slash(**fields)])
    assert (code, list(problems)) == (Code.INVALID_FORM, [path])


def test_a_group_holds_subcommands_and_nothing_deeper():
    inner = option("model", type=1, options=[option()])
    check_commands([slash(options=[option("settings", type=2, options=[inner])])])
    deeper = option("deep", type=2, options=[option("deeper", type=2, options=[inner])])
    assert "0.options.0.options.0.type" in refusal(check_commands, [slash(options=[deeper])])[1]


def test_a_menu_has_a_free_name_and_no_description():
    check_commands([{"type": 3, "name": "Describe image"}, {"type": 2, "name": "Describe image"}])
    code, problems = refusal(check_commands, [{"type": 3, "name": "Read", "description": "d"}])
    assert (code, list(problems)) == (Code.INVALID_FORM, ["0.description"])


def test_commands_of_one_kind_have_different_names_and_a_maximum():
    assert "" in refusal(check_commands, [slash(), slash()])[1]
    check_commands([slash(name=f"c{n}") for n in range(100)])
    menus = [{"type": 3, "name": f"Menu {n}"} for n in range(16)]
    assert refusal(check_commands, menus)[0] == Code.TOO_MANY_COMMANDS


def test_a_command_counts_the_longest_translation_of_everything():
    choice = {"name": "n" * 10, "value": "v" * 20, "name_localizations": {"de": "n" * 15}}
    command = slash(options=[option("o", choices=[choice])])
    assert size(command) == len("ask") + len("Ask about a picture") + 2 + 15 + 20
    big = [option(f"o{n}", description="d" * 100, choices=[choice] * 10) for n in range(20)]
    assert refusal(check_commands, [slash(options=big)])[1] == {
        "0": "APPLICATION_COMMAND_TOO_LARGE"
    }


def test_autocomplete_answers_with_at_most_25_short_choices():
    check_choices([{"name": str(n), "value": str(n)} for n in range(25)])
    check_choices([{"name": "one", "value": 1}])
    assert "choices" in refusal(check_choices, [{"name": "n", "value": "v"}] * 26)[1]
    assert "choices.0.name" in refusal(check_choices, [{"name": "n" * 101, "value": "v"}])[1]
    assert "choices.0.value" in refusal(check_choices, [{"name": "n", "value": "v" * 101}])[1]


def test_errors_have_discords_shape():
    error = invalid_form({"embeds.0.title": ("BASE_TYPE_MAX_LENGTH", "Must be 256 or fewer.")})
    assert error.status == 400
    assert error.body() == {
        "message": "Invalid Form Body",
        "code": 50035,
        "errors": {
            "embeds": {
                "0": {
                    "title": {
                        "_errors": [
                            {"code": "BASE_TYPE_MAX_LENGTH", "message": "Must be 256 or fewer."}
                        ]
                    }
                }
            }
        },
    }
    assert ApiError.http(404).body() == {"message": "404: Not Found", "code": 0}
    assert all(ApiError.of(code).status >= 400 for code in Code)


KEYS = ("type", "components", "accessory", "items", "media", "url", "options", "choices", "label")
FIELDS = ("content", "embeds", "components", "flags", "attachments", "allowed_mentions", "nonce")
scalars = (
    st.none() | st.booleans() | st.integers(-5, 99) | st.sampled_from(["", "x", "http://a", "7"])
)


def containers(inner):
    keys = st.sampled_from([*KEYS, "value", "name", "fields", "description", "component", "style"])
    return st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4)


json = st.recursive(scalars, containers, max_leaves=12)
payloads = st.dictionaries(st.sampled_from([*FIELDS, "title", "custom_id"]), json, max_size=5)


def status_of(call, argument):
    try:
        call(argument)
    except ApiError as error:
        return error.status
    return 200


@given(payloads)
def test_a_payload_of_any_shape_passes_or_is_refused_properly(payload):
    assert status_of(send, payload) in (200, 400)
    assert status_of(check_modal, payload) in (200, 400)


@given(st.lists(st.dictionaries(st.sampled_from(["type", "name", "options"]), json), max_size=3))
def test_commands_of_any_shape_pass_or_are_refused_properly(commands):
    assert status_of(check_commands, commands) in (200, 400)


async def test_the_commands_that_discord_py_builds_pass():
    client = discord.Client(intents=discord.Intents.none())
    tree = discord.app_commands.CommandTree(client)

    @tree.command(description="Ask about a picture")
    @discord.app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    @discord.app_commands.allowed_installs(guilds=True, users=True)
    async def ask(_: discord.Interaction, image: discord.Attachment, question: str = ""): ...

    @tree.context_menu(name="Ask about image…")
    async def menu(_: discord.Interaction, message: discord.Message): ...

    settings = discord.app_commands.Group(name="settings", description="Change settings")

    @settings.command(description="Choose a model")
    async def model(_: discord.Interaction, model: str, also: str | None = None): ...

    tree.add_command(settings)
    check_commands([command.to_dict(tree) for command in tree.get_commands()])
    check_commands([command.to_dict(tree) for command in tree.get_commands(type=None)])


@pytest.mark.parametrize(
    ("kind", "defaults", "problem"),
    [
        (8, [{"id": 1, "type": "channel"}], None),
        (7, [{"id": 1, "type": "role"}, {"id": "2", "type": "user"}], None),
        (8, [{"id": 1, "type": "role"}], "default_values.0.type"),
        (6, [{"id": "ada", "type": "role"}], "default_values.0.id"),
        (5, [{"id": each, "type": "user"} for each in range(3)], "default_values"),
    ],
)
def test_what_a_select_shows_as_chosen_fits_it(kind, defaults, problem):
    picker = {"type": kind, "custom_id": "pick", "max_values": 2, "default_values": defaults}
    payload = {"content": "hi", "components": [row(picker)]}
    if problem is None:
        send(payload)
    else:
        _code, found = refusal(send, payload)
        assert list(found) == [f"components.0.components.0.{problem}"]
