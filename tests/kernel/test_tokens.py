"""Tokens and one-time codes."""

import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kernel import tokens


def test_tokens_are_random_and_carry_their_prefix():
    made = {tokens.new_token("gwd") for _ in range(100)}
    assert len(made) == 100
    assert all(re.fullmatch(r"gwd_[A-Za-z0-9_-]{43}", token) for token in made)


def test_only_the_hash_is_stored():
    assert tokens.hash_token("gwd_x") == hashlib.sha256(b"gwd_x").hexdigest()


def test_codes_use_no_letter_that_can_be_mistaken():
    made = {tokens.new_code() for _ in range(200)}
    assert len(made) == 200
    group = "[2-9A-HJKMNP-Z]{4}"
    assert all(re.fullmatch(f"{group}-{group}-{group}", code) for code in made)
    assert set(tokens.CODE_ALPHABET).isdisjoint("01OIL")
    assert set("".join(made)) - {"-"} == set(tokens.CODE_ALPHABET)


@pytest.mark.parametrize(
    "typed",
    [
        "7KQM-XW3P-9RTE",
        "7kqm-xw3p-9rte",
        "7KQMXW3P9RTE",
        " 7KQM XW3P 9RTE\n",
        "7KQM－XW3P－9RTE",
        "７ＫＱＭ　ＸＷ３Ｐ　９ＲＴＥ",
        "7KQM–XW3P—9RTE",
        "7KQM_XW3P.9RTE",
    ],
)
def test_codes_can_be_typed_in_many_ways(typed):
    assert tokens.normalise_code(typed) == "7KQM-XW3P-9RTE"


@given(st.text())
def test_normalising_never_fails_and_twice_is_once(text):
    once = tokens.normalise_code(text)
    assert tokens.normalise_code(once) == once


def test_a_new_code_is_already_normal():
    code = tokens.new_code()
    assert tokens.normalise_code(code) == code
