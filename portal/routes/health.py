"""Signs of life, for whoever operates the portal."""

from litestar import MediaType, Response, get

from portal.storage.objects import ObjectStore
from portal.web.identity import AppRequest


@get("/health/live", public=True)
async def live() -> Response[str]:
    """The process answers."""
    return Response("ok", media_type=MediaType.TEXT)


@get("/health/ready", public=True)
async def ready(request: AppRequest, store: ObjectStore) -> Response[str]:
    """Both stores take what is written and the clocks agree; else 503, with what is wrong in a line each."""
    state = request.app.state
    start = state.start
    wrong = await state.health.findings(store) if start.is_over else [f"start: it waits for the {start.waits_for}"]
    return Response("\n".join(wrong) or "ok", status_code=503 if wrong else 200, media_type=MediaType.TEXT)


HANDLERS = [live, ready]
