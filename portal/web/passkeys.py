"""Passkeys on pages: the challenge that a page gives to the device, and the answer that comes back in its form.

A sign-off's challenge is the digest of the intent on the screen. Any other page's is the digest of a sealed text,
bound to the session and good for half an hour. A device's answer travels in the hidden field `assertion`.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from portal.domain import assertions
from portal.domain.assertions import AssertionRefused
from portal.domain.errors import Invalid, ProofRefused
from portal.services.authentication import encryption, passkeys
from portal.services.authentication.passkeys import Answered, Enrolment, Site
from portal.services.authentication.recovery_codes import Recovery
from portal.services.authentication.second_factor import Given
from portal.services.identity.identity import Identity
from portal.web import forms
from portal.web.identity import AppRequest

ASSERTION, CHALLENGE, CODE, CREDENTIAL, RECOVERY = "assertion", "challenge", "code", "credential", "recovery_code"
GOOD_FOR = timedelta(minutes=30)
_PURPOSE = "challenge"


def site_of(request: AppRequest) -> Site | None:
    """Id and origin of the portal's passkeys, from PORTAL_BASE_URL; None where it is a bare IP address."""
    site: Site | None = request.app.state.settings.passkey_site
    return site


def is_here(request: AppRequest) -> bool:
    """Whether the visitor came by the address at which passkeys work. Decides what the page says, nothing else."""
    site = site_of(request)
    return site is not None and request.headers.get("host", "").lower() == site[1].partition("://")[2]


async def asked(request: AppRequest, by: Identity, digest: bytes | None = None) -> dict[str, Any] | None:
    """What a page needs to ask for a passkey beside the code: None for a person without any.

    `digest` is what the device shall sign; else a fresh challenge of this session, sealed in `challenge`.
    """
    site, held = site_of(request), await passkeys.of_person(by.id)
    if site is None or not held:
        return None
    sealed = None if digest is not None else seal(by, request.app.state.clock())
    return {
        "rp_id": site[0],
        "origin": site[1],
        "here": is_here(request),
        "sealed": sealed,
        "challenge": assertions.encode(digest if digest is not None else _challenge(sealed or "")),
        "credentials": " ".join(assertions.encode(each["credential"]) for each in held),
    }


def seal(by: Identity, now: datetime) -> str:
    """A fresh challenge for the session of `by`, as its page carries it."""
    kept = {"session": str(by.session), "nonce": secrets.token_hex(16), "expires": (now + GOOD_FOR).isoformat()}
    return encryption.sign(_PURPOSE, kept)


def _challenge(sealed: str) -> bytes:
    return hashlib.sha256(sealed.encode()).digest()


async def challenge(request: AppRequest, by: Identity) -> bytes:
    """The challenge of the page that this form came from.

    Raises:
        ProofRefused: `expired`: it is another session's, or too old.
    """
    sealed = forms.first((await forms.typed(request)).get(CHALLENGE, []))
    kept = encryption.verified(_PURPOSE, sealed)
    now = request.app.state.clock()
    if not kept or kept["session"] != str(by.session) or now > datetime.fromisoformat(kept["expires"]):
        raise ProofRefused("expired")
    return _challenge(sealed)


def answered(request: AppRequest, text: str, challenge: bytes | None = None) -> Answered:
    """What a device answered, as a proof.

    Raises:
        ProofRefused: `passkey-malformed`, or `passkey-nowhere`: the portal has no address for passkeys.
    """
    site = site_of(request)
    if site is None:
        raise ProofRefused("passkey-nowhere")
    try:
        return Answered(assertions.parse(text), site, challenge)
    except AssertionRefused as refused:
        raise ProofRefused(refused.code) from None


async def proof(request: AppRequest, by: Identity) -> Given:
    """The code or the passkey's answer that a form brings.

    Raises:
        ProofRefused.
        Invalid: neither came.
    """
    given = await forms.typed(request)
    if text := forms.first(given.get(ASSERTION, [])):
        return answered(request, text, await challenge(request, by))
    code = forms.first(given.get(CODE, []))
    if not code:
        raise Invalid({"code": "code-missing"})
    return code[:40]


async def any_proof(request: AppRequest, by: Identity) -> Given | Recovery:
    """As `proof`, or a recovery code."""
    given = await forms.typed(request)
    if code := forms.first(given.get(RECOVERY, [])):
        return Recovery(code[:80])
    return await proof(request, by)


async def offered(request: AppRequest, by: Identity, name: str) -> Enrolment:
    """The new passkey that a form brings, to be called `name`.

    Raises:
        Invalid: there is none.
        ProofRefused: `expired`, `passkey-nowhere`.
    """
    credential = forms.first((await forms.typed(request)).get(CREDENTIAL, []))
    site = site_of(request)
    if site is None:
        raise ProofRefused("passkey-nowhere")
    if not credential:
        raise Invalid({"credential": "passkey-not-made"})
    return Enrolment(credential, name, await challenge(request, by), site)


def to_make(request: AppRequest, by: Identity, held: list[dict[str, Any]]) -> dict[str, Any] | None:
    """What the page needs to have a passkey made (WebAuthn §5.4); None where the portal can have none."""
    site = site_of(request)
    if site is None:
        return None
    sealed = seal(by, request.app.state.clock())
    return {
        "rp_id": site[0],
        "origin": site[1],
        "here": is_here(request),
        "sealed": sealed,
        "challenge": assertions.encode(_challenge(sealed)),
        "credentials": " ".join(assertions.encode(each["credential"]) for each in held),
        "user": assertions.encode(by.id.bytes),
        "username": by.username,
        "display": by.full_name,
        "algorithms": " ".join(map(str, passkeys.ALGORITHMS)),
    }
