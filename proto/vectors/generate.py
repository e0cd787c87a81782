#!/usr/bin/env python3
"""Writes the golden vectors beside this file: the bytes that implementations of the protocol must reproduce.

    generate.py              write the JSON files
    generate.py --check      compare with the files on disk; exit 1 with a diff where they differ
    generate.py --self-test  check the primitives against RFC 8032, and against $CONFORMANCE_DIR/merkle_vectors.json where set

In scope: the files. Out of scope: the vectors (records.py, logs.py), the chosen values (values.py), the formats
(formats.py), Ed25519 (ed25519.py), the self-test (selftest.py).
Only the standard library is used, and nothing of the implementation is imported or run. Everything is derived from fixed
texts, so the output never varies. Bytes are lower-case hex unless the file's `format` says otherwise.
"""

import difflib
import json
import pathlib
import sys

sys.dont_write_bytecode = True

import logs  # noqa: E402
import records  # noqa: E402
import selftest  # noqa: E402

HERE = pathlib.Path(__file__).parent

FILES = {
    "statement": records.statement_file,
    "content": records.content_file,
    "lane": records.lane_file,
    "record": records.record_file,
    "pae": records.pae_file,
    "key": records.key_file,
    "signature": records.signature_file,
    "batch": records.batch_file,
    "possession": records.possession_file,
    "renewal": records.renewal_file,
    "seal": logs.seal_file,
    "evidence": logs.evidence_file,
    "succession": logs.succession_file,
    "leaf": logs.leaf_file,
    "stub": logs.stub_file,
    "merkle": logs.merkle_file,
    "checkpoint": logs.checkpoint_file,
    "cosignature": logs.cosignature_file,
}


def hexed(value):
    """The value with all bytes as hex."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {k: hexed(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [hexed(v) for v in value]
    return value


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
