"""Settings: what is wrong refuses to start and says which; what is shown hides passwords."""

from dataclasses import fields
from pathlib import Path

import pytest

from server.config import SETTINGS, BadSetting, Settings, load

SECRET = "pa55word"


def test_every_setting_stands_with_its_default(tmp_path: Path) -> None:
    settings = load({"GEWU_DATA": str(tmp_path)})
    assert {field.name for field in fields(Settings)} == {name.lower() for name in SETTINGS}
    assert settings.database_url == f"sqlite:///{tmp_path}/gewu.db"
    assert settings.media_url == f"file://{tmp_path}/media"
    assert settings.keys == tmp_path / "keys"
    assert settings.limits_url == f"gewu-file://{tmp_path}/limits.db"
    assert (settings.batch_items, settings.batch_bytes, settings.item_bytes) == (
        100,
        1 << 20,
        65536,
    )
    assert (settings.exchanges_per_minute, settings.timezone) == (60, "Asia/Shanghai")
    assert settings.is_sqlite


def test_a_folder_is_made_absolute() -> None:
    settings = load({"GEWU_DATA": "here", "GEWU_KEYS": "there"})
    assert (settings.data, settings.keys) == (Path.cwd() / "here", Path.cwd() / "there")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://x"),
        ("DATABASE_URL", ""),
        ("MEDIA_URL", "file://media"),
        ("MEDIA_URL", "file://host/media"),
        ("MEDIA_URL", "ftp://photos"),
        ("MEDIA_URL", "s3://"),
        ("MEDIA_URL", "s3://no_such_name"),
        ("MEDIA_URL", "s3://key:secret@photos"),
        ("MEDIA_URL", "s3://photos/../x"),
        ("MEDIA_URL", "s3://photos/a b"),
        ("MEDIA_URL", "s3://photos#x"),
        ("MEDIA_URL", "s3://photos?secret=x"),
        ("MEDIA_URL", "s3://photos?region=a&region=b"),
        ("MEDIA_URL", "s3://photos?region="),
        ("MEDIA_URL", "s3://photos?region=//"),
        ("MEDIA_URL", "s3://photos?endpoint="),
        ("MEDIA_URL", "s3://photos?endpoint=ftp://h"),
        ("MEDIA_URL", "s3://photos?endpoint=http://key:secret@h"),
        ("PUBLIC_URL", "gewu.example"),
        ("PUBLIC_URL", "ftp://gewu.example"),
        ("PUBLIC_URL", "https://"),
        ("TIMEZONE", "Asia/Nowhere"),
        ("TIMEZONE", "../../etc/passwd"),
        ("TIMEZONE", ""),
        ("LANG", "fr"),
        ("BATCH_ITEMS", "0"),
        ("BATCH_ITEMS", "10001"),
        ("BATCH_ITEMS", "many"),
        ("BATCH_ITEMS", "1.5"),
        ("BATCH_ITEMS", ""),
        ("PROXIES", "-1"),
        ("MEDIA_DIRECT", "2"),
        ("DARKROOM_PIXELS", "999999"),
        ("DARKROOM_BYTES", "134217727"),
        ("DARKROOM_CPU_S", "0"),
        ("DARKROOM_WALL_S", "3601"),
        ("MEDIA_DIRECT", "yes"),
        ("DATA", ""),
        ("KEYS", " "),
        ("LIMITS_URL", "nonsense"),
        ("LIMITS_URL", "memory://"),
        *((name, "x") for name, setting in SETTINGS.items() if (setting.default or "").isdigit()),
        *((name, "-1") for name, setting in SETTINGS.items() if (setting.default or "").isdigit()),
    ],
)
def test_a_bad_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=f"^GEWU_{name}="):
        load({f"GEWU_{name}": value})


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("DATABASE_URL", "postgres://u@h/gewu", "postgresql+psycopg://u@h/gewu"),
        ("DATABASE_URL", "postgresql://u@h/gewu", "postgresql+psycopg://u@h/gewu"),
        ("DATABASE_URL", "postgresql+psycopg://u@h/gewu", "postgresql+psycopg://u@h/gewu"),
        ("DATABASE_URL", "sqlite:////srv/gewu.db", "sqlite:////srv/gewu.db"),
        ("PUBLIC_URL", "https://gewu.example/", "https://gewu.example"),
        ("MEDIA_URL", "s3://photos", "s3://photos"),
        ("MEDIA_URL", "s3://photos/a?endpoint=http://h:1", "s3://photos/a?endpoint=http://h:1"),
        ("BATCH_ITEMS", "1", 1),
        ("BATCH_ITEMS", "10000", 10_000),
        ("FREE_BYTES", "0", 0),
        ("TIMEZONE", "UTC", "UTC"),
    ],
)
def test_a_good_setting_is_read(name: str, value: str, read: object) -> None:
    assert getattr(load({f"GEWU_{name}": value}), name.lower()) == read


def test_what_is_given_goes_before_the_environment() -> None:
    assert load({"GEWU_BATCH_ITEMS": "7"}, batch_items=9).batch_items == 9


@pytest.mark.parametrize("name", ["GEWU_BATCH_ITEM", "GEWU_", "GEWU_batch_items"])
def test_an_unknown_setting_is_refused_and_named(name: str) -> None:
    with pytest.raises(BadSetting, match=f"^{name}: "):
        load({name: "1"})


def test_other_names_are_none_of_our_business() -> None:
    assert load({"OTHER": "1", "MY_GEWU_DATA": "x", "GEWU_ADMIN_PASSWORD": "x"}).data.name == "data"


@pytest.mark.parametrize(
    "password", [SECRET, "pa55%40%2Fword", "pa55:word"], ids=["plain", "escaped", "colon"]
)
def test_a_password_is_not_shown(password: str) -> None:
    url = f"postgresql://gewu:{password}@db.example:5432/gewu"
    settings = load({"GEWU_DATABASE_URL": url, "GEWU_LIMITS_URL": f"redis://:{password}@cache"})
    shown = settings.masked()
    assert password in settings.database_url
    assert shown["database_url"] == "postgresql+psycopg://gewu:***@db.example:5432/gewu"
    assert shown["limits_url"] == "redis://:***@cache"
    assert shown["batch_items"] == "100"
    assert "pa55" not in str(shown)


def test_a_password_in_the_query_of_an_address_is_not_shown() -> None:
    url = f"postgresql://db.example/gewu?user=gewu&password={SECRET}&sslmode=require"
    shown = load({"GEWU_DATABASE_URL": url}).masked()["database_url"]
    assert shown.endswith("?user=gewu&password=***&sslmode=require")


def test_a_password_in_a_bad_setting_is_not_shown() -> None:
    with pytest.raises(BadSetting) as caught:
        load({"GEWU_DATABASE_URL": f"mysql://gewu:{SECRET}@db/gewu"})
    assert "GEWU_DATABASE_URL" in str(caught.value)
    assert SECRET not in str(caught.value)


def test_the_keys_of_a_bucket_are_not_shown() -> None:
    settings = load({"GEWU_S3_ACCESS_KEY": SECRET, "GEWU_S3_SECRET_KEY": SECRET})
    assert settings.masked()["s3_access_key"] == settings.masked()["s3_secret_key"] == "***"
    assert SECRET not in str(settings.masked()) + repr(settings)
    assert load({}).masked()["s3_secret_key"] == ""


@pytest.mark.parametrize("name", ["GEWU_S3_ACCESS_KEY", "GEWU_S3_SECRET_KEY"])
def test_one_key_of_a_bucket_needs_the_other(name: str) -> None:
    with pytest.raises(BadSetting, match="GEWU_S3_ACCESS_KEY, GEWU_S3_SECRET_KEY") as caught:
        load({name: SECRET})
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("media", [{}, {"GEWU_MEDIA_URL": "file:///srv/photos"}])
def test_only_a_bucket_sends_copies_itself(media: dict[str, str]) -> None:
    with pytest.raises(BadSetting, match=r"^GEWU_MEDIA_DIRECT=1.*GEWU_MEDIA_URL=s3://"):
        load({"GEWU_MEDIA_DIRECT": "1"} | media)
    assert load({"GEWU_MEDIA_DIRECT": "0"} | media).media_direct == 0
    assert load({"GEWU_MEDIA_DIRECT": "1", "GEWU_MEDIA_URL": "s3://photos"}).media_direct == 1


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"DARKROOM_PIXELS": "500000000"}, "DARKROOM_BYTES=1610612736"),
        ({"DARKROOM_BYTES": str(400 << 20)}, "DARKROOM_BYTES=419430400"),
        ({"DARKROOM_CPU_S": "61"}, "DARKROOM_WALL_S=60"),
        ({"DARKROOM_WALL_S": "19"}, "DARKROOM_WALL_S=19"),
    ],
)
def test_limits_of_the_darkroom_that_contradict_each_other(
    given: dict[str, str], named: str
) -> None:
    with pytest.raises(BadSetting, match=f"^GEWU_{named}: "):
        load({f"GEWU_{name}": value for name, value in given.items()})


def test_a_key_in_a_bad_address_of_a_bucket_is_not_shown() -> None:
    for url in (f"s3://key:{SECRET}@photos", f"s3://photos?endpoint=http://key:{SECRET}@h"):
        with pytest.raises(BadSetting) as caught:
            load({"GEWU_MEDIA_URL": url})
        assert SECRET not in str(caught.value)


def test_a_bucket_without_its_library_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.config.find_spec", lambda name: None)
    with pytest.raises(BadSetting, match=r"^GEWU_MEDIA_URL=.*gewu\[s3\]"):
        load({"GEWU_MEDIA_URL": "s3://photos"})


def test_where_the_photos_are(tmp_path: Path) -> None:
    on_disk = load({"GEWU_DATA": str(tmp_path)})
    assert on_disk.folders == [tmp_path, tmp_path / "keys", tmp_path / "media"]
    in_bucket = load({"GEWU_DATA": str(tmp_path), "GEWU_MEDIA_URL": "s3://photos"})
    assert in_bucket.folders == [tmp_path, tmp_path / "keys"]


@pytest.mark.parametrize("name", sorted(SETTINGS))
def test_every_setting_says_what_it_means_in_both_languages(name: str) -> None:
    setting = SETTINGS[name]
    assert setting.en and setting.zh and not setting.zh.isascii()
