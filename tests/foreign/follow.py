"""Follows the log as a foreign client: grpcio over mutual TLS, and nothing of the project but its schema.

Reads the whole log with a node's identity, and computes from the received bytes alone: leaf hashes, the RFC 6962 root,
the signature of the checkpoint by the log key in the genesis, record ids, content hashes. Prints one JSON object.

usage: follow.py HOST:PORT IDENTITY.pem ROOT.pem HUB_NAME SCHEMA_DIR SIZE
needs: grpcio, grpcio-tools, zstandard, cryptography
"""

import base64
import hashlib
import importlib
import json
import pathlib
import struct
import sys
import tempfile

import grpc
import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from grpc_tools import protoc


def main(address, identity, root, hub_name, schema, size):
    pb = compile_schema(pathlib.Path(schema))
    channel = dial(address, pathlib.Path(identity).read_text(), pathlib.Path(root).read_bytes(), hub_name)
    sync, sync_grpc = pb("multaqa.hub.v1.sync_pb2"), pb("multaqa.hub.v1.sync_pb2_grpc")
    record, control = pb("multaqa.record.v1.record_pb2"), pb("multaqa.kind.v1.control_pb2")

    entries, checkpoint = {}, ""
    request = sync.CatchUpRequest(log=1, to=int(size))
    stub = sync_grpc.SyncServiceStub(channel)
    for answer in stub.CatchUp(request, timeout=300):
        for block in answer.frame.blocks:
            body = zstandard.ZstdDecompressor().decompress(block.data, max_output_size=block.unpacked_bytes)
            body = sync.BlockBody.FromString(body)
            entries.update(zip(body.indexes, body.entries))
        checkpoint = answer.frame.checkpoint

    assert sorted(entries) == list(range(len(entries))), "entries are missing"
    contents = sum(check(entry, record) for entry in entries.values())
    leaves = [hashlib.sha256(b"\0" + entries[index].leaf).digest() for index in range(len(entries))]
    genesis = record.Content.FromString(entries[0].content)
    genesis = control.Genesis.FromString(genesis.payload)
    size, signed = open_checkpoint(checkpoint, genesis)
    computed = merkle_root(leaves)
    assert (size, signed) == (len(leaves), computed), "the checkpoint does not fit the entries"
    print(json.dumps({"size": size, "root": computed.hex(), "contents": contents, "federation": genesis.federation}))


def compile_schema(schema):
    out = tempfile.mkdtemp()
    files = [str(path) for path in schema.rglob("*.proto")]
    paths = [f"-I{schema}", f"-I{pathlib.Path(protoc.__file__).parent / '_proto'}"]
    assert protoc.main(["protoc", *paths, f"--python_out={out}", f"--grpc_python_out={out}", *files]) == 0
    sys.path.insert(0, out)
    return importlib.import_module


def dial(address, identity, root, hub_name):
    key, rest = identity.split("-----END PRIVATE KEY-----\n", 1)
    key += "-----END PRIVATE KEY-----\n"
    credentials = grpc.ssl_channel_credentials(root, key.encode(), rest.encode())
    return grpc.secure_channel(address, credentials, [("grpc.ssl_target_name_override", hub_name)])


def check(entry, record):
    """Checks one entry's own hashes; 1 where its content was shown, 0 for a stub, a seal or evidence."""
    version, kind, _accepted = struct.unpack(">BBq", entry.leaf[:10])
    assert version == 1 and entry.leaf[10:42] == hashlib.sha256(entry.signature).digest()
    if kind == 4:
        pair = [record.Statement.FromString(signed.statement) for signed in record.Evidence.FromString(entry.leaf[42:]).statements]
        one, other = ((s.federation, s.writer, s.epoch, s.seq) for s in pair)
        assert one == other and pair[0] != pair[1], "evidence that contradicts nothing"
    if kind == 2 or not entry.HasField("content"):
        return 0
    statement = record.Statement.FromString(entry.leaf[42:])
    assert statement.content_hash == hashlib.sha256(entry.content).digest()
    return 1


def open_checkpoint(note, genesis):
    text, signature = note.split("\n\n", 1)
    text += "\n"
    origin, size, root = text.splitlines()[:3]
    name, payload = signature.strip().removeprefix("\u2014 ").split(" ")
    assert name == origin == f"{genesis.federation}/log/1"
    payload = base64.b64decode(payload)
    key = genesis.policy.log_key
    assert payload[:4] == hashlib.sha256(name.encode() + b"\n\x01" + key).digest()[:4]
    Ed25519PublicKey.from_public_bytes(key).verify(payload[4:], text.encode())
    return int(size), base64.b64decode(root)


def merkle_root(leaves):
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + merkle_root(leaves[:split]) + merkle_root(leaves[split:])).digest()


if __name__ == "__main__":
    main(*sys.argv[1:])
