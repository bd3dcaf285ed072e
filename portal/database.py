"""The engine under the tables: PostgreSQL through Piccolo, with an end to every wait and no connection lost.

A database that is silent (a frozen host, packets that vanish) and a neighbour that holds a lock cost a request
seconds, never its life: each wait ends in an exception for which `portal.web.errors` has an answer.
"""

import asyncio
import re
import socket
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from types import TracebackType
from typing import Any, TypeAlias

import asyncpg
from asyncpg import exceptions
from piccolo.engine.postgres import PostgresEngine, PostgresTransaction
from piccolo.querystring import QueryString

ACQUIRE = 4.0  # seconds for a connection, whether one must come back or be opened anew
COMMAND = 8.0  # seconds for an answer, whatever became of the server
RETURN = 1.0  # seconds to give a connection back; after that it is cut
KEEPALIVE = {"TCP_KEEPIDLE": 15, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 20_000}
"""A peer that has gone is noticed within half a minute, even where nobody waits for it. Seconds, but the last one."""
COMMANDS = {
    "idle_in_transaction_session_timeout": "60s",  # a silent holder lets go: its machine may be frozen
    "tcp_keepalives_idle": "15",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "20s",
}
"""What the server itself holds every session of ours to."""
NODES = COMMANDS | {
    "statement_timeout": "7s",
    "lock_timeout": "4s",  # a row's and the journal's alike
    "idle_in_transaction_session_timeout": "10s",
}
"""The same for sessions on whose answer somebody waits."""
LIMITS: dict[str, Any] = {"timeout": ACQUIRE, "command_timeout": COMMAND, "server_settings": NODES}
LOST = (
    exceptions.PostgresConnectionError,
    exceptions.AdminShutdownError,
    exceptions.CrashShutdownError,
    exceptions.CannotConnectNowError,
    exceptions.IdleSessionTimeoutError,
    exceptions.InternalClientError,
    ConnectionError,
)
"""The connection has ended: nothing that was asked on it is answered any more."""
READING = re.compile(r"\s*(SELECT|WITH)\b", re.IGNORECASE)
WRITING = re.compile(r"\b(INSERT|UPDATE|DELETE|MERGE)\b|\bpg_(try_)?advisory", re.IGNORECASE)

FEW = 64
"""Values of a statement: the texts of longer ones (many rows at once) are not kept."""

Connection: TypeAlias = Any
Shape: TypeAlias = tuple[str, tuple["Shape | None", ...]]


class Kept(asyncpg.Connection):  # type: ignore[misc]
    """A pooled connection that is handed on as it is.

    No statement of ours leaves anything on a connection (no SET, no LISTEN, no advisory lock), so the round trip
    that would clean it up after every query is spared.
    """

    def get_reset_query(self) -> str:
        return ""

    async def reset(self, **limits: float | None) -> None:
        if self._top_xact is not None or self.is_in_transaction():
            await super().reset(**limits)


class Transaction(PostgresTransaction):
    """Piccolo's own leaves its connection behind where `begin`, `commit` or `rollback` raises; this one never does."""

    engine: "Database"

    async def __aenter__(self) -> PostgresTransaction:
        if self._parent is not None:
            return self._parent
        await self.engine.enter()
        try:
            await self._begin_somewhere()
        except BaseException:
            self.engine.leave()
            raise
        self.context = self.engine.current_transaction.set(self)
        return self

    async def _begin_somewhere(self) -> None:
        """On a fresh connection where the pooled one has ended: nothing was asked yet."""
        try:
            await self._begin()
        except Exception as error:
            if not is_lost(error):
                raise
            await self.engine.expire()
            await self._begin()

    async def _begin(self) -> None:
        self.connection = await self.engine.borrow()
        try:
            self.transaction = self.connection.transaction()
            await self.begin()  # type: ignore[no-untyped-call]
        except BaseException:
            cut(self.connection)
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        if self._parent is not None:
            return error is None
        try:
            await self._end(error)
        except BaseException:
            cut(self.connection)  # at once: whoever is cancelled twice awaits nothing any more
            raise
        finally:
            self.engine.current_transaction.reset(self.context)
            self.engine.leave()
            await self.engine.give_back(self.connection)
        return error is None

    async def _end(self, error: BaseException | None) -> None:
        if error is not None and not self._rolled_back:
            await self.rollback()  # type: ignore[no-untyped-call]
        elif error is None and not self._committed and not self._rolled_back:
            await self.commit()  # type: ignore[no-untyped-call]


class Database(PostgresEngine):
    """PostgreSQL, without a connection (and a warning) when this module is imported."""

    _turns: asyncio.Semaphore | None = None

    async def check_version(self) -> None:
        """The portal's own servers are PostgreSQL 18; an office's are its administrator's choice."""

    async def start(self, *, least: int, most: int, **limits: Any) -> None:
        """Open a pool of `least` to `most` connections, of which transactions take two thirds at most.

        So those who wait for a lock leave room for those who only read.
        """
        self._turns = asyncio.Semaphore(max(1, most - most // 3))
        await self.start_connection_pool(
            min_size=least, max_size=most, connection_class=Kept, init=_keep_alive, **limits
        )

    def transaction(self, allow_nested: bool = True) -> PostgresTransaction:
        """A transaction; inside another one it is that one's part."""
        return Transaction(engine=self, allow_nested=allow_nested)

    async def enter(self) -> None:
        """Wait for the turn of a transaction; raises TimeoutError."""
        if self.pool and self._turns:
            async with asyncio.timeout(ACQUIRE):
                await self._turns.acquire()

    def leave(self) -> None:
        """Let the next transaction begin."""
        if self.pool and self._turns:
            self._turns.release()

    async def borrow(self) -> Connection:
        """A connection, to be given back; raises TimeoutError, and what a connection that cannot be opened raises."""
        if self.pool is None:
            return await self.get_new_connection()
        async with asyncio.timeout(ACQUIRE):
            return await self.pool.acquire()

    async def give_back(self, connection: Connection) -> None:
        """Take a connection back, whatever has become of it: cut if that takes long."""
        if self.pool is None:
            with suppress(Exception):
                await connection.close(timeout=RETURN)
            return
        try:
            await _release(connection)
        except Exception:
            cut(connection)

    async def expire(self) -> None:
        """No connection that stands now is handed out again."""
        if self.pool:
            await self.pool.expire_connections()

    async def run_querystring(self, querystring: QueryString, in_pool: bool = True) -> Any:
        """As Piccolo does it; a statement of a shape that was asked before is not put together again."""
        if querystring._frozen_compiled_strings is None:
            querystring._frozen_compiled_strings = compiled(querystring)
        return await super().run_querystring(querystring, in_pool)

    async def _run_in_pool(self, query: str, args: Sequence[Any] | None = None) -> Any:
        """One statement on its own. A read whose connection has ended is asked once more, on a fresh one."""
        try:
            return await self._run_once(query, args or ())
        except Exception as error:
            if not is_lost(error) or not is_reading(query):
                raise
        await self.expire()
        return await self._run_once(query, args or ())

    async def _run_in_new_connection(self, query: str, args: Sequence[Any] | None = None) -> Any:
        return await self._run_once(query, args or ())

    async def _run_once(self, query: str, args: Sequence[Any]) -> Any:
        connection = await self.borrow()
        try:
            return await connection.fetch(query, *args)
        finally:
            await self.give_back(connection)


def compiled(querystring: QueryString) -> tuple[str, list[Any]]:
    """What `QueryString.compile_string` makes: the text with `$1`, `$2` …, and the values."""
    values: list[Any] = []
    shape = _taken_apart(querystring, values)
    return (_text(shape), values) if len(values) <= FEW else querystring.compile_string()


def _taken_apart(querystring: QueryString, values: list[Any]) -> Shape:
    """The templates of `querystring`, one in another; its values are added to `values`."""
    inner: list[Shape | None] = []
    for each in querystring.args:
        if isinstance(each, QueryString):
            inner.append(_taken_apart(each, values))
        else:
            inner.append(None)
            values.append(each)
    return querystring.template, tuple(inner)


@lru_cache(maxsize=512)
def _text(shape: Shape) -> str:
    return _rebuilt(shape).compile_string()[0]


def _rebuilt(shape: Shape) -> QueryString:
    template, inner = shape
    return QueryString(template, *(each and _rebuilt(each) for each in inner))


async def _release(connection: Connection) -> None:
    """What the pool's own `release` does, without its task: that costs as much as a short statement.

    Whoever is cancelled here, where a connection is not quiet yet, ends it.
    """
    if connection._con is not None:
        connection._con._on_release()
        await connection._holder.release(RETURN)


def cut(connection: Connection) -> None:
    """End a connection at once, which gives its place in the pool back."""
    with suppress(exceptions.InterfaceError):  # it has ended by itself
        connection.terminate()


def is_lost(error: BaseException) -> bool:
    """Whether the connection has ended, and not what was asked was wrong."""
    if isinstance(error, exceptions.InterfaceError):
        return not isinstance(error, ValueError)  # a value that does not fit is a fault of ours
    return isinstance(error, LOST)


def is_reading(query: str) -> bool:
    """Whether a statement only reads, and may be asked twice."""
    return bool(READING.match(query)) and not WRITING.search(query)


async def _keep_alive(connection: Connection) -> None:
    """Let the kernel find out that the server's host is gone."""
    line = connection._transport.get_extra_info("socket")
    if line is None or line.family not in (socket.AF_INET, socket.AF_INET6):
        return
    line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in KEEPALIVE.items():
        if hasattr(socket, name):  # Linux has them all
            line.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
