"""What masked numbers show."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kernel.masking import mask_id_card, mask_name, mask_phone


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("110101199003070015", "110***********0015"),
        ("11010119900307002X", "110***********002X"),
        ("110101 19900307 002x", "110***********002x"),
        ("110101900307001", "110********7001"),
        ("E12345678", "*********"),
        ("E1234567890", "E12****7890"),
        ("123", "***"),
        ("", ""),
    ],
)
def test_id_cards(number, shown):
    assert mask_id_card(number) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("13800008000", "138****8000"),
        ("+86 138 0000 8000", "138****8000"),
        ("010-12345678", "010*****5678"),
        ("0717-6251234", "071*****1234"),
        ("62512345", "********"),
        ("110", "***"),
        ("", ""),
    ],
)
def test_phones(number, shown):
    assert mask_phone(number) == shown


@pytest.mark.parametrize("mask", [mask_id_card, mask_phone])
@given(st.text(st.sampled_from("0123456789X"), max_size=30))
def test_at_least_four_or_all_are_hidden_and_the_length_stays(mask, number):
    shown = mask(number)
    assert len(shown) == len(number)
    assert shown.count("*") >= min(4, len(number))


@pytest.mark.parametrize(
    ("name", "shown"),
    [("王小明", "王**"), ("王 小明", "王**"), ("欧阳", "欧*"), ("李", "李"), ("", "")],
)
def test_of_a_name_the_first_character_is_shown(name: str, shown: str) -> None:
    assert mask_name(name) == shown
