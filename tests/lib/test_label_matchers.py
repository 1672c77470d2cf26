import pytest

from lib import label_matchers
from lib.label_matchers import BadMatcher, Matcher

LABELS = {"alertname": "ApiDown", "region": "eu-west-1", "quoted": 'a "b" \\c'}


@pytest.mark.parametrize(
    ("line", "fits"),
    [
        ('alertname="ApiDown"', True), ("alertname=ApiDown", True), ('alertname="Api"', False),
        ('alertname!="Api"', True),
        ('region=~"eu-.*"', True), ('region=~"eu"', False), ('region=~"us-.*|eu-west-[0-9]+"', True),
        ('region=~"(?:us|eu)-west-1"', True), ('region!~"us-.*"', True), ('region!~"eu-.*"', False),
        ('missing=""', True), ('missing!=""', False), ('missing=~".*"', True), ('missing=~".+"', False),
        (r'quoted="a \"b\" \\c"', True), (r'region=~"eu\\-west\\-\\d"', True), ('  region = "eu-west-1" , ', True),
    ],
)  # fmt: skip
def test_a_matcher_matches_as_prometheus_does(line, fits):
    assert label_matchers.matches(label_matchers.parse(line), LABELS) is fits


def test_every_line_must_match():
    assert label_matchers.matches(label_matchers.parse('alertname="ApiDown"\n\nregion=~"eu.*"\n'), LABELS)
    assert not label_matchers.matches(label_matchers.parse('alertname="ApiDown"\nregion="us"'), LABELS)


def test_no_line_matches_everything():
    assert label_matchers.parse("\n  \n") == ()
    assert label_matchers.matches((), {})


@pytest.mark.parametrize(
    "line", ["severity", "=x", '9a="b"', 'a=="b"', 'a="b', 'a="b" c="d"', "a~b", '{a="b"}', 'a="b"; drop', "a=", "ä=b"]
)
def test_what_is_no_matcher_is_refused_with_its_line(line):
    with pytest.raises(BadMatcher) as refusal:
        label_matchers.parse(f'a="b"\n{line}')

    assert (refusal.value.code, refusal.value.line) == ("form", 2)


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+", "(a|a)*", "(a*)*b", "a{1,9999}", "(?=a)b", "(?!a)b", "(?P<n>a)", "(?i)a", r"(a)\\1", ".*a.*b.*c.*d",
        "(", "a)", "[a", "*a", "a**", "a++", "[z-a]", "(a)?", "[]", "a\\",
    ],
)  # fmt: skip
def test_a_pattern_that_could_take_long_is_refused(pattern):
    with pytest.raises(BadMatcher):
        label_matchers.parse(f'a=~"{pattern}"')


def test_no_more_of_a_value_is_looked_at_than_its_beginning():
    long = "a" * label_matchers.VALUE_LIMIT + "b"

    assert Matcher("label", "=~", "a+").matches({"label": long})


def test_too_many_lines_and_too_long_ones_are_refused():
    with pytest.raises(BadMatcher, match="lines in line 21"):
        label_matchers.parse('a="b"\n' * 21)
    with pytest.raises(BadMatcher, match="length in line 1"):
        label_matchers.parse(f'a="{"b" * 400}"')
