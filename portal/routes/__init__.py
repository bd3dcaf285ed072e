"""The site map: every address, readable top to bottom. One module a noun; each lists its `HANDLERS`."""

from portal.routes import (
    accounts,
    archive,
    assessment,
    attestation,
    cases,
    confirmation,
    decision,
    declaration,
    documents,
    health,
    home,
    invitations,
    journal,
    login,
    municipalities,
    notice,
    profile,
    proofs,
    readings,
    receipts,
    refusal,
    returning,
    rulesets,
    signature,
    sittings,
    submission,
    uploads,
    verify,
    withdrawal,
)

ROUTES = [
    *home.HANDLERS,  # /  /language/{code}
    *login.HANDLERS,  # /login  /login/code  /logout
    *profile.HANDLERS,  # /account …
    *invitations.HANDLERS,  # /invitations/{token}
    *cases.HANDLERS,  # /cases  /cases/new  /cases/{number}
    *declaration.HANDLERS,  # /cases/{number}/declaration
    *documents.HANDLERS,  # /cases/{number}/documents  /documents/{id} …
    *uploads.HANDLERS,  # /uploads  /uploads/{id}: tus 1.0
    *submission.HANDLERS,  # /cases/{number}/submission
    *withdrawal.HANDLERS,  # /cases/{number}/withdrawal
    *attestation.HANDLERS,  # /cases/{number}/attestation
    *confirmation.HANDLERS,  # /cases/{number}/confirmation
    *returning.HANDLERS,  # /cases/{number}/return
    *assessment.HANDLERS,  # /cases/{number}/assessment
    *sittings.HANDLERS,  # /sittings  /sittings/new  /sittings/{id}
    *decision.HANDLERS,  # /cases/{number}/decision
    *signature.HANDLERS,  # /cases/{number}/signature
    *refusal.HANDLERS,  # /cases/{number}/refusal
    *notice.HANDLERS,  # /cases/{number}/notice  /cases/{number}/notice.pdf
    *archive.HANDLERS,  # /archive  /cases/{number}/archive.zip
    *verify.HANDLERS,  # /verify
    *journal.HANDLERS,  # /journal  /journal/entries/{n}
    *proofs.HANDLERS,  # /journal/checkpoint  /journal/key  /journal/entries/{n}/proof  /journal/consistency
    *receipts.HANDLERS,  # /receipts/{n}  /receipts/{n}/receipt.pdf
    *readings.HANDLERS,  # /cases/{number}/readings
    *rulesets.HANDLERS,  # /rulesets …
    *municipalities.HANDLERS,  # /municipalities
    *accounts.HANDLERS,  # /accounts …
    *health.HANDLERS,  # /health/live  /health/ready
]
