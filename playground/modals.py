"""What Discord accepts as a modal."""

from playground.components import ROW, SELECTS, TEXT, TEXT_INPUT, check_custom_ids, check_select
from playground.forms import Form, node_at
from playground.forms import Node as Component

_LABEL, _FILE_UPLOAD, _RADIO, _CHECKBOXES, _CHECKBOX = 18, 19, 21, 22, 23
_LABELLED = (TEXT_INPUT, *SELECTS, _FILE_UPLOAD, _RADIO, _CHECKBOXES, _CHECKBOX)


def check_modal(payload: Component) -> None:
    """Check the data of a modal response; raises ApiError 50035."""
    form = Form()
    form.needed_text("title", payload.get("title"), 1, 45)
    form.needed_text("custom_id", payload.get("custom_id"), 1, 100)
    tops = form.nodes("components", payload.get("components"), 1, 5)
    for index, each in enumerate(tops):
        path = f"components.{index}"
        kind = each.get("type")
        if kind == _LABEL:
            _check_label(form, path, each)
        elif kind == ROW:
            _check_row(form, path, each)
        elif form.one_of(f"{path}.type", kind, (ROW, TEXT, _LABEL)):
            form.needed_text(f"{path}.content", each.get("content"), 1, 4000)
    check_custom_ids(form, tops)
    form.done()


def _check_row(form: Form, path: str, row: Component) -> None:
    for child in form.nodes(f"{path}.components", row.get("components"), 1, 1):
        at = f"{path}.components.0"
        if form.one_of(f"{at}.type", child.get("type"), (TEXT_INPUT,)):
            form.needed_text(f"{at}.label", child.get("label"), 1, 45)
            _check_input(form, at, child)


def _check_label(form: Form, path: str, label: Component) -> None:
    form.needed_text(f"{path}.label", label.get("label"), 1, 45)
    form.text(f"{path}.description", label.get("description"), 1, 100)
    child, at = node_at(label, "component"), f"{path}.component"
    if not child:
        form.required(at)
    elif form.one_of(f"{at}.type", child.get("type"), _LABELLED):
        _check_labelled(form, at, child)


def _check_labelled(form: Form, path: str, child: Component) -> None:
    kind = child.get("type")
    if kind == TEXT_INPUT:
        if child.get("label") is not None:
            message = "A text input inside of a label cannot have a label of its own"
            form.note(f"{path}.label", "TEXT_INPUT_LABEL_INSIDE_LABEL", message)
        _check_input(form, path, child)
    elif kind in SELECTS:
        check_select(form, path, child)
    else:
        form.needed_text(f"{path}.custom_id", child.get("custom_id"), 1, 100)
        form.whole(f"{path}.min_values", child.get("min_values"), 0, 10)
        form.whole(f"{path}.max_values", child.get("max_values"), 1, 10)


def _check_input(form: Form, path: str, text: Component) -> None:
    form.needed_text(f"{path}.custom_id", text.get("custom_id"), 1, 100)
    form.one_of(f"{path}.style", text.get("style"), (1, 2))
    form.text(f"{path}.placeholder", text.get("placeholder"), 0, 100)
    low, high = text.get("min_length"), text.get("max_length")
    form.whole(f"{path}.min_length", low, 0, 4000)
    form.whole(f"{path}.max_length", high, 1, 4000)
    if isinstance(low, int) and isinstance(high, int) and low > high:
        message = "min_length must be less than or equal to max_length"
        form.note(f"{path}.min_length", "TEXT_INPUT_COMPONENT_MIN_LENGTH_TOO_LARGE", message)
    most = high if isinstance(high, int) else 4000
    form.text(f"{path}.value", text.get("value"), 0, min(most, 4000))
