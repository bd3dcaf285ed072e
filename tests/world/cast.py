"""One person of every role, one in the wrong province, one stranger; and their codes."""

from datetime import datetime

from portal.domain import totp
from portal.domain.lifecycle import Role
from portal.services.administration import demo
from portal.services.administration.accounts import NewAccount
from portal.services.authentication import passwords
from portal.services.identity.identity import Identity

# Asadabad and Lalejin of Hamadan; Abadeh of Fars: codes of the shipped register.
TOWN, NEIGHBOUR, ABROAD = "1306011469", "1307011472", "0701041296"
PEOPLE = (
    NewAccount("clerk", "کارشناس شهرداری", "کارشناس برنامه", Role.MUNICIPALITY, municipality=TOWN),
    NewAccount("neighbour", "کارشناس همسایه", "کارشناس برنامه", Role.MUNICIPALITY, municipality=NEIGHBOUR),
    NewAccount("abroad", "کارشناس دور", "کارشناس برنامه", Role.MUNICIPALITY, municipality=ABROAD),
    NewAccount("officer", "افسر استان", "کارشناس احراز", Role.GOVERNORATE, province=TOWN[:2]),
    NewAccount("colleague", "همکار استان", "کارشناس احراز", Role.GOVERNORATE, province=TOWN[:2]),
    NewAccount("stranger", "افسر استان دیگر", "کارشناس احراز", Role.GOVERNORATE, province=ABROAD[:2]),
    NewAccount("examiner", "ارزیاب سازمان", "کارشناس ارزیابی", Role.ORGANIZATION),
    NewAccount("minister", "وزیر", "وزیر کشور", Role.MINISTER),
    NewAccount("keeper", "بایگان", "کارشناس بایگانی", Role.ARCHIVIST),
    NewAccount("auditor", "بازرس", "بازرس", Role.AUDITOR),
    NewAccount("head", "مدیر", "مدیر سامانه", Role.ADMINISTRATOR),
    NewAccount("second", "مدیر دوم", "معاون مدیر سامانه", Role.ADMINISTRATOR),
    NewAccount("third", "مدیر سوم", "معاون مدیر سامانه", Role.ADMINISTRATOR),
)
PASSWORD = "a sentence for tests 1405"

Cast = dict[str, Identity]


async def enter(password_hash: str, now: datetime) -> Cast:
    """Open every account of the cast; identities by username."""
    return {new.username: await demo.open_account(new, password_hash=password_hash, now=now) for new in PEOPLE}


def code(username: str, at: datetime) -> str:
    """The one-time code of a person of the cast at that instant."""
    return totp.current_code(demo.secret_of(username), at)


_hashes: list[str] = []


async def password_hash() -> str:
    """The hash of `PASSWORD`, made once in a process."""
    if not _hashes:
        _hashes.append(await passwords.hashed(PASSWORD))
    return _hashes[0]
