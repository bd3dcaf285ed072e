"""`portal serve` with one more address: what the pool of the worker that answers holds. For the campaign alone."""

import functools
import json
import os
from typing import Any

from portal import piccolo_conf
from portal.__main__ import portal
from portal.cli import serve
from portal.cli.node import Node

PROBE = "/bench/pool"


def application() -> Any:
    """The portal's application behind the probe."""
    inner: Any = serve.application()

    async def probed(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["path"] != PROBE:
            await inner(scope, receive, send)
            return
        pool = piccolo_conf.DB.pool
        said = {"pid": os.getpid(), "size": pool.get_size(), "idle": pool.get_idle_size()} if pool else {}
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": json.dumps(said).encode()})

    return probed


def main() -> None:
    os.environ.setdefault("PICCOLO_CONF", "portal.piccolo_conf")
    serve.Node = _watched  # type: ignore[assignment,attr-defined]
    portal(["serve"])


@functools.wraps(Node)
def _watched(_target: str, **options: Any) -> Any:
    return Node("bench.campaign.watched:application", **options)


if __name__ == "__main__":
    main()
