"""Push targets and addresses at rest: encrypted with FIELD_KEYS, found again by a keyed hash.

`FIELD_KEYS` lists Fernet keys, newest first. Encryption is MultiFernet's: the first key encrypts,
all decrypt. For each key a second, independent one is derived (HKDF) for the hash under which a
push target is unique, so that nobody who reads the database can test whether a token is in it.

Rotation keeps uniqueness. The hash of one target differs from key to key, so a database constraint
alone would let the same phone in twice while two keys are in use. Therefore a target is looked for
under *all* keys (`push_hashes`) and written under the newest, by whoever holds the lock on that
target (`lock_push`), and the lock doesn't depend on any key. `manage.py rotate_keys` re-encrypts
and re-hashes what still stands under an old key; only then may that key leave the list.
"""

import hashlib
import hmac
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from django.conf import settings
from django.db import connection

from residents.models import Device

HASH_PURPOSE = b"residents push target hash v1"


@lru_cache(maxsize=8)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


@lru_cache(maxsize=8)
def _hash_key(key: str) -> bytes:
    return HKDFExpand(algorithm=SHA256(), length=32, info=HASH_PURPOSE).derive(key.encode())


def encrypt_text(text: str) -> bytes:
    return _cipher(tuple(settings.FIELD_KEYS)).encrypt(text.encode())


def decrypt_text(encrypted: bytes | memoryview) -> str:
    """Raises cryptography.fernet.InvalidToken where no key of FIELD_KEYS fits."""
    return _cipher(tuple(settings.FIELD_KEYS)).decrypt(bytes(encrypted)).decode()


def is_newest(encrypted: bytes | memoryview) -> bool:
    """Whether this is encrypted under the newest key."""
    try:
        _cipher((settings.FIELD_KEYS[0],)).decrypt(bytes(encrypted))
    except InvalidToken:
        return False
    return True


def rotate(encrypted: bytes | memoryview) -> bytes:
    """The same content under the newest key."""
    return _cipher(tuple(settings.FIELD_KEYS)).rotate(bytes(encrypted))


def encrypt_push(value: str) -> bytes:
    return encrypt_text(value)


def decrypt_push(encrypted: bytes | memoryview) -> str:
    return decrypt_text(encrypted)


def push_of(device: Device) -> tuple[str, str] | None:
    """A device's push target in clear, (kind, value); None where it has none."""
    if device.push_kind is None or device.push_value_encrypted is None:
        return None
    return device.push_kind, decrypt_push(device.push_value_encrypted)


def push_hashes(kind: str, value: str) -> list[bytes]:
    """The 32-byte hashes of one push target under every key, newest first."""
    target = f"{kind}:{value}".encode()
    return [hmac.digest(_hash_key(key), target, "sha256") for key in settings.FIELD_KEYS]


def push_hash(kind: str, value: str) -> bytes:
    """The hash under which a target is written: that of the newest key."""
    return push_hashes(kind, value)[0]


def lock_push(kind: str, value: str) -> None:
    """Let one transaction at a time decide whose this target is; held until its end.

    The lock's number is 64 bits of a plain SHA-256: the same for processes with different keys,
    visible only in pg_locks while it is held, and too short to tell a token.
    """
    number = hashlib.sha256(f"{kind}:{value}".encode()).digest()[:8]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(number, "big", signed=True)]
        )


def retire_push(device_id: int, sent_hash: bytes) -> bool:
    """Forget a dead push target, unless the device has reported another since `sent_hash` was read.

    The device stays: it may come back with a new target. True where one was forgotten.
    """
    return bool(
        Device.objects.filter(id=device_id, push_hash=sent_hash).update(
            push_kind=None, push_value_encrypted=None, push_hash=None
        )
    )
