"""The chosen values: keys, bytes that stand for random ones, and the records that the vectors share.

In scope: everything derived from fixed texts. Out of scope: the formats (formats.py), which vectors there are (records.py,
logs.py).
"""

import hashlib

import ed25519
import formats as f

FEDERATION = "multaqa.example"
ACCEPTED_AT = 1_735_689_600_123
LONGEST_WRITER = "x-" + "a" * 22 + "/" + "n" * 24
SMALL_ORDER_KEY = ed25519.compress(ed25519.IDENTITY)


def seed(n):
    return hashlib.sha256(b"multaqa vector key %d" % n).digest()


def some(label, size=32):
    """Bytes that stand for random ones."""
    return hashlib.sha256(b"multaqa vector " + label.encode()).digest()[:size]


def flip(data, at=-1):
    out = bytearray(data)
    out[at] ^= 1
    return bytes(out)


def vector(name, inputs, expected):
    return {"name": name, "inputs": inputs, "expected": expected}


def verdict(accepted, name):
    """The verdict as text; a name that begins with `good` must be accepted, every other refused."""
    if accepted != name.startswith("good"):
        raise ValueError(name)
    return dict(verify="accepted" if accepted else "refused")


# --- the records that the other vectors use ---

def genesis_content():
    policy = (f.field(1, 1) + f.field(2, ed25519.public_key(seed(10)))
              + f.present(3, f.field(1, "first") + f.field(2, ed25519.public_key(seed(1))))
              + f.field(4, 1) + f.field(5, ["JO", "EG", "MA"]) + f.field(6, 1))
    payload = (f.field(1, FEDERATION) + f.field(2, some("root certificate")) + f.field(3, ed25519.public_key(seed(11)))
               + f.present(4, policy))
    return dict(salt=some("genesis salt"), id="x-federation:genesis:genesis", kind="genesis", revision=1, replaces=[],
                audience=["members"], authored_at_ms=1_735_689_600_000, seen_checkpoint=None, payload=payload)


def genesis_statement():
    return dict(federation=b"", writer="operator/first", epoch=1, seq=1, previous=b"", lane=some("genesis lane", 16),
                content_hash=f.sha256(f.content(**genesis_content())))


GENESIS = f.record_id(f.statement(**genesis_statement()))


def chain(writer, epoch, count):
    """Typed statements of one writer, linked, from seq 1."""
    out, previous = [], b""
    for seq in range(1, count + 1):
        label = f"{writer} {epoch} {seq}"
        out.append(dict(federation=GENESIS, writer=writer, epoch=epoch, seq=seq, previous=previous,
                        lane=some(f"{writer} lane", 16), content_hash=some(f"content {label}")))
        previous = f.record_id(f.statement(**out[-1]))
    return out


def sign_batch(key_seed, writer, epoch, ids):
    """Everything about records signed together; `records` holds each one's serialised Signature."""
    key = ed25519.public_key(key_seed)
    root = f.root(ids)
    body = f.batch_statement(writer, epoch, len(ids), root)
    message = f.pae("multaqa/batch/v1", body)
    data = ed25519.sign(key_seed, message)
    hashes = [f.leaf_hash(i) for i in ids]
    records = []
    for index, record_id in enumerate(ids):
        path = f.inclusion_path(index, hashes)
        records.append(dict(record_id=record_id, index=index, path=path,
                            signature=f.signature(f.key_id(key), len(ids), root, index, path, data)))
    return dict(key_id=f.key_id(key), root=root, batch_statement=body, message=message, bytes=data, records=records)


def jo_record():
    """A record of JO/gw1 with content: (statement, content, serialised Signature)."""
    content = f.content(**arabic_notice())
    typed = chain("JO/gw1", 1, 1)[0] | dict(content_hash=f.sha256(content))
    statement = f.statement(**typed)
    batch = sign_batch(seed(2), "JO/gw1", 1, [f.record_id(statement)])
    return statement, content, batch["records"][0]["signature"]


def arabic_notice():
    text = "تُستأنف مزامنة العقدة الوطنية يوم الأحد، ولا يلزم أي إجراء."
    payload = f.field(1, "info") + f.present(2, f.field(1, "ar") + f.field(2, text))
    return dict(salt=some("salt notice"), id="JO:news:resume-2025", kind="news", revision=1, replaces=[],
                audience=["states"], authored_at_ms=1_735_689_600_000, seen_checkpoint=(1, 7, some("seen root")),
                payload=payload)
