"""Calls to an S3 service through the MinIO SDK: in threads, each with a deadline, their failures in our terms."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, ParamSpec, TypeVar

import urllib3
from minio import Minio
from minio.error import MinioException, S3Error

from portal.settings import S3Settings

THREADS = 16
PATIENCE = urllib3.Timeout(connect=2, read=10)  # seconds: a dead store is an answer, not a wait
DEADLINE = 12.0  # seconds for a call, the wait for a thread included, and for all tries of one that may be made twice
LOOKS = (0.0, 0.2, 0.8)  # seconds before each look
RETRIES = urllib3.Retry(connect=1, read=0, other=0, status=1, backoff_factor=0.2, status_forcelist=[502, 503, 504])
ABSENT = {"NoSuchKey", "NoSuchVersion", "NoSuchObject", "NoSuchUpload"}
PASSING = {"RequestTimeTooSkewed", "RequestTimeout", "SlowDown", "OperationAborted"}  # 4xx that time may mend

P = ParamSpec("P")
T = TypeVar("T")

_log = logging.getLogger(__name__)
_behind: set["asyncio.Future[Any]"] = set()


class StoreUnavailable(Exception):
    """The store does not answer, or refuses us: nothing is wrong with what the person sent (503).

    `code` is the store's own word for it, or empty.
    """

    def __init__(self, text: str, code: str = "") -> None:
        super().__init__(text)
        self.code = code


class StoreRefuses(StoreUnavailable):
    """The store answers, and says that we may not, or that it cannot: waiting mends nothing."""


class Missing(Exception):
    """There is no object under this key, though a row may say so."""


class Caller:
    """The SDK's client of one service, and the threads that wait for it. `deadline` in seconds, for each call."""

    def __init__(self, settings: S3Settings, *, patience: urllib3.Timeout, deadline: float) -> None:
        self.deadline = deadline
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="s3")
        self.client = Minio(
            settings.endpoint,
            access_key=settings.access_key,
            secret_key=settings.secret_key,
            secure=settings.secure,
            region=settings.region,
            http_client=urllib3.PoolManager(maxsize=THREADS, timeout=patience, retries=RETRIES),
        )

    def close(self) -> None:
        """Lets the threads go; calls under way end first."""
        self._threads.shutdown(wait=False)

    async def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs a blocking call of the SDK in a thread.

        Raises:
            Missing, StoreUnavailable.
            ValueError: a range that starts behind the end.
        """
        name = getattr(function, "__name__", "call").strip("_")
        answer = asyncio.get_running_loop().run_in_executor(self._threads, partial(function, *args, **kwargs))
        try:
            return await within(self.deadline, answer)
        except S3Error as error:
            raise _in_our_terms(error, name) from error
        except (MinioException, urllib3.exceptions.HTTPError, OSError) as error:
            raise StoreUnavailable(f"{name}: {error}") from error


async def within(seconds: float, work: Awaitable[T]) -> T:
    """What `work` gives within so many seconds. A call that a thread has begun goes on, and nobody hears of its end.

    Raises:
        StoreUnavailable: it has given nothing by then.
    """
    task, seconds = asyncio.ensure_future(work), max(0.0, seconds)
    try:
        await asyncio.wait({task}, timeout=seconds)
        if task.done():
            return task.result()
        raise StoreUnavailable(f"no answer within {seconds:.0f} s")
    finally:
        if not task.done():
            task.cancel()
            leave_behind(task)


async def soon(look: Callable[[], Awaitable[bool]], seconds: float) -> bool:
    """Whether `look` finds it, now or soon: a store that answered too early may still be at work.

    Raises:
        StoreUnavailable: that is not known within so many seconds.
    """
    until = asyncio.get_running_loop().time() + seconds
    for pause in LOOKS:
        await asyncio.sleep(pause)
        if await within(until - asyncio.get_running_loop().time(), look()):
            return True
    return False


def leave_behind(task: "asyncio.Future[Any]") -> None:
    """Lets `task` come to its end, for which nobody waits."""
    _behind.add(task)
    task.add_done_callback(_over)


async def to_the_end(work: Coroutine[Any, Any, None]) -> None:
    """Awaits `work`, which goes on even when whoever awaits it is cancelled once more."""
    task = asyncio.ensure_future(work)
    leave_behind(task)
    await asyncio.shield(task)


def _over(task: "asyncio.Future[Any]") -> None:
    _behind.discard(task)
    if not task.cancelled() and (error := task.exception()):
        _log.info("a call to the store that nobody waited for has failed: %s", error)


def _in_our_terms(error: S3Error, name: str) -> Exception:
    code = error.code or ""
    if code in ABSENT:
        return Missing(error.object_name)
    if code == "InvalidRange":
        return ValueError("the range starts behind the end")
    status = getattr(error.response, "status", 500)
    refuses = (400 <= status < 500 or status == 501) and status not in (408, 429) and code not in PASSING
    return (StoreRefuses if refuses else StoreUnavailable)(f"{name}: {code}: {error.message}", code)
