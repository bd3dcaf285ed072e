"""What was refused, as one JSON line each in the process's log (`portal.security`): for those who watch the portal.

It names the account, the address and the refusal's code, and nothing that anybody typed, nor what lets anybody in.
"""

import json
import logging

from portal.domain.errors import DomainError, Invalid
from portal.web.identity import AppRequest, Login, address_of
from portal.web.secret_addresses import without_secret

log = logging.getLogger("portal.security")


def note(request: AppRequest, error: DomainError, status: int) -> None:
    """Write that `request` was refused."""
    login: Login | None = request.scope.get("auth")
    fields = sorted(error.errors) if isinstance(error, Invalid) else []
    line = {
        "at": request.app.state.clock().isoformat(),
        "event": "refused",
        "status": status,
        "code": error.code,
        "fields": fields,
        "method": request.method,
        "path": without_secret(request.url.path)[:200],
        "person": str(login.by.id) if login else None,
        "session": str(login.id) if login else None,
        "address": address_of(request),
    }
    log.warning("%s", json.dumps(line))
