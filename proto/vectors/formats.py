"""The byte formats of the protocol, written from their definitions alone.

In scope: protobuf encoding, DSSE pre-authentication encoding, RFC 6962 trees, leaf bytes, signed notes, and the messages of
multaqa.record.v1 by field number. Out of scope: Ed25519 (ed25519.py), the chosen values (generate.py).
"""

import base64
import hashlib
import struct

import ed25519

LEAF_TYPES = {"record": 1, "seal": 2, "genesis": 3, "evidence": 4, "succession": 5}


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


# --- protobuf: fields in order of number, defaults of proto3 left out ---

def varint(n):
    n &= (1 << 64) - 1
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    out.append(n)
    return bytes(out)


def field(number, value):
    """One field: int (uint64, int64), str, bytes, or a list of str or bytes (repeated); empty where it is the default."""
    if isinstance(value, list):
        return b"".join(present(number, item) for item in value)
    return present(number, value) if value else b""


def present(number, value):
    """One field with presence (optional, oneof, repeated element): written even where it is the default."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def statement(federation, writer, epoch, seq, previous, lane, content_hash):
    return (field(1, federation) + field(2, writer) + field(3, epoch) + field(4, seq) + field(5, previous)
            + field(6, lane) + field(7, content_hash))


def content(salt, id, kind, revision, replaces, audience, authored_at_ms, seen_checkpoint, payload):
    seen = b""
    if seen_checkpoint is not None:
        log, size, root = seen_checkpoint
        seen = present(8, field(1, log) + field(2, size) + field(3, root))
    return (field(1, salt) + field(2, id) + field(3, kind) + field(4, revision) + field(5, replaces)
            + field(6, audience) + field(7, authored_at_ms) + seen + present(9, payload))


def lane(writer, key, audience):
    return sha256(b"multaqa/lane/v1\0", writer.encode(), b"\0", key, " ".join(audience).encode())[:16]


def signed_record(statement, content, signature):
    return field(1, statement) + (b"" if content is None else present(2, content)) + field(3, signature)


def signature(key_id, count, root, index, path, data):
    return field(1, key_id) + field(2, count) + field(3, root) + field(4, index) + field(5, path) + field(6, data)


def batch_statement(writer, epoch, count, root):
    return field(1, writer) + field(2, epoch) + field(3, count) + field(4, root)


def seal(time_ms, control_count, control_head):
    return field(1, time_ms) + field(2, control_count) + field(3, control_head)


def evidence(pairs):
    """Of (serialised Statement, serialised Signature) pairs, the one with the smaller record id first."""
    ordered = sorted(pairs, key=lambda pair: record_id(pair[0]))
    return evidence_as_given(ordered)


def evidence_as_given(pairs):
    return b"".join(present(1, field(1, statement) + field(2, signature)) for statement, signature in pairs)


def decision(genesis, log, size, root, operator, decided_at_ms, reason):
    return (field(1, genesis) + field(2, log) + field(3, size) + field(4, root) + field(5, operator)
            + field(6, decided_at_ms) + field(7, reason))


def succession(log, closed, cosigned, decisions):
    """Of notes with consistency proofs, and of (serialised Decision, signature) pairs, as given."""
    return (field(1, log) + field(2, closed)
            + b"".join(present(3, field(1, note) + field(2, hashes)) for note, hashes in cosigned)
            + b"".join(present(4, field(1, decided) + field(2, signed)) for decided, signed in decisions))


def possession(genesis, member, node, invitation, record_key, witness_key, session_key):
    return (field(1, genesis) + field(2, member) + field(3, node) + field(4, invitation) + field(5, record_key)
            + field(6, witness_key) + field(7, session_key))


def renewal(genesis, member, node, certificate_request, asked_at_ms):
    return (field(1, genesis) + field(2, member) + field(3, node) + field(4, certificate_request)
            + field(5, asked_at_ms))


def entry(leaf, signature, content=None):
    return field(1, leaf) + field(2, signature) + (b"" if content is None else present(3, content))


# --- DSSE v1 ---

def pae(payload_type, body):
    name = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(name), name, len(body), body)


def record_id(statement):
    return sha256(pae("multaqa/statement/v1", statement))


def key_id(public_key):
    return sha256(b"\x01", public_key)[:16]


# --- RFC 6962, section 2.1 ---

def leaf_hash(data):
    return sha256(b"\x00", data)


def node_hash(left, right):
    return sha256(b"\x01", left, right)


def _split(n):
    return 1 << (n - 1).bit_length() - 1


def root_of_hashes(hashes):
    if not hashes:
        return sha256()
    if len(hashes) == 1:
        return hashes[0]
    k = _split(len(hashes))
    return node_hash(root_of_hashes(hashes[:k]), root_of_hashes(hashes[k:]))


def root(data):
    return root_of_hashes([leaf_hash(d) for d in data])


def inclusion_path(index, hashes):
    if len(hashes) <= 1:
        return []
    k = _split(len(hashes))
    if index < k:
        return inclusion_path(index, hashes[:k]) + [root_of_hashes(hashes[k:])]
    return inclusion_path(index - k, hashes[k:]) + [root_of_hashes(hashes[:k])]


def consistency_path(old, hashes, whole=True):
    n = len(hashes)
    if old == n:
        return [] if whole else [root_of_hashes(hashes)]
    k = _split(n)
    if old <= k:
        return consistency_path(old, hashes[:k], whole) + [root_of_hashes(hashes[k:])]
    return consistency_path(old - k, hashes[k:], False) + [root_of_hashes(hashes[:k])]


def subtrees(first, end):
    """The fewest perfect, aligned subtrees that cover [first, end), in order, as (start, size)."""
    out = []
    while first < end:
        size = first & -first or 1 << end.bit_length()
        while first + size > end:
            size >>= 1
        out.append((first, size))
        first += size
    return out


# --- leaves and seals ---

def leaf(type_name, accepted_at_ms, signature, body):
    return struct.pack(">BBQ", 1, LEAF_TYPES[type_name], accepted_at_ms) + sha256(signature) + body


def control_head(leaf_hashes):
    head = bytes(32)
    for h in leaf_hashes:
        head = sha256(head, h)
    return head


# --- C2SP signed-note, tlog-checkpoint, tlog-cosignature ---

def note_key_hash(name, algorithm, public_key):
    return sha256(name.encode(), b"\n", bytes([algorithm]), public_key)[:4]


def b64(data):
    return base64.b64encode(data).decode()


def checkpoint_text(origin, size, root):
    return f"{origin}\n{size}\n{b64(root)}\n"


def signature_line(name, payload):
    return f"\u2014 {name} {b64(payload)}\n"


def checkpoint_line(name, seed, text):
    key = ed25519.public_key(seed)
    return signature_line(name, note_key_hash(name, 1, key) + ed25519.sign(seed, text.encode()))


def cosignature_message(time, text):
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def cosignature_payload(name, seed, time, text):
    key = ed25519.public_key(seed)
    data = ed25519.sign(seed, cosignature_message(time, text))
    return note_key_hash(name, 4, key) + struct.pack(">Q", time) + data
