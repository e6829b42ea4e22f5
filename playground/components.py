"""Discord's rules for the components of a message, both generations of them."""

from collections.abc import Iterator, Sequence

from playground.forms import Form, node_at, nodes_at
from playground.forms import Node as Component

ROW, BUTTON, STRING_SELECT, TEXT_INPUT = 1, 2, 3, 4
SELECTS = (3, 5, 6, 7, 8)
_CHOSEN = {5: ("user",), 6: ("role",), 7: ("user", "role"), 8: ("channel",)}
SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER = 9, 10, 11, 12, 13, 14, 17
_IN_CONTAINER = (ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR)
_TOP_LEVEL = (*_IN_CONTAINER, CONTAINER)
_LINK, _PREMIUM = 5, 6


def walk(components: Sequence[Component]) -> Iterator[Component]:
    """Give every component, nested ones included."""
    for each in components:
        yield each
        inside = (node_at(each, "accessory"), node_at(each, "component"))
        yield from walk([*nodes_at(each, "components"), *filter(None, inside)])


def displayed_text(components: Sequence[Component]) -> str:
    """Give the text that a Components V2 message shows, which is also what may ping."""
    return "\n".join(str(each.get("content", "")) for each in walk(components) if is_text(each))


def overflows(components: Sequence[Component]) -> bool:
    """Tell whether the text is so many bytes that Discord answers 500 (discord-api-docs#8554)."""
    texts = [str(each.get("content", "")) for each in walk(components) if is_text(each)]
    return sum(len(text.encode(errors="replace")) + 12 for text in texts) > 10170


def is_text(component: Component) -> bool:
    """Tell whether it is a text display."""
    return component.get("type") == TEXT


def check_rows(form: Form, components: object) -> None:
    """Check the classic layout: up to five action rows and nothing else."""
    rows = form.nodes("components", components, 0, 5)
    for index, row in enumerate(rows):
        path = f"components.{index}"
        if form.one_of(f"{path}.type", row.get("type"), (ROW,)):
            _check_row(form, path, row)
    check_custom_ids(form, rows)


def check_layout(form: Form, components: object, attached: frozenset[str] | None) -> None:
    """Check Components V2; `attached` are the file names there are, None when not known."""
    tops = form.nodes("components", components, 0, 40)
    for index, each in enumerate(tops):
        _check_block(form, f"components.{index}", each, _TOP_LEVEL)
    check_custom_ids(form, tops)
    everything = list(walk(tops))
    if len(everything) > 40:
        form.note(
            "components", "COMPONENT_MAX_TOTAL_EXCEEDED", "Must be 40 or fewer components in total."
        )
    if sum(len(str(each.get("content", ""))) for each in everything if is_text(each)) > 4000:
        form.note(
            "components",
            "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED",
            "Displayable text size exceeds maximum size of 4000",
        )
    if attached is not None:
        _check_references(form, everything, attached)


def check_custom_ids(form: Form, components: Sequence[Component], path: str = "components") -> None:
    """Check that no custom id occurs twice."""
    seen: set[str] = set()
    for each in walk(components):
        custom_id = each.get("custom_id")
        if custom_id is not None and str(custom_id) in seen:
            message = "Component custom id cannot be duplicated"
            form.note(path, "COMPONENT_CUSTOM_ID_DUPLICATED", message)
        seen.add(str(custom_id))


def _check_block(form: Form, path: str, block: Component, allowed: Sequence[int]) -> None:
    kind = block.get("type")
    if not form.one_of(f"{path}.type", kind, allowed):
        return
    if kind == ROW:
        _check_row(form, path, block)
    elif kind == TEXT:
        form.needed_text(f"{path}.content", block.get("content"), 1, 4000)
    elif kind == SECTION:
        _check_section(form, path, block)
    elif kind == GALLERY:
        for index, item in enumerate(form.nodes(f"{path}.items", block.get("items"), 1, 10)):
            _check_media(form, f"{path}.items.{index}", item)
    elif kind == FILE:
        _check_file(form, path, block)
    elif kind == CONTAINER:
        inner = form.nodes(f"{path}.components", block.get("components"), 1, 40)
        for index, each in enumerate(inner):
            _check_block(form, f"{path}.components.{index}", each, _IN_CONTAINER)


def _check_section(form: Form, path: str, section: Component) -> None:
    texts = form.nodes(f"{path}.components", section.get("components"), 1, 3)
    for index, each in enumerate(texts):
        _check_block(form, f"{path}.components.{index}", each, (TEXT,))
    accessory = node_at(section, "accessory")
    at = f"{path}.accessory"
    if not accessory:
        form.required(at)
    elif accessory.get("type") == BUTTON:
        _check_button(form, at, accessory)
    elif form.one_of(f"{at}.type", accessory.get("type"), (BUTTON, THUMBNAIL)):
        _check_media(form, at, accessory)


def _check_media(form: Form, path: str, item: Component) -> None:
    form.text(f"{path}.description", item.get("description"), 1, 1024)
    url = node_at(item, "media").get("url")
    form.needed_text(f"{path}.media.url", url, 1, 2048)
    check_url(form, f"{path}.media.url", url, ("http", "https", "attachment"))


def _check_file(form: Form, path: str, block: Component) -> None:
    url = node_at(block, "file").get("url")
    form.needed_text(f"{path}.file.url", url, 1, 2048)
    check_url(form, f"{path}.file.url", url, ("attachment",))


def _check_references(
    form: Form, everything: Sequence[Component], attached: frozenset[str]
) -> None:
    urls = list(map(str, _media_urls(everything)))
    named = {url.removeprefix("attachment://") for url in urls if url.startswith("attachment://")}
    shown = named | {url.partition("?")[0].rpartition("/")[2] for url in urls}
    for name in sorted(named - attached):
        message = f"The referenced attachment {name} could not be found"
        form.note("components", "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND", message)
    for name in sorted(attached - shown):
        message = f"The attachment {name} is not shown by any component"
        form.note("attachments", "MESSAGE_ATTACHMENT_NOT_REFERENCED", message)


def _media_urls(everything: Sequence[Component]) -> Iterator[object]:
    for each in everything:
        for holder in (each, *nodes_at(each, "items")):
            media = node_at(holder, "media") or node_at(holder, "file")
            if media:
                yield media.get("url")


def _check_row(form: Form, path: str, row: Component) -> None:
    children = form.nodes(f"{path}.components", row.get("components"), 1, 5)
    kinds = [child.get("type") for child in children]
    if any(kind in SELECTS for kind in kinds) and len(kinds) > 1:
        message = "The specified component exceeds the maximum width"
        form.note(f"{path}.components.1", "COMPONENT_LAYOUT_WIDTH_EXCEEDED", message)
    for index, child in enumerate(children):
        at = f"{path}.components.{index}"
        if child.get("type") == BUTTON:
            _check_button(form, at, child)
        elif form.one_of(f"{at}.type", child.get("type"), (BUTTON, *SELECTS)):
            check_select(form, at, child)


def _check_button(form: Form, path: str, button: Component) -> None:
    style, custom_id, url = button.get("style"), button.get("custom_id"), button.get("url")
    form.one_of(f"{path}.style", style, range(1, 7))
    form.text(f"{path}.label", button.get("label"), 0, 80)
    form.text(f"{path}.custom_id", custom_id, 1, 100)
    form.text(f"{path}.url", url, 1, 512)
    if url is not None and custom_id is not None:
        message = "A custom id and url cannot both be specified"
        form.note(path, "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", message)
    elif style == _LINK:
        if url is None:
            form.note(f"{path}.url", "BUTTON_COMPONENT_URL_REQUIRED", "A URL is required")
        check_url(form, f"{path}.url", url, ("http", "https", "discord"))
    elif style != _PREMIUM and custom_id is None:
        message = "A custom id is required"
        form.note(f"{path}.custom_id", "BUTTON_COMPONENT_CUSTOM_ID_REQUIRED", message)
    if style != _PREMIUM and not button.get("label") and not button.get("emoji"):
        message = "A label or emoji is required"
        form.note(path, "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED", message)


def check_select(form: Form, path: str, select: Component) -> None:
    """Check a select menu of any kind."""
    form.needed_text(f"{path}.custom_id", select.get("custom_id"), 1, 100)
    form.text(f"{path}.placeholder", select.get("placeholder"), 0, 150)
    low, high = select.get("min_values"), select.get("max_values")
    form.whole(f"{path}.min_values", low, 0, 25)
    form.whole(f"{path}.max_values", high, 1, 25)
    if isinstance(low, int) and isinstance(high, int) and low > high:
        message = "min_values must be less than or equal to max_values"
        form.note(f"{path}.min_values", "SELECT_COMPONENT_MIN_VALUES_TOO_LARGE", message)
    if select.get("type") == STRING_SELECT:
        _check_options(form, f"{path}.options", select, high)
    else:
        _check_defaults(form, f"{path}.default_values", select)


def _check_options(form: Form, path: str, select: Component, high: object) -> None:
    options = form.nodes(path, select.get("options"), 1, 25)
    if isinstance(high, int) and high > len(options):
        message = "max_values cannot be larger than the number of options"
        form.note(path, "SELECT_COMPONENT_MAX_VALUES_TOO_LARGE", message)
    seen: set[str] = set()
    for index, option in enumerate(options):
        at = f"{path}.{index}"
        form.needed_text(f"{at}.label", option.get("label"), 1, 100)
        form.needed_text(f"{at}.value", option.get("value"), 1, 100)
        form.text(f"{at}.description", option.get("description"), 0, 100)
        value = str(option.get("value"))
        if value in seen:
            message = "The specified option value is already used"
            form.note(f"{at}.value", "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", message)
        seen.add(value)
    defaults = sum(bool(option.get("default")) for option in options)
    if defaults > (high if isinstance(high, int) else 1):
        message = "Too many options are selected by default"
        form.note(path, "SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES", message)


def _check_defaults(form: Form, path: str, select: Component) -> None:
    """Check what a select of people, roles or channels shows as chosen."""
    kinds = _CHOSEN.get(int(select.get("type", 0)), ())
    defaults = form.nodes(path, select.get("default_values"), 0, 25)
    for index, each in enumerate(defaults):
        form.one_of(f"{path}.{index}.type", each.get("type"), kinds)
        if not str(each.get("id")).isdecimal():
            message = f'Value "{each.get("id")}" is not snowflake.'
            form.note(f"{path}.{index}.id", "NUMBER_TYPE_COERCE", message)
    low, high = select.get("min_values", 1), select.get("max_values", 1)
    if defaults and not low <= len(defaults) <= high:
        message = f"Must be between {low} and {high} in length."
        form.note(path, "BASE_TYPE_BAD_LENGTH", message)


def check_url(form: Form, path: str, url: object, schemes: Sequence[str]) -> None:
    """Check that a URL that may be absent has one of these schemes."""
    if url is None or str(url).partition("://")[0].lower() in schemes:
        return
    message = f'Scheme "{str(url).partition(":")[0]}" is not supported. Must be one of {schemes}.'
    form.note(path, "URL_TYPE_INVALID_SCHEME", message)
