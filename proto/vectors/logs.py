"""Vectors of the log: one function a file, each giving its format in words and its vectors.

In scope: seals, evidence, successions, leaves, entries, trees, checkpoints, cosignatures. Out of scope: what writers sign (records.py).
"""

import ed25519
import formats as f
from values import (ACCEPTED_AT, FEDERATION, GENESIS, LONGEST_WRITER, SMALL_ORDER_KEY, chain, flip, genesis_content,
                    genesis_statement, jo_record, seed, sign_batch, some, vector)


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
    evidence = f.evidence(contradiction("JO/gw1", 1, 7, seed(2)))
    return [
        ("record", "record", ACCEPTED_AT, signature, statement, content),
        ("record of the longest writer", "record", 2**63 - 1, longest_signature, longest, content),
        ("seal", "seal", ACCEPTED_AT + 1000, b"", seal, None),
        ("genesis", "genesis", ACCEPTED_AT, genesis_signature, genesis, f.content(**genesis_content())),
        ("genesis without signature", "genesis", ACCEPTED_AT, b"", genesis, f.content(**genesis_content())),
        ("evidence", "evidence", ACCEPTED_AT + 2000, b"", evidence, None),
        ("accepted at 0", "record", 0, signature, statement, content),
        ("succession", "succession", ACCEPTED_AT + 3000, b"", succession_bytes(), None),
    ]


def succession_bytes():
    _, log, closed, cosigned, decisions = successions()[1]
    return f.succession(log, closed, cosigned, [(data, signed) for _, data, signed in decisions])


def contradiction(writer, epoch, seq, key_seed, changes=None):
    """Two statements of one writer for one place, each signed alone: (serialised Statement, serialised Signature)."""
    pairs = []
    for n in (1, 2):
        typed = dict(federation=GENESIS, writer=writer, epoch=epoch, seq=seq, previous=some("before") if seq > 1 else b"",
                     lane=some(f"{writer} lane", 16), content_hash=some(f"contradicting content {n}"))
        typed |= changes if changes and n == 2 else {}
        statement = f.statement(**typed)
        batch = sign_batch(key_seed, typed["writer"], typed["epoch"], [f.record_id(statement)])
        pairs.append((statement, batch["records"][0]["signature"]))
    return pairs


def evidence_file():
    vectors = []
    for writer, epoch, seq, n in (("JO/gw1", 1, 7, 2), ("operator/first", 1, 2, 1), (LONGEST_WRITER, 2**63 - 1, 2**63 - 1, 4)):
        pairs = contradiction(writer, epoch, seq, seed(n))
        for name, given in (("in this order", pairs), ("turned round", pairs[::-1])):
            inputs = dict(statements=[dict(statement=s, signature=g) for s, g in given])
            ids = sorted(f.record_id(s) for s, _ in pairs)
            vectors.append(vector(f"{writer[:16]}, {name}", inputs, dict(bytes=f.evidence(given), record_ids=ids)))
    return ("multaqa.record.v1.Evidence, the body of an evidence leaf: two statements {statement, signature}, the one with the "
            "smaller record id first; only this spelling is evidence. Both are of the federation, at one (writer, epoch, seq), "
            "signed by one key, and their record ids differ.", vectors + evidence_verdicts())


def evidence_verdicts():
    key, pairs = ed25519.public_key(seed(2)), contradiction("JO/gw1", 1, 7, seed(2))
    one, other = sorted(pairs, key=lambda pair: f.record_id(pair[0]))
    good = f.evidence(pairs)

    def changed(**changes):
        return f.evidence(contradiction("JO/gw1", 1, 7, seed(2), changes))

    other_key = contradiction("JO/gw1", 1, 7, seed(3))[1]
    together = sign_batch(seed(2), "JO/gw1", 1, [f.record_id(statement) for statement, _ in pairs])
    together = [(pair[0], record["signature"]) for pair, record in zip(pairs, together["records"])]
    cases = [
        ("verify good", key, good),
        ("verify good, both signed in one batch", key, f.evidence(together)),
        ("verify another key", ed25519.public_key(seed(3)), good),
        ("verify signatures exchanged", key, f.evidence_as_given([(one[0], other[1]), (other[0], one[1])])),
        ("verify another federation", key, changed(federation=some("another genesis"))),
        ("verify no federation", key, changed(federation=b"")),
        ("parse the larger id first", key, f.evidence_as_given([other, one])),
        ("parse one statement twice", key, f.evidence_as_given([one, one])),
        ("parse one statement with two signatures", key,
         f.evidence_as_given([pairs[0], (pairs[0][0], together[0][1])])),
        ("parse one statement", key, f.evidence_as_given([one])),
        ("parse three statements", key, f.evidence_as_given([one, other, other])),
        ("parse another place", key, changed(seq=8)),
        ("parse another epoch", key, changed(epoch=2)),
        ("parse another writer", key, changed(writer="JO/gw2")),
        ("parse signed by two keys", key, f.evidence([pairs[0], other_key])),
        ("parse a further field", key, good + f.field(2, 1)),
        ("parse a byte too few", key, good[:-1]),
        ("parse nothing", key, b""),
    ]
    return [vector(name, dict(federation=GENESIS, public_key=k, evidence=data),
                   dict(verify="accepted" if name.startswith("verify good") else "refused")) for name, k, data in cases]


def successions():
    """Named successions of log 1 at 5 of 7 leaves: (name, log, closed note, cosigned notes with proofs, decisions)."""
    hashes = [f.leaf_hash(b"entry-%d" % i) for i in range(7)]
    origin = f"{FEDERATION}/log/1"

    def note(size, *lines):
        text = f.checkpoint_text(origin, size, f.root_of_hashes(hashes[:size]))
        cosigned = (f"{FEDERATION}/witness/{writer}" for writer, _ in lines)
        signed = [f.signature_line(name, f.cosignature_payload(name, seed(n), 1_735_689_661, text))
                  for name, (_, n) in zip(cosigned, lines)]
        return text + "\n" + f.checkpoint_line(origin, seed(10), text) + "".join(signed)

    def decided(operator, n, at, reason):
        typed = dict(genesis=GENESIS, log=2, size=5, root=f.root_of_hashes(hashes[:5]), operator=operator,
                     decided_at_ms=at, reason=reason)
        data = f.decision(**typed)
        return typed, data, ed25519.sign(seed(n), f.pae("multaqa/succession/v1", data))

    first = decided("first", 1, ACCEPTED_AT, "The store and the nodes contradict each other.")
    second = decided("second", 5, ACCEPTED_AT + 60_000, "وافقت")
    alone = (note(5, ("EG/gw1", 22), ("JO/gw1", 21)), [])
    later = (note(7, ("MA/gw1", 24)), f.consistency_path(5, hashes))
    return [("without witnesses", 2, note(5), [], [first]),
            ("one note of the closed size", 2, note(5), [alone], [first]),
            ("a later note, two operators", 2, note(5), [alone, later], [first, second])]


def succession_file():
    vectors = []
    for name, log, closed, cosigned, decisions in successions():
        inputs = dict(log=log, closed=closed, cosigned=[dict(checkpoint=n, consistency=h) for n, h in cosigned],
                      decisions=[typed | dict(seed=seed(5 if typed["operator"] == "second" else 1)) for typed, _, _ in decisions])
        pairs = [(data, signed) for _, data, signed in decisions]
        vectors.append(vector(name, inputs, dict(
            decisions=[dict(decision=d, signature=s) for d, s in pairs], bytes=f.succession(log, closed, cosigned, pairs))))
    good = vectors[1]["expected"]["bytes"]
    refused = [("nothing more than a byte", b"\x08"), ("a further field", good + f.field(5, 1)), ("a byte too few", good[:-1]),
               ("the number twice", f.field(1, 2) + good)]
    vectors += [vector("parse " + name, dict(bytes=data), dict(parse="refused")) for name, data in refused]
    return ("multaqa.record.v1.Succession, the body of a succession leaf: number of the log that begins; the closed checkpoint as a "
            "note; cosigned notes with RFC 6962 consistency proofs from the closed size; decisions, each signed (Ed25519) over "
            "PAE(\"multaqa/succession/v1\", serialised Decision).", vectors)


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
               ("type 6", good[:1] + b"\6" + good[2:])]
    vectors += [vector("parse " + name, dict(bytes=data), dict(parse="refused")) for name, data in refused]
    return ("Leaf bytes: version u8 = 1; type u8 (1 record, 2 seal, 3 genesis, 4 evidence, 5 succession); accepted_at u64 "
            "big-endian, ms since 1970; SHA-256(serialised Signature, empty where there is none); body (Statement, or the Seal, the "
            "Evidence, the Succession). "
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
