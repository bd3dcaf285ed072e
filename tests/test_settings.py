"""The environment is taken whole or refused with one sentence."""

import base64
from pathlib import Path

import pytest

from portal.settings import Settings, load
from portal.variables import SettingsError

SECRET = "k" * 44
JOURNAL = base64.b64encode(bytes(range(32))).decode()
S3 = {
    "PORTAL_S3_ENDPOINT": "store.example.ir:9000",
    "PORTAL_S3_ACCESS_KEY": "access",
    "PORTAL_S3_SECRET_KEY": "hidden-s3",
    "PORTAL_S3_BUCKET": "daraje",
}
DATABASE = "postgresql://portal:hidden-db@db.example.ir:5432/portal"


def loaded(**changes: str) -> Settings:
    return load({"PORTAL_SECRET_KEY": SECRET} | changes)


def test_defaults() -> None:
    settings = loaded()
    assert (settings.host, settings.port, settings.base_url) == ("127.0.0.1", 8000, "http://127.0.0.1:8000")
    assert settings.database_url is settings.migration_database_url is None
    assert settings.s3 is None
    assert settings.time_stamp_authority is None
    assert settings.journal_keys == settings.witnesses == ()
    assert settings.secret_keys == (SECRET,)
    assert settings.var == Path("var").absolute()
    assert (settings.upload_limit, settings.spool_limit) == (200 * 2**20, 2**31)
    assert (settings.locale, settings.four_eyes, settings.demo, settings.trusted_proxies) == ("fa", True, False, ())


def test_everything_set() -> None:
    settings = loaded(
        PORTAL_HOST="::1",
        PORTAL_PORT="9001",
        PORTAL_WORKERS="4",
        PORTAL_TRUSTED_PROXIES="10.0.0.1, 192.168.0.0/16 ::1",
        PORTAL_DATABASE_URL=DATABASE,
        PORTAL_MIGRATION_DATABASE_URL=DATABASE.replace("portal:", "owner:"),
        PORTAL_SECRET_KEY=f"{SECRET}2,{SECRET}1",
        PORTAL_JOURNAL_KEY=JOURNAL,
        PORTAL_LOCALE="en",
        PORTAL_FOUR_EYES="False",
        PORTAL_UPLOAD_LIMIT="1073741824",
        PORTAL_SPOOL_LIMIT="0",
        PORTAL_S3_SECURE="false",
        PORTAL_S3_REGION="tehran-1",
        **S3,
    )
    assert settings.base_url == "http://[::1]:9001"
    assert settings.spool_limit == 0
    assert settings.trusted_proxies == ("10.0.0.1", "192.168.0.0/16", "::1")
    assert settings.secret_keys == (f"{SECRET}2", f"{SECRET}1")
    assert settings.migration_database_url == DATABASE.replace("portal:", "owner:")
    assert settings.s3 is not None
    assert (settings.s3.secure, settings.s3.region) == (False, "tehran-1")
    assert (settings.workers, settings.four_eyes, settings.journal_keys) == (4, False, (JOURNAL,))


def test_the_owner_of_the_schema_is_the_application_unless_named() -> None:
    assert loaded(PORTAL_DATABASE_URL=DATABASE).migration_database_url == DATABASE


def test_s3_is_encrypted_unless_told_otherwise() -> None:
    s3 = loaded(**S3).s3
    assert s3 is not None
    assert s3.secure


def test_an_empty_value_is_unset() -> None:
    assert loaded(PORTAL_DATABASE_URL="", PORTAL_S3_ENDPOINT="", PORTAL_PORT=" ").database_url is None


def test_a_value_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{SECRET}1\n{SECRET}0\n")
    settings = load({"PORTAL_SECRET_KEY_FILE": str(tmp_path / "key")})
    assert settings.secret_keys == (f"{SECRET}1", f"{SECRET}0")


def test_nothing_secret_is_shown() -> None:
    settings = loaded(PORTAL_DATABASE_URL=DATABASE, PORTAL_JOURNAL_KEY=JOURNAL, **S3)
    for secret in (SECRET, "hidden-db", "hidden-s3", JOURNAL):
        assert secret not in repr(settings)


@pytest.mark.parametrize(
    "changes",
    [
        {"PORTAL_PORT": "http"},
        {"PORTAL_PORT": "0"},
        {"PORTAL_PORT": "65536"},
        {"PORTAL_PORT": "۸۰۰۰"},
        {"PORTAL_WORKERS": "-1"},
        {"PORTAL_BASE_URL": "daraje.example.ir"},
        {"PORTAL_BASE_URL": "https://daraje.example.ir/portal"},
        {"PORTAL_BASE_URL": "ftp://daraje.example.ir"},
        {"PORTAL_BASE_URL": "https://daraje.example.ir:x"},
        {"PORTAL_TRUSTED_PROXIES": "proxy.example.ir"},
        {"PORTAL_DATABASE_URL": "mysql://u:hidden-db@h/d"},
        {"PORTAL_DATABASE_URL": "postgresql://u:hidden-db@h"},
        {"PORTAL_MIGRATION_DATABASE_URL": DATABASE},
        {"PORTAL_LOCALE": "de"},
        {"PORTAL_FOUR_EYES": "maybe"},
        {"PORTAL_UPLOAD_LIMIT": "200MB"},
        {"PORTAL_UPLOAD_LIMIT": "0"},
        {"PORTAL_SPOOL_LIMIT": "2GB"},
        {"PORTAL_SPOOL_LIMIT": "-1"},
        {"PORTAL_SECRET_KEY": ""},
        {"PORTAL_SECRET_KEY": "short"},
        {"PORTAL_SECRET_KEY": f"{SECRET},short"},
        {"PORTAL_JOURNAL_KEY": "short"},
        {"PORTAL_JOURNAL_KEY": "-----BEGIN PRIVATE KEY-----"},
        {"PORTAL_SECRET_KEY_FILE": "/nowhere"},
        {"PORTAL_JOURNAL_KEY_FILE": "/nowhere"},
        {"PORTAL_S3_SECURE": "false"},
        {"PORTAL_S3_ENDPOINT": "store:9000"},
        S3 | {"PORTAL_S3_BUCKET": ""},
        S3 | {"PORTAL_S3_ENDPOINT": "http://store:9000"},
        S3 | {"PORTAL_S3_ENDPOINT": "store:9000/x"},
        S3 | {"PORTAL_S3_SECURE": "perhaps"},
    ],
)
def test_what_cannot_be_used_is_refused_in_one_sentence(changes: dict[str, str]) -> None:
    with pytest.raises(SettingsError) as refusal:
        loaded(**changes)
    sentence = str(refusal.value)
    assert sentence.endswith(".") or ": " in sentence, "what is to be copied ends it"
    assert "\n" not in sentence
    assert any(name.removesuffix("_FILE") in sentence or "S3" in sentence for name in changes)
    assert "hidden" not in sentence


def test_a_demo_makes_its_keys_once_and_keeps_them(tmp_path: Path) -> None:
    environ = {"PORTAL_VAR": str(tmp_path / "var")}
    load(environ, demo=True)
    assert not (tmp_path / "var").exists(), "nobody said that the start goes on"
    first, second = load(environ, demo=True, keep=True), load(environ, demo=True)
    assert first == second
    assert first.demo
    assert len(base64.b64decode(first.journal_keys[0])) == 32
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "var").iterdir()} == {0o600}
    assert load(environ | {"PORTAL_SECRET_KEY": SECRET}, demo=True).secret_keys == (SECRET,)


def test_a_demo_that_cannot_write_says_so(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file in the way")
    with pytest.raises(SettingsError, match="cannot be written"):
        load({"PORTAL_VAR": str(tmp_path / "var")}, demo=True, keep=True)


@pytest.mark.parametrize("url", ["http://10.0.0.5:8000", "http://daraje.example.ir", "http://0.0.0.0:8000"])
def test_plain_http_is_for_this_machine_alone(url: str) -> None:
    with pytest.raises(SettingsError, match="plain HTTP is for this machine alone"):
        loaded(PORTAL_BASE_URL=url)


def test_listening_everywhere_asks_for_a_base_url() -> None:
    with pytest.raises(SettingsError, match="use https://"):
        loaded(PORTAL_HOST="0.0.0.0")
    assert loaded(PORTAL_HOST="0.0.0.0", PORTAL_BASE_URL="https://daraje.example.ir").is_secure


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://Daraje.example.ir", ("daraje.example.ir", "https://daraje.example.ir")),
        ("https://daraje.example.ir:8443", ("daraje.example.ir", "https://daraje.example.ir:8443")),
        ("https://daraje.example.ir:443", ("daraje.example.ir", "https://daraje.example.ir")),
        ("http://127.0.0.1:8111", ("localhost", "http://localhost:8111")),
        ("http://localhost:8000", ("localhost", "http://localhost:8000")),
        ("http://[::1]:8000", ("localhost", "http://localhost:8000")),
        ("https://10.0.0.5", None),
    ],
)
def test_passkeys_belong_to_the_base_url(url: str, site: tuple[str, str] | None) -> None:
    assert loaded(PORTAL_BASE_URL=url).passkey_site == site


def test_a_municipality_may_always_send_one_file_of_the_largest_size() -> None:
    usual = loaded()
    assert (usual.daily_documents, usual.daily_size, usual.open_uploads) == (500, 10 * 2**30, 64)
    assert loaded(PORTAL_UPLOAD_LIMIT=str(2**35), PORTAL_UPLOAD_MEMORY=str(2**30)).daily_size == 2**35
    with pytest.raises(SettingsError, match="PORTAL_DAILY_SIZE"):
        loaded(PORTAL_DAILY_SIZE="1000")


def test_two_people_are_asked_for_unless_somebody_says_no_and_the_demo_does(tmp_path: Path) -> None:
    var = {"PORTAL_VAR": str(tmp_path)}
    assert loaded(**var).four_eyes
    assert loaded(**var, PORTAL_FOUR_EYES="").four_eyes
    assert not loaded(**var, PORTAL_FOUR_EYES="no").four_eyes
    assert not load(var, demo=True).four_eyes
    assert load(var | {"PORTAL_FOUR_EYES": "true"}, demo=True).four_eyes


@pytest.mark.parametrize(
    "wrong",
    [
        {"PORTAL_TIME_STAMP_AUTHORITY": "ftp://office:hidden@tsa.example.ir"},
        {"PORTAL_BASE_URL": "http://office:hidden@daraje.example.ir"},
        {"PORTAL_BASE_URL": "https://office:hidden@daraje.example.ir"},
        {"PORTAL_DATABASE_URL": "mysql://office:hidden@db/portal"},
        {"PORTAL_S3_ENDPOINT": "https://office:hidden@s3:9000", "PORTAL_S3_ACCESS_KEY": "a"}
        | {"PORTAL_S3_SECRET_KEY": "hidden", "PORTAL_S3_BUCKET": "b"},
    ],
    ids=str,
)
def test_no_refusal_repeats_a_password(wrong: dict[str, str]) -> None:
    with pytest.raises(SettingsError) as refusal:
        loaded(**wrong)
    assert "hidden" not in str(refusal.value)
