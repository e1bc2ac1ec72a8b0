"""The crypto seam: published vectors, round trips, keys and suites that change, tampering."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kernel import crypto
from server.kernel.crypto import Cipher, Key, generate_key

SUITES = ["aes-gcm", "sm4-gcm"]
OLD_KEY, NEW_KEY = generate_key(), generate_key()
ID_CARD = "110101199003070015"


@pytest.fixture(params=SUITES)
def cipher(request):
    return Cipher([NEW_KEY, OLD_KEY], request.param)


def test_this_build_has_both_suites():
    assert crypto.available_suites() == ("aes-gcm", "sm4-gcm")


# RFC 8998, appendix A.1 (SM4-GCM); test case 16 of the GCM specification (AES-256).
VECTORS = [
    (
        "sm4-gcm",
        "0123456789abcdeffedcba9876543210",
        "00001234567800000000abcd",
        "feedfacedeadbeeffeedfacedeadbeefabaddad2",
        "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd"
        "eeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa",
        "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
        "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
        "83de3541e4c2b58177e065a9bf7b62ec",
    ),
    (
        "aes-gcm",
        "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
        "cafebabefacedbaddecaf888",
        "feedfacedeadbeeffeedfacedeadbeefabaddad2",
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
        "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
        "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
        "76fc6ece0f4e1768cddf8853bb2d551b",
    ),
]


@pytest.mark.parametrize(("suite", "key", "nonce", "bound", "plain", "sealed"), VECTORS)
def test_published_vectors_open(suite, key, nonce, bound, plain, sealed):
    suited = crypto._Suited(suite, Key("vector", bytes(32)))
    suited._seal_key = bytes.fromhex(key)
    opened = suited.open(bytes.fromhex(nonce + sealed), bytes.fromhex(bound))
    assert opened.hex() == plain


@pytest.mark.parametrize("suite", SUITES)
@given(text=st.text(), context=st.text(st.characters(codec="utf-8")))
def test_what_is_sealed_opens(suite, text, context):
    cipher = Cipher([NEW_KEY], suite)
    assert cipher.open_(cipher.seal(text, context=context), context=context) == text


def test_half_surrogates_survive(cipher):
    assert cipher.open_(cipher.seal("\ud83d", context="c"), context="c") == "\ud83d"


def test_the_form_names_version_suite_and_key(cipher):
    version, suite, key_id, text = cipher.seal(ID_CARD, context="c").split("$")
    assert version == "g1"
    assert suite in SUITES
    assert key_id == NEW_KEY.split(":")[0]
    assert len(base64.urlsafe_b64decode(text)) == 12 + len(ID_CARD) + 16


def test_each_sealing_differs_and_shows_nothing(cipher):
    first, second = (cipher.seal(ID_CARD, context="c") for _ in range(2))
    assert first != second
    assert ID_CARD not in first


def test_a_value_moved_to_another_context_does_not_open(cipher):
    value = cipher.seal(ID_CARD, context="subject.id_card")
    with pytest.raises(crypto.Tampered):
        cipher.open_(value, context="subject.phone")


def test_every_changed_byte_is_noticed(cipher):
    header, _, text = cipher.seal("13800008000", context="c").rpartition("$")
    sealed = base64.urlsafe_b64decode(text)
    for index in range(len(sealed)):
        changed = bytearray(sealed)
        changed[index] ^= 1
        with pytest.raises(crypto.Tampered):
            cipher.open_(f"{header}${base64.urlsafe_b64encode(changed).decode()}", context="c")


def test_a_header_cannot_be_exchanged(cipher):
    value = cipher.seal("text", context="c")
    other_key = value.replace(NEW_KEY.split(":")[0], OLD_KEY.split(":")[0])
    with pytest.raises(crypto.Tampered):
        cipher.open_(other_key, context="c")
    suite = value.split("$")[1]
    other_suite = value.replace(suite, SUITES[1 - SUITES.index(suite)])
    with pytest.raises(crypto.Tampered):
        cipher.open_(other_suite, context="c")


@pytest.mark.parametrize("suite", SUITES)
def test_old_keys_open_and_the_newest_seals(suite):
    before, after = Cipher([OLD_KEY], suite), Cipher([NEW_KEY, OLD_KEY], suite)
    old = before.seal("张三", context="name")
    assert after.open_(old, context="name") == "张三"
    assert not after.is_current(old)
    new = after.seal("张三", context="name")
    assert after.is_current(new)
    with pytest.raises(crypto.UnknownKey, match=NEW_KEY.split(":")[0]):
        before.open_(new, context="name")


def test_values_of_the_other_suite_stay_readable():
    aes, sm4 = Cipher([NEW_KEY], "aes-gcm"), Cipher([NEW_KEY], "sm4-gcm")
    value = aes.seal("张三", context="name")
    assert sm4.open_(value, context="name") == "张三"
    assert not sm4.is_current(value)


@pytest.mark.parametrize(
    ("value", "error"),
    [
        ("", crypto.NotSealed),
        ("张三", crypto.NotSealed),
        ("13800008000", crypto.NotSealed),
        ("g1$aes-gcm$key", crypto.NotSealed),
        ("g1$aes-gcm$key$", crypto.NotSealed),
        ("g1$aes-gcm$key$AAAA", crypto.NotSealed),
        ("g1$aes-gcm$key$!!!", crypto.NotSealed),
        ("g1$aes-gcm$key$" + "A" * 41, crypto.NotSealed),
        ("g2$aes-gcm$key$" + "A" * 40, crypto.NotSealed),
        ("g1$a$b$c$" + "A" * 40, crypto.NotSealed),
        ("g1$aes-gcm$nobody$" + "A" * 40, crypto.UnknownKey),
        (f"g1$rot13${NEW_KEY.split(':')[0]}$" + "A" * 40, crypto.UnknownSuite),
        (f"g1$aes-gcm${NEW_KEY.split(':')[0]}$" + "A" * 40, crypto.Tampered),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "value",
)
def test_what_cannot_be_opened(cipher, value, error):
    with pytest.raises(error):
        cipher.open_(value, context="c")


@given(st.text())
def test_no_text_raises_anything_but_a_crypto_error(value):
    with pytest.raises(crypto.CryptoError):
        Cipher([NEW_KEY]).open_(value, context="c")


def test_an_unknown_suite_is_refused_at_start():
    with pytest.raises(crypto.UnknownSuite, match="des"):
        Cipher([NEW_KEY], "des")


SECRET = "SECRETsecretSECRETsecretSECRETsecretSECRETs"


@pytest.mark.parametrize(
    "keys",
    [
        [],
        [""],
        ["no-colon"],
        [f"id:{SECRET}"],
        [f"id:{SECRET}=="],
        [f"ID:{SECRET}="],
        [f"a$b:{SECRET}="],
        [f"{'x' * 33}:{SECRET}="],
        [NEW_KEY, NEW_KEY],
    ],
)
def test_bad_keys_are_refused_without_repeating_them(keys):
    with pytest.raises(crypto.KeyFormatError) as raised:
        Cipher(keys)
    assert SECRET not in str(raised.value)


def test_keys_hide_their_secret():
    assert NEW_KEY.split(":")[1] not in repr(Key.parse(NEW_KEY))
    assert "secret" not in repr(Key.parse(NEW_KEY))


def test_generated_keys_differ_and_have_256_bits():
    assert generate_key() != generate_key()
    assert len(Key.parse(generate_key()).secret) == 32


def test_blind_indexes_find_equal_texts_only(cipher):
    index = cipher.blind_index(ID_CARD, context="id_card")
    assert index == cipher.blind_index(ID_CARD, context="id_card")
    assert index != cipher.blind_index(ID_CARD[:-1] + "X", context="id_card")
    assert index != cipher.blind_index(ID_CARD, context="passport")
    assert ID_CARD not in index


@pytest.mark.parametrize("suite", SUITES)
def test_blind_indexes_depend_on_key_and_suite(suite):
    made = {
        Cipher([key], s).blind_index("x", context="c") for key in (OLD_KEY, NEW_KEY) for s in SUITES
    }
    assert len(made) == 4
    found = Cipher([NEW_KEY, OLD_KEY], suite).blind_indexes("x", context="c")
    assert set(found) == made
    assert found[0] == Cipher([NEW_KEY], suite).blind_index("x", context="c")


def test_context_and_value_do_not_run_into_each_other(cipher):
    assert cipher.blind_index("bc", context="a") != cipher.blind_index("c", context="ab")
