"""Two people at the same instant: what one area has room for once is given once."""

import threading
from typing import Any

from flask import Flask

from tests import factories
from tests.factories import SIDE, SOUTH, WEST, Street, auth, square


def at_once(app: Flask, path: str, bodies: list[dict[str, Any]], token: str) -> list[str]:
    """Post all bodies at the same instant; the codes of the answers, `created` for a 201."""
    start = threading.Barrier(len(bodies))
    codes: list[str] = []

    def send(body: dict[str, Any]) -> None:
        start.wait()
        answer = app.test_client().post(f"/api/v1{path}", json=body, headers=auth(token))
        codes.append("created" if answer.status_code == 201 else answer.get_json()["code"])

    threads = [threading.Thread(target=send, args=(body,)) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(codes)


def test_one_of_several_gets_the_post(app: Flask, street: Street) -> None:
    token = factories.token_for(street.admin)
    bodies = [
        {
            "member": member,
            "area": street.communities[1],
            "role": "leader",
            "from_day": "2026-01-01",
        }
        for member in street.workers[:4]
    ]
    codes = at_once(app, "/posts", bodies, token)
    assert codes == ["created"] + ["post_taken"] * 3


def test_one_of_several_gets_the_ground(app: Flask, street: Street) -> None:
    token = factories.token_for(street.admin)
    bodies = [
        {
            "tree": street.tree,
            "parent": street.communities[0],
            "level": "grid",
            "code": f"33019900100101{number}",
            "name": "新网格",
            "geometry": square(SOUTH, WEST + 3 * SIDE, SIDE, SIDE),
        }
        for number in range(4)
    ]
    codes = at_once(app, "/areas", bodies, token)
    assert codes == ["created"] + ["polygon_overlap"] * 3


def test_one_of_several_gets_the_user_name(app: Flask, street: Street) -> None:
    token = factories.token_for(street.admin)
    codes = at_once(app, "/members", [{"username": "li", "name": "李"}] * 4, token)
    assert codes == ["created"] + ["username_taken"] * 3
