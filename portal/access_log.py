"""What the development server prints of each request."""

from typing import Any

from gunicorn.glogging import Logger  # type: ignore[import-untyped] # gunicorn ships no types

SILENT = ("/static/", "/healthz", "/readyz", "/status/as-of.json")


class AccessLog(Logger):  # type: ignore[misc] # the same
    """Leaves out what is asked many times for one page."""

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: Any) -> None:
        """Log a request unless it is for a static file or a probe's."""
        if not environ.get("PATH_INFO", "").startswith(SILENT):
            super().access(resp, req, environ, request_time)
