"""Passwords: hashed, checked, and as slow for nobody as for somebody."""

import argon2
import pytest

from server.grid.service import passwords
from server.kernel.problems import Problem

PASSWORD = "correct horse battery"


def test_a_password_becomes_a_hash_that_only_it_matches() -> None:
    data = passwords.hashed({"name": "x", "password": PASSWORD})
    assert data["name"] == "x"
    assert PASSWORD not in data["password"]
    assert passwords.matches(PASSWORD, data["password"])
    assert not passwords.matches(PASSWORD + "!", data["password"])


def test_data_without_a_password_stays_as_it_is() -> None:
    assert passwords.hashed({"name": "x"}) == {"name": "x"}
    assert passwords.hashed({"password": None}) == {"password": None}


def test_a_weak_password_is_refused() -> None:
    with pytest.raises(Problem, match="password_weak"):
        passwords.hashed({"password": "123456789"})


@pytest.mark.parametrize("stored", [None, "", "not a hash"])
def test_where_nothing_sound_is_stored_nothing_matches(stored: str | None) -> None:
    assert not passwords.matches(PASSWORD, stored)


def test_nobody_costs_as_much_as_somebody() -> None:
    somebody = passwords.hashed({"password": PASSWORD})["password"]
    assert argon2.extract_parameters(passwords._nobody()) == argon2.extract_parameters(somebody)
