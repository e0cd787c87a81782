-- replica.db: what the log says, verified and folded. Disposable: rebuilt from the log.

-- The whole log, whole or as stubs.
CREATE TABLE entry (
    idx INTEGER PRIMARY KEY,
    -- NULL for seals and evidence.
    record_id BLOB,
    writer TEXT,
    -- Whether the writer is this node, in the epoch of its journal.
    own INTEGER NOT NULL,
    -- Id in the content, where one was read.
    content_id TEXT,
    -- The object that the record is about: a tombstone's target, otherwise the content's id. NULL for control records.
    object TEXT,
    control INTEGER NOT NULL,
    -- Of the newest seal below, for control records.
    seal_time_ms INTEGER,
    accepted_at_ms INTEGER NOT NULL,
    -- 'VALID', 'PENDING' or the code of the rule it breaks; NULL where it was not judged.
    verdict TEXT,
    verdict_args TEXT,
    -- Of a void entry, digests over its verdict: with its arguments and without. Erasing takes the former, and leaves one
    -- zero byte where there was no verdict.
    judged BLOB,
    -- Whether a tombstone took the content.
    erased INTEGER NOT NULL DEFAULT 0,
    -- Large values last: SQLite reads past them only for what stands behind.
    leaf BLOB NOT NULL,
    signature BLOB NOT NULL,
    content BLOB
) STRICT;
-- Record ids are random: an index of all would be written anew with each frame.
CREATE UNIQUE INDEX entry_own ON entry (record_id) WHERE own = 1;
CREATE INDEX entry_object ON entry (object, idx) WHERE object IS NOT NULL;
CREATE INDEX entry_control ON entry (idx) WHERE control = 1;

-- Objects as the valid records left them; the payload is in the content at idx. Of a withdrawn one only the mark stays.
CREATE TABLE object (
    -- Begins with the country and the kind, so a range of ids is a member's objects.
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    country TEXT NOT NULL,
    revision INTEGER NOT NULL,
    record_id BLOB NOT NULL,
    idx INTEGER NOT NULL,
    -- Record ids of all revisions, 32 bytes each.
    revisions BLOB NOT NULL,
    audience TEXT NOT NULL,
    authored_at_ms INTEGER NOT NULL,
    accepted_at_ms INTEGER NOT NULL,
    title TEXT NOT NULL,
    withdrawn INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX object_kind ON object (kind, id, withdrawn);
CREATE INDEX object_withdrawn ON object (country) WHERE withdrawn = 1;

CREATE TABLE observation (
    -- From the index and the place in the dataset, so that every replica numbers alike.
    number INTEGER PRIMARY KEY,
    object TEXT NOT NULL,
    indicator TEXT NOT NULL,
    ref_area TEXT NOT NULL,
    time_period TEXT NOT NULL,
    sex TEXT,
    age TEXT,
    disability TEXT,
    place TEXT,
    provider TEXT NOT NULL,
    value TEXT,
    obs_status TEXT NOT NULL,
    unit TEXT NOT NULL,
    idx INTEGER NOT NULL
) STRICT;
CREATE INDEX observation_object ON observation (object);
CREATE INDEX observation_series ON observation (indicator, ref_area, time_period);

-- Writers' newest statements.
CREATE TABLE chain (
    writer TEXT PRIMARY KEY,
    epoch INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    record_id BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- How far the replica is; changes in the transaction of what it covers. At most one row.
CREATE TABLE cursor (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    log INTEGER NOT NULL,
    size INTEGER NOT NULL,
    frontier BLOB NOT NULL,
    control_count INTEGER NOT NULL,
    control_head BLOB NOT NULL,
    seal_time_ms INTEGER NOT NULL,
    accepted_at_ms INTEGER NOT NULL,
    checkpoint TEXT NOT NULL,
    applied_at_ms INTEGER NOT NULL,
    -- Every entry below `size` was judged readable or not at a view of at least this.
    view_floor INTEGER NOT NULL,
    -- Contents that became readable after this view are still to be fetched; NULL for none.
    fill_since INTEGER,
    -- Every index below this one was looked at.
    fill_next INTEGER NOT NULL DEFAULT 0,
    -- Raised whenever the fill has to begin anew.
    fill_round INTEGER NOT NULL DEFAULT 0,
    -- Whether copies of erased contents may be left in the file's pages.
    unscrubbed INTEGER NOT NULL DEFAULT 0,
    -- Kinds that this replica was judged with, sorted, separated by spaces.
    kinds TEXT NOT NULL,
    -- Over the other columns.
    digest BLOB NOT NULL
) STRICT;

-- Roots of complete subtrees at heights 8, 16, 24 …, one row for 256 leaves. They follow from the leaves and never change.
CREATE TABLE subtree (
    height INTEGER NOT NULL,
    number INTEGER NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (height, number)
) STRICT, WITHOUT ROWID;

-- Checkpoints that end in a seal, as they were applied: the newest, and those that witnesses cosigned.
CREATE TABLE sealed (
    size INTEGER PRIMARY KEY,
    root BLOB NOT NULL,
    note TEXT NOT NULL,
    -- Over the other columns.
    digest BLOB NOT NULL
) STRICT;

-- The newest cosignature of each witness over this history.
CREATE TABLE cosignature (
    witness TEXT PRIMARY KEY,
    size INTEGER NOT NULL,
    -- The checkpoint's signed note, with the log's line alone.
    note TEXT NOT NULL,
    line TEXT NOT NULL,
    -- Over the other columns.
    digest BLOB NOT NULL DEFAULT x''
) STRICT, WITHOUT ROWID;
-- Notes that are kept: the newest 512, and those that a newest cosignature is over. Here, so that it costs no statement of its own.
CREATE TRIGGER sealed_bounded AFTER INSERT ON sealed BEGIN
    DELETE FROM sealed
    WHERE size < (SELECT size FROM sealed ORDER BY size DESC LIMIT 1 OFFSET 511) AND size NOT IN (SELECT size FROM cosignature);
END;

-- Of each table whose rows nothing signed binds and none is forgotten: how many there are, and the exclusive or of their digests.
CREATE TABLE tally (
    name TEXT PRIMARY KEY,
    rows INTEGER NOT NULL,
    digest BLOB NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO tally (name, rows, digest) VALUES ('cosignature', 0, zeroblob(32));

-- After a fast start, what stands in place of leaves: roots of complete subtrees, by the index of their first leaf.
CREATE TABLE run (
    first INTEGER PRIMARY KEY,
    height INTEGER NOT NULL,
    hash BLOB NOT NULL,
    -- Over the other columns.
    digest BLOB NOT NULL
) STRICT;

-- Where the fast start ended, and what made the log STABLE there: the hub's `Start`, serialised. At most one row.
CREATE TABLE started (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    size INTEGER NOT NULL,
    offer BLOB NOT NULL,
    -- Over the other columns.
    digest BLOB NOT NULL
) STRICT;
