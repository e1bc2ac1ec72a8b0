"""What is wrong with a field (字段的错误), in the caller's language.

marshmallow and the rooms say it in English; here stands what that is in Chinese. Codes and ids
among the errors are the same in all languages.
"""

import re
from collections.abc import Mapping
from typing import Any

CHINESE = {
    # marshmallow's and webargs' own
    "Missing data for required field.": "必须填写",
    "Field may not be null.": "不能为 null",
    "Unknown field.": "没有这个字段",
    "Invalid value.": "值不对",
    "Invalid input.": "值不对",
    "Invalid type.": "应为 JSON 对象",
    "Invalid input type.": "应为 JSON 对象",
    "Not a valid string.": "应为文字",
    "Not a valid utf-8 string.": "应为 UTF-8 文字",
    "Not a valid number.": "应为数字",
    "Not a valid integer.": "应为整数",
    "Number too large.": "数字太大",
    "Special numeric values (nan or infinity) are not permitted.": "不能是 NaN 或无穷大",
    "Not a valid boolean.": "应为 true 或 false",
    "Not a valid list.": "应为数组",
    "Not a valid mapping type.": "应为 JSON 对象",
    "Not a valid UUID.": "应为 UUID",
    "Not a valid date.": "应为日期，如 2026-10-10",
    "Not a valid time.": "应为时刻，如 08:30",
    '"{}" cannot be formatted as a date.': "写不成日期：{}",
    '"{}" cannot be formatted as a time.': "写不成时刻：{}",
    "Shorter than minimum length {}.": "太短，至少 {}",
    "Longer than maximum length {}.": "太长，最多 {}",
    "Length must be between {} and {}.": "长度应在 {} 和 {} 之间",
    "Length must be {}.": "长度应为 {}",
    "Must be greater than or equal to {}.": "应不小于 {}",
    "Must be greater than {}.": "应大于 {}",
    "Must be less than or equal to {}.": "应不大于 {}",
    "Must be less than {}.": "应小于 {}",
    "Must be greater than or equal to {} and less than or equal to {}.": "应在 {} 和 {} 之间",
    "Must be one of: {}.": "应为其中之一：{}",
    "Must be equal to {}.": "应等于 {}",
    "String does not match expected pattern.": "格式不对",
    "Invalid JSON body.": "不是有效的 JSON",
    # Fields that the rooms share
    "NUL or a lone surrogate": "含有 NUL 或不完整的字符",
    "blanks alone": "不能全是空白",
    "not an instant with its offset": "应为带时区的时刻，如 2026-10-10T08:30:00+08:00",
    "not a UUID": "应为 UUID",
    "before 1900": "早于 1900 年",
    "to_day or code": "应有 to_day 或 code",
    "{} to {} visible characters": "应为 {} 至 {} 个可见字符",
    "two levels have the same code": "两个层级的代码相同",
    # Items and photos
    "a point is [seconds, lat, lon, acc]": "点应为 [秒, 纬度, 经度, 精度]",
    "a point holds numbers only": "点里只能有数字",
    "a point lies on the globe": "点不在地球上",
    "a gap is [from, to, reason]": "中断应为 [开始, 结束, 原因]",
    "a short text or a whole number": "应为短文字或整数",
    "longer than {}": "长于 {}",
    "not a SHA-256 in lower-case hex": "应为小写十六进制的 SHA-256",
    "64 lower-case hexadecimal digits are needed": "应为 64 位小写十六进制数",
    "not a flag": "没有这种标记",
    "not the length of this content": "不是这个内容的长度",
    "a whole number of bytes is needed": "应为整数字节",
    "this type of file is not taken": "不收这种类型的文件",
    "not base64": "应为 base64",
    "not 32 bytes": "应为 32 字节",
    "{}: twice": "{}：写了两次",
    "{}: not base64 of UTF-8": "{}：不是 UTF-8 的 base64",
    # Tasks, absences, packs
    "neither a day nor an instant with its offset": "应为日期，或带时区的时刻",
    "a local time, without an offset": "应为本地时刻，不带时区",
    "title or template": "应有 title 或 template",
    "template or task.title": "应有 template 或 task.title",
    "one of member, post, area, role, subjects": "应为其中之一：member、post、area、role、subjects",
    "member: no area": "派给个人时不写 area",
    "{}: area or assignee": "{}：应有 area 或 assignee",
    "nth: month, weekday": "nth 只用于按月，并要有 weekday",
    "weekday: week, month": "weekday 只用于按周或按月",
    "day: month": "day 只用于按月",
}


def _pattern(english: str) -> re.Pattern[str]:
    return re.compile("(.*)".join(map(re.escape, english.split("{}"))), re.DOTALL)


_PATTERNS = [(_pattern(one), text) for one, text in CHINESE.items() if "{}" in one]


def chinese(sentence: str) -> str | None:
    """The Chinese for what is wrong with a field; None for a code, an id, or what is not known."""
    if sentence in CHINESE:
        return CHINESE[sentence]
    for pattern, text in _PATTERNS:
        if found := pattern.fullmatch(sentence):
            return text.format(*found.groups())
    return None


def worded(errors: Any, language: str) -> Any:
    """Errors by field, however deep, in `zh` or `en`."""
    if language == "en":
        return errors
    if isinstance(errors, Mapping):
        return {field: worded(found, language) for field, found in errors.items()}
    if isinstance(errors, list | tuple):
        return [worded(found, language) for found in errors]
    return (chinese(errors) or errors) if isinstance(errors, str) else errors
