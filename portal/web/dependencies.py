"""What handlers ask for by name: `by`, `now`, `store`, `settings`."""

from datetime import datetime

from litestar import Litestar
from litestar.di import Provide
from litestar.routes import HTTPRoute

from portal.services.identity.identity import Identity
from portal.settings import Settings
from portal.storage.objects import ObjectStore
from portal.web.identity import AppRequest
from portal.web.sent import provide_sent


def provide_by(request: AppRequest) -> Identity:
    """The signed-in person; the guard let nobody else in."""
    by: Identity = request.scope["user"]
    return by


def provide_now(request: AppRequest) -> datetime:
    """The instant of the request, from the app's clock."""
    now: datetime = request.app.state.clock()
    return now


def provide_store(request: AppRequest) -> ObjectStore:
    """The object store."""
    store: ObjectStore = request.app.state.store
    return store


def provide_settings(request: AppRequest) -> Settings:
    """The settings that the portal was started with."""
    settings: Settings = request.app.state.settings
    return settings


DEPENDENCIES = {
    "sent": Provide(provide_sent),
    "by": Provide(provide_by, sync_to_thread=False),
    "now": Provide(provide_now, sync_to_thread=False),
    "store": Provide(provide_store, sync_to_thread=False),
    "settings": Provide(provide_settings, sync_to_thread=False),
}


def in_turn(app: Litestar) -> None:
    """Let handlers be given these one after another: none waits for anything, and the framework makes a task of each.

    Three tasks cost more than all that the three of them look up.
    """
    for route in app.routes:
        for _handler, model in route.route_handler_map.values() if isinstance(route, HTTPRoute) else ():
            model.dependency_batches = [{each} for batch in model.dependency_batches for each in batch]


Now = datetime
"""The instant of the request."""
