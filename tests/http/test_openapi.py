"""Whatever the OpenAPI document allows never gets a 5xx, nor an answer without our headers."""

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.schemas import APIOperation

from tests import factories

EXAMPLES = 15
SEARCH = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@schemathesis.serializer("application/x-ndjson")
def as_text(context: schemathesis.SerializationContext, value: object) -> bytes:
    """The body of an exchange is generated as a text."""
    return str(value).encode("utf-8", "surrogatepass")


@pytest.fixture
def operations(app: Flask) -> list[APIOperation]:
    app.config["WRITE_WAIT_S"] = 5
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    return [found.ok() for found in schema.get_all_operations()]


@pytest.fixture
def tokens(app: Flask) -> dict[str, str]:
    street = factories.street()
    return {
        "admin": factories.token_for(street.admin),
        "supervisor": factories.token_for(street.supervisor),
        "device": factories.device_for(street.workers[0]).token,
    }


def test_no_request_gets_a_5xx(
    app: Flask, operations: list[APIOperation], tokens: dict[str, str]
) -> None:
    assert len(operations) >= 50
    for operation in operations:
        _search(operation, list(tokens.values()))


def _search(operation: APIOperation, tokens: list[str]) -> None:
    modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    cases = st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in modes))

    @SEARCH
    @given(case=cases, token=st.sampled_from(tokens), version=st.sampled_from(("1", "x")))
    def search(case: schemathesis.Case, token: str, version: str) -> None:
        response = case.call(headers={"Authorization": f"Bearer {token}", "If-Match": version})
        told = f"{operation.label} {case.body!r} {case.query!r}: {response.text[:300]}"
        assert response.status_code < 500, told
        assert response.headers.get("gewu-protocol") == ["1"], told

    search()
