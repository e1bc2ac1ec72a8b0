"""What a task has from its template (任务模板), whether it is given alone or in a push. Pure."""

from collections.abc import Mapping
from typing import Any

from server.packs.definition import Pack, Template


def filled(pack: Pack | None, code: str | None, fields: Mapping[str, Any]) -> dict[str, Any] | None:
    """The fields of `NewTask`: those given over those of the template, if there is a code.

    None if the pack has no such template.
    """
    if code is None:
        return dict(fields)
    template = _template_of(pack, code)
    if template is None:
        return None
    return _of_template(template) | dict(fields)


def _template_of(pack: Pack | None, code: str) -> Template | None:
    templates = pack.templates if pack else ()
    return next((one for one in templates if one.code == code), None)


def _of_template(template: Template) -> dict[str, Any]:
    """What it is about; limits and demands follow when the task is given, as with any other."""
    return {
        "template": template.code,
        "kind": template.kind,
        "title": template.title,
        "text": template.text,
        "priority": template.priority,
    }
