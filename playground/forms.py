"""Collecting what is wrong with a request body, in Discord's words."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from playground.errors import invalid_form

Node = Mapping[str, Any]


def node_at(node: Node, key: str) -> Node:
    """Give the object at a key, an empty one where there is none."""
    found = node.get(key)
    return cast(Node, found) if isinstance(found, Mapping) else {}


def nodes_at(node: Node, key: str) -> list[Node]:
    """Give the objects of the list at a key, none where there is no list."""
    found = node.get(key)
    listed = cast(Sequence[object], found) if isinstance(found, list | tuple) else ()
    return [cast(Node, each) for each in listed if isinstance(each, Mapping)]


class Form:
    """The problems found so far, by dotted path."""

    def __init__(self) -> None:
        self._problems: dict[str, tuple[str, str]] = {}

    def note(self, path: str, code: str, message: str) -> None:
        """Remember the first problem at a path."""
        self._problems.setdefault(path, (code, message))

    def done(self) -> None:
        """Raise ApiError 50035 if anything was noted."""
        if self._problems:
            raise invalid_form(self._problems)

    def text(self, path: str, value: object, low: int, high: int) -> None:
        """Check a string that may be absent: `low` to `high` code points."""
        if value is None:
            return
        if not isinstance(value, str):
            self.note(path, "STRING_TYPE_CONVERT", f'Could not interpret "{value}" as string.')
        elif not low <= len(value) <= high:
            self._length(path, len(value), low, high)

    def needed_text(self, path: str, value: object, low: int, high: int) -> None:
        """Check a string that must be there: `low` to `high` code points."""
        if value is None:
            self.required(path)
        self.text(path, value, low, high)

    def items(self, path: str, value: object, low: int, high: int) -> Sequence[Any]:
        """Check how long a list is and give it, or nothing when it is no list."""
        if value is None:
            value = ()
        if not isinstance(value, list | tuple):
            self.note(path, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
            return ()
        found = cast(Sequence[Any], value)
        if not low <= len(found) <= high:
            self._length(path, len(found), low, high)
        return found

    def nodes(self, path: str, value: object, low: int, high: int) -> Sequence[Node]:
        """Check a list of objects as `items` does; anything else in it gives nothing."""
        found = self.items(path, value, low, high)
        for index, each in enumerate(found):
            if not isinstance(each, Mapping):
                message = "Only dictionaries may be used in a DictType"
                self.note(f"{path}.{index}", "DICT_TYPE_CONVERT", message)
                return ()
        return found

    def whole(self, path: str, value: object, low: int, high: int) -> None:
        """Check an integer that may be absent."""
        if value is None:
            return
        if not isinstance(value, int) or isinstance(value, bool):
            self.note(path, "NUMBER_TYPE_COERCE", f'Value "{value}" is not int.')
        elif value < low:
            message = f"int value should be greater than or equal to {low}."
            self.note(path, "NUMBER_TYPE_MIN", message)
        elif value > high:
            self.note(path, "NUMBER_TYPE_MAX", f"int value should be less than or equal to {high}.")

    def one_of(self, path: str, value: object, allowed: Sequence[object]) -> bool:
        """Check that a value is one of a few, and tell."""
        if value in allowed:
            return True
        choices = ", ".join(map(str, allowed))
        self.note(path, "BASE_TYPE_CHOICES", f"Value must be one of {{{choices}}}.")
        return False

    def required(self, path: str) -> None:
        """Remember that a field is missing."""
        self.note(path, "BASE_TYPE_REQUIRED", "This field is required")

    def _length(self, path: str, found: int, low: int, high: int) -> None:
        if low and high:
            self.note(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {low} and {high} in length.")
        elif found > high:
            self.note(path, "BASE_TYPE_MAX_LENGTH", f"Must be {high} or fewer in length.")
