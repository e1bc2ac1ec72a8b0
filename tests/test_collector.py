"""`/app`: what a phone's camera opens."""

from flask.testing import FlaskClient


def test_opens_without_a_token_and_without_the_code(client: FlaskClient) -> None:
    response = client.get("/app")
    assert response.status_code == 200
    assert b"fieldkit" in response.data


def test_nobody_may_post_to_it(client: FlaskClient) -> None:
    assert client.post("/app", data={"code": "x"}).status_code == 405
