"""What the forms of several rooms share."""

from typing import cast

from django import forms
from django.http import QueryDict


def put(form: forms.Form, name: str, value: str) -> None:
    """Change a hidden value of a sent form that goes back to its sender."""
    data = cast("QueryDict", form.data).copy()
    data[name] = value
    form.data = data
