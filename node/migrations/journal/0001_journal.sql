-- journal.db: what this node alone knows and cannot fetch again. Precious: backed up, never rebuilt.

-- Who the node is. One row.
CREATE TABLE meta (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    member TEXT NOT NULL,
    node TEXT NOT NULL,
    genesis BLOB NOT NULL CHECK (length(genesis) = 32),
    log INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    -- Random, made with the journal: two copies of one journal show as one instance with two incarnations.
    instance BLOB NOT NULL CHECK (length(instance) = 16),
    -- Raised before each connect.
    incarnation INTEGER NOT NULL,
    -- Whether copies of erased contents may be left in the file's pages.
    unscrubbed INTEGER NOT NULL DEFAULT 0,
    -- Over the other columns.
    digest BLOB NOT NULL DEFAULT x''
) STRICT;

-- Own records, signed once; number orders them as they were signed. None is ever deleted: SQLite counts them.
CREATE TABLE own (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    epoch INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    record_id BLOB NOT NULL UNIQUE CHECK (length(record_id) = 32),
    object_id TEXT NOT NULL,
    statement BLOB NOT NULL,
    signature BLOB NOT NULL,
    -- NULL where it was withdrawn.
    content BLOB,
    state TEXT NOT NULL CHECK (state IN ('queued', 'accepted', 'rejected', 'void')),
    idx INTEGER,
    code TEXT,
    args TEXT NOT NULL DEFAULT '{}',
    signed_at_ms INTEGER NOT NULL,
    -- Whether it came back on this node's own replica.
    seen INTEGER NOT NULL DEFAULT 0,
    -- Over what never changes, and over what does.
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    standing BLOB NOT NULL CHECK (length(standing) = 32),
    UNIQUE (epoch, seq)
) STRICT;
CREATE INDEX own_open ON own (number) WHERE seen = 0;
CREATE INDEX own_idx ON own (idx) WHERE idx IS NOT NULL;
CREATE INDEX own_state ON own (state);
CREATE INDEX own_object ON own (object_id);
CREATE INDEX own_awaited ON own (idx) WHERE seen = 0 AND idx IS NOT NULL;

-- The lane of each audience set that was ever written to.
CREATE TABLE lane (
    audience TEXT PRIMARY KEY,
    lane BLOB NOT NULL CHECK (length(lane) = 16),
    -- Over the other columns.
    digest BLOB NOT NULL DEFAULT x''
) STRICT, WITHOUT ROWID;

-- Why nothing more is signed or submitted; at most one row.
CREATE TABLE blocked (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    code TEXT NOT NULL,
    args TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    -- Over the other columns.
    digest BLOB NOT NULL DEFAULT x''
) STRICT;

-- The rule that the hub was caught breaking; at most one row.
CREATE TABLE alarm (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    code TEXT NOT NULL,
    args TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    -- Over the other columns.
    digest BLOB NOT NULL DEFAULT x''
) STRICT;

-- Of each table whose rows nothing signed binds: how many there are, and the exclusive or of their digests.
CREATE TABLE tally (
    name TEXT PRIMARY KEY,
    rows INTEGER NOT NULL,
    digest BLOB NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO tally (name, rows, digest) VALUES
    ('meta', 0, zeroblob(32)), ('lane', 0, zeroblob(32)), ('blocked', 0, zeroblob(32)), ('alarm', 0, zeroblob(32));

-- The newest checkpoint that this node cosigned; at most one row. What was sent once stands here.
CREATE TABLE witness (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    log INTEGER NOT NULL,
    size INTEGER NOT NULL,
    root BLOB NOT NULL CHECK (length(root) = 32),
    -- The checkpoint's signed note.
    note TEXT NOT NULL,
    -- When it was cosigned last.
    time_s INTEGER NOT NULL,
    -- Over the other columns.
    digest BLOB NOT NULL DEFAULT x''
) STRICT;
INSERT INTO tally (name, rows, digest) VALUES ('witness', 0, zeroblob(32));

-- Systems of this member that come to the node's port for them, and what they may do.
CREATE TABLE client (
    -- "<org>/<name>".
    name TEXT PRIMARY KEY,
    -- A JSON list.
    scopes TEXT NOT NULL,
    added_ms INTEGER NOT NULL,
    -- NULL while it may come in.
    revoked_ms INTEGER,
    -- Over the other columns.
    digest BLOB NOT NULL DEFAULT x''
) STRICT, WITHOUT ROWID;

-- Their certificates: whoever shows another one stays outside.
CREATE TABLE client_certificate (
    -- Serial number, hexadecimal.
    serial TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    certificate BLOB NOT NULL,
    issued_ms INTEGER NOT NULL,
    not_after_ms INTEGER NOT NULL,
    -- Over the other columns.
    digest BLOB NOT NULL DEFAULT x''
) STRICT, WITHOUT ROWID;
INSERT INTO tally (name, rows, digest) VALUES ('client', 0, zeroblob(32)), ('client_certificate', 0, zeroblob(32));
