import pytest

from lib import markdown
from lib.markdown import excerpt, render


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**bold**", "<strong>bold</strong>"),
        ("`code`", "<code>code</code>"),
        ("- one\n- two", "<ul>\n<li>one</li>\n<li>two</li>\n</ul>"),
        ("~~gone~~", "<s>gone</s>"),
        ("| a |\n|---|\n| 1 |", "<td>1</td>"),
        ("```json\n{}\n```", '<code class="language-json">'),
        ("3. third", '<ol start="3">'),
        ("https://example.com/x", 'href="https://example.com/x"'),
        ("[mail](mailto:a@example.com)", 'href="mailto:a@example.com"'),
    ],
)
def test_markdown_becomes_html(text, html):
    assert html in render(text)


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](vbscript:x)",
        "<a href='javascript:alert(1)'>x</a>",
        "<style>body{display:none}</style>",
        "<iframe src=//evil.example></iframe>",
        "<svg/onload=alert(1)>",
        '```x" onmouseover="alert(1)\n```',
        '[x](https://a.example "t\\" onclick=\\"alert(1)")',
    ],
)
def test_nothing_that_runs_comes_through(text):
    html = render(text)
    for tag in ("<script", "<img", "<iframe", "<style", "<svg", 'href="javascript', 'href="data', 'href="vbscript'):
        assert tag not in html.lower()
    for attribute in (' onclick="', ' onmouseover="', " onerror="):
        assert attribute not in html.lower() or "&lt;" in html


def test_image_becomes_no_request_to_its_host():
    assert "<img" not in render("![logo](https://evil.example/pixel.png)")


def test_link_says_whose_it_is():
    assert 'rel="nofollow ugc noopener"' in render("[x](https://example.com)")


def test_class_that_is_no_language_is_dropped():
    assert "class" not in render('```c"lass\nx\n```')


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\x00",
        "> " * 20_000,
        "[" * 49_999,
        "*a " * 16_000,
        "`" * 49_999,
        "![" * 20_000,
        "- " * 20_000,
        "|a" * 20_000 + "\n" + "|-" * 20_000,
        "<" * 49_999,
        "\ud800",
        "\u202e" * 1000,
    ],
)
def test_no_input_breaks_it(text):
    assert isinstance(render(text[: markdown.MAX_LENGTH]), str)


@pytest.mark.parametrize(
    ("text", "length", "short"),
    [("one\n two", 20, "one two"), ("a long line", 6, "a lon…"), ("abc ", 3, "abc"), ("ab cd", 4, "ab…"), ("", 5, "")],
)
def test_excerpt_is_one_line(text, length, short):
    assert excerpt(text, length) == short


def test_a_few_addresses_become_links_and_a_flood_of_them_stays_text() -> None:
    few, flood = ("see https://a.example/x\n" * count for count in (300, 301))

    assert render(few).count("<a ") == 300
    assert render(flood).count("<a ") == 0


def test_many_beginnings_of_addresses_are_not_looked_into(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> None:
        raise AssertionError("an address was looked for")

    monkeypatch.setattr(markdown, "_linking", type("Refusing", (), {"render": refuse})())

    assert "://" in render("://" * 16_000)
