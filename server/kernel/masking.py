"""What may be shown of personal numbers and names without a reason given (脱敏).

Masking is the default wherever a number is displayed; the whole number is a separate, logged act.
"""


def mask_id_card(number: str) -> str:
    """110101199003070015 → 110***********0015; other papers likewise (身份证号)."""
    return _mask("".join(number.split()), head=3, tail=4)


def mask_phone(number: str) -> str:
    """13800008000 → 138****8000; the prefix +86 and blanks are dropped (手机号)."""
    return _mask("".join(number.split()).removeprefix("+86"), head=3, tail=4)


def mask_name(name: str) -> str:
    """王小明 → 王**; the first character and as many stars as there are others (姓名)."""
    plain = "".join(name.split())
    return plain[:1] + "*" * len(plain[1:])


def _mask(text: str, head: int, tail: int) -> str:
    """Stars for all but the ends; for the whole where the ends would be more than half of it."""
    hidden = len(text) - head - tail
    if hidden < 4:
        return "*" * len(text)
    return text[:head] + "*" * hidden + text[-tail:]
