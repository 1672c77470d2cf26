"""Showing a mail as it was sent: somebody's HTML on our address, so it may do nothing there."""

from django.conf import settings
from django.http import HttpResponse

# A document of its own in a sandbox without an origin: no script, no form, no request to anywhere. Mails carry their
# styles inline, for mail programs know nothing else, so this one response allows them; no page of the portal does.
# Of pictures it shows the vendor's logo, which is ours.
CONTENT_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; "
    f"img-src data: {settings.PORTAL_URL}/brand/; frame-ancestors 'self'"
)
_OPENS_OUTSIDE = '<base target="_blank">'


def mail_body_response(html: str) -> HttpResponse:
    """Return a mail's HTML for an ``<iframe sandbox>``."""
    # Inside the head when there is one: anything before the doctype would switch the browser to quirks.
    framed = html.replace("<head>", f"<head>{_OPENS_OUTSIDE}", 1) if "<head>" in html else _OPENS_OUTSIDE + html
    response = HttpResponse(framed)
    response["Content-Security-Policy"] = CONTENT_POLICY
    response["X-Content-Type-Options"] = "nosniff"
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response
