"""Checks the primitives against definitions that they were not written with.

In scope: RFC 8032 (7.1), the DSSE specification's example, RFC 6962 vectors of $CONFORMANCE_DIR where set, and that each
spoilt signature is one which lax verification would accept.
"""

import json
import os
import pathlib
import sys

import ed25519
import formats as f

# RFC 8032, section 7.1: secret key, public key, message, signature.
RFC_8032 = [
    ("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
    ("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
    ("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
]


def run():
    failures = [*signatures(), *encodings(), *merkle()]
    for failure in failures:
        sys.stderr.write(f"self-test: {failure}\n")
    return 1 if failures else 0


def signatures():
    for secret, public, message, signature in (map(bytes.fromhex, row) for row in RFC_8032):
        if ed25519.public_key(secret) != public:
            yield "RFC 8032 public key differs"
        if ed25519.sign(secret, message) != signature:
            yield "RFC 8032 signature differs"
        if not ed25519.verify_strict(public, message, signature):
            yield "RFC 8032 signature refused"
        spoilt = [(public, ed25519.with_s_plus_l(signature)), (public, ed25519.sign_with_small_order_r(secret, message)),
                  (ed25519.compress(ed25519.IDENTITY), ed25519.compress(ed25519.IDENTITY) + bytes(32))]
        for key, bad in spoilt:
            if not ed25519.equation_holds(key, message, bad) or ed25519.verify_strict(key, message, bad):
                yield "spoilt signature is not one that strictness alone refuses"


def encodings():
    if f.pae("http://example.com/HelloWorld", b"hello world") != b"DSSEv1 29 http://example.com/HelloWorld 11 hello world":
        yield "DSSE example differs"
    # The examples of protobuf's encoding guide.
    if f.field(1, 150) != b"\x08\x96\x01" or f.field(2, "testing") != b"\x12\x07testing":
        yield "protobuf example differs"
    if f.varint(-1) != b"\xff" * 9 + b"\x01":
        yield "protobuf negative varint differs"


def merkle():
    folder = os.environ.get("CONFORMANCE_DIR")
    if not folder:
        return
    data = json.loads((pathlib.Path(folder) / "merkle_vectors.json").read_text())
    hashes = [f.leaf_hash(b"entry-%d" % i) for i in range(max(r["size"] for r in data["roots"]))]
    for row in data["roots"]:
        if f.root_of_hashes(hashes[:row["size"]]).hex() != row["root"]:
            yield f"root of size {row['size']} differs"
    for row in data["inclusion"]:
        if [p.hex() for p in f.inclusion_path(row["index"], hashes[:row["size"]])] != row["path"]:
            yield f"inclusion path {row['index']} of {row['size']} differs"
    for row in data["consistency"]:
        if [p.hex() for p in f.consistency_path(row["old"], hashes[:row["new"]])] != row["path"]:
            yield f"consistency path {row['old']} to {row['new']} differs"
    for row in data["compact_ranges"]:
        found = [{"first": a, "count": n, "hash": f.root_of_hashes(hashes[a:a + n]).hex()}
                 for a, n in f.subtrees(row["first"], row["end"])]
        if found != row["subtrees"]:
            yield f"subtrees of {row['first']}..{row['end']} differ"
