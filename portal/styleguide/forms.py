"""A form with every kind of control, for the style guide."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

PRODUCTS = [("", _l("Choose …")), ("loader", "Data Loader"), ("gateway", "Gateway")]
KINDS = [("question", _l("A question")), ("problem", _l("A problem"))]


class SampleForm(forms.Form):
    """Stands for every form of the site."""

    subject = forms.CharField(
        label=_l("Subject"), max_length=80, help_text=_l("A hint says what is wanted, in a line.")
    )
    email = forms.EmailField(label=_l("E-mail address"), required=False)
    product = forms.ChoiceField(label=_l("Product"), choices=PRODUCTS)
    kind = forms.ChoiceField(label=_l("What is it?"), choices=KINDS, widget=forms.RadioSelect)
    description = forms.CharField(label=_l("Description"), widget=forms.Textarea(attrs={"rows": 3}), max_length=4000)
    due = forms.DateField(label=_l("Needed by"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    is_urgent = forms.BooleanField(label=_l("Production is affected"), required=False)


def sample(prefix: str = "empty") -> SampleForm:
    """Return the form as it is met."""
    return SampleForm(prefix=prefix)


def filled(prefix: str = "filled") -> SampleForm:
    """Return the form half done."""
    values = {
        "subject": _("Import stops at row 4,120"),
        "email": "ada@acme.example",
        "product": "loader",
        "kind": "problem",
        "description": _("Since this morning the nightly import stops with **DL-4120**."),
        "due": "2030-03-14",
        "is_urgent": True,
    }
    return SampleForm(prefix=prefix, initial=values)


def wrong(prefix: str = "wrong") -> SampleForm:
    """Return the form as it comes back with errors."""
    values = {"email": "ada@acme", "subject": "", "product": "", "due": "soon"}
    form = SampleForm({f"{prefix}-{name}": value for name, value in values.items()}, prefix=prefix)
    form.is_valid()
    return form


def disabled() -> SampleForm:
    """Return the form that nobody may change."""
    form = SampleForm(
        prefix="disabled", initial={"subject": _("Import stops at row 4,120"), "product": "loader", "kind": "problem"}
    )
    for field in form.fields.values():
        field.disabled = True
    return form
