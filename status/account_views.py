"""A person's own status subscriptions. Each is changed on the page behind its own link."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.http import PersonalRequest
from status import subscribing
from status.constants import Way
from status.errors import StatusError
from status.models import Subscriber
from status.subscribing import Outcome, SignUp


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def subscriptions(request: PersonalRequest) -> HttpResponse:
    """List what the person is told of and how; on POST, subscribe their address."""
    problem = ""
    if request.method == "POST":
        new = SignUp(
            way=Way.MAIL,
            address=request.user.email,
            language=translation.get_language(),
            time_zone=request.user.time_zone,
        )
        try:
            if subscribing.sign_up(new=new, user=request.user) is Outcome.CONFIRMED:
                return redirect("status_account:subscriptions")
        except StatusError as error:
            problem = str(error)
        else:
            problem = _("We sent a mail to confirm: your address is not proven yet.")
    own = list(Subscriber.objects.filter(user=request.user, confirmed_at__isnull=False).order_by("-id"))
    is_told = any(one.way == Way.MAIL and one.is_active and one.address == request.user.email for one in own)
    context = {"rows": own, "may_add": not is_told, "problem": problem}
    return render(request, "status/subscriptions/account.html", context)
