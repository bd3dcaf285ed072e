"""Whether the store does what the portal asks of it: each kind of call once, on an object that is removed at once."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from portal.storage.calls import Missing, StoreRefuses, StoreUnavailable
from portal.storage.keys import TRIALS, trial_key
from portal.storage.objects import ObjectStore
from portal.texts import N_
from portal.variables import SettingsError

LITTLE = 64 * 1024  # bytes
GARBLED = N_("The store gives back something else than it was given in the bucket %(bucket)s.")


async def prove(store: ObjectStore) -> None:
    """Try each kind of call once.

    Raises:
        SettingsError: the store refuses one, in its own word, or cannot do what it is asked.
        StoreUnavailable: it does not answer.
    """
    await _prove_versioning(store)
    key, joined = trial_key(), trial_key()
    try:
        await _prove_objects(store, key)
        await _prove_parts(store, joined)
        with _needing(store, "s3:ListBucketVersions and s3:DeleteObjectVersion"):
            await store.remove(key)
            await store.remove(joined)
    except SettingsError:  # of a store that is away, `portal sweep` finds what is left
        with suppress(StoreUnavailable):
            await store.remove(key)
            await store.remove(joined)
        raise


async def write(store: ObjectStore) -> None:
    """Write a little and remove it again. Raises StoreUnavailable."""
    await store.check()
    key = trial_key()
    await store.put_bytes(key, bytes(LITTLE))
    await store.remove(key)


async def _prove_versioning(store: ObjectStore) -> None:
    with _needing(store, "s3:GetBucketVersioning (and, unless the bucket is made and versioned beforehand, to do so)"):
        await store.ready()


async def _prove_objects(store: ObjectStore, key: str) -> None:
    data = os.urandom(LITTLE)
    sha256 = hashlib.sha256(data).hexdigest()
    with _needing(store, "s3:PutObject"):
        await store.put_bytes(key, data)
    with _needing(store, "s3:GetObject"):
        read = await store.get_bytes(key)
        size = await store.size(key)
    with _needing(store, "s3:PutObjectTagging"):
        await store.label(key, sha256)
    with _needing(store, "s3:GetObjectTagging"):
        label = await store.labelled(key)
    with _needing(store, "s3:ListBucket"):
        listed = [each.size for each in await store.listing(TRIALS) if each.key == key]
    if (read, size, label) != (data, len(data), sha256) or listed not in ([], [len(data)]):
        raise SettingsError(GARBLED, bucket=store.bucket)


async def _prove_parts(store: ObjectStore, key: str) -> None:
    data = os.urandom(LITTLE)
    with _needing(store, "s3:PutObject (in parts)"):
        parts = await store.open_parts(key)
        await store.join_parts(key, parts, [await store.put_part(key, parts, 1, data)])
    if await store.get_bytes(key) != data:
        raise SettingsError(GARBLED, bucket=store.bucket)
    abandoned = trial_key()
    parts = await store.open_parts(abandoned)
    with _needing(store, "s3:ListBucketMultipartUploads"):
        await store.open_uploads(TRIALS)
    with _needing(store, "s3:AbortMultipartUpload"):
        await store.abort_parts(abandoned, parts)


@contextmanager
def _needing(store: ObjectStore, right: str) -> Iterator[None]:
    try:
        yield
    except StoreRefuses as error:
        raise SettingsError(
            "The store refuses the portal in the bucket %(bucket)s (%(error)s); it must be allowed %(right)s: "
            "see “The bucket” in deploy/README.md.",
            bucket=store.bucket,
            error=str(error),
            right=right,
        ) from error
    except Missing as error:
        raise StoreUnavailable("the store does not find what it was given") from error
