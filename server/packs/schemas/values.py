"""The values that a pack is written in: texts, codes, numbers, choices, amounts."""

import re
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from server.packs.definition import Amount, Unit
from server.packs.schemas.base import CODE, CODE_PATTERN, Fact, Mapped, fault, near, short

UNITS = tuple(Unit)
MOST_AMOUNT = 100_000

CATEGORY_PATTERN = "^[^\\s.]{1,64}$"


class Text(Fact):
    """Text; a whole number that was not put in quotes is text too."""

    def __init__(self, says: str = "", most: int = 200, **kwargs: Any) -> None:
        super().__init__(says, **kwargs)
        self.most = most

    def taken(self, value: Any) -> str:
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            raise fault("not_text")
        text = str(value).strip()
        if not 1 <= len(text) <= self.most:
            raise fault("text_length", count=len(text), most=self.most)
        return text

    def shape(self) -> dict[str, Any]:
        return {"type": ["string", "integer"], "minLength": 1, "maxLength": self.most}


class Code(Fact):
    """A code: what other parts of the pack, and records, name something by."""

    def taken(self, value: Any) -> str:
        if not isinstance(value, str) or not CODE.match(value):
            raise fault("code_format", value=short(value))
        return value

    def shape(self) -> dict[str, Any]:
        return {"type": "string", "pattern": CODE_PATTERN}


class ByCategory(Mapped):
    """A mapping by catalogue key, such as `01-10`."""

    key_code, key_pattern = "category_format", CATEGORY_PATTERN
    pattern = re.compile(r"[^\s.]{1,64}\Z")


class ByText(Mapped):
    """A mapping by short text: grades, paths."""

    key_code, key_pattern = "text_length", "^.{1,200}$"
    pattern = re.compile(r".{1,200}\Z")


class Whole(Fact):
    """A whole number from `least` to `most`; `code` names the mistake of another one."""

    def __init__(
        self,
        says: str = "",
        least: int = 0,
        most: int = 10**9,
        code: str = "out_of_range",
        **kwargs: Any,
    ) -> None:
        super().__init__(says, **kwargs)
        self.least, self.most, self.code = least, most, code

    def taken(self, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise fault("not_whole")
        if not self.least <= value <= self.most:
            raise fault(self.code, value=value, least=self.least, most=self.most)
        return value

    def shape(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


class Number(Fact):
    """A number from `least` to `most`; whole or decimal."""

    def __init__(
        self, says: str = "", least: float = 0, most: float = 10**9, **kwargs: Any
    ) -> None:
        super().__init__(says, **kwargs)
        self.least, self.most = least, most

    def taken(self, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise fault("not_number")
        if not self.least <= value <= self.most:
            raise fault("out_of_range", value=value, least=self.least, most=self.most)
        return value

    def shape(self) -> dict[str, Any]:
        return {"type": "number", "minimum": self.least, "maximum": self.most}


class YellowAt(Fact):
    """The share of a limit at which it turns yellow (黄灯点): above 0, not above 1."""

    def taken(self, value: Any) -> Fraction:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise fault("not_number")
        if not 0 < value <= 1:
            raise fault("yellow_after_red", value=value)
        return Fraction(str(value))

    def shape(self) -> dict[str, Any]:
        return {"type": "number", "exclusiveMinimum": 0, "maximum": 1}


class Flag(Fact):
    """true or false; `no` and `on` are texts here."""

    def taken(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise fault("not_flag")
        return value

    def shape(self) -> dict[str, Any]:
        return {"type": "boolean"}


class Choice(Fact):
    """One of the known words."""

    def __init__(self, known: Iterable[str], says: str = "", **kwargs: Any) -> None:
        super().__init__(says, **kwargs)
        self.known = [str(one) for one in known]

    def taken(self, value: Any) -> str:
        if not isinstance(value, str) or value not in self.known:
            quoted = short(value)
            raise fault(
                "choice_unknown", value=quoted, near=near(quoted, self.known), known=self.known
            )
        return value

    def shape(self) -> dict[str, Any]:
        return {"enum": list(self.known)}


class Counted(Fact):
    """`[3, work_day]`: a positive number and one of the units."""

    def __init__(self, says: str = "", units: Iterable[str] = UNITS, **kwargs: Any) -> None:
        super().__init__(says, **kwargs)
        self.units = [str(unit) for unit in units]

    def taken(self, value: Any) -> Any:
        if not isinstance(value, list) or len(value) != 2:
            raise fault("not_amount")
        number, unit = value
        if isinstance(number, bool) or not isinstance(number, int) or not isinstance(unit, str):
            raise fault("not_amount")
        if unit not in self.units:
            raise fault("unit_unknown", value=short(unit), near=self._near(unit), known=self.units)
        if number <= 0:
            raise fault("amount_not_positive", value=number)
        if number > MOST_AMOUNT:
            raise fault("out_of_range", value=number, least=1, most=MOST_AMOUNT)
        return self.kept(number, unit)

    def _near(self, unit: str) -> Any:
        """`days` may be meant as either kind of day, so nothing is guessed for it."""
        return near("" if unit.rstrip("s") == "day" else unit, self.units)

    def kept(self, number: int, unit: str) -> Any:
        """The pair as the pack keeps it."""
        return number, unit

    def shape(self) -> dict[str, Any]:
        number = {"type": "integer", "minimum": 1, "maximum": MOST_AMOUNT}
        return {
            "type": "array",
            "prefixItems": [number, {"enum": self.units}],
            "minItems": 2,
            "maxItems": 2,
        }


class AmountOf(Counted):
    """A limit: `[3, work_day]`, `[4, work_hour]`."""

    def kept(self, number: int, unit: str) -> Amount:
        return Amount(number, Unit(unit))


class LeastMost(Fact):
    """`[6, 10]`: at least and at most; with `open_end` the most may be null."""

    def __init__(self, says: str = "", open_end: bool = False, **kwargs: Any) -> None:
        super().__init__(says, **kwargs)
        self.open_end = open_end

    def taken(self, value: Any) -> tuple[int, int | None]:
        if not isinstance(value, list):
            raise fault("not_list")
        if len(value) != 2:
            raise fault("list_length", count=len(value), least=2, most=2)
        least = Whole().taken(value[0])
        most = None if value[1] is None and self.open_end else Whole().taken(value[1])
        if most is not None and least > most:
            raise fault("range_reversed", least=least, most=most)
        return least, most

    def shape(self) -> dict[str, Any]:
        number = {"type": "integer", "minimum": 0, "maximum": 10**9}
        last = {"anyOf": [number, {"type": "null"}]} if self.open_end else number
        return {"type": "array", "prefixItems": [number, last], "minItems": 2, "maxItems": 2}
