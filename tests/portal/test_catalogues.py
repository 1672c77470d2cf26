"""The translations in locale/: what is extracted is what Django looks up, and the compiled files are fresh."""

import gettext
import json
import re
from fnmatch import fnmatchcase

import pytest
from django.template import Context, Template
from django.utils import translation

from quality.catalogues import __main__ as tool
from quality.catalogues import files, pseudo
from quality.catalogues.extracting import Found, Key, in_source, in_sources
from quality.catalogues.judging import problems
from quality.catalogues.languages import LANGUAGES, Language, named
from quality.catalogues.sources import CHECKOUT, STAFF_ONLY, customer_sources, every_source, staff_only

TEMPLATES = {
    "plain": '{% translate "A case" %}',
    "filtered": "{% translate 'a case'|capfirst %}",
    "assigned": '{% translate "A case" as name %}{{ name }}',
    "percent": '{% translate "90% of %(x)s" %}',
    "context": '{% translate "Open" context "a button" %}',
    "argument": '{{ nothing|default:_("Nobody") }}{% with a=_("Private") %}{{ a }}{% endwith %}',
    "constant": '{{ _("Private") }}',
    "old names": '{% trans "A case" %}{% blocktrans %}by {{ x }}{% endblocktrans %}',
    "block": "{% blocktranslate %}\n  by {{ x }}, 90% done\n{% endblocktranslate %}",
    "trimmed": "{% blocktranslate trimmed %}\n    One sentence,\n    then {{ x }} at 50 %.\n  {% endblocktranslate %}",
    "renamed": "{% blocktranslate trimmed with who=x|upper %} by {{ who }} {% endblocktranslate %}",
    "plural": "{% blocktranslate count n=2 %}{{ n }} case{% plural %}{{ n }} cases{% endblocktranslate %}",
    "plural with everything": (
        "{% blocktranslate trimmed count n=1 with who=x context 'a queue' %}\n {{ n }} case\n of {{ who }}\n"
        "{% plural %}\n {{ n }} cases\n of {{ who }}, 100%\n {% endblocktranslate %}"
    ),
    "block with context": '{% blocktranslate context "a mail" %}Dear {{ x }}{% endblocktranslate %}',
    "quotes": """{% translate "It's “here”" %}{% blocktranslate %}say "it's {{ x }}"{% endblocktranslate %}""",
    "odd indentation": "      <p>\n   {% translate 'One' %}\n         it's (\n {% translate 'Two' %}",
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_is_extracted_as_django_looks_it_up(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up: set[Key] = set()

    def remember(context: str, singular: str, plural: str) -> str:
        looked_up.add(Key(context, singular, plural))
        return singular

    real = translation._trans  # type: ignore[attr-defined]  # the switch between Django's real and null translations
    monkeypatch.setattr(real, "gettext", lambda message: remember("", message, ""))
    monkeypatch.setattr(real, "pgettext", lambda context, message: remember(context, message, ""))
    monkeypatch.setattr(real, "ngettext", lambda one, many, _number: remember("", one, many))
    monkeypatch.setattr(real, "npgettext", lambda context, one, many, _number: remember(context, one, many))
    Template("{% load i18n %}" + TEMPLATES[name]).render(Context({"x": "Ann"}))

    assert looked_up
    assert {key for key, _line, _comments in in_source("a.html", TEMPLATES[name])} == looked_up


PYTHON = """
from django.utils.translation import gettext as _, gettext_lazy as _l, ngettext, npgettext, pgettext

# Translators: the name of a button
label = _l("Open")
text = _("One "
    'sentence')
many = ngettext("%(n)d case", "%(n)d cases", n) % {"n": n}
verb = pgettext("a verb", "Open")
both = npgettext("a queue", "case", "cases", 2)
nested = _("Outer %(inner)s") % {"inner": _("Inner")}
dynamic = _(variable)
"""


def test_every_form_of_gettext_in_python_is_found_with_its_line_and_comment() -> None:
    found = list(in_source("a.py", PYTHON))
    assert [key for key, _line, _comments in found] == [
        Key("", "Open", ""),
        Key("", "One sentence", ""),
        Key("", "%(n)d case", "%(n)d cases"),
        Key("a verb", "Open", ""),
        Key("a queue", "case", "cases"),
        Key("", "Outer %(inner)s", ""),
        Key("", "Inner", ""),
    ]
    assert found[0][1:] == (5, ["Translators: the name of a button"])


def test_a_comment_for_translators_in_a_template_reaches_them() -> None:
    text = '<p>\n  {# Translators: a verb #}\n  {% translate "Open" %}\n</p>'
    assert list(in_source("a.html", text)) == [(Key("", "Open", ""), 3, ["Translators: a verb"])]


def test_one_text_with_and_without_a_plural_shares_an_entry_and_both_are_found_in_it(tmp_path, monkeypatch) -> None:
    (tmp_path / "a.py").write_text('_("%(n)d case")\nngettext("%(n)d case", "%(n)d cases", n)\n')
    messages = in_sources(["a.py"], tmp_path)
    assert [(found.key, found.places) for found in messages.values()] == [
        (Key("", "%(n)d case", "%(n)d cases"), [("a.py", 2), ("a.py", 1)])
    ]


def test_two_plurals_of_one_text_are_refused(tmp_path) -> None:
    (tmp_path / "a.py").write_text('ngettext("case", "cases", n)\nngettext("case", "many cases", n)\n')
    with pytest.raises(ValueError, match="Two plurals of 'case'"):
        in_sources(["a.py"], tmp_path)


def test_the_code_calls_gettext_by_names_that_are_extracted() -> None:
    alias = re.compile(r"import [^#\n]*\b[np]*gettext\w* as (\w+)")
    names = {
        name
        for path in every_source()
        if path.endswith(".py")
        for name in alias.findall((CHECKOUT / path).read_text("utf-8"))
    }
    assert names <= {"_", "_l"}


def test_every_source_that_is_left_out_exists_and_says_why() -> None:
    sources = list(every_source())
    assert "templates/cases/create.html" in sources
    assert not staff_only("templates/cases/create.html")
    assert staff_only("templates/cases/desk/queue.html")
    assert all(STAFF_ONLY.values())
    assert [pattern for pattern in STAFF_ONLY if not any(fnmatchcase(path, pattern) for path in sources)] == []


# --- The committed files ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_compiled_catalogue_is_what_its_texts_compile_to(code: str) -> None:
    language = named(code)
    catalog = files.read(files.po(language))
    readable, compiled = files.texts(language, files.messages(catalog), files.translations(catalog))
    assert files.po(language).read_bytes() == readable, "run `make messages`"
    assert files.mo(language).read_bytes() == compiled, "run `make messages`"


@pytest.mark.parametrize("code", LANGUAGES)
def test_what_is_translated_can_stand_for_its_message(code: str) -> None:
    catalog = files.read(files.po(named(code)))
    wrong = {
        key.singular: found
        for key, texts in files.translations(catalog).items()
        if any(texts) and (found := problems(key, texts))
    }
    assert wrong == {}


@pytest.fixture(scope="module")
def customers() -> dict[Key, Found]:
    return in_sources(customer_sources())


@pytest.mark.parametrize("code", LANGUAGES)
def test_everything_that_customers_see_is_translated(code: str, customers: dict[Key, Found]) -> None:
    left = list(tool.complaints(named(code), customers))
    assert not left, "\n".join(left)


# What Django and allauth say with the same word, and mean the same by it.
SHARED_WORDS = {
    *("Add", "Cancel", "Change", "Confirm", "Delete", "Download", "Edit", "Manage", "Remove", "Save", "View"),
    *("Code", "Email", "Image", "Password", "Phone", "Text", "active", "created", "group", "name", "sent"),
    *("Passkey", "Primary", "Recovery codes", "Verified", "Password reset", "user", "users", "and", "or"),
    *("Sign in with a passkey", "Use a security key"),
}


def test_no_word_of_ours_takes_the_place_of_another_that_django_says() -> None:
    """Catalogues are one: our verb "May", translated, would be the month's name on every page."""
    theirs = {(key.context, key.singular) for key in pseudo.of_packages()}
    assert ("", "May") in theirs
    shared = {(key.context, key.singular) for key in in_sources(customer_sources())} & theirs
    assert {singular for _context, singular in shared} - SHARED_WORDS == set()


# --- The tool ---------------------------------------------------------------------------------------------------------

MESSAGES = {
    key: Found(key, [("templates/a.html", 3)])
    for key in (
        Key("", "Hello %(name)s, <b>good</b> day", ""),
        Key("", "%(n)d case", "%(n)d cases"),
        Key("a verb", "Open", ""),
        Key("", "Untranslated", ""),
    )
}
GREETING, PLURAL, VERB, UNTRANSLATED = MESSAGES


@pytest.fixture
def language(tmp_path, monkeypatch: pytest.MonkeyPatch) -> Language:
    monkeypatch.setattr(Language, "folder", property(lambda self: tmp_path / self.locale))
    german = named("de")
    files.write(german, MESSAGES, {VERB: ("Öffnen",)})
    return german


def fill(tmp_path, content: object) -> int:
    (tmp_path / "in.json").write_text(content if isinstance(content, str) else json.dumps(content))
    return tool.main(["fill", "de", str(tmp_path / "in.json")])


def now(language: Language) -> dict[Key, tuple[str, ...]]:
    return files.translations(files.read(files.po(language)))


def test_translations_are_taken_in_and_compiled(language: Language, tmp_path) -> None:
    texts = {
        tool.identity(PLURAL): ["%(n)d Fall", "%(n)d Fälle"],
        tool.identity(GREETING): "<b>Guten</b> Tag, %(name)s",
    }
    assert fill(tmp_path, texts) == 0
    assert now(language) == {
        GREETING: ("<b>Guten</b> Tag, %(name)s",),
        PLURAL: ("%(n)d Fall", "%(n)d Fälle"),
        VERB: ("Öffnen",),
        UNTRANSLATED: ("",),
    }
    with files.mo(language).open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    assert compiled.ngettext("%(n)d case", "%(n)d cases", 2) == "%(n)d Fälle"
    assert compiled.pgettext("a verb", "Open") == "Öffnen"
    assert compiled.gettext("Untranslated") == "Untranslated"


def test_one_wrong_translation_is_refused_and_named_while_the_others_are_kept(language, tmp_path, capsys) -> None:
    name = tool.identity(GREETING)
    assert fill(tmp_path, [{"id": name, "text": "Hallo"}, {"id": tool.identity(UNTRANSLATED), "text": "Neu"}]) == 1
    assert f"refused {name} 'Hello %(name)s, <b>good</b> day': It lacks %(name)s." in capsys.readouterr().out
    assert now(language)[GREETING] == ("",)
    assert now(language)[UNTRANSLATED] == ("Neu",)


@pytest.mark.parametrize(
    "content", ["{", "3", '{"a": 3}', '{"a": ["b", 3]}'], ids=["broken", "number", "value", "list"]
)
def test_a_file_that_is_no_translations_changes_nothing(language: Language, tmp_path, content: str) -> None:
    before = files.po(language).read_bytes()
    assert fill(tmp_path, content) == 1
    assert files.po(language).read_bytes() == before


def test_what_is_missing_is_handed_out_with_its_places(language: Language, capsys) -> None:
    tool.main(["missing", "de", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert {entry["msgid"] for entry in told} == {GREETING.singular, PLURAL.singular, "Untranslated"}
    assert told[0]["places"] == ["templates/a.html:0"]
    plural = next(entry for entry in told if "plural" in entry)
    assert (plural["id"], plural["plural"]) == (tool.identity(PLURAL), "%(n)d cases")


WRONG = {
    "name lost": (Key("", "by %(name)s", ""), ("von",), "It lacks %(name)s."),
    "name made up": (Key("", "by %(name)s", ""), ("%(name)s, %(nom)s",), "It has %(nom)s, which the message has not."),
    "brace lost": (Key("", "at most {size}", ""), ("höchstens",), "It lacks {size}."),
    "percent sign": (Key("", "half", ""), ("50 %",), "It has %, which the message has not."),
    "single percent": (Key("", "50%% of %(x)s", ""), ("50 % von %(x)s",), "It lacks %%."),
    "tag lost": (Key("", "<b>now</b>", ""), ("jetzt",), "Its HTML differs: <b>, </b> became none."),
    "tag changed": (Key("", '<a href="/x">a</a>', ""), ('<a href="/y">a</a>',), 'Its HTML differs: <a href="/x">'),
    "plural forms": (Key("", "case", "cases"), ("Fall",), "It needs 2 texts"),
    "empty form": (Key("", "case", "cases"), ("Fall", " "), "It is not translated."),
    "plural lost": (Key("", "%(n)d case", "%(n)d cases"), ("%(n)d Fall", "Fälle"), "Form 1: It lacks %(n)d."),
    "edges": (Key("", "a\n", ""), ("b",), "Spaces or line breaks at its beginning or end differ."),
    "line break": (Key("", "a b", ""), ("a\nb",), "It breaks a line"),
    "control": (Key("", "a b", ""), ("a\x07b",), "It holds a control character."),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_translation_that_would_break_a_page_is_named(name: str) -> None:
    key, texts, complaint = WRONG[name]
    assert any(one.startswith(complaint) for one in problems(key, texts))


RIGHT = {
    "order is free": (Key("", "%(a)s of <b>%(b)s</b>", ""), ("<b>%(b)s</b>: %(a)s",)),
    "a number in the form for zero and one": (Key("", "One case", "%(n)d cases"), ("%(n)d cas", "%(n)d cas")),
    "a space that does not break": (Key("", "Ready?", ""), ("Prêt&nbsp;?",)),
    "percent": (Key("", "50%% of %(x)s", ""), ("%(x)s: 50 %%",)),
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_translation_may_differ_as_languages_do(name: str) -> None:
    key, texts = RIGHT[name]
    assert problems(key, texts) == []


def test_complaints_name_what_is_missing_wrong_and_left_over(language: Language) -> None:
    gone = Key("", "Gone", "")
    files.write(language, {**MESSAGES, gone: Found(gone)}, {VERB: ("Öffnen",), PLURAL: ("a", "b"), gone: ("Weg",)})
    new = Key("", "New", "")
    told = list(tool.complaints(language, {**MESSAGES, new: Found(new, [("cases/a.py", 1)])}))
    assert sorted(told) == [
        "'%(n)d case' (templates/a.html): Form 0: It lacks %(n)d.",
        "'%(n)d case' (templates/a.html): Form 1: It lacks %(n)d.",
        "'Gone' is used nowhere any more: run `make messages`.",
        "'Hello %(name)s, <b>good</b> day' (templates/a.html): It is not translated.",
        "'New' (cases/a.py) is not in the catalogue: run `make messages`.",
        "'Untranslated' (templates/a.html): It is not translated.",
    ]


def test_the_made_up_language_leaves_alone_what_programs_read() -> None:
    assert pseudo.pseudo("Hi %(name)s, <b>{n}</b>&nbsp;%%") == "[!!! Ĥì %(name)s, <b>{n}</b>&nbsp;%% !!!]"
    assert pseudo.pseudo("\n  Sign in here\n") == "\n  [!!! Šìĝñ ìñ ĥèřè !!!]\n"
    assert len(pseudo.pseudo("a sentence of some length")) > 1.3 * len("a sentence of some length")
    assert pseudo.pseudo(" ") == " "


def test_the_made_up_language_holds_what_customers_and_packages_say(tmp_path) -> None:
    with pseudo.write(tmp_path).open("rb") as file:
        catalog = gettext.GNUTranslations(file)
    assert catalog.gettext("Skip to the content").startswith("[!!! Šķìƥ")
    assert catalog.gettext("This field is required.").startswith("[!!! Ţĥ")


def test_customers_sources_are_read_whole() -> None:
    """Whatever else is edited: their messages can be extracted."""
    assert len(in_sources(customer_sources())) > 1500
