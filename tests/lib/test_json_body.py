import pytest

from lib import json_body


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"\xef\xbb\xbf{}", {}),
        (b'{"a": [1, -2.5e3, true, null, "\\u00fc \\ud83d\\ude86"]}', {"a": [1, -2500.0, True, None, "ü 🚆"]}),
        (b"[[[[1]]]]", [[[[1]]]]),
    ],
    ids=["byte order mark", "every kind", "levels"],
)
def test_json_is_read(body, value):
    assert json_body.parse(body) == value


def test_as_many_levels_as_allowed_and_no_more():
    assert json_body.parse(b"[[[1]]]", depth=3) == [[[1]]]
    with pytest.raises(json_body.BadJson, match="deep"):
        json_body.parse(b"[[[[1]]]]", depth=3)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "not JSON"),
        (b"[" * 100_000, "deep"),
        (b"[" + b"9" * 5000 + b"]", "long"),
        (b"{'a': 1}", "line 1, column 2"),
        (b'["\\ud800"]', "surrogate"),
        (b'{"\\ud800": 1}', "surrogate"),
        (b'[{"a": 1, "a": 1}]', "twice"),
    ],
    ids=["nothing", "bottomless", "digits", "where", "surrogate", "surrogate in a key", "twice"],
)
def test_what_is_wrong_is_said(body, said):
    with pytest.raises(json_body.BadJson, match=said):
        json_body.parse(body)
