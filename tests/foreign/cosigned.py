"""Checks a cosigned checkpoint with nothing of the project: C2SP signed note and tlog-cosignature version 1, in plain Python.

Prints the name, the time and the tree size of the cosignature that the witness's key made; fails where none verifies, or where
the same bytes with one changed still would.

usage: cosigned.py WITNESS_KEY.pem NOTE
needs: cryptography
"""

import base64
import hashlib
import pathlib
import struct
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

COSIGNATURE = b"\x04"


def main(key_file, note_file):
    key = load_pem_private_key(pathlib.Path(key_file).read_bytes(), None).public_key()
    public = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    text, lines = split(pathlib.Path(note_file).read_text(encoding="utf-8"))
    found = [(name, time) for name, time in (cosigned(line, text, public) for line in lines) if name]
    assert len(found) == 1, f"{len(found)} cosignatures of this key"
    size = text.split("\n")[1]
    changed = text.replace(f"\n{size}\n", f"\n{int(size) + 1}\n", 1)
    assert not any(cosigned(line, changed, public)[0] for line in lines), "another size verifies, too"
    print(*found[0], size)


def split(note):
    text, _, signatures = note.rpartition("\n\n")
    assert signatures.endswith("\n")
    return text + "\n", signatures[:-1].split("\n")


def cosigned(line, text, public):
    dash, name, encoded = line.split(" ")
    assert dash == "\u2014"
    payload = base64.b64decode(encoded, validate=True)
    key_hash = hashlib.sha256(name.encode() + b"\n" + COSIGNATURE + public).digest()[:4]
    if payload[:4] != key_hash:
        return None, None
    (time,) = struct.unpack(">Q", payload[4:12])
    message = f"cosignature/v1\ntime {time}\n{text}".encode()
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(payload[12:], message)
    except InvalidSignature:
        return None, None
    return name, time


if __name__ == "__main__":
    main(*sys.argv[1:])
