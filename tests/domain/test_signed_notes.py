"""Signed notes and checkpoints against what other tools of transparency logs publish, and against malformed ones."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain import merkle, signatures, signed_notes
from portal.domain.signed_notes import Checkpoint, MalformedNote, VerifierKey

# golang.org/x/mod/sumdb/note, note_test.go: two keys, one private, and the note that both signed.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_SEED = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
ENOCH = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PETER_SIGNED = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
ENOCH_SIGNED = (
    "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n"
)
NOTE = f"{TEXT}\n{PETER_SIGNED}"

# C2SP signed-note, the example of its last section.
EXAMPLE_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
EXAMPLE = (
    "This is an example message.\n\n— example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
# C2SP tlog-checkpoint, its first example (the key behind it is not published).
BEHIND_THE_SOFA = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
)
# transparency-dev/formats, log/checkpoint_test.go: what no checkpoint may look like.
HASH = "dGhlIHZpZXcgZnJvbSB0aGUgdHJlZSB0b3BzIGlzIGdyZWF0IQ=="
ROOT = base64.b64encode(merkle.EMPTY).decode()

NAMES = st.text(min_size=1, max_size=30).filter(
    lambda name: _is_fine(name) and "+" not in name and signatures.may_name(name)
)
LINES = st.text(max_size=60).filter(lambda line: all(each >= " " for each in line) and _encodes(line))


def _encodes(text: str) -> bool:
    return not any("\ud800" <= each <= "\udfff" for each in text)


def _is_fine(name: str) -> bool:
    return _encodes(name) and not any(each.isspace() or each < " " for each in name)


@pytest.mark.parametrize(
    ("seed", "public", "message", "signature"),
    [
        (  # RFC 8032 §7.1, TEST 1
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555"
            "fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (  # TEST 2
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
    ],
)
def test_seed_key_and_signature_are_those_of_rfc_8032(seed: str, public: str, message: str, signature: str) -> None:
    signer = signed_notes.signer("rfc8032", bytes.fromhex(seed))
    assert signer.key.public.hex() == public
    assert signer.private.sign(bytes.fromhex(message)).hex() == signature
    assert signer.key.verifies(bytes.fromhex(signature), bytes.fromhex(message))
    assert not signer.key.verifies(bytes.fromhex(signature), bytes.fromhex(message) + b"x")


def test_a_note_is_signed_as_the_go_tools_sign_it() -> None:
    signer = signed_notes.signer("PeterNeumann", PETER_SEED)
    assert signer.key.text() == PETER
    assert signer.sign(TEXT) == NOTE


@pytest.mark.parametrize("key", [PETER, ENOCH, EXAMPLE_KEY])
def test_published_keys_are_read_and_written_again(key: str) -> None:
    assert signed_notes.verifier_key(key).text() == key
    assert signed_notes.verifier_key(f"{key}\n").text() == key


def test_published_notes_hold_under_their_keys_and_no_others() -> None:
    peter, enoch, foo = (signed_notes.verifier_key(each) for each in (PETER, ENOCH, EXAMPLE_KEY))
    both = signed_notes.read(NOTE + ENOCH_SIGNED)
    assert both.text == TEXT
    assert both.signed_by([peter]) == [peter]
    assert both.signed_by([peter, enoch]) == [peter, enoch]
    assert both.signed_by([foo]) == []
    assert signed_notes.read(EXAMPLE).signed_by([foo, peter]) == [foo]


def test_a_known_key_whose_signature_does_not_hold_spoils_the_note() -> None:
    peter, enoch = signed_notes.verifier_key(PETER), signed_notes.verifier_key(ENOCH)
    for spoiled in (f"{NOTE.replace('think', 'thank')}{ENOCH_SIGNED}", NOTE.replace("ZJku", "ABCD") + ENOCH_SIGNED):
        with pytest.raises(MalformedNote, match="does not hold"):
            signed_notes.read(spoiled).signed_by([peter, enoch])


def test_a_signature_that_shares_only_a_name_or_only_an_id_counts_for_nothing() -> None:
    peter = signed_notes.verifier_key(PETER)
    assert signed_notes.read(NOTE.replace("— PeterNeumann", "— CarmenSandiego")).signed_by([peter]) == []
    assert signed_notes.read(NOTE.replace("x08go/ZJ", "xxxxo/ZJ")).signed_by([peter]) == []


def test_sixteen_large_signatures_are_read() -> None:
    large = base64.b64encode(b"\x06" * 5000).decode()
    note = signed_notes.read(NOTE + "".join(f"— witness{each}.example {large}\n" for each in range(16)))
    assert note.signed_by([signed_notes.verifier_key(PETER)]) == [signed_notes.verifier_key(PETER)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "\n\n",
        TEXT,
        TEXT + "\n",
        NOTE[:-1],
        "\x01" + NOTE,
        NOTE.replace("think", "think\r"),
        NOTE.replace("think", "think\ud800"),
        NOTE.replace("PeterNeumann", "Bad Name"),
        f"{TEXT}\n— Peter+Neumann x08go/ZJ\n",
        f"{TEXT}\n— PeterNeumann\n",
        f"{TEXT}\n— PeterNeumann x08g\n",
        f"{TEXT}\n— PeterNeumann not/base64!\n",
        f"{TEXT}\n- PeterNeumann x08go/ZJ\n",
        f"{NOTE}Unexpected line.\n",
        f"{NOTE}\n",
        NOTE + "— witness.example AAAAAAAA\n" * 10_000,
    ],
)
def test_what_is_no_note_is_refused(text: str) -> None:
    with pytest.raises(MalformedNote):
        signed_notes.read(text)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "PeterNeumann",
        PETER.replace("c74f20a3", "c74f20a4"),
        PETER.replace("PeterNeumann", "EnochRoot"),
        PETER.replace("PeterNeumann", "Peter Neumann"),
        PETER.removeprefix("PeterNeumann"),
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",  # Go: a wrong length
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",  # Go: an unknown algorithm
        PETER[:-4] + "کلید",
    ],
)
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(MalformedNote):
        signed_notes.verifier_key(key)


def test_a_published_checkpoint_is_read_and_written_again() -> None:
    note = signed_notes.read(BEHIND_THE_SOFA)
    said = signed_notes.checkpoint(note)
    assert (said.origin, said.size) == ("example.com/behind-the-sofa", 20_852_163)
    assert said.text() == note.text


def test_extension_lines_are_opaque() -> None:
    note = signed_notes.Note(f"Log\n9944\n{ROOT}\nHere's some associated data.\nlots\n", ())
    assert signed_notes.checkpoint(note) == Checkpoint("Log", 9944, merkle.EMPTY)


def test_only_a_newline_ends_a_line() -> None:
    """Other tools split at U+000A alone: what they take for one line may not be three here."""
    for separator in ("\u2028", "\x85", "\u2029"):
        note = signed_notes.read(f"Log\n5\n{ROOT}\n".replace("\n", separator, 1) + "\n— x AAAAAAAA\n")
        with pytest.raises(MalformedNote):
            signed_notes.checkpoint(note)


@pytest.mark.parametrize(
    "text",
    [
        "\n",
        "Head\n9944\n",
        f"\n9944\n{ROOT}\n",
        f"Log\nbananas\n{ROOT}\n",
        f"Log\n-34\n{ROOT}\n",
        f"Log\n034\n{ROOT}\n",
        f"Log\n۳۴\n{ROOT}\n",
        f"Log\n3438945738945739845734895735\n{ROOT}\n",
        "Log\n123\nThisIsn'tBase64\n",
        "Log\n123\nYmFuYW5hcw==\n",
        f"Log\n123\n{HASH}\n",
        f"Log\n123\n{ROOT}\n\n",
        f"Log\n123\n{ROOT}\n\nextension\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(MalformedNote):
        signed_notes.checkpoint(signed_notes.Note(text, ()))


def test_an_inclusion_proof_reads_as_c2sp_says() -> None:
    path = [merkle.leaf_hash(b"a"), merkle.leaf_hash(b"b")]
    first, second = (base64.b64encode(each).decode() for each in path)
    assert signed_notes.inclusion_proof(7, path, BEHIND_THE_SOFA) == (
        f"c2sp.org/tlog-proof@v1\nindex 7\n{first}\n{second}\n\n{BEHIND_THE_SOFA}"
    )
    assert (
        signed_notes.inclusion_proof(0, [], BEHIND_THE_SOFA) == f"c2sp.org/tlog-proof@v1\nindex 0\n\n{BEHIND_THE_SOFA}"
    )


@given(NAMES, st.binary(min_size=32, max_size=32), st.lists(LINES, min_size=1, max_size=5))
def test_what_is_signed_is_read_again_and_holds(name: str, seed: bytes, lines: list[str]) -> None:
    signer, text = signed_notes.signer(name, seed), "\n".join(lines) + "\n"
    note = signed_notes.read(signer.sign(text))
    assert note.text == text
    assert note.signed_by([signer.key]) == [signer.key]
    assert signed_notes.verifier_key(signer.key.text()) == signer.key


@given(st.binary(min_size=32, max_size=32), st.integers(0, 511), LINES.filter(bool))
def test_a_flipped_bit_of_a_signature_does_not_hold(seed: bytes, bit: int, line: str) -> None:
    signer = signed_notes.signer("log.example", seed)
    signature = signer.private.sign(line.encode())
    flipped = (int.from_bytes(signature, "big") ^ 1 << bit).to_bytes(64, "big")
    assert signer.key.verifies(signature, line.encode())
    assert not signer.key.verifies(flipped, line.encode())


@given(NAMES, st.integers(0, 10**18 - 1), st.binary(min_size=32, max_size=32))
def test_checkpoints_are_read_as_they_were_written(origin: str, size: int, root: bytes) -> None:
    said = Checkpoint(origin, size, root)
    assert signed_notes.checkpoint(signed_notes.read(signed_notes.signer("log", b"s" * 32).sign(said.text()))) == said


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(text: str) -> None:
    for given_text in (text, f"a\n\n— {text}\n", f"{text}\n\n{PETER_SIGNED}"):
        try:
            note = signed_notes.read(given_text)
            note.signed_by([VerifierKey("PeterNeumann", signed_notes.verifier_key(PETER).public)])
            signed_notes.checkpoint(note)
        except MalformedNote:
            continue
