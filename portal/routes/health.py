"""Signs of life, for whoever operates the portal."""

from litestar import MediaType, Response, get

from portal.services import register
from portal.storage.objects import ObjectStore


@get("/health/live", public=True)
async def live() -> Response[str]:
    """The process answers."""
    return Response("ok", media_type=MediaType.TEXT)


@get("/health/ready", public=True)
async def ready(store: ObjectStore) -> Response[str]:
    """The database and the store answer too; 503 while one does not."""
    await register.check()
    await store.check()
    return Response("ok", media_type=MediaType.TEXT)


HANDLERS = [live, ready]
