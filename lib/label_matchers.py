"""Matching labels as Prometheus does, one matcher a line: ``severity="critical"``, ``region=~"eu-.*|us-east-1"``.

Operators are ``=``, ``!=``, ``=~`` and ``!~``; a label that is not there is empty; a pattern matches the whole value.
Source: https://prometheus.io/docs/alerting/latest/configuration/#matcher

Patterns are a part of regular expressions that Python matches quickly whatever the value: no repeated groups, no
counted repeats, no references, no looking around, and few open repeats.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LINE_MAX_LENGTH = 300
LINES_LIMIT = 20
OPEN_REPEATS_LIMIT = 3
VALUE_LIMIT = 300  # characters of a label that are looked at

_LINE = re.compile(r"""\A\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*(?:"((?:[^"\\]|\\.)*)"|([^\s"{},]+))\s*,?\s*\Z""")
_TOKEN = re.compile(
    r"""
    (?P<open>\((?:\?:)?(?!\?)) | (?P<close>\)) | (?P<or>\|)
    | (?P<one>\\[dDwWsS] | \\[^a-zA-Z0-9] | \[\^?(?:\\.|[^\]\\\[])+\] | [^\\\[\](){}|*+?])(?P<repeat>[*+?]?)
    """,
    re.VERBOSE,
)


class BadMatcher(ValueError):  # noqa: N818 - a refusal, told to a person
    """A line is no matcher. ``line`` is its number from 1, ``code`` one of form, pattern, length, lines."""

    def __init__(self, code: str, line: int = 0) -> None:
        super().__init__(f"{code} in line {line}")
        self.code, self.line = code, line


@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition on one label."""

    label: str
    operator: str
    value: str

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Say whether ``labels`` fulfil it."""
        found = labels.get(self.label, "")[:VALUE_LIMIT]
        if self.operator in ("=~", "!~"):
            fits = re.fullmatch(self.value, found, re.ASCII | re.DOTALL) is not None
        else:
            fits = found == self.value
        return fits == (self.operator in ("=", "=~"))


def parse(text: str) -> tuple[Matcher, ...]:
    """Return the matchers of ``text``; empty lines are left out. Raises ``BadMatcher``."""
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if len(lines) > LINES_LIMIT:
        raise BadMatcher("lines", lines[LINES_LIMIT][0])
    return tuple(_matcher(line, number) for number, line in lines)


def matches(matchers: Sequence[Matcher], labels: Mapping[str, str]) -> bool:
    """Say whether ``labels`` fulfil every matcher."""
    return all(matcher.matches(labels) for matcher in matchers)


def _matcher(line: str, number: int) -> Matcher:
    if len(line) > LINE_MAX_LENGTH:
        raise BadMatcher("length", number)
    found = _LINE.match(line)
    if found is None:
        raise BadMatcher("form", number)
    label, operator, quoted, bare = found.groups()
    value = bare if quoted is None else re.sub(r'\\(["\\])', r"\1", quoted)
    if operator in ("=~", "!~") and not is_safe(value):
        raise BadMatcher("pattern", number)
    return Matcher(label, operator, value)


def is_safe(pattern: str) -> bool:
    """Say whether ``pattern`` is of the part of regular expressions that is taken here."""
    position, repeats = 0, 0
    while position < len(pattern):
        token = _TOKEN.match(pattern, position)
        if token is None:
            return False
        position = token.end()
        if token["close"] and pattern[position : position + 1] in ("*", "+", "?", "{"):
            return False
        repeats += token["repeat"] in ("*", "+")
    if repeats > OPEN_REPEATS_LIMIT:
        return False
    try:
        re.compile(pattern, re.ASCII)
    except re.error:
        return False
    return True
