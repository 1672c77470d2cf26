"""The customer's side of cases."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse


@login_required
def case_list(request: HttpRequest) -> HttpResponse:
    """My Cases."""
    return HttpResponse()


create = preview = case_list


@login_required
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One case."""
    return HttpResponse()
