"""Takes out of a private text what must not be published: names, addresses, numbers, secrets.

Careful rather than clever: it would rather take a harmless number than leave a password, and a person reads the result
before anybody else does. It leaves words, error codes, versions, dates and code alone, as far as their form tells them.
"""

import ipaddress
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["name", "email", "phone", "url", "ip", "token", "salesforce_id", "uuid", "number"]

# What stands in the text afterwards. English in every language: the text it becomes part of has one of its own.
_LABELS: dict[Kind, str] = {
    "name": "name", "email": "email", "phone": "phone", "ip": "ip", "token": "secret", "salesforce_id": "id",
    "uuid": "uuid", "number": "number",
}  # fmt: skip
SAFE_HOST = "example.com"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was taken out. ``start`` counts characters of the text as it was given."""

    kind: Kind
    original: str
    replacement: str
    start: int


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """The text as it may be published, and what was taken out of it, in reading order."""

    text: str
    found: Sequence[Finding]


_Span = tuple[int, int]
_Rule = tuple[Kind, Callable[[str], Iterator[_Span]]]


def scrub(text: str, *, names: Iterable[str], allowed_hosts: Iterable[str] = ()) -> Scrubbed:
    """Return ``text`` without ``names`` and without whatever looks private.

    ``names`` are those of people and companies: found in any case, also within ``acme_user`` and ``AcmeService``, and
    by their first word alone; a word that is an ordinary one ("Mark", "Will") only where it has a capital.
    ``allowed_hosts`` stay in addresses, each as it is written: ``salesforce.com`` allows no other host under it.
    The same thing gets the same replacement each time, a second one of its kind a number: ``[name]``, ``[name 2]``.
    """
    people = _Names(names)
    hosts = {host.lower() for host in allowed_hosts} | {SAFE_HOST, "localhost", "127.0.0.1"}
    rules: list[_Rule] = [
        *_SECRETS,
        ("url", lambda text: _hosts(text, hosts)),
        *_PATTERNS,
        ("name", people.find),
    ]
    taken = bytearray(len(text))
    spans: list[tuple[int, int, Kind]] = []
    for kind, find in rules:
        for start, end in find(text):
            if start < end and not any(taken[start:end]):
                taken[start:end] = b"\1" * (end - start)
                spans.append((start, end, kind))
    return _replaced(text, sorted(spans), people)


def _replaced(text: str, spans: Sequence[tuple[int, int, Kind]], people: "_Names") -> Scrubbed:
    seen: dict[Kind, dict[str, int]] = {}
    found: list[Finding] = []
    pieces: list[str] = []
    rest = 0
    for start, end, kind in spans:
        original = text[start:end]
        if kind == "url":
            replacement = SAFE_HOST
        else:
            known = seen.setdefault(kind, {})
            key = people.key(original) if kind == "name" else original.casefold()
            number = known.setdefault(key, len(known) + 1)
            replacement = f"[{_LABELS[kind]}]" if number == 1 else f"[{_LABELS[kind]} {number}]"
        found.append(Finding(kind, original, replacement, start))
        pieces += [text[rest:start], replacement]
        rest = end
    return Scrubbed("".join([*pieces, text[rest:]]), found)


def _all(pattern: str, flags: int = re.IGNORECASE, group: int = 0) -> Callable[[str], Iterator[_Span]]:
    """Return a finder of every match of ``pattern``, or of one of its groups."""
    compiled = re.compile(pattern, flags)
    return lambda text: (match.span(group) for match in compiled.finditer(text))


# --- Secrets ----------------------------------------------------------------------------------------------------------

_KEY_BLOCK = r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?:.*?-----END [A-Z0-9 ]{0,60}-----|.*)"
_SESSION = r"(?<![A-Za-z0-9])00D[A-Za-z0-9]{12,15}![A-Za-z0-9._-]{10,}"
_JWT = r"(?<![\w-])eyJ[\w-]{5,}\.[\w-]{5,}(?:\.[\w-]*)*"
_AWS = r"(?<![A-Za-z0-9])(?:AKIA|ASIA|AROA|AIDA|AGPA|ANPA)[A-Z0-9]{12,}"
# Prefixes that vendors give to their keys so that they are found in texts like these.
_PREFIXED = (
    r"(?<![\w-])(?:(?:whsec_|[srp]k_(?:live|test)_|gh[opsur]_|github_pat_|glpat-|xox[a-z]-|shp[a-z]{2}_|dop_v1_|npm_|hf_"
    r"|pypi-)[\w.-]{8,}|sk-(?=[\w-]*\d)[\w-]{12,}|AIza[\w-]{20,}|ya29\.[\w-]{10,}|SG\.[\w-]{10,}\.[\w-]{10,})"
)
_AUTHORIZATION = r"authorization[\"']?\s*[:=]\s*[\"']?(?:(?:bearer|basic|oauth|token|digest)\s+)?([^\s\"',;<>]{4,})"
_BEARER = r"(?<!\w)(?:bearer|basic|oauth)\s+((?=[\w.~+/=-]*\d)[\w.~+/=-]{8,}|[\w.~+/=-]{24,})"
_KEYED = re.compile(
    r"(?P<flag>--)?(?:"
    r"(?P<password>passwor[dt]|passwd|passphrase|pwd|passcode)|"
    r"api[_ -]?key|access[_ -]?key|private[_-]?key|secret|token|session[_ -]?id|credentials?|(?<![A-Za-z])sid"
    r")\w{0,12}[\"']?(?P<sign>\s*(?:=>|:=|==?|:)\s*|>|\s+is\s+|[ \t]+)"
    r"(?P<value>\"[^\"\n]*\"|'[^'\n]*'|[^\s,;&<>\"')\]}]+)",
    re.IGNORECASE,
)
# What follows "password =" in code and in prose, and is none.
_NO_SECRET = frozenset({
    "any", "await", "bool", "boolean", "bytes", "char", "const", "empty", "expired", "false", "final", "incorrect",
    "int", "integer", "invalid", "missing", "new", "nil", "none", "null", "number", "object", "optional", "required",
    "reset", "return", "self", "str", "string", "this", "true", "undefined", "unknown", "valid", "void", "wrong",
    "xxx",
})  # fmt: skip
_CALL_OR_PLACEHOLDER = re.compile(r"[A-Za-z_][\w.]*\(|[$%{<*\[•]")


def _keyed(text: str) -> Iterator[_Span]:
    """Find what a key like ``password`` or ``api_key`` is set to."""
    for match in _KEYED.finditer(text):
        start, end = match.span("value")
        value = match["value"]
        quoted = value[0] in "\"'"
        if quoted:
            start, end, value = start + 1, end - 1, value[1:-1]
        else:
            end -= len(value) - len(value.rstrip(".!?"))
            value = text[start:end]
        sign = match["sign"]
        if not value or value.lower() in _NO_SECRET or _CALL_OR_PLACEHOLDER.match(value):
            continue
        odd = not value.isalpha()
        if sign.isspace():
            taken = bool(match["flag"])
        elif sign.strip().lower() == "is":
            taken = odd or quoted
        else:
            # "token: expired" tells; "token=expired" and "password: hunter" set.
            taken = bool(match["password"]) or odd or quoted or len(value) >= 16 or not sign[-1:].isspace()
        if taken:
            yield start, end


_RUN = re.compile(r"(?<![A-Za-z0-9+/_=-])[A-Za-z0-9+/_=-]{20,}")
_SEGMENT = re.compile(r"[A-Za-z0-9]+")
# Words run together, with at most four digits at a time: convertLeadToContact2ndPass, HTTP404, contact2.
_WORDS = re.compile(r"(?:[A-Z][a-z]++|[a-z]{2,}+|[A-Z]{2,}+|\d{1,4}+)++")


def _is_words(segment: str) -> bool:
    """Say whether a run of letters and digits reads like words, and not like chance."""
    if segment.isdigit():
        return len(segment) <= 8  # a date
    digits = sum(character.isdigit() for character in segment)
    return _WORDS.fullmatch(segment) is not None and digits * 4 <= len(segment)


def _long_runs(text: str) -> Iterator[_Span]:
    """Find long runs of letters and digits that read like no words: keys, hashes, base64."""
    for match in _RUN.finditer(text):
        run = match[0]
        if not any(map(str.isdigit, run)) or not any(map(str.isalpha, run)):
            continue
        odd = [segment.span() for segment in _SEGMENT.finditer(run) if not _is_words(segment[0])]
        if sum(end - start for start, end in odd) >= 8:  # "v2" and "x86" are no secrets
            yield match.start() + odd[0][0], match.start() + odd[-1][1]


_SECRETS: tuple[_Rule, ...] = (
    ("token", _all(_KEY_BLOCK, re.DOTALL)),
    ("token", _all(_SESSION, 0)),
    ("token", _all(_JWT, 0)),
    ("token", _all(_AWS, 0)),
    ("token", _all(_PREFIXED, 0)),
    ("token", _all(_AUTHORIZATION, group=1)),
    ("token", _all(_BEARER, group=1)),
    ("token", _keyed),
)

# --- Addresses --------------------------------------------------------------------------------------------------------

_EMAIL = r"(?<![\w.+%~-])[\w.+%~-]+@(?:[^\W_][\w-]{0,62}\.){1,8}[^\W\d_][\w-]{1,62}"
_URL_HOST = re.compile(
    r"(?<![\w])[a-z][a-z0-9+.-]{1,20}://([^\s/?#<>\"'`()\[\]{}|\\,;]+|\[[0-9a-f:.]+\])", re.IGNORECASE
)
# A bare name is taken for a host when it ends like one; most others with a dot are code.
_BARE_HOST = re.compile(
    r"(?<![\w@./:$-])(?!(?:java|javax|system|microsoft)\.)(?:[a-z0-9][a-z0-9-]{0,62}\.){1,8}"
    r"(?:com|net|org|edu|gov|eu|de|at|ch|fr|nl|co\.uk|io|cloud|internal|local|corp|lan|intranet|example)"
    r"(?::\d+)?(?![\w(@-]|\.\w)",
    re.IGNORECASE,
)
_PORT = re.compile(r":\d+\Z")
_IP4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w]|\.\d)")
_IP6 = re.compile(r"(?<![\w:.])[0-9a-f:]{2,39}(?:\.\d{1,3}){0,3}(?:%\w+)?(?![\w:])", re.IGNORECASE)
_VERSION_BEFORE = re.compile(r"(?:\bv|\bver(?:sion)?\.?|\brelease|\bbuild|[a-z]/)[\s:=]*\Z", re.IGNORECASE)
_NOWHERE = {"0.0.0.0", "127.0.0.1", "255.255.255.255", "::", "::1"}  # noqa: S104 - names nobody's machine


def _hosts(text: str, allowed: set[str]) -> Iterator[_Span]:
    """Find the hosts of addresses, with the name and password before them and without their port."""
    for pattern, group in ((_URL_HOST, 1), (_BARE_HOST, 0)):
        for match in pattern.finditer(text):
            start, end = match.span(group)
            host = match[group].rstrip(".:!*_~")
            end = start + len(host)
            port = _PORT.search(host)
            if port:
                end -= len(port[0])
            if text[start:end].lower() not in allowed:
                yield start, end


def _ip_addresses(text: str) -> Iterator[_Span]:
    for match in (*_IP4.finditer(text), *_IP6.finditer(text)):
        start = match.start()
        if (
            match[0] not in _NOWHERE
            and _is_ip(match[0])
            and not _VERSION_BEFORE.search(text[max(0, start - 12) : start])
        ):
            yield match.span()


def _is_ip(candidate: str) -> bool:
    try:
        ipaddress.ip_address(candidate)
    except ValueError:
        return False
    if ":" not in candidate:
        return True
    # Ab::Cd is a name in several languages before it is an address.
    groups = [group for group in candidate.split(":") if group]
    return any(map(str.isdigit, candidate)) and (len(groups) > 2 or len(groups[0]) == 4)  # as in fe80::1


# --- Numbers ----------------------------------------------------------------------------------------------------------

_UUID = r"(?<![\w-])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![\w-])"
_PHONE = re.compile(
    r"(?<![\w+.])\+\d[\d ()./\u00a0-]{6,22}\d(?!\w)"  # +49 (30) 1234-567
    r"|(?<![\w.-])00[1-9]\d{0,2}[ ()./-][\d ()./-]{5,20}\d(?!\w)"  # 0049 30 1234567
    r"|(?<![\w.-])\(\d{2,5}\)[ ]?\d[\d ./-]{4,14}\d(?!\w)"  # (030) 1234567
    r"|(?<![\w.-])\d{3}[ .-]\d{3}[ .-]\d{4}(?![\w-]|\.\d)"  # 555-123-4567
    r"|(?<![\w./:-])0\d{1,4}[ /-]\d{2,}(?:[ -]\d{2,}){0,4}(?!\w)"  # 0171/1234567
    r"|(?<=\bphone)[ .:#]{1,3}\d[\d ()./-]{4,20}\d(?!\w)"
    r"|(?<=\b(?:tel|fax))[ .:#]{1,3}\d[\d ()./-]{4,20}\d(?!\w)"
    r"|(?<=\bmobile)[ .:#]{1,3}\d[\d ()./-]{4,20}\d(?!\w)",
    re.IGNORECASE,
)
_DATE = re.compile(r"\(?\d{1,4}([./ -])\d{1,2}\1\d{1,4}(?!\d)")
_IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,3})?(?!\w)")
_CARD = re.compile(
    r"(?<![\w.+-])(?:\d{4}([ -])\d{4}\1\d{4}\1\d{1,7}|\d{4}([ -])\d{6}\2\d{5}|\d{13,19})(?![\w-]|\.\d)",
)
# Milliseconds since 1970, or a date and time run together.
_TIMESTAMP = re.compile(r"1[4-9]\d{11}|(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])[0-2]\d[0-5]\d[0-6]\d\d{0,3}")
_SALESFORCE_ID = re.compile(r"(?<!\w)(?=[A-Za-z]{0,14}\d)[0-9a-zA-Z]{15}(?:[A-Z0-5a-z]{3})?(?!\w)")
_PHONE_DIGITS = range(7, 16)
_IBAN_DIGITS = 10


def _phones(text: str) -> Iterator[_Span]:
    for match in _PHONE.finditer(text):
        found = match[0]
        start = match.start() + len(found) - len(found.lstrip(" .:#"))
        digits = sum(character.isdigit() for character in found)
        if digits in _PHONE_DIGITS and not _DATE.match(text[start : match.end()]):
            yield start, match.end()


def _numbers(text: str) -> Iterator[_Span]:
    """Find numbers of bank accounts and cards."""
    for match in _IBAN.finditer(text):
        if sum(character.isdigit() for character in match[0]) >= _IBAN_DIGITS:
            yield match.span()
    for match in _CARD.finditer(text):
        if not _TIMESTAMP.fullmatch(match[0]):
            yield match.span()


def _salesforce_ids(text: str) -> Iterator[_Span]:
    for match in _SALESFORCE_ID.finditer(text):
        if not match[0].isdigit() and not _is_words(match[0]):
            yield match.span()


_PATTERNS: tuple[_Rule, ...] = (
    ("email", _all(_EMAIL)),
    ("uuid", _all(_UUID)),
    ("number", _numbers),
    ("ip", _ip_addresses),
    ("phone", _phones),
    ("salesforce_id", _salesforce_ids),
    ("token", _long_runs),
)

# --- Names ------------------------------------------------------------------------------------------------------------

# First words that say nothing alone: they begin many companies' names.
_NOTHING_ALONE = frozenset({
    "a", "an", "and", "american", "app", "big", "business", "central", "cloud", "community", "customer", "data", "de",
    "der", "die", "digital", "dr", "european", "first", "general", "global", "great", "international", "la", "le",
    "los", "mr", "mrs", "ms", "national", "new", "north", "of", "open", "our", "prof", "royal", "sales", "salesforce",
    "san", "service", "smart", "south", "super", "system", "systems", "tech", "the", "united", "van", "von", "west",
    "world",
})  # fmt: skip
# First and last names that are words as well: taken only with a capital, and never out of a longer word or code.
_ORDINARY = frozenset({
    "angel", "art", "august", "baker", "bank", "bell", "bill", "bishop", "black", "bob", "brook", "brown", "bush",
    "case", "chance", "charity", "chase", "christian", "cook", "crystal", "dawn", "day", "dean", "destiny", "drew",
    "earl", "faith", "field", "fields", "file", "fisher", "forest", "frank", "gene", "glen", "grace", "grant", "gray",
    "green", "guy", "hall", "harmony", "hill", "hope", "hunter", "ivy", "jack", "jean", "job", "joy", "june", "key",
    "king", "lane", "lee", "lily", "list", "lock", "long", "love", "major", "mark", "mason", "max", "may", "melody",
    "mike", "miles", "miller", "nick", "noble", "page", "pat", "pearl", "penny", "price", "query", "ray", "reed",
    "rich", "rob", "robin", "rose", "row", "ruby", "sandy", "saw", "sharp", "short", "sky", "sterling", "stone",
    "story", "sue", "summer", "test", "user", "violet", "walker", "ward", "white", "will", "wood", "wright", "young",
})  # fmt: skip
_COMPANY = frozenset({
    "ag", "bank", "bv", "co", "company", "consulting", "corp", "corporation", "foundation", "gmbh", "group",
    "holding", "holdings", "inc", "industries", "institute", "kg", "labs", "limited", "llc", "llp", "logistics",
    "ltd", "media", "nv", "partners", "plc", "sa", "se", "services", "software", "solutions", "spa", "systems",
    "technologies", "university",
})  # fmt: skip
_SHORT = 3  # letters; "Jo" is a name with a capital only
_NAME_WORDS = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")


class _Names:
    """Finds the names given, whole and by their telling words."""

    def __init__(self, names: Iterable[str]) -> None:
        self._keys: dict[str, str] = {}
        anywhere: list[str] = []
        capital: list[str] = []
        # In an order of their own: "Dana" is the Dana Reyes of "dana-reyes-2233" each time, and never a second person.
        for name in sorted(set(names), key=lambda name: (len(name), name)):
            self._add(_NAME_WORDS.findall(unicodedata.normalize("NFC", name)), anywhere, capital)
        self._patterns = [pattern for pattern in (_anywhere(anywhere), _with_capital(capital)) if pattern]

    def _add(self, words: Sequence[str], anywhere: list[str], capital: list[str]) -> None:
        if not words:
            return
        key = _unaccented(" ".join(words)).casefold()
        whole = words
        while len(whole) > 1:
            anywhere.append(r"[\W_]{0,3}".join(map(_spellings, whole)))
            self._keys.setdefault(_folded("".join(whole)), key)
            # "Acme Industries GmbH" is "Acme Industries" to most.
            whole = whole[:-1] if whole[-1].casefold() in _COMPANY else whole[:1]
        alone = [words[0]]
        if len(words) > 1 and not any(word.casefold() in _COMPANY for word in words):
            alone.append(words[-1])
        for word in alone:
            plain = word.casefold()
            if len(words) > 1 and (plain in _NOTHING_ALONE | _COMPANY or plain.isdigit()):
                continue
            careful = plain in _ORDINARY or len(word) <= _SHORT or word != words[0]
            (capital if careful else anywhere).append(_spellings(word))
            self._keys.setdefault(_folded(word), key)

    def find(self, text: str) -> Iterator[_Span]:
        """Yield where a name stands, longer ones first."""
        for pattern in self._patterns:
            for match in pattern.finditer(text):
                yield match.span()

    def key(self, found: str) -> str:
        """Return which name ``found`` belongs to."""
        return self._keys.get(_folded(found), found.casefold())


def _anywhere(words: Sequence[str]) -> re.Pattern[str] | None:
    """Match in any case, and within acme_user, AcmeService and prodAcme."""
    if not words:
        return None
    longest_first = "|".join(sorted(set(words), key=len, reverse=True))
    return re.compile(
        rf"(?:(?<![^\W_])|(?<=[a-z0-9])(?=[A-Z]))(?i:{longest_first})(?:(?![^\W_])|(?<=[a-z])(?=[A-Z0-9]))"
    )


def _with_capital(words: Sequence[str]) -> re.Pattern[str] | None:
    if not words:
        return None
    return re.compile(rf"(?<!\w)(?![a-z])(?i:{'|'.join(words)})(?!\w)")


def _spellings(word: str) -> str:
    return f"(?:{re.escape(word)}|{re.escape(_unaccented(word))})"


def _unaccented(text: str) -> str:
    return "".join(
        character for character in unicodedata.normalize("NFKD", text) if not unicodedata.combining(character)
    )


def _folded(text: str) -> str:
    return "".join(_NAME_WORDS.findall(_unaccented(text))).casefold()
