"""Names of states, roles, acts and the other closed sets, as msgids. House tests see that none is missing."""

from collections.abc import Mapping
from enum import StrEnum

from portal.domain.alerts import Alert
from portal.domain.approvals import Ends, Hearing, Waiting
from portal.domain.attestations import Reason
from portal.domain.decisions import RefusalCode
from portal.domain.declarations import Division, DocumentKind
from portal.domain.events import EventKind, OfficeAct
from portal.domain.lifecycle import Act, Outcome, Role, State, Verdict
from portal.domain.lists import Show
from portal.domain.mandates import MandateKind
from portal.domain.producers import Family
from portal.domain.seals import SealState
from portal.texts import N_

NAMES: Mapping[type[StrEnum], Mapping[str, str]] = {
    State: {
        State.DRAFT: N_("Draft"),
        State.SUBMITTED: N_("Awaiting authentication of documents"),
        State.RETURNED: N_("Returned for correction"),
        State.CONFIRMED: N_("Confirmed by the governorate, awaiting assessment"),
        State.ASSESSED: N_("Assessed, awaiting a meeting"),
        State.DECIDED: N_("Decided, awaiting signature"),
        State.NOTIFIED: N_("Notified"),
        State.WITHDRAWN: N_("Withdrawn"),
    },
    SealState: {
        SealState.NONE: N_("Signed, without a seal"),
        SealState.PENDING: N_("Signed, seal pending"),
        SealState.SEALED: N_("Sealed"),
        SealState.STAMP_PENDING: N_("Sealed, time stamp pending"),
        SealState.STAMPED: N_("Sealed and time-stamped"),
    },
    Role: {
        Role.MUNICIPALITY: N_("Municipality"),
        Role.GOVERNORATE: N_("Governorate"),
        Role.ORGANIZATION: N_("Organization"),
        Role.MINISTER: N_("Minister of Interior"),
        Role.ARCHIVIST: N_("Archivist"),
        Role.AUDITOR: N_("Auditor"),
        Role.ADMINISTRATOR: N_("Administrator"),
    },
    Act: {
        Act.DECLARATION: N_("Declaration"),
        Act.DOCUMENT: N_("Document"),
        Act.DOCUMENT_WITHDRAWAL: N_("Remove a document"),
        Act.SUBMISSION: N_("Submit to the governorate"),
        Act.WITHDRAWAL: N_("Withdraw the request"),
        Act.ATTESTATION: N_("Authenticate the documents"),
        Act.CONFIRMATION: N_("Confirm and send to the Organization"),
        Act.RETURN: N_("Return for correction"),
        Act.ASSESSMENT: N_("Assess"),
        Act.AGENDA: N_("Put on an agenda"),
        Act.DECISION: N_("Record the decision"),
        Act.SIGNATURE: N_("Sign and notify"),
        Act.REFUSAL: N_("Refuse to sign"),
    },
    OfficeAct: {
        OfficeAct.PUBLICATION: N_("Publish the score table"),
        OfficeAct.ELIGIBILITY: N_("Waive the waiting period"),
        OfficeAct.OPENING: N_("Create an account"),
        OfficeAct.INVITATION: N_("Send a new invitation"),
        OfficeAct.RESET: N_("Allow a new password"),
        OfficeAct.RESTORATION: N_("Recover access after a lost device"),
        OfficeAct.MANDATE: N_("Propose a mandate"),
        OfficeAct.MANDATE_END: N_("End a mandate"),
        OfficeAct.CLOSING: N_("Close the account"),
        OfficeAct.ENROLMENT_APPROVAL: N_("Confirm an authenticator"),
        OfficeAct.MANDATE_APPROVAL: N_("Approve a mandate"),
        OfficeAct.RESTORATION_APPROVAL: N_("Approve a recovery"),
        OfficeAct.DECLINE: N_("Decline"),
    },
    MandateKind: {
        MandateKind.REGULAR: N_("Officeholder"),
        MandateKind.ACTING: N_("Acting officer (sarparast)"),
        MandateKind.DEPUTY: N_("Deputy (janeshin)"),
    },
    Waiting: {
        Waiting.ENROLMENT: N_("An authenticator was enrolled"),
        Waiting.MANDATE: N_("A mandate was proposed"),
        Waiting.RESTORATION: N_("A device was reported lost"),
    },
    Hearing: {
        Hearing.PHONE: N_("By telephone; I know the voice"),
        Hearing.FACE: N_("Face to face"),
    },
    Ends: {
        Ends.NOTHING: N_("This authenticator stays: another office has confirmed it. Yours does not."),
        Ends.FACTOR: N_(
            "This authenticator is deactivated and all devices are signed out; the other "
            "one, the password and the mandates stay."
        ),
        Ends.EVERYTHING: N_(
            "All ways in become void: authenticators, recovery codes, sign-ins, links and the password. The owner is "
            "invited again. A mandate for which you have never heard an authenticator ID awaits your approval."
        ),
    },
    Show: {
        Show.ALL: N_("All accounts"),
        Show.UNENROLLED: N_("No authenticator yet"),
        Show.UNCONFIRMED: N_("Authenticator not confirmed yet"),
        Show.QUIET: N_("Not signed in for 90 days"),
        Show.ENDING: N_("Mandate ends within 30 days"),
        Show.WITHOUT: N_("No mandate now"),
    },
    Outcome: {
        Outcome.RAISED: N_("Grade raised"),
        Outcome.UNCHANGED: N_("Grade unchanged"),
        Outcome.LOWERED: N_("Grade lowered"),
        Outcome.REFUSED: N_("Request refused"),
    },
    Verdict: {
        Verdict.AUTHENTIC: N_("Authentic"),
        Verdict.NOT_ACCEPTED: N_("Not accepted"),
    },
    DocumentKind: {
        DocumentKind.LAST_GRADE: N_("Last grade of the municipality"),
        DocumentKind.SETTLEMENT: N_("Budget settlement"),
        DocumentKind.CENSUS: N_("Population by the census"),
        DocumentKind.JUSTIFICATION: N_("Justification report"),
        DocumentKind.OTHER: N_("Other document"),
    },
    Division: {
        Division.NONE: N_("Seat of no district, county or province"),
        Division.BAKHSHDARI: N_("Seat of a district (bakhshdari)"),
        Division.FARMANDARI: N_("Seat of a county (farmandari)"),
        Division.OSTANDARI: N_("Seat of a province (ostandari)"),
    },
    Reason: {
        Reason.ILLEGIBLE: N_("Illegible"),
        Reason.INCOMPLETE: N_("Pages are missing"),
        Reason.DISAGREES: N_("Disagrees with the declaration"),
        Reason.NOT_APPROVED: N_("Budget settlement not approved by the council"),
        Reason.NOT_CENSUS: N_("Population not from a census"),
        Reason.NOT_GENUINE: N_("Not authentic"),
        Reason.OTHER: N_("Another reason"),
    },
    RefusalCode: {
        RefusalCode.TOO_EARLY: N_("The required interval since the last notification has not passed"),
        RefusalCode.FEW_SETTLED_YEARS: N_("Fewer than three budget settlements"),
        RefusalCode.NOT_APPROVED: N_("Budget settlement not approved by the council"),
        RefusalCode.NOT_CENSUS: N_("Population not from a census"),
        RefusalCode.ILLEGIBLE: N_("Document illegible"),
        RefusalCode.DISAGREES: N_("Document disagrees with the declaration"),
        RefusalCode.FEW_POINTS: N_("Too few points for the requested grade"),
        RefusalCode.OTHER: N_("Another reason"),
    },
    EventKind: {
        EventKind.CASE_OPENED: N_("Case started"),
        EventKind.DECLARATION_SAVED: N_("Declaration saved"),
        EventKind.DOCUMENT_ADDED: N_("Document uploaded"),
        EventKind.DOCUMENT_WITHDRAWN: N_("Document removed"),
        EventKind.DOCUMENT_REFUSED: N_("File refused"),
        EventKind.CASE_SUBMITTED: N_("Submitted to the governorate"),
        EventKind.CASE_WITHDRAWN: N_("Request withdrawn"),
        EventKind.ATTESTATION_GIVEN: N_("Documents authenticated"),
        EventKind.CASE_CONFIRMED: N_("Case confirmed"),
        EventKind.CASE_RETURNED: N_("Case returned for correction"),
        EventKind.CASE_ASSESSED: N_("Case assessed"),
        EventKind.SITTING_CALLED: N_("Meeting scheduled"),
        EventKind.SITTING_MINUTED: N_("Minutes of the meeting recorded"),
        EventKind.CASE_TABLED: N_("Put on an agenda"),
        EventKind.DECISION_TAKEN: N_("Decision recorded"),
        EventKind.DECISION_SIGNED: N_("Signed and notified"),
        EventKind.SIGNATURE_REFUSED: N_("Signature refused"),
        EventKind.LETTER_SEALED: N_("Letter sealed"),
        EventKind.LETTER_SCANNED: N_("Scan of the signed letter attached"),
        EventKind.ACCOUNT_OPENED: N_("Account created"),
        EventKind.ACCOUNT_ENDED: N_("Account closed"),
        EventKind.PASSWORD_SET: N_("Password set"),
        EventKind.PASSWORD_REHASHED: N_("Password stored with newer parameters"),
        EventKind.FACTOR_ENROLLED: N_("Authenticator enrolled"),
        EventKind.FACTOR_ENDED: N_("Authenticator deactivated"),
        EventKind.CODE_REPLAYED: N_("A used code was tried again"),
        EventKind.CODES_FAILED: N_("Wrong codes in a row"),
        EventKind.FACTOR_RESTED: N_("Authenticator suspended after wrong codes"),
        EventKind.FACTOR_RESTORED: N_("Authenticator reactivated"),
        EventKind.PASSKEY_DOUBTED: N_("Passkey suspected of being copied"),
        EventKind.RECOVERY_CODES_ISSUED: N_("Recovery codes issued"),
        EventKind.RECOVERY_CODE_USED: N_("Recovery code used"),
        EventKind.RULESET_DRAFTED: N_("Draft of a score table uploaded"),
        EventKind.RULESET_PUBLISHED: N_("Score table published"),
        EventKind.JOURNAL_KEY_INTRODUCED: N_("Key of the journal introduced"),
        EventKind.JOURNAL_KEY_ROTATED: N_("Key of the journal replaced"),
        EventKind.JOURNAL_KEY_REVOKED: N_("Key of the journal revoked"),
        EventKind.SIGNING_BEGUN: N_("Every record is signed from here"),
        EventKind.CASE_TAKEN: N_("Assigned"),
        EventKind.LINK_MADE: N_("One-time link issued"),
        EventKind.MANDATE_GRANTED: N_("Mandate proposed"),
        EventKind.MANDATE_CONFIRMED: N_("Mandate approved"),
        EventKind.MANDATE_ENDED: N_("Mandate ended"),
        EventKind.FACTOR_CONFIRMED: N_("Authenticator confirmed"),
        EventKind.RESTORATION_BEGUN: N_("Recovery requested"),
        EventKind.RESTORATION_CONFIRMED: N_("Recovery approved"),
        EventKind.RESTORATION_OBJECTED: N_("Owner objected to the recovery"),
        EventKind.APPROVAL_DECLINED: N_("Second person declined"),
        EventKind.SESSIONS_ENDED: N_("Signed out on all devices"),
        EventKind.WAITING_LIFTED: N_("Waiting period waived"),
        EventKind.CENSUS_LOADED: N_("Census figures loaded"),
    },
    Family: {
        Family.OFFICE: N_("Microsoft Office"),
        Family.LIBREOFFICE: N_("LibreOffice or OpenOffice"),
        Family.ACROBAT: N_("Adobe programs"),
        Family.PRINTED: N_("Microsoft Print to PDF"),
        Family.PRINTER: N_("PDF printers, such as PDFCreator"),
        Family.BROWSER: N_("Printed from a browser"),
        Family.SERVICE: N_("Websites and converters, such as iLovePDF"),
        Family.SCANNER: N_("Scanners and copiers"),
        Family.PHONE: N_("Phones and phone apps"),
        Family.OTHER: N_("Other programs"),
        Family.UNKNOWN: N_("No program named"),
    },
    Alert: {
        Alert.CODE_REPLAYED: N_(
            "A code of yours that had already been used was tried again. If it was not you, change your password."
        ),
        Alert.CODES_FAILED: N_(
            "Several wrong codes in a row were entered for your account. If it was not you, change your password."
        ),
        Alert.FACTOR_RESTS: N_(
            "Your authenticator is suspended after 100 wrong codes in a row: reactivate it, and change your password."
        ),
        Alert.PASSKEY_DOUBTED: N_(
            "A passkey of yours was refused because it may have been copied. Delete it, and enrol another one."
        ),
        Alert.RECOVERY_USED: N_(
            "A recovery code of yours was used. If it was not you, change your password immediately."
        ),
    },
}
