#!/usr/bin/env python3
"""Writes the golden vectors beside this file: the bytes that implementations of the protocol must reproduce.

    generate.py              write the JSON files
    generate.py --check      compare with the files on disk; exit 1 with a diff where they differ
    generate.py --self-test  check the primitives against RFC 8032, and against $CONFORMANCE_DIR/merkle_vectors.json where set

In scope: the chosen values. Out of scope: the formats (formats.py), Ed25519 (ed25519.py), the self-test (selftest.py).
Only the standard library is used, and nothing of the implementation is imported or run. Everything is derived from fixed
texts, so the output never varies. Bytes are lower-case hex unless the file's `format` says otherwise.
"""

import difflib
import hashlib
import json
import pathlib
import sys

import ed25519
import formats as f

HERE = pathlib.Path(__file__).parent
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


def hexed(value):
    """The value with all bytes as hex."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {k: hexed(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [hexed(v) for v in value]
    return value


def vector(name, inputs, expected):
    return {"name": name, "inputs": inputs, "expected": expected}


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


# --- one function a file: (format, vectors) ---

def statement_file():
    first, second = chain("JO/gw1", 1, 2)
    far = dict(first, seq=2**32 + 5, previous=some("previous far"), epoch=3)
    cases = [
        ("genesis: federation and previous are empty", genesis_statement()),
        ("first of a chain: previous is empty", first),
        ("second of a chain", second),
        ("seq above 2^32", far),
        ("largest seq and epoch", dict(far, seq=2**63 - 1, epoch=2**63 - 1)),
        ("longest writer with largest numbers",
         dict(far, writer=LONGEST_WRITER, seq=2**63 - 1, epoch=2**63 - 1)),
        ("operator as writer", dict(first, writer="operator/second")),
        ("body without a country", dict(first, writer="x-escwa/main")),
    ]
    vectors = [vector(name, typed, dict(bytes=f.statement(**typed), record_id=f.record_id(f.statement(**typed))))
               for name, typed in cases]
    return ("multaqa.record.v1.Statement serialised in field order without defaults; "
            "record_id = SHA-256(PAE(\"multaqa/statement/v1\", bytes)).", vectors)


def content_file():
    notice = arabic_notice()
    ids = [some(f"revision {n}") for n in (1, 2)]
    cases = [
        ("genesis, no checkpoint seen", genesis_content()),
        ("payload with Arabic text", notice),
        ("third revision replaces two", dict(notice, revision=3, replaces=ids)),
        ("audience of several parts",
         dict(notice, audience=["states", "group:gcc", "group:maghreb", "member:x-escwa", "member:JO"])),
        ("empty payload is present", dict(notice, payload=b"", seen_checkpoint=None)),
        ("authored at 0, which is left out", dict(notice, authored_at_ms=0)),
        ("authored before 1970", dict(notice, authored_at_ms=-1)),
        ("seen checkpoint above 2^32", dict(notice, seen_checkpoint=(2, 2**40 + 1, some("seen root far")))),
        ("longest id", dict(notice, id="x-" + "a" * 22 + ":" + "k" * 32 + ":" + "s" * 64, kind="k" * 32)),
    ]
    vectors = []
    for name, typed in cases:
        data = f.content(**typed)
        seen = typed["seen_checkpoint"]
        shown = dict(typed, seen_checkpoint=seen and dict(zip(("log", "size", "root"), seen)))
        vectors.append(vector(name, shown, dict(bytes=data, content_hash=f.sha256(data))))
    return ("multaqa.record.v1.Content serialised in field order without defaults (payload is always present); "
            "content_hash = SHA-256(bytes).", vectors)


def record_file():
    statement, content, signature = jo_record()
    cases = [("with content", content), ("content absent", None)]
    return ("multaqa.record.v1.SignedRecord; an absent content is null.",
            [vector(name, dict(statement=statement, content=c, signature=signature),
                    dict(bytes=f.signed_record(statement, c, signature))) for name, c in cases])


def pae_file():
    statement = f.statement(**chain("JO/gw1", 1, 1)[0])
    cases = [
        ("empty body", "multaqa/statement/v1", b""),
        ("text body", "multaqa/batch/v1", b"hello world"),
        ("body of 10 bytes: two digits of length", "multaqa/possession/v1", b"0123456789"),
        ("body that looks like a header", "multaqa/statement/v1", b"DSSEv1 20 multaqa/statement/v1 0 "),
        ("body with non-ASCII bytes counts bytes", "multaqa/batch/v1", "ملتقى".encode()),
        ("statement", "multaqa/statement/v1", statement),
    ]
    return ("DSSE v1 pre-authentication encoding: \"DSSEv1\" SP LEN(type) SP type SP LEN(body) SP body, decimal lengths in bytes.",
            [vector(name, dict(type=kind, body=body), dict(bytes=f.pae(kind, body), sha256=f.sha256(f.pae(kind, body))))
             for name, kind, body in cases])


def key_file():
    vectors = []
    for n in (1, 2, 3, 10):
        key = ed25519.public_key(seed(n))
        vectors.append(vector(f"key {n}", dict(seed=seed(n)), dict(public_key=key, key_id=f.key_id(key))))
    return "Ed25519 key pairs from 32-byte seeds; key_id = first 16 bytes of SHA-256(0x01 || public key).", vectors


def signature_file():
    key, message = ed25519.public_key(seed(2)), b"multaqa"
    good = ed25519.sign(seed(2), message)
    zero_s = SMALL_ORDER_KEY + bytes(32)
    non_canonical_identity = (ed25519.P + 1).to_bytes(32, "little")
    cases = [
        ("good", key, message, good),
        ("good, empty message", key, b"", ed25519.sign(seed(2), b"")),
        ("altered byte of R", key, message, flip(good, 0)),
        ("altered byte of S", key, message, flip(good, 32)),
        ("altered message", key, flip(message), good),
        ("other key", ed25519.public_key(seed(3)), message, good),
        ("S + L in place of S", key, message, ed25519.with_s_plus_l(good)),
        ("key of small order, equation holds for every message", SMALL_ORDER_KEY, message, zero_s),
        ("key of small order in a non-canonical encoding", non_canonical_identity, message, zero_s),
        ("R of small order, equation holds", key, message, ed25519.sign_with_small_order_r(seed(2), message)),
        ("63 bytes", key, message, good[:-1]),
        ("65 bytes", key, message, good + b"\0"),
        ("all zero", key, message, bytes(64)),
    ]
    return ("Ed25519 (RFC 8032) verified strictly: S below L, neither key nor R of small order. `verify` is accepted or refused.",
            [vector(name, dict(public_key=k, message=m, signature=s), verdict(ed25519.verify_strict(k, m, s), name))
             for name, k, m, s in cases])


def verdict(accepted, name):
    """The verdict as text; a name that begins with `good` must be accepted, every other refused."""
    assert accepted == name.startswith("good"), name
    return dict(verify="accepted" if accepted else "refused")


def batch_file():
    vectors = []
    for count in (1, 2, 3, 5, 8):
        typed = chain("JO/gw1", 4, count)
        ids = [f.record_id(f.statement(**t)) for t in typed]
        inputs = dict(seed=seed(2), public_key=ed25519.public_key(seed(2)), writer="JO/gw1", epoch=4,
                      statements=[f.statement(**t) for t in typed], record_ids=ids)
        vectors.append(vector(f"batch of {count}", inputs, sign_batch(seed(2), "JO/gw1", 4, ids)))
    return ("Records signed together: root = RFC 6962 root over the record ids in order; bytes = Ed25519 over message = "
            "PAE(\"multaqa/batch/v1\", BatchStatement{writer, epoch, count, root}); each record carries a serialised Signature.",
            vectors + batch_verdicts())


def batch_verdicts():
    """One record of a batch of five, untouched and spoilt in one place each."""
    ids = [f.record_id(f.statement(**t)) for t in chain("JO/gw1", 4, 5)]
    batch = sign_batch(seed(2), "JO/gw1", 4, ids)
    key, other = ed25519.public_key(seed(2)), ed25519.public_key(seed(3))
    good = dict(key_id=f.key_id(key), count=5, root=batch["root"], index=2, path=batch["records"][2]["path"],
                data=batch["bytes"])
    base = dict(public_key=key, writer="JO/gw1", epoch=4, record_id=ids[2])
    path, data = good["path"], good["data"]
    one = sign_batch(seed(2), "JO/gw1", 4, ids[2:3])
    lone = dict(good, count=1, root=one["root"], index=0, path=[], data=one["bytes"])
    small_r = ed25519.sign_with_small_order_r(seed(2), batch["message"])
    cases = [
        ("good: third of five", {}, good),
        ("good: lone record", {}, lone),
        ("altered signature byte", {}, dict(good, data=flip(data, 5))),
        ("S + L in place of S", {}, dict(good, data=ed25519.with_s_plus_l(data))),
        ("R of small order, equation holds", {}, dict(good, data=small_r)),
        ("key of small order", dict(public_key=SMALL_ORDER_KEY),
         dict(good, key_id=f.key_id(SMALL_ORDER_KEY), data=SMALL_ORDER_KEY + bytes(32))),
        ("signature of 63 bytes", {}, dict(good, data=data[:-1])),
        ("other key", dict(public_key=other), dict(good, key_id=f.key_id(other))),
        ("key_id of another key", {}, dict(good, key_id=f.key_id(other))),
        ("altered root", {}, dict(good, root=flip(good["root"]))),
        ("altered path", {}, dict(good, path=[path[0], flip(path[1])] + path[2:])),
        ("path too short", {}, dict(good, path=path[:-1])),
        ("path too long", {}, dict(good, path=path + [some("extra")])),
        ("path element of 31 bytes", {}, dict(good, path=[path[0][:-1]] + path[1:])),
        ("index of a neighbour", {}, dict(good, index=3)),
        ("index equal to count", {}, dict(good, index=5)),
        ("count raised", {}, dict(good, count=6)),
        ("count 0", {}, dict(lone, count=0)),
        ("record of another batch", dict(record_id=some("stranger")), good),
        ("other writer", dict(writer="JO/gw2"), good),
        ("other epoch", dict(epoch=5), good),
    ]
    vectors = []
    for name, changed, sig in cases:
        inputs = base | changed
        vectors.append(vector("verify " + name, inputs | dict(signature=f.signature(**sig)),
                              verdict(batch_verifies(inputs, sig), name)))
    return vectors


def batch_verifies(given, sig):
    if sig["key_id"] != f.key_id(given["public_key"]) or not sig["index"] < sig["count"]:
        return False
    if any(len(p) != 32 for p in sig["path"]):
        return False
    if walk(given["record_id"], sig["index"], sig["count"], sig["path"]) != sig["root"]:
        return False
    body = f.batch_statement(given["writer"], given["epoch"], sig["count"], sig["root"])
    return ed25519.verify_strict(given["public_key"], f.pae("multaqa/batch/v1", body), sig["data"])


def walk(data, index, count, path):
    """Root that an inclusion path leads to (RFC 9162, 2.1.3.2); None where its length is wrong."""
    node, last, h = index, count - 1, f.leaf_hash(data)
    for p in path:
        if last == 0:
            return None
        if node & 1 or node == last:
            h = f.node_hash(p, h)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            h = f.node_hash(h, p)
        node, last = node >> 1, last >> 1
    return h if last == 0 else None


def possession_file():
    seeds = dict(record=seed(20), witness=seed(21), session=seed(22))
    keys = {f"{k}_key": ed25519.public_key(s) for k, s in seeds.items()}
    typed = dict(genesis=GENESIS, member="JO", node="gw1", invitation=some("invitation")) | keys
    body = f.possession(**typed)
    message = f.pae("multaqa/possession/v1", body)
    proofs = {f"{k}_proof": ed25519.sign(s, message) for k, s in seeds.items()}
    vectors = [vector("three keys", typed | {f"{k}_seed": s for k, s in seeds.items()},
                      dict(bytes=body, message=message) | proofs)]
    elsewhere = f.pae("multaqa/possession/v1", f.possession(**typed | dict(node="gw2")))
    wrong_type = f.pae("multaqa/batch/v1", body)
    record, proof = keys["record_key"], proofs["record_proof"]
    cases = [
        ("good record key", record, proof),
        ("good witness key", keys["witness_key"], proofs["witness_proof"]),
        ("good session key", keys["session_key"], proofs["session_proof"]),
        ("proof of another key", record, proofs["witness_proof"]),
        ("proof for another node", record, ed25519.sign(seeds["record"], elsewhere)),
        ("proof over another payload type", record, ed25519.sign(seeds["record"], wrong_type)),
        ("altered byte", record, flip(proof, 40)),
        ("S + L in place of S", record, ed25519.with_s_plus_l(proof)),
        ("key of small order", SMALL_ORDER_KEY, SMALL_ORDER_KEY + bytes(32)),
    ]
    vectors += [vector("verify " + name, dict(possession=body, public_key=k, proof=s),
                       verdict(ed25519.verify_strict(k, message, s), name)) for name, k, s in cases]
    return ("multaqa.record.v1.Possession and the proofs: Ed25519 by each key over message = "
            "PAE(\"multaqa/possession/v1\", bytes).", vectors)


def control_leaf_hashes():
    """Leaf hashes of the genesis and two control records after it."""
    genesis = f.leaf("genesis", ACCEPTED_AT, b"", f.statement(**genesis_statement()))
    later = [f.leaf("record", ACCEPTED_AT + n, some(f"control signature {n}", 64), f.statement(**t))
             for n, t in enumerate(chain("operator/first", 1, 2), 1)]
    return [f.leaf_hash(data) for data in [genesis, *later]]


def seal_file():
    hashes = control_leaf_hashes()
    cases = [("no control leaf", 0, ACCEPTED_AT), ("genesis alone", 1, ACCEPTED_AT + 5),
             ("three control leaves", 3, ACCEPTED_AT + 1000)]
    vectors = []
    for name, count, time in cases:
        head = f.control_head(hashes[:count])
        vectors.append(vector(name, dict(time_ms=time, control_leaf_hashes=hashes[:count]),
                              dict(control_head=head, bytes=f.seal(time, count, head))))
    return ("multaqa.record.v1.Seal; control_head: head_0 = 32 zero bytes, head_n = SHA-256(head_(n-1) || leaf_hash_n) over "
            "the control leaves in order.", vectors)


def leaves():
    """Named leaves: (name, type, accepted_at_ms, serialised Signature, body, content)."""
    statement, content, signature = jo_record()
    genesis = f.statement(**genesis_statement())
    genesis_signature = sign_batch(seed(1), "operator/first", 1, [GENESIS])["records"][0]["signature"]
    longest = f.statement(**dict(chain("JO/gw1", 1, 1)[0], writer=LONGEST_WRITER, seq=2**63 - 1, previous=some("p"),
                                 content_hash=f.sha256(content)))
    longest_signature = sign_batch(seed(4), LONGEST_WRITER, 1, [f.record_id(longest)])["records"][0]["signature"]
    seal = f.seal(ACCEPTED_AT + 1000, 3, f.control_head(control_leaf_hashes()))
    return [
        ("record", "record", ACCEPTED_AT, signature, statement, content),
        ("record of the longest writer", "record", 2**63 - 1, longest_signature, longest, content),
        ("seal", "seal", ACCEPTED_AT + 1000, b"", seal, None),
        ("genesis", "genesis", ACCEPTED_AT, genesis_signature, genesis, f.content(**genesis_content())),
        ("genesis without signature", "genesis", ACCEPTED_AT, b"", genesis, f.content(**genesis_content())),
        ("accepted at 0", "record", 0, signature, statement, content),
    ]


def leaf_file():
    vectors = []
    for name, kind, at, signature, body, _ in leaves():
        data = f.leaf(kind, at, signature, body)
        vectors.append(vector(name, dict(type=f.LEAF_TYPES[kind], type_name=kind, accepted_at_ms=at,
                                         signature=signature, body=body),
                              dict(bytes=data, leaf_hash=f.leaf_hash(data))))
    good = vectors[0]["expected"]["bytes"]
    refused = [("empty", b""), ("shorter than its head", good[:41]), ("version 0", b"\0" + good[1:]),
               ("version 2", b"\2" + good[1:]), ("type 0", good[:1] + b"\0" + good[2:]),
               ("type 5", good[:1] + b"\5" + good[2:])]
    vectors += [vector("parse " + name, dict(bytes=data), dict(parse="refused")) for name, data in refused]
    return ("Leaf bytes: version u8 = 1; type u8 (1 record, 2 seal, 3 genesis, 4 evidence); accepted_at u64 big-endian, ms since "
            "1970; SHA-256(serialised Signature, empty where there is none); body (Statement, or the Seal). "
            "leaf_hash = SHA-256(0x00 || bytes).", vectors)


def stub_file():
    vectors = []
    for name, kind, at, signature, body, content in leaves()[:5]:
        data = f.leaf(kind, at, signature, body)
        vectors.append(vector(f"{name}, without content", dict(leaf=data, signature=signature, content=None),
                              dict(bytes=f.entry(data, signature))))
        if content is not None:
            vectors.append(vector(f"{name}, whole", dict(leaf=data, signature=signature, content=content),
                                  dict(bytes=f.entry(data, signature, content))))
    return "multaqa.hub.v1.Entry: a stub carries no content, a whole entry does; null is absent.", vectors


def merkle_file():
    data = [b"entry-%d" % i for i in range(9)]
    hashes = [f.leaf_hash(d) for d in data]
    vectors = []
    for n in range(10):
        part = hashes[:n]
        expected = dict(root=f.root_of_hashes(part),
                        inclusion=[f.inclusion_path(i, part) for i in range(n)],
                        consistency=[f.consistency_path(old, part) for old in range(1, n + 1)],
                        subtrees=[dict(first=start, count=size, hash=f.root_of_hashes(part[start:start + size]))
                                  for start, size in f.subtrees(0, n)])
        vectors.append(vector(f"size {n}", dict(leaf_data=data[:n]), expected))
    return ("RFC 6962 trees: root; inclusion[i] = path of leaf i; consistency[i] = proof from size i+1 to this size; "
            "subtrees = the perfect subtrees that cover the tree, in order.", vectors)


def tree_root(size):
    return f.root([b"entry-%d" % i for i in range(size)])


def checkpoint_file():
    origin = f"{FEDERATION}/log/1"
    key = ed25519.public_key(seed(10))
    vectors = []
    for size, log in ((0, 1), (1, 1), (7, 1), (1000, 1), (2**32 + 7, 2)):
        name = f"{FEDERATION}/log/{log}"
        root = tree_root(size) if size <= 1000 else some("large tree")
        text = f.checkpoint_text(name, size, root)
        line = f.checkpoint_line(name, seed(10), text)
        vectors.append(vector(f"size {size} of log {log}",
                              dict(seed=seed(10), public_key=key, federation=FEDERATION, log=log, size=size, root=root),
                              dict(origin=name, key_hash=f.note_key_hash(name, 1, key), text=text, note=text + "\n" + line)))
    return ("C2SP tlog-checkpoint as a signed note (UTF-8 text): \"<origin>\\n<size>\\n<base64 root>\\n\", an empty line, then "
            "\"\u2014 <origin> <base64(key_hash || Ed25519 over text)>\\n\"; key_hash = first 4 bytes of SHA-256(origin || 0x0A || "
            "0x01 || public key).", vectors + checkpoint_verdicts(origin, key))


def checkpoint_verdicts(origin, key):
    text = f.checkpoint_text(origin, 7, tree_root(7))
    key_hash, data = f.note_key_hash(origin, 1, key), ed25519.sign(seed(10), text.encode())
    other = ed25519.public_key(seed(12))
    stranger = f.signature_line("stranger.example/log", f.note_key_hash("stranger.example/log", 1, other)
                                + ed25519.sign(seed(12), text.encode()))

    def line(payload=key_hash + data, name=origin):
        return f.signature_line(name, payload)

    def signed(changed):
        return changed + "\n" + f.checkpoint_line(origin, seed(10), changed)

    root = f.b64(tree_root(7))
    small = f.note_key_hash(origin, 1, SMALL_ORDER_KEY) + SMALL_ORDER_KEY + bytes(32)
    cases = [
        ("good", key, text + "\n" + line()),
        ("good, a stranger's signature before it", key, text + "\n" + stranger + line()),
        ("altered signature", key, text + "\n" + line(flip(key_hash + data, 20))),
        ("altered size", key, text.replace("\n7\n", "\n8\n") + "\n" + line()),
        ("altered key hash", key, text + "\n" + line(flip(key_hash, 0) + data)),
        ("S + L in place of S", key, text + "\n" + line(key_hash + ed25519.with_s_plus_l(data))),
        ("key of small order", SMALL_ORDER_KEY, text + "\n" + line(small)),
        ("signature cut short", key, text + "\n" + line((key_hash + data)[:-1])),
        ("a stranger's signature alone", key, text + "\n" + stranger),
        ("no signature", key, text + "\n"),
        ("no empty line", key, text + line()),
        ("hyphen in place of the em dash", key, (text + "\n" + line()).replace("\u2014", "-")),
        ("last newline missing", key, (text + "\n" + line())[:-1]),
        ("carriage returns", key, signed(text.replace("\n", "\r\n"))),
        ("signed with the origin of another log", key, signed(f.checkpoint_text(f"{FEDERATION}/log/2", 7, tree_root(7)))),
        ("signed with a leading zero in the size", key, signed(f"{origin}\n07\n{root}\n")),
        ("signed with a sign before the size", key, signed(f"{origin}\n+7\n{root}\n")),
        ("signed with a size of 2^64", key, signed(f"{origin}\n{2**64}\n{root}\n")),
        ("signed with a root of 31 bytes", key, signed(f"{origin}\n7\n{f.b64(tree_root(7)[:31])}\n")),
        ("signed with the root unpadded", key, signed(f"{origin}\n7\n{root.rstrip('=')}\n")),
        ("signed without a root", key, signed(f"{origin}\n7\n")),
    ]
    return [vector("verify " + name, dict(origin=origin, public_key=k, note=note),
                   dict(verify="accepted", size=7, root=tree_root(7)) if name.startswith("good") else dict(verify="refused"))
            for name, k, note in cases]


def cosignature_file():
    origin = f"{FEDERATION}/log/1"
    vectors = []
    for writer, n, size, time in (("JO/gw1", 21, 7, 1_735_689_661), ("x-escwa/main", 23, 1000, 0),
                                  (LONGEST_WRITER, 24, 1, 2**32 + 9)):
        name = f"{FEDERATION}/witness/{writer}"
        text = f.checkpoint_text(origin, size, tree_root(size))
        key = ed25519.public_key(seed(n))
        payload = f.cosignature_payload(name, seed(n), time, text)
        line = f.signature_line(name, payload)
        vectors.append(vector(
            f"{writer.split('/')[0][:8]} at size {size}, time {time}",
            dict(seed=seed(n), public_key=key, federation=FEDERATION, writer=writer, time=time, checkpoint_text=text),
            dict(key_name=name, key_hash=f.note_key_hash(name, 4, key), message=f.cosignature_message(time, text),
                 payload=payload, line=line,
                 note=text + "\n" + f.checkpoint_line(origin, seed(10), text) + line)))
    return ("C2SP tlog-cosignature v1: payload = key_hash || time u64 big-endian, seconds || Ed25519 over message "
            "(hex) = \"cosignature/v1\\ntime <seconds>\\n\" || checkpoint text; key_hash = first 4 bytes of SHA-256(key_name || "
            "0x0A || 0x04 || public key); key_name = \"<federation>/witness/<member>/<node>\".", vectors + cosignature_verdicts(origin))


def cosignature_verdicts(origin):
    name, time = f"{FEDERATION}/witness/JO/gw1", 1_735_689_661
    key = ed25519.public_key(seed(21))
    text, other = (f.checkpoint_text(origin, n, tree_root(n)) for n in (7, 6))
    good = f.cosignature_payload(name, seed(21), time, text)
    head, data = good[:12], good[12:]
    plain = f.note_key_hash(name, 4, key) + good[4:12] + ed25519.sign(seed(21), text.encode())
    small = f.note_key_hash(name, 4, SMALL_ORDER_KEY) + good[4:12] + SMALL_ORDER_KEY + bytes(32)
    cases = [
        ("good", key, text, good),
        ("altered time", key, text, flip(good, 11)),
        ("altered signature", key, text, flip(good, 12)),
        ("other checkpoint", key, other, good),
        ("S + L in place of S", key, text, head + ed25519.with_s_plus_l(data)),
        ("key of small order", SMALL_ORDER_KEY, text, small),
        ("key hash of algorithm 0x01", key, text, f.note_key_hash(name, 1, key) + good[4:]),
        ("signature over the text alone", key, text, plain),
        ("cut short", key, text, good[:-1]),
        ("one byte too long", key, text, good + b"\0"),
        ("without time", key, text, good[:4] + data),
        ("other key", ed25519.public_key(seed(22)), text, good),
    ]
    return [vector("verify " + label, dict(key_name=name, public_key=k, checkpoint_text=t, line=f.signature_line(name, p)),
                   dict(verify="accepted", time=time) if label == "good" else dict(verify="refused"))
            for label, k, t, p in cases]


FILES = {
    "statement": statement_file, "content": content_file, "record": record_file, "pae": pae_file, "key": key_file,
    "signature": signature_file, "batch": batch_file, "possession": possession_file, "seal": seal_file, "leaf": leaf_file,
    "stub": stub_file, "merkle": merkle_file, "checkpoint": checkpoint_file, "cosignature": cosignature_file,
}


def rendered():
    for name, make in FILES.items():
        text, vectors = make()
        yield HERE / f"{name}.json", json.dumps(hexed({"format": text, "vectors": vectors}), ensure_ascii=False, indent=1) + "\n"


def check():
    differ = False
    for path, want in rendered():
        have = path.read_text(encoding="utf-8") if path.exists() else ""
        if have != want:
            differ = True
            sys.stdout.writelines(difflib.unified_diff(have.splitlines(True), want.splitlines(True),
                                                       path.name, f"{path.name} (generated)"))
    return 1 if differ else 0


def main(args):
    if args == ["--self-test"]:
        import selftest
        return selftest.run()
    if args == ["--check"]:
        return check()
    if args:
        sys.stderr.write("usage: generate.py [--check | --self-test]\n")
        return 2
    for path, text in rendered():
        path.write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
