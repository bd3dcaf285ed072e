"""The site map: every address, readable top to bottom. One module a noun; each lists its `HANDLERS`."""

from portal.routes import (
    account,
    accounts,
    approvals,
    archive,
    assessment,
    assignments,
    attestation,
    cases,
    confirmation,
    decision,
    declaration,
    documents,
    drafts,
    grades,
    health,
    home,
    invitations,
    journal,
    journal_proofs,
    letter_check,
    letter_scan,
    login,
    mandates,
    municipalities,
    notice,
    objections,
    offline_check,
    one_time_links,
    pages,
    passkeys,
    patterns,
    readings,
    receipts,
    recovery,
    refusal,
    refused_files,
    returns,
    reviews,
    rulesets,
    signature,
    sittings,
    static,
    submission,
    uploads,
    withdrawal,
)

ROUTES = [
    *home.HANDLERS,  # /  /language/{code}
    *login.HANDLERS,  # /login  /login/code  /login/recovery  /logout
    *account.HANDLERS,  # /account …
    *objections.HANDLERS,  # /account/restoration
    *passkeys.HANDLERS,  # /account/passkeys …
    *recovery.HANDLERS,  # /account/recovery-codes
    *invitations.HANDLERS,  # /invitations/{token}
    *cases.HANDLERS,  # /cases  /cases/new  /cases/{number}
    *assignments.HANDLERS,  # /cases/{number}/hand
    *declaration.HANDLERS,  # /cases/{number}/declaration
    *documents.HANDLERS,  # /cases/{number}/documents  /documents/{id} …
    *pages.HANDLERS,  # /documents/{id}/pages/{n}  /documents/{id}/reader
    *uploads.HANDLERS,  # /uploads  /uploads/{id}: tus 1.0
    *submission.HANDLERS,  # /cases/{number}/submission
    *withdrawal.HANDLERS,  # /cases/{number}/withdrawal
    *attestation.HANDLERS,  # /cases/{number}/attestation
    *confirmation.HANDLERS,  # /cases/{number}/confirmation
    *returns.HANDLERS,  # /cases/{number}/return
    *reviews.HANDLERS,  # /reviews/{id}
    *assessment.HANDLERS,  # /cases/{number}/assessment
    *sittings.HANDLERS,  # /sittings  /sittings/new  /sittings/{id}
    *decision.HANDLERS,  # /cases/{number}/decision
    *drafts.HANDLERS,  # /cases/{number}/draft …
    *signature.HANDLERS,  # /cases/{number}/signature
    *refusal.HANDLERS,  # /cases/{number}/refusal
    *notice.HANDLERS,  # /cases/{number}/notice  /cases/{number}/notice.pdf
    *letter_scan.HANDLERS,  # /cases/{number}/notice/scan …
    *archive.HANDLERS,  # /archive  /cases/{number}/archive.zip
    *patterns.HANDLERS,  # /patterns: of a demo
    *letter_check.HANDLERS,  # /verify  /verify/{code}
    *offline_check.HANDLERS,  # /verify/offline
    *journal.HANDLERS,  # /journal  /journal/entries/{n}
    *journal_proofs.HANDLERS,  # /journal/checkpoint  /journal/key  /journal/entries/{n}/proof  /journal/consistency
    *receipts.HANDLERS,  # /receipts/{n}  /receipts/{n}/receipt.pdf
    *readings.HANDLERS,  # /cases/{number}/readings
    *refused_files.HANDLERS,  # /refusals
    *accounts.HANDLERS,  # /accounts  /accounts/new  /accounts/{id} …
    *one_time_links.HANDLERS,  # /accounts/{id}/invitation  …/reset  …/restoration
    *mandates.HANDLERS,  # /accounts/{id}/mandate  /accounts/{id}/end  /mandates/{id}/end
    *approvals.HANDLERS,  # /approvals  /approvals/{id}/approval  …/decline
    *rulesets.HANDLERS,  # /rulesets  /rulesets/new  /rulesets/{digest} …/comparison …/publication
    *municipalities.HANDLERS,  # /municipalities  /municipalities/{code} …/eligibility
    *grades.HANDLERS,  # /grades  /grades/{province}
    *static.HANDLERS,  # /static …  /robots.txt  /manifest.webmanifest  /favicon.ico
    *health.HANDLERS,  # /health/live  /health/ready
]
