import re
import time
from collections.abc import Callable

import pytest

from lib import markdown
from lib.markdown import Dialect, image_tokens, link_count, mentioned_handles, render, words_of

TOKEN = "abcdefghijklmnopqrstuv"
IMAGE = f"/forums/images/{TOKEN}/"
IMAGES = re.compile(r"/forums/images/([A-Za-z0-9_-]{22})/")
FORUMS = Dialect(
    images=IMAGES,
    mentions={"anna": "/people/anna/", "some_user": "/people/some_user/", "a": "/people/a/"},
    terms={"UNABLE_TO_LOCK_ROW": "/errors/1/", "System.LimitException": "/errors/2/"},
    tasks=True,
)
ANNA = '<a href="/people/anna/" class="mention">@anna</a>'
LOCK = '<a href="/errors/1/" class="term">UNABLE_TO_LOCK_ROW</a>'
REL = 'rel="nofollow ugc noopener"'


def inline(text: str) -> str:
    return render(text, FORUMS).strip().removeprefix("<p>").removesuffix("</p>")


class TestCasesAreAsBefore:
    @pytest.mark.parametrize(
        ("text", "html"),
        [
            ("![logo](https://a.example/x.png)", f'<p>!<a href="https://a.example/x.png" {REL}>logo</a></p>\n'),
            (f"![logo]({IMAGE})", f'<p>!<a href="{IMAGE}" {REL}>logo</a></p>\n'),
            ("@anna UNABLE_TO_LOCK_ROW", "<p>@anna UNABLE_TO_LOCK_ROW</p>\n"),
            ("- [x] done", "<ul>\n<li>[x] done</li>\n</ul>\n"),
            ("see Account.Id", f'<p>see <a href="http://Account.Id" {REL}>Account.Id</a></p>\n'),
        ],
    )
    def test_plain_dialect_knows_none_of_it(self, text, html):
        assert render(text) == html
        assert render(text, Dialect()) == html


class TestImages:
    def test_picture_of_the_forum_is_shown_and_loads_when_it_is_seen(self):
        assert inline(f"![the log]({IMAGE})") == f'<img src="{IMAGE}" alt="the log" loading="lazy">'

    @pytest.mark.parametrize(
        "source",
        [
            "https://evil.example/pixel.png",
            f"https://evil.example{IMAGE}",
            f"//evil.example{IMAGE}",
            f"{IMAGE}?next=x",
            f"{IMAGE}../../accounts/logout/",
            "/accounts/logout/",
            "data:image/png;base64,AAAA",
        ],
    )
    def test_any_other_picture_is_no_request(self, source):
        assert "<img" not in inline(f"![x]({source})")

    def test_other_picture_becomes_the_link_it_is_in_a_case(self):
        for text in ("![logo](https://a.example/x.png)", '![a](https://a.example "t")', "![a](javascript:alert(1))"):
            assert render(text, FORUMS) == render(text)

    def test_no_link_stands_in_a_link(self):
        html = inline("![a [b](https://b.example)](https://a.example) [![c](https://c.example)](https://d.example)")
        assert html == (f'!<a href="https://a.example" {REL}>a b</a> <a href="https://d.example" {REL}>c</a>')

    def test_picture_may_be_the_whole_of_a_link(self):
        assert f'<a href="https://d.example" {REL}><img' in inline(f"[![c]({IMAGE})](https://d.example)")

    def test_dialect_without_pictures_makes_links_of_all(self):
        assert "<img" not in render(f"![x]({IMAGE})", Dialect(tasks=True))

    def test_words_of_a_picture_cannot_leave_their_attribute(self):
        assert 'alt="&quot; onerror=&quot;x"' in inline(f'![" onerror="x]({IMAGE})')

    def test_tokens_of_the_pictures_are_listed_once_each(self):
        text = f"![a]({IMAGE})\n\n> ![b]({IMAGE})\n\n`![c](/forums/images/{'x' * 22}/)` ![d](https://evil.example)"
        assert image_tokens(text, IMAGES) == [TOKEN]
        assert image_tokens(text, re.compile(r"/forums/images/[^/]+/")) == [IMAGE]

    def test_picture_named_by_reference_is_listed(self):
        assert image_tokens(f"![a][shot]\n\n[shot]: {IMAGE}", IMAGES) == [TOKEN]

    def test_flood_of_pictures_becomes_links(self):
        few, flood = (f"![x]({IMAGE})\n" * count for count in (200, 201))
        assert render(few, FORUMS).count("<img ") == 200
        assert render(flood, FORUMS).count("<img ") == 0
        assert image_tokens(flood, IMAGES) == []


class TestMentions:
    @pytest.mark.parametrize(
        ("text", "html"),
        [
            ("@anna", ANNA),
            ("thanks @anna.", f"thanks {ANNA}."),
            ("(@anna)", f"({ANNA})"),
            ("**@anna**", f"<strong>{ANNA}</strong>"),
            ("@Anna", ANNA.replace(">@anna<", ">@Anna<")),
            ("@some_user!", '<a href="/people/some_user/" class="mention">@some_user</a>!'),
            ("@bob", "@bob"),
            ("@annabel", "@annabel"),
            ("x@anna", "x@anna"),
            ("@anna@anna", "@anna@anna"),
            ("@anna/pkg", "@anna/pkg"),
            ("`@anna`", "<code>@anna</code>"),
            (r"\@anna", "@anna"),
            ("[@anna](https://a.example)", f'<a href="https://a.example" {REL}>@anna</a>'),
            ("https://a.example/@anna", f'<a href="https://a.example/@anna" {REL}>https://a.example/@anna</a>'),
        ],
    )
    def test_known_handle_outside_code_and_links_becomes_a_link(self, text, html):
        assert inline(text) == html

    @pytest.mark.parametrize(
        ("text", "handles"),
        [
            ("@Bob and @anna and @bob", ["bob", "anna"]),
            ("`@bob`\n\n    @bob\n\n```\n@bob\n```", []),
            (r"\@bob a@b.example [@bob](https://a.example)", []),
            ("> @bob\n\n| @anna |\n|---|\n| @cleo |", ["bob", "anna", "cleo"]),
            ("*@bob*, _@anna_", ["bob", "anna"]),
            ("@" + "x" * 31, []),
            ("", []),
        ],
    )
    def test_called_handles_are_listed_in_order(self, text, handles):
        assert mentioned_handles(text) == handles

    def test_flood_of_mentions_calls_twenty(self):
        assert mentioned_handles(" ".join(f"@p{n}" for n in range(100))) == [f"p{n}" for n in range(20)]

    def test_address_of_a_mention_cannot_leave_its_attribute(self):
        html = render("@anna", Dialect(mentions={"anna": '/x"><script>'}))
        assert html.count("<") == 4
        assert "<script" not in html.replace('"/x&quot;><script>"', "")


class TestTerms:
    @pytest.mark.parametrize(
        ("text", "html"),
        [
            ("UNABLE_TO_LOCK_ROW", LOCK),
            ("UNABLE_TO_LOCK_ROW: unable", f"{LOCK}: unable"),
            ("UNABLE_TO_LOCK_ROW:unable", f"{LOCK}:unable"),
            ("System.LimitException.", '<a href="/errors/2/" class="term">System.LimitException</a>.'),
            ("unable_to_lock_row", "unable_to_lock_row"),
            ("UNABLE_TO_LOCK_ROWS", "UNABLE_TO_LOCK_ROWS"),
            (
                "`UNABLE_TO_LOCK_ROW`",
                '<a href="/errors/1/" class="term"><code>UNABLE_TO_LOCK_ROW</code></a>',
            ),
            ("`UNABLE_TO_LOCK_ROW x`", "<code>UNABLE_TO_LOCK_ROW x</code>"),
            (
                "[`UNABLE_TO_LOCK_ROW`](https://a.example)",
                f'<a href="https://a.example" {REL}><code>UNABLE_TO_LOCK_ROW</code></a>',
            ),
            ("see Account.Id and java.io", "see Account.Id and java.io"),
        ],
    )
    def test_known_word_becomes_a_link_outside_links(self, text, html):
        assert inline(text) == html

    def test_fence_keeps_its_words(self):
        assert "<a" not in render("```\nUNABLE_TO_LOCK_ROW @anna\n```", FORUMS)


class TestTasks:
    def test_tasks_become_boxes_that_read_as_boxes(self):
        assert render("- [ ] open\n- [x] **done**\n- [X] too", FORUMS) == (
            "<ul>\n"
            '<li><span class="task">☐</span> open</li>\n'
            '<li><span class="task task-done">☑</span> <strong>done</strong></li>\n'
            '<li><span class="task task-done">☑</span> too</li>\n'
            "</ul>\n"
        )

    @pytest.mark.parametrize("text", ["- [x]", "- [y] a", "[x] a", "- a [x] b", "- [x]a", "- `[x] a`"])
    def test_what_begins_no_task_stays_text(self, text):
        assert "task" not in render(text, FORUMS)


class TestHtmlInTheSource:
    @pytest.mark.parametrize(
        "text",
        [
            '<a href="/x" class="mention">x</a>',
            '<span class="task">x</span>',
            f'<img src="{IMAGE}" onerror="alert(1)">',
            '<a href="/errors/1/" class="term" rel="nofollow ugc noopener">x</a>',
            "[x](javascript:alert(1)) ![x](javascript:alert(1))",
        ],
    )
    def test_it_stays_text(self, text):
        html = render(text, FORUMS)
        assert not re.search(r"<(?:a|span|img)\b", html)

    def test_no_address_can_pose_as_one_of_our_links(self):
        html = render('[x](<https://a.example/"class="mention> "class=\\"term\\" rel=")', FORUMS)
        assert html.endswith(f"{REL}>x</a></p>\n")


class TestLinkCount:
    @pytest.mark.parametrize(
        ("text", "count"),
        [
            ("no link", 0),
            ("https://a.example and [b](https://b.example) and c.com", 3),
            ("[x](//a.example)", 1),
            # Browsers need no slashes after the colon.
            ("[x](http:a.example) and [y](HTTPS:/a.example)", 2),
            ("![x](https://a.example)", 1),
            (f"![x]({IMAGE}) [y](/forums/t/1/) [z](#end)", 0),
            ("`https://a.example`\n\n```\nhttps://a.example\n```", 0),
            ("anna@a.com", 0),
            ("Account.Id and System.Name", 0),
            ("https://a.example\n" * 400, 400),
            ("```\n" + "https://a.example\n" * 400 + "```", 0),
            ("", 0),
        ],
    )
    def test_links_that_lead_out_are_counted(self, text, count):
        assert link_count(text) == count


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("# Title\n\nSome **bold** `code`\nand [a link](https://a.example).", "Title\nSome bold code and a link."),
        ("- one\n- [x] two", "one\n☑ two"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "a\nb\n1\n2"),
        ("```sql\nSELECT Id\n```", "SELECT Id"),
        (f"![the log]({IMAGE})", "the log"),
        ("1 < 2 && <b>", "1 < 2 && <b>"),
        (r"\*no\*", "*no*"),
        ("---", ""),
        ("", ""),
    ],
)
def test_words_are_what_a_person_reads(text, words):
    assert words_of(text) == words


@pytest.mark.parametrize(
    "text",
    ["🧑‍🚀 e\u0301", "שלום", "\u200b\u200d", "\u202e", "a\x00b", "\ud800", "\udcff@anna", "a\u0301@anna \ufeff"],
)
def test_unicode_comes_through_or_is_dropped_as_in_a_case(text):
    plain, forums = render(text), render(text, FORUMS)
    assert forums.replace(ANNA, "@anna") == plain
    assert plain.encode()
    assert words_of(text).encode()
    assert isinstance(mentioned_handles(text), list)


FLOODS = {
    "[": "[",
    "*": "*",
    "*a ": "*a ",
    "_a ": "_a ",
    ">": ">",
    "> ": "> ",
    "![": "![",
    "![](": "![](",
    "![a](x) ": "![a](x) ",
    "](": "](",
    "@a": "@a",
    "@a ": "@a ",
    "@": "@",
    "`": "`",
    "` `` ": "` `` ",
    "~~": "~~",
    "a.": "a.",
    "term": "UNABLE_TO_LOCK_ROW ",
    "term code": "`UNABLE_TO_LOCK_ROW` ",
    "list": "- ",
    "tasks": "- [x] a\n",
    "entities": "&amp;",
    "escapes": "\\@",
    "addresses": "http://a.example ",
    "names": "a.com ",
    "mails": "a@a.com ",
    "html": "<a b='",
    "links": "[a](b) ",
    "footing": "a\n===\n",
    "fence": "```\n",
}


@pytest.mark.parametrize("name", FLOODS)
def test_flood_is_rendered_within_two_seconds(name):
    unit = FLOODS[name]
    text = (unit * (markdown.MAX_LENGTH // len(unit) + 1))[: markdown.MAX_LENGTH]
    assert seconds(lambda text: render(text, FORUMS), text) < 2


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(f"{'  ' * depth}- [ ] a" for depth in range(220)),
        "\n".join(f"{' ' * (depth % 40)}- a" for depth in range(2000)),
        "|a" * 12_000 + "\n" + "|-" * 12_000 + "\n|b",
        "|a|b|\n|-|-|\n" + "|@a|UNABLE_TO_LOCK_ROW|\n" * 2000,
        "![" * 10_000 + "](x)" * 7_500,
        "![a" * 7_000 + "](x)" * 7_000,
        "[![a](x)](y)" * 4_000,
        "[" * 24_000 + "]" * 24_000,
        "[a]: /b\n" * 6_000 + "[a]",
        "> - " * 12_000,
        ("> " * 19 + "- a\n") * 1_200,
    ],
    ids=range(11),
)
def test_nesting_and_tables_are_rendered_within_two_seconds(text):
    assert seconds(lambda text: render(text, FORUMS), text[: markdown.MAX_LENGTH]) < 2


@pytest.mark.parametrize("unit", ["![", "@a ", "a.com ", "- [x] @a\n"])
def test_flood_is_read_within_two_seconds(unit):
    text = unit * (markdown.MAX_LENGTH // len(unit))
    for act in (mentioned_handles, link_count, words_of, lambda text: image_tokens(text, IMAGES)):
        assert seconds(act, text) < 2


def seconds(act: Callable[[str], object], text: str) -> float:
    """Return the best of three: what else the machine does is no concern of the renderer's."""
    best = 60.0
    for _attempt in range(3):
        start = time.process_time()
        act(text)
        best = min(best, time.process_time() - start)
        if best < 1.5:
            break
    return best
