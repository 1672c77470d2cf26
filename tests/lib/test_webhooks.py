import base64

import pytest

from lib import webhooks

SECRET = webhooks.SECRET_PREFIX + base64.b64encode(b"k" * 32).decode()
BODY = b'{"type":"case.raised"}'


def signed() -> dict[str, str]:
    return webhooks.headers(SECRET, webhook_id="msg_1", body=BODY, timestamp=1_700_000_000)


def test_signature_is_that_of_the_specification():
    # Computed with: printf 'msg_1.1700000000.{"type":"case.raised"}' | openssl dgst -sha256 -hmac kkk… -binary | base64
    assert signed()["webhook-signature"] == "v1,pe0Z0Z20PkoHXXlq9y8W6hJKvfqhSefcULiTsD/DSaM="


def test_receiver_can_check_it():
    assert webhooks.verify(SECRET, headers=signed(), body=BODY, now=1_700_000_010)


@pytest.mark.parametrize(
    ("headers", "body", "now"),
    [
        ({}, b"another body", 1_700_000_010),
        ({"webhook-id": "msg_2"}, BODY, 1_700_000_010),
        ({"webhook-timestamp": "1700000001"}, BODY, 1_700_000_010),
        ({"webhook-timestamp": "soon"}, BODY, 1_700_000_010),
        ({"webhook-signature": "v1,AAAA"}, BODY, 1_700_000_010),
        ({}, BODY, 1_700_000_000 + 301),
        ({}, BODY, 1_700_000_000 - 301),
    ],
)
def test_receiver_refuses_what_was_changed_or_is_old(headers, body, now):
    assert not webhooks.verify(SECRET, headers={**signed(), **headers}, body=body, now=now)


def test_receiver_accepts_one_of_several_signatures():
    headers = signed()
    headers["webhook-signature"] = f"v1,AAAA {headers['webhook-signature']}"
    assert webhooks.verify(SECRET, headers=headers, body=BODY, now=1_700_000_010)


def test_new_secret_is_usable_and_new():
    assert len(webhooks.key_of(webhooks.new_secret())) == 32
    assert webhooks.new_secret() != webhooks.new_secret()


@pytest.mark.parametrize("secret", ["", "hunter2", "whsec_", "whsec_not base64", "whsec_c2hvcnQ="])
def test_secret_that_is_none_is_refused(secret):
    with pytest.raises(ValueError, match="secret"):
        webhooks.key_of(secret)
