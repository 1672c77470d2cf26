"""The shape of a person's choices."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _l

from notifications import categories


class PreferencesForm(forms.Form):
    """Which categories come by mail."""

    categories = forms.MultipleChoiceField(label=_l("Mail me"), widget=forms.CheckboxSelectMultiple, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["categories"]
        if isinstance(field, forms.MultipleChoiceField):
            field.choices = [(category.code, category.label) for category in categories.offered()]
