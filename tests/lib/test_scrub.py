import time

import pytest

from lib.scrub import Finding, scrub

NAMES = ["Anna Berg", "(⑴ + [x", "José Núñez", "Mark Young", "Jo Lock", "Acme Industries GmbH", "The Data Company", ""]
HASH = "3f2a9b8c7d6e5f4a3b2c1d0e"


def scrubbed(text: str) -> str:
    return scrub(text, names=NAMES).text


@pytest.mark.parametrize(
    ("text", "public"),
    [
        # people and companies
        ("Anna Berg wrote", "[name] wrote"),
        ("ANNA BERG and anna berg", "[name] and [name]"),
        ("Hi anna, thanks", "Hi [name], thanks"),
        ("Anna's org", "[name]'s org"),
        ("Ms Berg", "Ms [name]"),
        ("jose núñez, Jose Nunez", "[name], [name]"),
        ("Anna and Mark", "[name] and [name 2]"),
        ("at Acme, at ACME Industries", "at [name], at [name]"),
        ("Acme Industries GmbH", "[name]"),
        ("acme_user and Acme__Invoice__c", "[name]_user and [name]__Invoice__c"),
        ("AcmeInvoiceService", "[name]InvoiceService"),
        ("The Data Company", "[name]"),
        ("Mark Young", "[name]"),
        # addresses
        ("write to a.b+c@mail.acme-corp.co.uk.", "write to [email]."),
        ("<anna@acme.example>", "<[email]>"),
        ("sandbox user x@corp.com.uat", "sandbox user [email]"),
        ("https://acme.my.salesforce.com/x?y=1", "https://example.com/x?y=1"),
        ("https://bob:pw@host.example:8443/", "https://example.com:8443/"),
        ("(https://intranet/wiki)", "(https://example.com/wiki)"),
        ("jdbc:postgresql://db.acme.internal:5432/x", "jdbc:postgresql://example.com:5432/x"),
        ("login at acme.my.salesforce.com.", "login at example.com."),
        ("http://[2001:db8::1]/x", "http://example.com/x"),
        ("from 10.20.30.40:443", "from [ip]:443"),
        ("net 192.168.0.0/24", "net [ip]/24"),
        ("fe80::1 and 2001:db8::8a2e:370:7334", "[ip] and [ip 2]"),
        # phones
        ("+49 (30) 1234-567", "[phone]"),
        ("call +1-555-123-4567 now", "call [phone] now"),
        ("+4915112345678", "[phone]"),
        ("555-123-4567", "[phone]"),
        ("(555) 123-4567", "[phone]"),
        ("0171 1234567", "[phone]"),
        ("0049 30 1234567", "[phone]"),
        ("Phone: 123 4567", "Phone: [phone]"),
        # secrets
        ("AKIAIOSFODNN7EXAMPLE", "[secret]"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln_bmF0", "[secret]"),
        ("Authorization: Bearer abcdef", "Authorization: Bearer [secret]"),
        ("bearer abc.def.ghi1", "bearer [secret]"),
        ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "[secret]"),
        ("sk-proj-abc123def456", "[secret]"),
        ("ghp_abcdefghijklmnop", "[secret]"),
        ("00D5g000004abcd!AQEAQHx.yZ12345678901234567890", "[secret]"),
        ("password=hunter2", "password=[secret]"),
        ("password: hunter", "password: [secret]"),
        ("Password is hunter2.", "Password is [secret]."),
        ('"api_key": "ab c"', '"api_key": "[secret]"'),
        ("<password>hunter</password>", "<password>[secret]</password>"),
        ("--password hunter", "--password [secret]"),
        ("?access_token=abc&x=1", "?access_token=[secret]&x=1"),
        ("SESSION_ID => 'x1'", "SESSION_ID => '[secret]'"),
        (f"commit {HASH}", "commit [secret]"),
        ("c2VjcmV0LXRva2VuLWZvci10ZXN0cw==", "[secret]=="),
        ("Vq3_kLw-9aZ0pQ2rT7uX1y", "[secret]"),
        ("A1B2C-D3E4F-G5H6I-J7K8L", "[secret]"),
        (
            "a\n-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nb",
            "a\n[secret]\nb",
        ),
        ("-----BEGIN PRIVATE KEY-----\nMIIE (cut)", "[secret]"),
        # numbers
        ("0015g00000ABCDE", "[id]"),
        ("500xx000001T2u9AAC.", "[id]."),
        ("a0B5g00000XyZab", "[id]"),
        ("550e8400-e29b-41d4-a716-446655440000", "[uuid]"),
        ("DE89 3704 0044 0532 0130 00", "[number]"),
        ("GB29NWBK60161331926819", "[number]"),
        ("4111 1111 1111 1111", "[number]"),
        ("4111111111111111", "[number]"),
        ("3782-822463-10005", "[number]"),
    ],
)
def test_what_is_private_is_taken_out(text, public):
    assert scrubbed(text) == public


@pytest.mark.parametrize(
    "text",
    [
        "UNABLE_TO_LOCK_ROW: unable to obtain exclusive access to this record",
        "ERROR_HTTP_404_NOT_FOUND and FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "INVALID_SESSION_ID: Session expired or invalid",
        "mark the record, lock the row, will it work, a young company with data",
        "savannah, annabel, icebergs",
        "troubleshooting uncharacteristically internationalization",
        "version 65.0, v1.2.3.4, Version: 10.0.0.1, Chrome/120.0.0.0, 1.2.3-beta.4",
        "2024-01-15 10:00:00, 2024-01-15T10:00:00.000+0000, 15.01.2024, 01/15/2024, 01-15-2024",
        "1700000000000 and 20240115103000 and 1,234,567.89 and 200000000",
        "SELECT Id, Account.Name FROM Contact WHERE CreatedDate = LAST_N_DAYS:30 LIMIT 200",
        "for (Account a : trigger.new) { System.debug(a.Id); } @isTest @future(callout=true)",
        "System.LimitException: Too many SOQL queries: 101",
        "java.io.IOException at com.acmee.Foo.bar(Foo.java:42)",
        "String password = getPassword(); token = null; password: ${PASSWORD}; secret => [FILTERED]",
        "the token expired, invalid token: expired, password required, a new password: required",
        "basic authentication, bearer token",
        "convertLeadToContact2ndPass backup-2024-01-15-full-archive src/main/java/v2/Account2Helper",
        "IMG_20240115_123456_HDR.jpg",
        "npm i lodash@4.17.21 std::vector A::B 12:30:45",
        "http://localhost:8000/x and 127.0.0.1 and ::1",
        "https://example.com/docs",
        "CS-000061 and #12345 and 3.14159265358979",
        "",
    ],
)
def test_what_is_not_private_stays(text):
    assert scrubbed(text) == text


def test_each_finding_tells_what_stood_where():
    result = scrub("Anna at 10.0.0.5, anna", names=["Anna"])
    assert result.text == "[name] at [ip], [name]"
    assert result.found == [
        Finding("name", "Anna", "[name]", 0),
        Finding("ip", "10.0.0.5", "[ip]", 8),
        Finding("name", "anna", "[name]", 18),
    ]


def test_same_thing_gets_the_same_replacement():
    assert scrubbed("a@b.de x@y.de A@B.de") == "[email] [email 2] [email]"


def test_allowed_host_stays_and_no_host_under_it():
    text = "https://help.salesforce.com/x https://acme.help.salesforce.com/x"
    result = scrub(text, names=[], allowed_hosts=["Help.Salesforce.com"])
    assert result.text == "https://help.salesforce.com/x https://example.com/x"


def test_scrubbed_text_holds_nothing_more_to_take_out():
    once = scrubbed("Anna Berg, a@b.de, +49 30 1234567, https://acme.example/, password=hunter2, 10.0.0.5, " + HASH)
    assert scrub(once, names=NAMES).found == []


@pytest.mark.parametrize(
    "unit",
    [
        "a", "a.", "a@", "a@a.", "1", "1 ", "1.", "1-", "0:", "+1 ", "(1", "-", "a1", "A1b2-", "password", "password=",
        "-----BEGIN PRIVATE KEY-----", "-----BEGIN PRIVATE KEY", "eyJaaaaaa.", "http://", "://", "Anna ", "Anna-",
        "bearer ", "sk-a", "\ud800", "\x00", "é", "token is ", "authorization:", " ",
    ],
)  # fmt: skip
def test_flood_is_read_within_two_seconds(unit):
    text = unit * (50_000 // len(unit))
    best = 60.0
    for _attempt in range(3):
        start = time.process_time()
        scrub(text, names=[*NAMES, *(f"Person{number} Family{number}" for number in range(50))])
        best = min(best, time.process_time() - start)
        if best < 1.5:
            break
    assert best < 2


def test_a_handle_with_digits_is_its_owner_and_no_number() -> None:
    names = ["dana-reyes-2233", "Dana Reyes"]
    text = scrub("Dana Reyes asks. Dana, call 2233 or @dana-reyes-2233.", names=names).text
    assert text == scrub("Dana Reyes asks. Dana, call 2233 or @dana-reyes-2233.", names=reversed(names)).text
    assert text.startswith("[name] asks. [name], call 2233 or ")
