"""Copies that the bucket itself sends to whoever comes by a link (GEWU_MEDIA_DIRECT).

A link shows nothing but copies, which were made here: without EXIF, and of a type that a browser
takes for a picture whatever its bytes say. An original, and what is asked for by a token, passes
through the server alone, which sees what it sends.
"""

from flask import Response, current_app, request

from server.media import links, rules
from server.media.storage import media_store
from server.media.stores.base import SignsUrls

LONGEST_S = 300


def sent_elsewhere(sha256: str, type_: str) -> Response | None:
    """302 to the bucket's own address of the copy, for no longer than the link opens.

    None if the server is to send it: the setting is off, no link, a HEAD (an address is signed for
    GET alone), a type that is not shown in place.
    """
    left = links.seconds_left()
    asked_so = current_app.config["MEDIA_DIRECT"] and request.method == "GET" and left is not None
    if not asked_so or not rules.is_shown(type_):
        return None
    store = media_store()
    if not isinstance(store, SignsUrls):
        return None
    address = store.signed_url(sha256, min(LONGEST_S, left or 1), type_)
    return Response(status=302, headers={"Location": address, "Cache-Control": "no-store"})
