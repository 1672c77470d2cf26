import pytest
from django import forms

from lib.forms import DescribedField, Problem, problems


class Letter(forms.Form):
    one_of = ("body", "files")
    email = forms.EmailField(label="E-mail")
    password = forms.CharField(label="Password", widget=forms.PasswordInput)
    other = forms.CharField(label="Other", widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}))
    phone = forms.CharField(label="Phone", required=False, widget=forms.TextInput(attrs={"type": "tel"}))
    code = forms.CharField(label="Code", widget=forms.TextInput(attrs={"autocomplete": "one-time-code"}))
    colour = forms.ChoiceField(label="Colour", choices=[("r", "Red")], widget=forms.RadioSelect)
    body = forms.CharField(label="Text", required=False, max_length=20, widget=forms.Textarea, help_text="Be kind.")
    version = forms.IntegerField()
    token = forms.UUIDField(widget=forms.HiddenInput)


def field(name: str) -> DescribedField:
    found = Letter()[name]
    assert isinstance(found, DescribedField)
    return found


def sent(**data: str) -> Letter:
    return Letter({"email": "a@b.example", "colour": "r", **data})


@pytest.mark.parametrize(
    ("name", "attributes"),
    [
        ("email", ['autocomplete="email"', 'inputmode="email"', 'spellcheck="false"']),
        ("password", ['autocomplete="current-password"', 'autocapitalize="none"']),
        ("other", ['autocomplete="new-password"']),
        ("phone", ['autocomplete="tel"', 'inputmode="tel"']),
        ("code", ['autocomplete="one-time-code"', 'inputmode="numeric"']),
    ],
)
def test_a_control_tells_what_is_typed_into_it(name: str, attributes: list[str]) -> None:
    html = str(Letter()[name])
    assert [one for one in attributes if one not in html] == []
    assert html.count("autocomplete=") == 1


def test_a_long_text_is_counted_and_never_cut() -> None:
    assert "maxlength" not in str(field("body"))
    assert field("body").limit == 20
    assert field("email").limit is None


def test_what_may_stay_empty_is_said_of_texts_only() -> None:
    assert field("phone").is_optional
    assert not field("email").is_optional
    assert not field("body").is_optional  # a text or files: one of them


def test_every_problem_leads_to_its_control() -> None:
    found = problems(sent(email="nonsense", colour="blue", version="x", token="x", password="p", other="o", code="1"))
    assert [(one.label, one.anchor) for one in found] == [
        ("E-mail", "id_email"),
        ("Colour", "id_colour_0"),
        ("", ""),
        ("", ""),
    ]


def test_a_problem_of_the_whole_form_comes_first() -> None:
    letter = sent()
    letter.add_error(None, "Not today.")
    assert problems(letter)[0] == Problem("Not today.")


def test_a_form_that_is_only_shown_is_not_looked_into() -> None:
    assert problems(Letter()) == []


def test_help_and_error_describe_the_control() -> None:
    html = str(sent(body="far too long a text for this")["body"])
    assert 'aria-describedby="id_body_helptext id_body_error"' in html
    assert 'aria-invalid="true"' in html
