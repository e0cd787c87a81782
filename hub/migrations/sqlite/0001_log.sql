-- The log and what the hub keeps beside it. src/store.rs says what each table guarantees.

-- One row a leaf. Rows are added in order and never changed, but for content and readers, which erasure overwrites in place.
CREATE TABLE entry (
    idx          INTEGER PRIMARY KEY,
    leaf         BLOB NOT NULL,
    signature    BLOB NOT NULL,
    content      BLOB,
    record_id    BLOB,
    object_id    TEXT,
    writer       TEXT,
    epoch        INTEGER,
    seq          INTEGER,
    control      INTEGER NOT NULL CHECK (control IN (0, 1)),
    seal_time_ms INTEGER,
    readers      TEXT,
    -- A record is found by its place: places of a writer come in order, ids at random, and an index of those would be
    -- written anew with each commit.
    UNIQUE (writer, epoch, seq)
) STRICT;
CREATE INDEX entry_object ON entry (object_id, idx) WHERE object_id IS NOT NULL;
CREATE INDEX entry_control ON entry (idx) WHERE control = 1;

-- One row a commit: the entries first..size, and the checkpoint over the first size leaves.
CREATE TABLE batch (
    size           INTEGER PRIMARY KEY,
    first          INTEGER NOT NULL UNIQUE CHECK (first < size),
    bytes          INTEGER NOT NULL,
    checkpoint     TEXT NOT NULL,
    root           BLOB NOT NULL,
    frontier       BLOB NOT NULL,
    accepted_at_ms INTEGER NOT NULL,
    -- Over this row, and over what erasure leaves of its entries: object, lengths of content and readers.
    digest         BLOB NOT NULL
) STRICT;

-- One row: the state after the newest commit.
CREATE TABLE head (
    one            INTEGER PRIMARY KEY CHECK (one = 1),
    log            INTEGER NOT NULL,
    size           INTEGER NOT NULL REFERENCES batch (size),
    control_count  INTEGER NOT NULL,
    control_head   BLOB NOT NULL,
    seal_time_ms   INTEGER NOT NULL,
    sealed_size    INTEGER NOT NULL,
    accepted_at_ms INTEGER NOT NULL
) STRICT;

-- The newest statement of each writer.
CREATE TABLE chain (
    writer    TEXT PRIMARY KEY,
    epoch     INTEGER NOT NULL,
    seq       INTEGER NOT NULL,
    record_id BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Certificates that were issued.
CREATE TABLE serial (
    serial       BLOB PRIMARY KEY,
    identity     TEXT NOT NULL,
    status       TEXT NOT NULL CHECK (status IN ('pending', 'active', 'revoked')),
    not_after_ms INTEGER NOT NULL,
    chain        BLOB NOT NULL,
    key_record   BLOB,
    -- Over the other columns.
    digest       BLOB NOT NULL DEFAULT x''
) STRICT, WITHOUT ROWID;
CREATE INDEX serial_key_record ON serial (key_record) WHERE key_record IS NOT NULL;

-- Nodes as they last presented themselves.
CREATE TABLE node_seen (
    writer        TEXT PRIMARY KEY,
    instance      BLOB NOT NULL,
    incarnation   INTEGER NOT NULL,
    last_heard_ms INTEGER NOT NULL,
    cursor        INTEGER NOT NULL,
    -- Over the other columns.
    digest        BLOB NOT NULL DEFAULT x''
) STRICT, WITHOUT ROWID;

-- Of each table whose rows no signature binds: how many there are, and the exclusive or of their digests.
CREATE TABLE tally (
    name   TEXT PRIMARY KEY,
    rows   INTEGER NOT NULL,
    digest BLOB NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO tally (name, rows, digest) VALUES ('serial', 0, zeroblob(32)), ('node_seen', 0, zeroblob(32));

-- Roots of complete subtrees at heights 8, 16, 24 …, one row for 256 leaves. They follow from the leaves and never change.
CREATE TABLE subtree (
    height INTEGER NOT NULL,
    number INTEGER NOT NULL,
    hash   BLOB NOT NULL,
    PRIMARY KEY (height, number)
) STRICT, WITHOUT ROWID;

-- The newest cosignature of each node: the checkpoint's note with the log's line alone, and the witness's line.
CREATE TABLE cosignature (
    writer     TEXT PRIMARY KEY,
    checkpoint TEXT NOT NULL,
    line       TEXT NOT NULL,
    -- Over the other columns.
    digest     BLOB NOT NULL DEFAULT x''
) STRICT, WITHOUT ROWID;
INSERT INTO tally (name, rows, digest) VALUES ('cosignature', 0, zeroblob(32));

-- Records whose contents the hub never had: it was refilled from nodes that may not read them.
CREATE INDEX entry_missing ON entry (idx) WHERE content IS NULL AND record_id IS NOT NULL;

-- Whether the store was restored from a backup or is being rebuilt. At most one row.
CREATE TABLE restored (
    what          TEXT PRIMARY KEY CHECK (what = 'hub'),
    reason        TEXT NOT NULL CHECK (reason IN ('backup', 'rebuilt', 'behind', 'closing')),
    since_ms      INTEGER NOT NULL,
    from_size     INTEGER NOT NULL,
    released_size INTEGER,
    done_size     INTEGER,
    -- Over the other columns.
    digest        BLOB NOT NULL DEFAULT x''
) STRICT, WITHOUT ROWID;
INSERT INTO tally (name, rows, digest) VALUES ('restored', 0, zeroblob(32));

-- Records that stood above a size to which the log went back, in their order, until they are ordered again.
CREATE TABLE dropped (
    number    INTEGER PRIMARY KEY,
    leaf      BLOB NOT NULL,
    signature BLOB NOT NULL,
    content   BLOB,
    -- Over the other columns.
    digest    BLOB NOT NULL DEFAULT x''
) STRICT;
INSERT INTO tally (name, rows, digest) VALUES ('dropped', 0, zeroblob(32));

-- What operators decided on closing the log, until the next one begins.
CREATE TABLE decision (
    operator  TEXT PRIMARY KEY,
    decision  BLOB NOT NULL,
    signature BLOB NOT NULL,
    -- Over the other columns.
    digest    BLOB NOT NULL DEFAULT x''
) STRICT, WITHOUT ROWID;
INSERT INTO tally (name, rows, digest) VALUES ('decision', 0, zeroblob(32));
