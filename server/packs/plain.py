"""Plain data out of YAML: texts, whole numbers, decimals, true, false, null, lists, mappings.

Nothing else is made: no tags, no anchors, no dates, no times. What YAML 1.1 would turn about stays
as it was written: `07:15`, `no`, `on` and `01` are texts.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from server.packs.mistakes import Mistake, Path, shown

MOST_BYTES = 1 << 20
MOST_DEPTH = 16

WHOLE = re.compile(r"(0|-?[1-9][0-9]{0,14})\Z")
DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,14})\.[0-9]{1,15}\Z")
WORDS = {"null": None, "~": None, "": None, "true": True, "false": False}
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
WIDE = re.compile("[：，［］｛｝【】“”‘’]")
"""Signs that a Chinese keyboard gives where YAML wants its own."""
_DROPPED = object()


@dataclass(slots=True)
class Document:
    """What was read: the data, the line (from 1) of every path, and the mistakes so far."""

    data: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    mistakes: dict[Path, Mistake] = field(default_factory=dict)

    def add(self, path: Path, code: str, **values: Any) -> None:
        """Note a mistake at the path, in the line of the nearest thing that is there."""
        self.mistakes.setdefault(path, Mistake(self.line(path), shown(path), code, values))

    def line(self, path: Path) -> int:
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


@dataclass(slots=True)
class _Open:
    """A list or mapping that is being filled."""

    path: Path
    made: list[Any] | dict[str, Any]
    key: Any = None


def plain(text: str) -> Document:
    """The one document in `text`, at most 1 MiB and 16 levels deep; never raises."""
    document = Document()
    if len(text.encode("utf-8", "replace")) > MOST_BYTES:
        document.add((), "too_large")
        return document
    try:
        _Builder(document).build(yaml.parse(text, Loader=yaml.SafeLoader))
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        _broken(document, error, text)
    if document.data is None and not document.mistakes:
        document.add((), "empty")
    return document


def _broken(document: Document, error: Exception, text: str) -> None:
    """Note what the parser stumbled over, in its line, and give up the data."""
    document.data = None
    mark = getattr(error, "problem_mark", None)
    line = mark.line + 1 if mark else 1
    reason = str(getattr(error, "problem", None) or "") or type(error).__name__
    code, values = "syntax", {"reason": reason}
    if isinstance(error, yaml.reader.ReaderError):
        code = "characters"
    elif "'\\t'" in reason:
        code = "tab"
    elif wide := _wide(text, line):
        line, values = wide
        code = "wide_sign"
    document.mistakes[("", line)] = Mistake(line, "", code, values)


def _wide(text: str, line: int) -> tuple[int, dict[str, str]] | None:
    """Where a sign of the wrong width is to blame: in the line, or in the one before it that has
    no colon of its own."""
    before, written = ["", *text.split("\n"), ""][line - 1 : line + 1]
    for number, one in ((line, written), (line - 1, "" if ":" in before else before)):
        sign = WIDE.search(one)
        if sign:
            return number, {"sign": sign.group()}
    return None


class _Builder:
    """Fills a document from parser events, one at a time, so that nothing nests in Python."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.open: list[_Open] = []
        self.documents = 0

    def build(self, events: Iterator[yaml.Event]) -> None:
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                self.documents += 1
                if self.documents > 1:
                    self.document.lines[("---",)] = event.start_mark.line + 1
                    self.document.add(("---",), "several_documents")
                    return
            elif isinstance(event, yaml.NodeEvent):
                if not self._node(event):
                    return
            elif isinstance(event, yaml.CollectionEndEvent):
                self._place(self.open.pop().made)

    def _node(self, event: yaml.NodeEvent) -> bool:
        """Take one node; False if it is too deep to go on."""
        path = self._path()
        self.document.lines.setdefault(path, event.start_mark.line + 1)
        if event.anchor is not None:
            self.document.add(path, "anchor")
        if getattr(event, "tag", None) is not None:
            self.document.add(path, "tag", tag=event.tag)
        if isinstance(event, yaml.CollectionStartEvent):
            if len(self.open) >= MOST_DEPTH:
                self.document.add(path, "too_deep", most=MOST_DEPTH)
                self.document.data = None
                return False
            is_list = isinstance(event, yaml.SequenceStartEvent)
            self.open.append(_Open(path, [] if is_list else {}))
        elif isinstance(event, yaml.ScalarEvent):
            self._scalar(event, path)
        else:
            self._place(_DROPPED)
        return True

    def _path(self) -> Path:
        if not self.open:
            return ()
        top = self.open[-1]
        if isinstance(top.made, list):
            return (*top.path, len(top.made))
        return top.path if top.key is None else (*top.path, _step(top.key))

    def _scalar(self, event: yaml.ScalarEvent, path: Path) -> None:
        if CONTROL.search(event.value):
            self.document.add(path, "characters")
            self._place("")
        elif self._wants_key():
            self._key(event)
        else:
            self._place(_value(event))

    def _wants_key(self) -> bool:
        return (
            bool(self.open) and isinstance(self.open[-1].made, dict) and self.open[-1].key is None
        )

    def _key(self, event: yaml.ScalarEvent) -> None:
        top = self.open[-1]
        path, line = (*top.path, event.value), event.start_mark.line + 1
        top.key = event.value
        if not event.value:
            self.document.add(top.path, "key_not_text")
            top.key = _DROPPED
        elif event.value in top.made:
            self.document.mistakes[(*path, line)] = Mistake(
                line,
                shown(path),
                "key_twice",
                {"key": event.value, "first": self.document.lines[path]},
            )
            top.key = _DROPPED
        else:
            self.document.lines[path] = line

    def _place(self, value: Any) -> None:
        """Put a finished value where it belongs; a list or mapping as a key is a mistake."""
        if not self.open:
            self.document.data = None if value is _DROPPED else value
            return
        top = self.open[-1]
        if isinstance(top.made, list):
            top.made.append(None if value is _DROPPED else value)
        elif top.key is None:
            self.document.add(top.path, "key_not_text")
            top.key = _DROPPED
        else:
            if top.key is not _DROPPED and value is not _DROPPED:
                top.made[top.key] = value
            top.key = None


def _step(key: Any) -> str:
    return "?" if key is _DROPPED else key


def _value(event: yaml.ScalarEvent) -> Any:
    """What a scalar says; only a plain one can be a number, a truth or nothing."""
    if event.style is not None:
        return event.value
    if event.value in WORDS:
        return WORDS[event.value]
    if WHOLE.match(event.value):
        return int(event.value)
    return float(event.value) if DECIMAL.match(event.value) else event.value
