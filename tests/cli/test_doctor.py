"""`gewu doctor`: sound deployments pass, each fault is found and said what to do about."""

import shutil
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy import text

from server.cli import tls
from server.cli.checks import GOOD, ILL, WARN
from server.grid import roles
from server.grid.models import AreaStamp
from server.jobs.models import WorkerHeartbeat
from server.kernel import clock
from server.kernel.database import writing
from server.kernel.ids import uuid7
from server.regime import service as regime
from server.regime.service import Installation
from tests import factories
from tests.cli.conftest import Deployment
from tests.regime.conftest import text as pack_text
from tests.regime.spoiled import NO_SPAN, spoil

SINCE = date(2026, 1, 1)


def beat(deployment: Deployment, job: str = "heartbeat", **row: object) -> None:
    with deployment.app(), writing() as session:
        session.add(WorkerHeartbeat(**{"job": job, "ran_at": clock.now(), "error": ""} | row))


def test_a_sound_deployment_passes(deployment: Deployment) -> None:
    beat(deployment)
    result = deployment.gewu("doctor")
    assert result.exit_code == 0, result.output
    assert "✗" not in result.output


def test_a_worker_that_never_ran_is_ill(deployment: Deployment) -> None:
    result = deployment.gewu("doctor")
    assert result.exit_code == 1
    assert "Start gewu worker" in result.output


def test_a_silent_worker_is_ill(on_sqlite: Deployment) -> None:
    beat(on_sqlite, ran_at=clock.now() - timedelta(minutes=10))
    assert "Start gewu worker" in on_sqlite.gewu("doctor").output


def test_a_job_that_failed_last_is_named(on_sqlite: Deployment) -> None:
    beat(on_sqlite)
    hour = timedelta(hours=1)
    beat(on_sqlite, "tombstones", failed_at=clock.now() + hour, error="KeyError")
    beat(on_sqlite, "turn_day", failed_at=clock.now() - hour, error="ValueError")
    result = on_sqlite.gewu("doctor")
    assert result.exit_code == 1
    assert "tombstones: KeyError" in result.output
    assert "ValueError" not in result.output


def test_a_pack_that_is_refused_by_now_is_named_with_its_mistakes(deployment: Deployment) -> None:
    beat(deployment)
    with deployment.app(), writing() as session:
        wanted = [Installation(pack_text(), SINCE), Installation(pack_text(id_="lake"), SINCE)]
        for one in wanted:
            regime.install(session, "cli", SINCE, one)
    assert deployment.gewu("doctor").exit_code == 0
    broken = pack_text(id_="lake").replace(*NO_SPAN)
    with deployment.app():
        spoil(broken, "lake")
    for language, words in (("en", "is no stretch"), ("zh", "half past eight")):
        result = deployment.gewu("doctor", GEWU_LANG=language)
        assert result.exit_code == 1
        (told,) = [line for line in result.output.splitlines() if "lake@1" in line]
        assert "2: calendar.hours.1 [not_span]" in told
        assert words in told
        assert "river@1" not in result.output


def test_a_refused_pack_that_holds_nowhere_any_more_is_a_warning(on_sqlite: Deployment) -> None:
    beat(on_sqlite)
    with on_sqlite.app():
        for version in (1, 2):
            with writing() as session:
                wanted = Installation(pack_text(version=version), SINCE)
                regime.install(session, "cli", SINCE, wanted)
        spoil("pack: 1")
    result = on_sqlite.gewu("doctor")
    assert result.exit_code == 0
    (told,) = [line for line in result.output.splitlines() if "river@1" in line]
    assert WARN in told


POSTS = """tree: {levels: [{code: street, name: 街道}]}
posts: {head: {name: 街道主任, role: supervisor, level: street}}
"""


def told_of_codes(deployment: Deployment, **env: str) -> list[str]:
    """The codes of posts that the doctor warns of; a warning is no illness."""
    result = deployment.gewu("doctor", **env)
    assert result.exit_code == 0, result.output
    lines = [line for line in result.output.splitlines() if "Code of a post" in line]
    assert all(WARN in line for line in lines)
    return lines


def test_a_post_whose_code_no_pack_in_force_has_is_named_with_its_areas(
    deployment: Deployment,
) -> None:
    beat(deployment)
    with deployment.app():
        street = factories.street()
        for area in street.grids[:5]:
            factories.post(street.leader, roles.LEADER, area, code="chief")
        factories.post(street.leader, roles.LEADER, street.street, code="head")
        factories.post(street.leader, roles.LEADER, street.grids[0], code="of old", to_day=SINCE)
    (chief, head) = told_of_codes(deployment)
    assert "chief × 5: 330199001001001 第1社区第1网格" in chief
    assert "head × 1: 330199001 阳光街道" in head
    with deployment.app():
        _install(pack_text(more=POSTS))
    (chief,) = told_of_codes(deployment)
    assert "chief" in chief


def test_a_code_counts_in_its_own_area_and_above(deployment: Deployment) -> None:
    beat(deployment)
    with deployment.app():
        street = factories.street()
        for area in (street.street, *street.communities, street.grids[3]):
            factories.post(street.leader, roles.LEADER, area, code="head")
        factories.post(street.admin, roles.ADMIN, None, code="head")
        _install(pack_text(more=POSTS), street.communities[0])
    (head,) = told_of_codes(deployment)
    assert "head × 2: 330199001002 第2社区" in head


def test_of_posts_that_cannot_be_read_any_more_no_code_is_unknown(on_sqlite: Deployment) -> None:
    beat(on_sqlite)
    with on_sqlite.app():
        street = factories.street()
        factories.post(street.leader, roles.LEADER, street.street, code="chief")
        text_ = pack_text(more=POSTS)
        _install(text_)
        spoil(text_.replace("role: supervisor", "role: nobody"))
    result = on_sqlite.gewu("doctor")
    assert result.exit_code == 1
    assert "chief" not in result.output


def _install(text_: str, area: str | None = None) -> None:
    with writing() as session:
        if session.get(AreaStamp, 1) is None:
            session.add(AreaStamp(id=1, stamp=uuid7()))
        regime.install(session, "cli", SINCE, Installation(text_, SINCE, area))


def test_missing_and_open_keys_are_named(on_sqlite: Deployment) -> None:
    beat(on_sqlite)
    key = on_sqlite.data / "keys" / "field.key"
    key.chmod(0o644)
    assert "chmod 600" in on_sqlite.gewu("doctor").output
    key.unlink()
    result = on_sqlite.gewu("doctor")
    assert result.exit_code == 1
    assert "gewu init" in result.output


def test_a_missing_photo_folder_is_named(on_sqlite: Deployment) -> None:
    shutil.rmtree(on_sqlite.data / "media")
    result = on_sqlite.gewu("doctor")
    assert result.exit_code == 1
    assert str(on_sqlite.data / "media") in result.output


def test_too_little_space_is_ill(on_sqlite: Deployment) -> None:
    result = on_sqlite.gewu("doctor", GEWU_FREE_BYTES=str(1 << 50))
    assert result.exit_code == 1
    assert "lower GEWU_FREE_BYTES" in result.output


def test_an_old_schema_is_ill(deployment: Deployment) -> None:
    with deployment.app(), writing() as session:
        session.execute(text("DELETE FROM alembic_version"))
    result = deployment.gewu("doctor")
    assert result.exit_code == 1
    assert "gewu db upgrade" in result.output


def test_answers_before_the_disk_has_it_are_ill(on_postgres: Deployment) -> None:
    beat(on_postgres)
    with on_postgres.app(), writing() as session:
        name = session.scalar(text("SELECT current_database()"))
        session.execute(text(f'ALTER DATABASE "{name}" SET synchronous_commit = off'))
    result = on_postgres.gewu("doctor")
    assert result.exit_code == 1
    assert "synchronous_commit=off" in result.output


def test_an_empty_folder_gets_a_table_and_no_database(tmp_path: Path) -> None:
    nothing = Deployment(tmp_path / "nothing", "sqlite://")
    result = nothing.gewu("doctor")
    assert result.exit_code == 1
    assert "Check-up" in result.output
    assert not nothing.data.exists()


def test_a_database_that_is_away_is_ill(on_sqlite: Deployment) -> None:
    away = "postgresql://nobody@127.0.0.1:1/none"
    result = on_sqlite.gewu("doctor", GEWU_DATABASE_URL=away)
    assert result.exit_code == 1
    assert "OperationalError" in result.output


@pytest.mark.parametrize(
    ("url", "mark", "advice"),
    [
        ("http://127.0.0.1:8000", GOOD, ""),
        ("http://localhost", GOOD, ""),
        ("http://[::1]:8000", GOOD, ""),
        ("http://gewu.example", WARN, "insecure"),
        ("http://192.168.1.5:8000", WARN, "insecure"),
        ("https://127.0.0.1:1", ILL, "address"),
    ],
)
def test_plain_addresses(url: str, mark: str, advice: str) -> None:
    found = tls.address(url)
    assert (found.mark, found.advice) == (mark, advice)


@pytest.mark.parametrize(
    ("days", "trusted", "mark", "advice"),
    [
        (90, True, GOOD, ""),
        (5, True, WARN, "expiring"),
        (-1, True, ILL, "address"),
        (90, False, ILL, "address"),
    ],
)
def test_certificates(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    days: int,
    trusted: bool,
    mark: str,
    advice: str,
) -> None:
    certificate = _certificate(tmp_path / "server.pem", days)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with _tls_server(certificate) as port:
        found = tls.address(f"https://127.0.0.1:{port}")
    assert (found.mark, found.advice) == (mark, advice), found


def _certificate(path: Path, days: int) -> Path:
    """A self-signed certificate for 127.0.0.1, with its key, that ends in `days` days."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=30))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(address, critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(secret + certificate.public_bytes(Encoding.PEM))
    return path


@contextmanager
def _tls_server(certificate: Path) -> Iterator[int]:
    """Shakes hands once on the port that it gives."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_shake_hands, args=(listener, context))
        thread.start()
        yield listener.getsockname()[1]
        thread.join()


def _shake_hands(listener: socket.socket, context: ssl.SSLContext) -> None:
    peer, _ = listener.accept()
    with peer:
        try:
            context.wrap_socket(peer, server_side=True).close()
        except OSError:
            return
