"""User text: CommonMark with tables and fences, rendered once at write, then sanitised.

``RENDERER_VERSION`` is stored beside what was rendered, so that a change of rules can find and redo old rows.

A ``Dialect`` adds what a room allows beyond that: pictures of its own, mentions, known words, task lists. ``PLAIN``,
the dialect of the cases, adds nothing.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

RENDERER_VERSION = 1
MAX_LENGTH = 50_000  # characters; longer input is refused by the forms
# A text with more addresses shows them as text: looking for where each begins costs the length of its line.
MAX_ADDRESSES = 300
MAX_IMAGES = 200  # the same for pictures: each "![" is looked into twice, and a text with more has links in their place
MAX_NESTING = 20  # quotes in quotes in quotes; keeps pathological input within linear time
MAX_MENTIONS = 20  # people whom one text can call; more is a flood

_REL = "nofollow ugc noopener"
_TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre",
    "s", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href", "title"}, "code": {"class"}, "ol": {"start"}}
_SCHEMES = {"http", "https", "mailto"}
_LANGUAGE_CLASS = re.compile(r"\Alanguage-[A-Za-z0-9_+#-]{1,40}\Z")
_OWN_CLASSES = {"a": {"mention", "term"}, "span": {"task", "task task-done"}}
# Only our own rules give a link a class, and the sanitiser writes attributes in this order.
_OWN_LINK = re.compile(rf'(<a href="[^"]*" class="(?:mention|term)") rel="{_REL}">')

# A bare name without https:// is a link when it ends in one of these; more would find code (Account.Id, main.py).
_BARE_ENDINGS = ["com", "org", "edu", "gov"]
# Browsers need no slashes after the scheme: http:example.com leads to example.com.
_OUTBOUND = re.compile(r"https?:|//", re.IGNORECASE)
# The form of a handle is that of accounts.models.user.HANDLE_PATTERN, in any case.
_MENTION = r"(?<![\w@/.+-])@(?P<handle>[A-Za-z0-9](?:[A-Za-z0-9_-]{0,28}[A-Za-z0-9])?)(?![\w@]|/\w)"
_MENTION_ONLY = re.compile(_MENTION)
_MENTION_OR_WORD = re.compile(_MENTION + r"|(?P<word>\w+(?:[.:-]\w+)*)")
_PART = re.compile(r"\w+")
_TASK = re.compile(r"\[([ xX])\][ \t]+")
_BOXES = {False: "\N{BALLOT BOX}", True: "\N{BALLOT BOX WITH CHECK}"}


@dataclass(frozen=True)
class Dialect:
    """What a room's texts may hold beyond CommonMark.

    ``images`` is what the whole ``src`` of a picture must match; any other picture stays a link. ``mentions`` leads
    from a handle in small letters to an address, ``terms`` from a word, exactly as it is written, to one: both inside
    the portal, as these links do not say ``nofollow``. ``tasks`` turns ``- [x]`` into a ticked box.
    """

    images: re.Pattern[str] | None = None
    mentions: Mapping[str, str] = field(default_factory=dict)
    terms: Mapping[str, str] = field(default_factory=dict)
    tasks: bool = False


PLAIN = Dialect()


def _parser(*, linkify: bool) -> MarkdownIt:
    options = {"html": False, "linkify": linkify, "maxNesting": MAX_NESTING}
    rules = ["table", "strikethrough", *(["linkify"] if linkify else [])]
    # Images are links here: a case's files are attachments, and a remote image would tell its host who read the page.
    return MarkdownIt("commonmark", options).enable(rules).disable("image")


def _dialect_parser(*, linkify: bool, images: bool) -> MarkdownIt:
    """Return a parser that hands its tokens to ``env["act"]`` before escaped characters join the text around them."""
    parser = _parser(linkify=linkify)
    if images:
        parser.enable("image")
    parser.core.ruler.before("text_join", "dialect", _act)
    if parser.linkify:
        parser.linkify.tlds(_BARE_ENDINGS)
    return parser


def _act(state: StateCore) -> None:
    state.env["act"](state.tokens)


_linking, _plain = _parser(linkify=True), _parser(linkify=False)
_dialect_parsers = {
    (linkify, images): _dialect_parser(linkify=linkify, images=images)
    for linkify in (True, False)
    for images in (True, False)
}


def render(text: str, dialect: Dialect = PLAIN) -> str:
    """Return ``text`` as HTML that is safe to mark safe. Never raises on any input of at most ``MAX_LENGTH``."""
    valid = _valid(text)
    if dialect == PLAIN:
        parser = _plain if _is_flood(valid) else _linking
        return nh3.clean(
            parser.render(valid),
            tags=_TAGS,
            attributes=_ATTRIBUTES,
            attribute_filter=_keep_attribute,
            url_schemes=_SCHEMES,
            link_rel=_REL,
        )
    html = nh3.clean(
        _dialect_parser_for(valid).render(valid, {"act": partial(_apply, dialect)}),
        tags=_TAGS | {"img", "span"},
        attributes=_ATTRIBUTES | {"a": {"href", "title", "class"}, "img": {"src", "alt", "loading"}, "span": {"class"}},
        attribute_filter=partial(_keep_dialect_attribute, dialect),
        url_schemes=_SCHEMES,
        link_rel=_REL,
    )
    return _OWN_LINK.sub(r"\1>", html)


def excerpt(text: str, length: int) -> str:
    """Return the first ``length`` characters of ``text`` on one line, with an ellipsis when it was cut."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def mentioned_handles(text: str) -> list[str]:
    """Return the handles that ``text`` calls outside code and links, in small letters, in order, none twice.

    At most ``MAX_MENTIONS``. Whether anybody has such a handle is for the caller to find out.
    """
    found: dict[str, None] = {}

    def collect(tokens: list[Token]) -> None:
        for child in _prose(tokens):
            for match in _MENTION_ONLY.finditer(child.content):
                if len(found) < MAX_MENTIONS:
                    found.setdefault(match["handle"].lower())

    _dialect_tokens(text, collect)
    return list(found)


def image_tokens(text: str, pattern: re.Pattern[str]) -> list[str]:
    """Return what the pictures of ``text`` point at, of those whose whole ``src`` matches ``pattern``, none twice.

    When the pattern has a group, its first group is returned and not the whole address.
    """
    found: dict[str, None] = {}
    for token in _dialect_tokens(text, partial(_apply, Dialect(images=pattern))):
        for child in token.children or ():
            if child.type == "image" and (match := pattern.fullmatch(str(child.attrs["src"]))):
                found.setdefault(match[1] if pattern.groups else match[0])
    return list(found)


def link_count(text: str) -> int:
    """Return how many links of ``text`` lead out of the portal, bare addresses included, code and e-mail not."""
    count = 0

    def collect(tokens: list[Token]) -> None:
        nonlocal count
        for token in tokens:
            for child in token.children or ():
                target = child.attrs.get("href") or child.attrs.get("src")
                count += bool(target and _OUTBOUND.match(str(target)))
        # A flood of addresses is not made into links; it is a flood all the same.
        count += sum(len(re.findall(r"https?://\w", child.content)) for child in _prose(tokens))

    _dialect_tokens(text, collect)
    return count


def words_of(text: str) -> str:
    """Return ``text`` without the signs of Markdown, a line for each block: for excerpts, feeds, search engines."""
    lines: list[str] = []
    for token in _dialect_tokens(text, partial(_apply, Dialect(images=re.compile(".*", re.DOTALL), tasks=True))):
        if token.type == "inline":
            lines.append(_plain_text(token.children or ()))
        elif token.type in {"fence", "code_block"}:
            lines.append(token.content.strip())
    return "\n".join(line for line in lines if line)


def _valid(text: str) -> str:
    # A lone surrogate (JSON can carry one) has no UTF-8, which the sanitiser and the database want.
    return text.replace("\x00", "").encode(errors="replace").decode()


def _is_flood(valid: str) -> bool:
    return valid.count("://") > MAX_ADDRESSES


def _dialect_parser_for(valid: str) -> MarkdownIt:
    return _dialect_parsers[not _is_flood(valid), valid.count("![") <= MAX_IMAGES]


def _dialect_tokens(text: str, act: Callable[[list[Token]], None]) -> list[Token]:
    """Parse ``text``, let ``act`` read or change the tokens, and return them with their texts joined."""
    valid = _valid(text)
    return _dialect_parser_for(valid).parse(valid, {"act": act})


def _keep_attribute(tag: str, name: str, value: str) -> str | None:
    if tag == "code" and name == "class":
        return value if _LANGUAGE_CLASS.match(value) else None
    return value


def _keep_dialect_attribute(dialect: Dialect, tag: str, name: str, value: str) -> str | None:
    if name == "class" and tag in _OWN_CLASSES:
        return value if value in _OWN_CLASSES[tag] else None
    if tag == "img" and name == "src":
        return value if dialect.images and dialect.images.fullmatch(value) else None
    return _keep_attribute(tag, name, value)


def _prose(tokens: Sequence[Token]) -> Iterator[Token]:
    """Yield the pieces of text that stand outside code and links."""
    for token in tokens:
        depth = 0
        for child in token.children or ():
            depth += child.nesting if child.type in {"link_open", "link_close"} else 0
            if child.type == "text" and depth == 0:
                yield child


def _apply(dialect: Dialect, tokens: list[Token]) -> None:
    """Turn what ``dialect`` knows into links, boxes and pictures, in place."""
    for position, token in enumerate(tokens):
        if token.type != "inline" or token.children is None:
            continue
        children = _pictures(dialect, token.children, in_link=False)
        children = _links(dialect, children)
        if dialect.tasks and position > 1 and tokens[position - 2].type == "list_item_open":
            children = _task(children)
        token.children = children


def _pictures(dialect: Dialect, children: Sequence[Token], *, in_link: bool) -> list[Token]:
    """Keep the pictures that are allowed, and make links of the others."""
    result: list[Token] = []
    for child in children:
        if child.type in {"link_open", "link_close"}:
            in_link = child.type == "link_open"
        if child.type != "image":
            result.append(child)
        elif dialect.images and dialect.images.fullmatch(str(child.attrs["src"])):
            child.attrs["loading"] = "lazy"
            result.append(child)
        else:
            # A link holds no link: what the picture's words link to is dropped.
            inner = [inner for inner in child.children or () if inner.type not in {"link_open", "link_close"}]
            words = _pictures(dialect, inner, in_link=True)
            if in_link:
                result += words
            else:
                title = {"title": child.attrs["title"]} if "title" in child.attrs else {}
                # The exclamation mark stays, as it does in a dialect that knows no picture.
                result += [_text("!"), *_link({"href": child.attrs["src"], **title}, words)]
    return result


def _links(dialect: Dialect, children: Sequence[Token]) -> list[Token]:
    """Link mentions and terms, wherever no link stands already."""
    if not dialect.mentions and not dialect.terms:
        return list(children)
    result: list[Token] = []
    depth = 0
    for child in children:
        depth += child.nesting if child.type in {"link_open", "link_close"} else 0
        if depth:
            result.append(child)
        elif child.type == "text":
            result += _linked_text(dialect, child.content)
        elif child.type == "code_inline" and child.content.strip() in dialect.terms:
            result += _link({"href": dialect.terms[child.content.strip()], "class": "term"}, [child])
        else:
            result.append(child)
    return result


def _linked_text(dialect: Dialect, text: str) -> Iterator[Token]:
    rest = 0
    for start, end, address, kind in _known(dialect, text):
        if start > rest:
            yield _text(text[rest:start])
        yield from _link({"href": address, "class": kind}, [_text(text[start:end])])
        rest = end
    if rest < len(text):
        yield _text(text[rest:])


def _known(dialect: Dialect, text: str) -> Iterator[tuple[int, int, str, str]]:
    """Yield where each known handle or word of ``text`` stands, its address and which of the two it is."""
    for match in _MENTION_OR_WORD.finditer(text):
        word = match["word"]
        if word is None:
            address = dialect.mentions.get(match["handle"].lower())
            if address:
                yield match.start(), match.end(), address, "mention"
        elif word in dialect.terms:
            yield match.start(), match.end(), dialect.terms[word], "term"
        elif dialect.terms and len(word) > 1:
            # "UNABLE_TO_LOCK_ROW:unable" is one run of word signs and holds a known word.
            for part in _PART.finditer(text, match.start(), match.end()):
                if part[0] in dialect.terms:
                    yield part.start(), part.end(), dialect.terms[part[0]], "term"


def _task(children: list[Token]) -> list[Token]:
    first = children[0] if children else None
    match = _TASK.match(first.content) if first is not None and first.type == "text" else None
    if first is None or match is None:
        return children
    done = match[1] != " "
    # A sign and no checkbox: what was rendered has no language, and every reader and mail program knows the sign.
    box = Token("task_open", "span", 1, attrs={"class": "task task-done" if done else "task"})
    first.content = f" {first.content[match.end() :]}"
    return [box, _text(_BOXES[done]), Token("task_close", "span", -1), *children]


def _link(attributes: Mapping[str, str | int | float], words: Sequence[Token]) -> list[Token]:
    return [Token("link_open", "a", 1, attrs=dict(attributes)), *words, Token("link_close", "a", -1)]


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)


def _plain_text(children: Sequence[Token]) -> str:
    pieces: list[str] = []
    for child in children:
        if child.type == "image":
            pieces.append(_plain_text(child.children or ()))
        elif child.type in {"softbreak", "hardbreak"}:
            pieces.append(" ")
        else:
            pieces.append(child.content)
    return "".join(pieces).strip()
