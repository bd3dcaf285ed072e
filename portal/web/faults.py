"""Which failures are of a part that is away, full or busy for now (503), and not of what we wrote (500)."""

import errno
import socket

from asyncpg import exceptions

from portal.sandbox.supervisor import CageError
from portal.storage.calls import Missing, StoreUnavailable

AWAY: tuple[type[Exception], ...] = (
    # PostgreSQL, by the classes of its appendix A.
    exceptions.PostgresConnectionError,  # 08: it cannot be reached, or has hung up
    exceptions.InvalidCachedStatementError,  # 0A000: the tables were changed under a statement that was kept
    exceptions.ReadOnlySQLTransactionError,  # 25006: a standby
    exceptions.IdleInTransactionSessionTimeoutError,  # 25P03
    exceptions.InvalidAuthorizationSpecificationError,  # 28: it does not know us (any more)
    exceptions.InvalidCatalogNameError,  # 3D: the database is gone
    exceptions.TransactionRollbackError,  # 40: a deadlock, a serialization that failed
    exceptions.InsufficientResourcesError,  # 53: disk, memory or connections are used up
    exceptions.LockNotAvailableError,  # 55P03: somebody holds it for too long
    exceptions.OperatorInterventionError,  # 57: cancelled, shutting down, starting
    exceptions.PostgresSystemError,  # 58: its disk fails
    exceptions.SnapshotTooOldError,  # 72
    exceptions.FatalPostgresError,  # a code that asyncpg does not know, or one that has ended the connection
    # asyncpg itself.
    exceptions.InterfaceError,  # the connection is closed; see OURS
    exceptions.InternalClientError,  # what came was no protocol; no server is what it should be
    # The other parts.
    StoreUnavailable,
    CageError,
    Missing,
    ConnectionError,
    TimeoutError,
    socket.gaierror,  # no name server
    MemoryError,
)
OURS = (
    ValueError,  # a value that fits no column, though asyncpg counts it among its InterfaceErrors
    exceptions.UnsupportedClientFeatureError,
    exceptions.UnsupportedServerFeatureError,
)
FULL = frozenset(
    {
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EFBIG,
        errno.EROFS,
        errno.EIO,
        errno.ENOMEM,
        errno.EAGAIN,
        errno.EMFILE,
        errno.ENFILE,
        errno.ENETDOWN,
        errno.ENETUNREACH,
        errno.EHOSTDOWN,
        errno.EHOSTUNREACH,
        errno.ENOBUFS,
    }
)
"""What the machine says when it has no room, or no way to another one."""


def is_away(error: BaseException) -> bool:
    """Whether `error` says that a part does not answer or has no room: the same request may succeed later."""
    if isinstance(error, exceptions.InterfaceError) and isinstance(error, OURS):
        return False
    return isinstance(error, AWAY) or (isinstance(error, OSError) and error.errno in FULL)
