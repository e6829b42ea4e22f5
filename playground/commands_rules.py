"""What Discord accepts as application commands and as autocomplete choices."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from playground.errors import ApiError, Code
from playground.forms import Form, Node, node_at, nodes_at

CHAT, USER, MESSAGE = 1, 2, 3
SUBCOMMAND, GROUP, STRING, INTEGER, NUMBER = 1, 2, 3, 4, 10
_MOST = {CHAT: 100, USER: 15, MESSAGE: 15}
_LOCALES = re.compile(
    r"ar|bg|cs|da|de|el|en-GB|en-US|es-419|es-ES|fi|fr|he|hi|hr|hu|id|it|ja|ko|lt|nl|no|pl|pt-BR"
    r"|ro|ru|sv-SE|th|tr|uk|vi|zh-CN|zh-TW"
)
_INDIC = re.compile(r"[\u0900-\u097f\u0e00-\u0e7f]")  # Devanagari and Thai, marks included


def check_commands(commands: Sequence[Node]) -> None:
    """Check a whole set of commands as sent to bulk overwrite; raises ApiError 50035 or 30032."""
    form = Form()
    for index, command in enumerate(commands):
        _check_command(form, str(index), command)
    named = [(str(command.get("type") or CHAT), str(command.get("name"))) for command in commands]
    if len(set(named)) < len(named):
        message = "Application command names must be unique"
        form.note("", "APPLICATION_COMMANDS_DUPLICATE_NAME", message)
    form.done()
    kinds = Counter(int(command.get("type") or CHAT) for command in commands)
    if any(count > _MOST[kind] for kind, count in kinds.items()):
        raise ApiError.of(Code.TOO_MANY_COMMANDS)


def check_choices(choices: Sequence[Node]) -> None:
    """Check what an autocomplete answers with; raises ApiError 50035."""
    form = Form()
    _check_choices(form, "choices", choices, STRING if _are_text(choices) else NUMBER)
    form.done()


def _are_text(choices: Sequence[Node]) -> bool:
    return any(isinstance(each.get("value"), str) for each in choices)


def _check_command(form: Form, path: str, command: Node) -> None:
    kind = command.get("type") or CHAT
    if not form.one_of(f"{path}.type", kind, (CHAT, USER, MESSAGE)):
        return
    _check_where(form, path, command)
    _check_localised(form, path, command, "name", 32)
    if kind == CHAT:
        _check_slash_names(form, path, command)
        _check_localised(form, path, command, "description", 100)
        _check_options(form, f"{path}.options", command.get("options"), (SUBCOMMAND, GROUP))
        if size(command) > 8000:
            message = "Command exceeds maximum size (8000)"
            form.note(path, "APPLICATION_COMMAND_TOO_LARGE", message)
    else:
        _check_bare_menu(form, path, command)


def _check_bare_menu(form: Form, path: str, command: Node) -> None:
    if command.get("description"):
        message = "Context menu commands cannot have description"
        form.note(f"{path}.description", "APPLICATION_COMMAND_MENU_DESCRIPTION", message)
    if command.get("options"):
        message = "Context menu commands cannot have options"
        form.note(f"{path}.options", "APPLICATION_COMMAND_MENU_OPTIONS", message)


def _check_where(form: Form, path: str, command: Node) -> None:
    for field, allowed in (("contexts", (0, 1, 2)), ("integration_types", (0, 1))):
        value = command.get(field)
        if value is None:
            continue
        found = form.items(f"{path}.{field}", value, 1, len(allowed))
        for index, each in enumerate(found):
            form.one_of(f"{path}.{field}.{index}", each, allowed)
        if len(set(found)) < len(found):
            form.note(f"{path}.{field}", "SET_TYPE_ALREADY_CONTAINS_VALUE", "Values must be unique")
    permissions = command.get("default_member_permissions")
    if permissions is not None and not str(permissions).isdecimal():
        message = f'Value "{permissions}" is not a set of permissions.'
        form.note(f"{path}.default_member_permissions", "NUMBER_TYPE_COERCE", message)


def _check_localised(form: Form, path: str, node: Node, field: str, high: int) -> None:
    form.needed_text(f"{path}.{field}", node.get(field), 1, high)
    for locale, text in node_at(node, f"{field}_localizations").items():
        at = f"{path}.{field}_localizations.{locale}"
        form.text(at, text, 1, high)
        if _LOCALES.fullmatch(locale) is None:
            form.note(at, "BASE_TYPE_CHOICES", "This locale is not one that Discord knows.")


def _check_slash_names(form: Form, path: str, node: Node) -> None:
    names = {f"{path}.name": node.get("name")}
    for locale, text in node_at(node, "name_localizations").items():
        names[f"{path}.name_localizations.{locale}"] = text
    for at, name in names.items():
        if name is not None and not is_slash_name(str(name)):
            form.note(at, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")


def is_slash_name(name: str) -> bool:
    """Tell whether a slash command, option or subcommand may be called so."""
    return 1 <= len(name) <= 32 and name == name.lower() and all(map(_may_name, name))


def _may_name(char: str) -> bool:
    named = char in "-_'" or unicodedata.category(char)[0] in "LN"
    return named or _INDIC.match(char) is not None


def _check_options(form: Form, path: str, value: object, nesting: tuple[int, ...]) -> None:
    options = form.nodes(path, value, 0, 25)
    for index, option in enumerate(options):
        _check_option(form, f"{path}.{index}", option, nesting)
    nested = [option.get("type") in (SUBCOMMAND, GROUP) for option in options]
    if any(nested) and not all(nested):
        message = "Sub-command and sub-command group option types are mutually exclusive to others"
        form.note(path, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", message)
    for before, after in pairwise(options):
        if after.get("required") and not before.get("required"):
            message = "Required options must be placed before non-required options"
            form.note(path, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", message)
    if len({str(option.get("name")) for option in options}) < len(options):
        message = "Option name already exists"
        form.note(path, "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", message)


def _check_option(form: Form, path: str, option: Node, nesting: tuple[int, ...]) -> None:
    _check_slash_names(form, path, option)
    _check_localised(form, path, option, "name", 32)
    _check_localised(form, path, option, "description", 100)
    kind = option.get("type")
    if not form.one_of(f"{path}.type", kind, (*nesting, *range(3, 12))):
        return
    if kind == GROUP:
        _check_options(form, f"{path}.options", option.get("options"), (SUBCOMMAND,))
    elif kind == SUBCOMMAND:
        _check_options(form, f"{path}.options", option.get("options"), ())
    else:
        _check_value_option(form, path, option)


def _check_value_option(form: Form, path: str, option: Node) -> None:
    kind = option.get("type")
    if option.get("choices"):
        _check_choices(form, f"{path}.choices", option["choices"], kind)
    if option.get("choices") and option.get("autocomplete"):
        message = "Autocomplete and choices are mutually exclusive"
        form.note(path, "APPLICATION_COMMAND_AUTOCOMPLETE_CHOICES", message)
    typed = (("choices", (3, 4, 10)), ("autocomplete", (3, 4, 10)), ("channel_types", (7,)))
    bounds = (("min_value", (4, 10)), ("max_value", (4, 10)), ("min_length", (3,)))
    for field, kinds in (*typed, *bounds, ("max_length", (3,))):
        if option.get(field) not in (None, False, []) and kind not in kinds:
            message = f"{field} is not possible for this type of option"
            form.note(f"{path}.{field}", "APPLICATION_COMMAND_OPTION_FIELD_INVALID", message)
    form.whole(f"{path}.min_length", option.get("min_length"), 0, 6000)
    form.whole(f"{path}.max_length", option.get("max_length"), 1, 6000)


def _check_choices(form: Form, path: str, choices: object, kind: object) -> None:
    for index, choice in enumerate(form.nodes(path, choices, 0, 25)):
        at = f"{path}.{index}"
        _check_localised(form, at, choice, "name", 100)
        value = choice.get("value")
        if kind == STRING:
            form.needed_text(f"{at}.value", value, 1, 100)
        elif not isinstance(value, int | float):
            form.note(f"{at}.value", "NUMBER_TYPE_COERCE", f'Value "{value}" is not a number.')


def size(command: Node) -> int:
    """Give the characters a command counts: names, descriptions, values, longest translations."""
    return sum(_own_size(node) for node in _nodes(command))


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for inner in (*nodes_at(node, "options"), *nodes_at(node, "choices")):
        yield from _nodes(inner)


def _own_size(node: Node) -> int:
    value = node.get("value")
    total = len(value) if isinstance(value, str) else 0
    for field in ("name", "description"):
        texts = (node.get(field) or "", *node_at(node, f"{field}_localizations").values())
        total += max(len(str(text)) for text in texts)
    return total
