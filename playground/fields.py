"""What a client sends when a modal is submitted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from playground.interactions import Input, Modal
from playground.messages import parts
from playground.options import Filler
from playground.users import Json, Value

TEXT_INPUT, STRING_SELECT, FILE_UPLOAD = 4, 3, 19


def modal_data(modal: Modal, fields: Mapping[str, Any], filler: Filler) -> Json:
    """Fill the form in, fields named by custom_id or label; AssertionError as the client would."""
    values = {_find(modal, name).custom_id: value for name, value in fields.items()}
    answers = {field.custom_id: _answer(field, values, filler) for field in modal.inputs}
    data: Json = {
        "custom_id": modal.custom_id,
        "components": [_filled(component, answers) for component in modal.components],
    }
    for number, part in enumerate(parts(data["components"]), 1):
        part["id"] = part.get("id") or number
    return {**data, "resolved": filler.resolved} if filler.resolved else data


def _find(modal: Modal, name: str) -> Input:
    for field in modal.inputs:
        if name in (field.custom_id, field.label, _plain(field.label)):
            return field
    there = [field.label or field.custom_id for field in modal.inputs]
    raise AssertionError(f"the form {modal.title!r} has no {name!r}, there are {there}")


def _plain(label: str) -> str:
    """Give a label as a keyword argument would spell it."""
    return "_".join("".join(c if c.isalnum() else " " for c in label).lower().split())


def _answer(field: Input, values: Mapping[str, Any], filler: Filler) -> Json:
    if field.type != TEXT_INPUT:
        return {"values": _chosen(field, values.get(field.custom_id, ()), filler)}
    text = values.get(field.custom_id, field.value)
    assert text or not field.required, f"the field {field.label!r} is required"
    most = field.max_length or 4000
    assert len(text) <= most, f"the field {field.label!r} takes {most} characters, not {len(text)}"
    return {"value": text}


def _chosen(field: Input, given: Value, filler: Filler) -> list[str]:
    several = isinstance(given, list | tuple)
    listed = list(cast("list[Any]", given)) if several else [given]
    assert listed or not field.required, f"the field {field.label!r} is required"
    if field.type != STRING_SELECT:
        return [filler.resolve(each) for each in listed]
    by_label = dict(field.options)
    chosen = [str(by_label.get(each, each)) for each in listed]
    for each in chosen:
        assert each in by_label.values(), f"{field.label!r} has no {each!r}: {list(by_label)}"
    return chosen


def _filled(component: Json, answers: Mapping[str, Json]) -> Json:
    body: Json = {"type": component["type"]}
    if "id" in component:
        body["id"] = component["id"]
    if custom_id := component.get("custom_id"):
        return {**body, "custom_id": custom_id, **answers[custom_id]}
    if "components" in component:
        body["components"] = [_filled(child, answers) for child in component["components"]]
    if "component" in component:
        body["component"] = _filled(component["component"], answers)
    return body
