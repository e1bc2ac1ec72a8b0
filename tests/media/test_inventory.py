"""What lies in the store and is no finished photo."""

from datetime import timedelta

from server.kernel import clock
from server.kernel.database import reading
from server.kernel.ids import uuid7
from server.media import inventory
from tests.factories import Street
from tests.media.tools import Tus, name, picture, sha256, store

PHOTO, SECOND = picture("green"), picture("yellow")


def test_partials_are_listed_with_their_uploads_and_without(tus: Tus, street: Street) -> None:
    begun = tus.place(PHOTO).rpartition("/")[2]
    tus.patch(f"/api/v1/media/uploads/{begun}", 0, PHOTO[:9])
    tus.hand_in(SECOND)
    stray = uuid7()
    store().create(stray)
    with reading() as session:
        found = {one.id: one for one in inventory.partials(session, store())}
    assert found.keys() == {begun, stray}
    assert (found[begun].offset, found[begun].size) == (9, len(PHOTO))
    assert (found[begun].member, found[begun].install) == (street.workers[0], tus.phone.install)
    assert (found[stray].offset, found[stray].member, found[stray].expires_at) == (0, None, None)


def test_blobs_that_no_item_names_are_listed(tus: Tus, street: Street) -> None:
    name(tus.phone, street.workers[0], tus.hand_in(SECOND))
    tus.hand_in(PHOTO)
    now = clock.now() + timedelta(seconds=1)
    with reading() as session:
        (orphan,) = inventory.orphans(session, now)
        assert inventory.orphans(session, now - timedelta(days=1)) == []
    assert (orphan.sha256, orphan.size, orphan.type) == (sha256(PHOTO), len(PHOTO), "image/jpeg")
