"""Vectors of what writers sign: one function a file, each giving its format in words and its vectors.

In scope: statements, contents, records, keys, signatures, batches, proofs of possession, renewals. Out of scope: what the log makes of
them (logs.py).
"""

import ed25519
import formats as f
from values import (GENESIS, LONGEST_WRITER, SMALL_ORDER_KEY, arabic_notice, chain, flip, genesis_content,
                    genesis_statement, jo_record, seed, sign_batch, some, vector, verdict)


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
         dict(notice, audience=["states", "group:gcc", "group:maghreb", "member:JO", "member:x-escwa"])),
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


def lane_file():
    cases = [("JO/gw1", ["states"]), ("JO/gw1", ["public"]), ("JO/gw2", ["states"]),
             ("x-escwa/main", ["states", "group:gcc", "member:JO"]), (LONGEST_WRITER, ["member:x-escwa"])]
    vectors = []
    for writer, audience in cases:
        key = some(f"lane key of {writer} for {audience}", 16)
        vectors.append(vector(f"{writer[:16]} for {' '.join(audience)}", dict(writer=writer, key=key, audience=audience),
                              dict(lane=f.lane(writer, key, audience))))
    return ("Statement.lane = first 16 bytes of SHA-256(\"multaqa/lane/v1\" || 0x00 || writer || 0x00 || key || audience), the audience "
            "set as in Content, joined by spaces; key = the first 16 bytes of Content.salt.", vectors)


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


def renewal_file():
    record_seed = seed(20)
    record_key = ed25519.public_key(record_seed)
    request = some("certificate request", 20) + some("more of it", 32)
    typed = dict(genesis=GENESIS, member="JO", node="gw1", certificate_request=f.sha256(request),
                 asked_at_ms=1_735_689_600_000)
    cases = [
        ("a state's node", typed),
        ("a body without a country", dict(typed, member="x-escwa", node="main")),
        ("asked at 0, which is left out", dict(typed, asked_at_ms=0)),
        ("asked before 1970", dict(typed, asked_at_ms=-1)),
    ]
    vectors = []
    for name, of in cases:
        body = f.renewal(**of)
        message = f.pae("multaqa/renewal/v1", body)
        vectors.append(vector(name, of | dict(request=request, record_seed=record_seed),
                              dict(bytes=body, message=message, signature=ed25519.sign(record_seed, message))))
    return ("multaqa.record.v1.Renewal; certificate_request = SHA-256(request); signature = Ed25519 by the node's record key over "
            "message = PAE(\"multaqa/renewal/v1\", bytes). `verify`: first the signature, strictly, then the form of the bytes.",
            vectors + renewal_verdicts(typed, record_seed, record_key))


def renewal_verdicts(typed, record_seed, record_key):
    """A renewal, untouched and spoilt in one place each: its signature, then its form under a good signature."""
    body = f.renewal(**typed)
    signed = ed25519.sign(record_seed, f.pae("multaqa/renewal/v1", body))
    later = f.renewal(**dict(typed, asked_at_ms=typed["asked_at_ms"] + 1))
    other = f.renewal(**dict(typed, certificate_request=some("another request")))
    cases = [
        ("good", record_key, body, signed),
        ("altered time", record_key, later, signed),
        ("altered request", record_key, other, signed),
        ("key of another node", ed25519.public_key(seed(2)), body, signed),
        ("signed by the witness key", record_key, body, ed25519.sign(seed(21), f.pae("multaqa/renewal/v1", body))),
        ("signature over another payload type", record_key, body,
         ed25519.sign(record_seed, f.pae("multaqa/possession/v1", body))),
        ("signature over the bare bytes", record_key, body, ed25519.sign(record_seed, body)),
        ("altered signature byte", record_key, body, flip(signed, 40)),
        ("S + L in place of S", record_key, body, ed25519.with_s_plus_l(signed)),
        ("key of small order", SMALL_ORDER_KEY, body, SMALL_ORDER_KEY + bytes(32)),
        ("signature of 63 bytes", record_key, body, signed[:-1]),
    ]
    vectors = [vector("verify " + name, dict(renewal=b, public_key=k, signature=s),
                      verdict(ed25519.verify_strict(k, f.pae("multaqa/renewal/v1", b), s), name))
               for name, k, b, s in cases]
    malformed = [
        ("genesis of 31 bytes", f.renewal(**dict(typed, genesis=GENESIS[:-1]))),
        ("no genesis", f.renewal(**dict(typed, genesis=b""))),
        ("hash of 33 bytes", f.renewal(**dict(typed, certificate_request=typed["certificate_request"] + b"\0"))),
        ("no request", f.renewal(**dict(typed, certificate_request=b""))),
        ("member in lower case", f.renewal(**dict(typed, member="jo"))),
        ("no member", f.renewal(**dict(typed, member=""))),
        ("member and node in one", f.renewal(**dict(typed, member="JO/gw1", node=""))),
        ("node with a slash", f.renewal(**dict(typed, node="gw1/x"))),
        ("cut short", body[:-1]),
        ("no message", b"\xff"),
        ("longer than 512 bytes", body + f.field(15, bytes(512) + b"\1")),
    ]
    for name, data in malformed:
        good = ed25519.sign(record_seed, f.pae("multaqa/renewal/v1", data))
        vectors.append(vector("parse " + name, dict(renewal=data, public_key=record_key, signature=good),
                              verdict(False, name)))
    return vectors
