"""A client of the write API, as automation has one."""

import json
from typing import Any

from django.test import Client

from accounts.models import User
from status.api import access
from tests.factories.api_tokens import make_token

ROOT = "/status/api/v1/"
SCOPES = (access.INCIDENTS, access.MAINTENANCE, access.COMPONENTS, access.ALERTS)


class ApiClient:
    """Sends JSON with a token of ``owner``, and nothing else."""

    def __init__(self, owner: User, *scopes: str) -> None:
        self.token = make_token(owner, scopes or SCOPES)
        self._client = Client(headers={"Authorization": f"Bearer {self.token}"}, enforce_csrf_checks=True)

    def send(self, method: str, path: str, data: Any = None, *, key: str = "", raw: bytes | None = None) -> Any:
        """Return the response."""
        headers = {"Idempotency-Key": key} if key else {}
        body = json.dumps(data if data is not None else {}).encode() if raw is None else raw
        return self._client.generic(method, ROOT + path, body, content_type="application/json", headers=headers)

    def get(self, path: str) -> Any:
        """Return the response to a GET."""
        return self._client.get(ROOT + path)

    def post(self, path: str, data: Any = None, *, key: str = "") -> Any:
        """Return the response to a POST."""
        return self.send("POST", path, data, key=key)

    def patch(self, path: str, data: Any = None, *, key: str = "") -> Any:
        """Return the response to a PATCH."""
        return self.send("PATCH", path, data, key=key)
