"""Short codes that a person reads from one screen and types on another."""

import hashlib
import secrets

# Crockford's base 32: no I, L, O, U; 10 characters are 50 bits for the minutes a code lives.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 10
MISREAD = str.maketrans("OIL", "011", "- ")


def new_code() -> str:
    """A random code as it is shown: "7KQ2M-X0R4T"."""
    code = "".join(secrets.choice(ALPHABET) for _position in range(LENGTH))
    return f"{code[:5]}-{code[5:]}"


def code_hash(code: str) -> bytes:
    """SHA-256 of a code however it was typed: case, dashes, and letters misread for digits."""
    return hashlib.sha256(code.upper().translate(MISREAD).encode()).digest()
