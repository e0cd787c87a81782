# Texts of multaqa-node. `.act` is a token: who must act. `.next` holds the next command.

# Stores.
STORE_NEWER = The store { $store } was written by a later version of the program: its schema is { $found }, this version knows { $known }.
    .act = member-node
    .next = Install the later version again, or restore the backup of before the upgrade; `multaqa-node --version` shows which one runs.
STORE_MISSING = There is no { $path }.
    .act = member-node
    .next = Name the node's directory with `--dir DIR`, or join first with `multaqa-node join --key-file FILE`. Where it was lost, restore it from its newest backup.
STORE_EMPTY = { $path } is empty: a copy that was cut off, or a join that did not end.
    .act = member-node
    .next = A replica.db may be removed: it is fetched again from the log. Restore a journal.db from its newest backup and run `multaqa-node fsck`. Where the node never ran, repeat `multaqa-node join --key-file FILE`.
STORE_NOT_DATABASE = { $path } is no database: its first bytes are something else's. It was not touched.
    .act = member-node
    .next = See what it is with `file { $path }`. A replica.db may be removed: it is fetched again from the log. Restore a journal.db from its newest backup and run `multaqa-node fsck`.
STORE_FULL = No space is left for the { $store } ({ $transaction }): { $detail }. Nothing was half-stored.
    .act = member-node
    .next = Make space on the disk that holds the node's directory (see with `df -h`): a running node goes on by itself. Then repeat the command, or look with `multaqa-node status`.
STORE_FAILED = The store { $store } could not be used ({ $transaction }): { $detail }.
    .act = member-node
    .next = Look at the space that is left with `df -h`, then run `multaqa-node fsck`.
STORE_ROW_BAD = The table { $table } holds in row { $row }, column { $column }, what the program never writes: { $detail }.
    .act = member-node
    .next = Run `multaqa-node fsck`. A damaged replica.db is fetched again from the log; a damaged journal.db is restored from its backup.

# Journal and outbox.
JOURNAL_PLACE_TAKEN = The journal expects record number { $expected } of its chain, not { $found }: another publication was faster.
    .act = writer
    .next = Run `multaqa-node publish FILE` again.
JOURNAL_FOREIGN = The journal in this directory is of { $found }, not of { $expected }.
    .act = member-node
    .next = Put this node's own journal.db back from its newest backup. For another node, join in an empty directory: `multaqa-node join --key-file FILE --dir DIR`.
EVIDENCE_NOT_WRITTEN = The evidence of the alarm could not be written: { $detail }
    .act = member-node
    .next = Make room for the directory `evidence/` of the node and run `multaqa-node status --retry-alarm`: the alarm comes again, and with it the file.
JOURNAL_BEHIND = The log holds records of this node that its journal does not: the journal is an old copy. The node reads, but signs nothing more.
    .act = member-node
    .next = Restore the newest backup of journal.db. Without one, ask the operators to run `multaqa-hub invite MEMBER` and join anew with that key.
CHAIN_BROKEN = The log has records of this node up to { $held } alone: it lost the one at { $seq }, which was withdrawn since, and nobody holds its content. The node reads, but nothing that it signs in this epoch can be ordered.
    .act = operator
    .next = Ask the operators to run `multaqa-hub invite MEMBER --node NAME`, and join anew with that key in an empty directory: `multaqa-node join --key-file FILE --dir DIR`. What waits in this outbox, shown by `multaqa-node queue`, is published again from there.
JOURNAL_RESTORED = The journal was put back from a backup, or is a copy: nothing is signed before it is known that the log holds no newer records of this node, up to a size for which the other witnessing states vouch.
    .act = member-node
    .next = Nothing is to be done: with a line to the hub the node compares by itself, and goes on; `multaqa-node status` shows when.
JOURNAL_RECORD_WRONG = A record in the journal does not hold.
    .act = member-node
    .next = Restore journal.db from its backup, then run `multaqa-node fsck`.
OUTBOX_BLOCKED = Nothing more is signed or sent: { $reason }.
    .act = member-node
    .next = See which record it is with `multaqa-node queue`, and ask the operators for a new key: `multaqa-hub invite MEMBER`.

# What fsck finds in the replica.
REPLICA_ENTRY_WRONG = An entry of the replica does not hold.
    .act = member-node
    .next = Stop the node, remove replica.db and run `multaqa-node serve`: it is fetched again from the log.
REPLICA_CURSOR_WRONG = The replica's position, chains or checkpoint are not what its entries give.
    .act = member-node
    .next = Stop the node, remove replica.db and run `multaqa-node serve`: it is fetched again from the log.
REPLICA_SUBTREE_WRONG = A stored root of a complete subtree of the replica is not what its entries give.
    .act = member-node
    .next = Stop the node, remove replica.db and run `multaqa-node serve`: it is fetched again from the log.
REPLICA_FOLD_WRONG = An object of the replica is not what its records give.
    .act = member-node
    .next = Stop the node, remove replica.db and run `multaqa-node serve`: it is fetched again from the log.

# The line to the hub.
LINE_DOWN = The hub cannot be reached: { $detail }.
    .act = member-node
    .next = Nothing is lost: reading goes on, and the line is tried again by itself. `multaqa-node status` shows since when.
LINK_CALL_FAILED = A call to the hub failed: { $detail }.
    .act = hub
    .next = It is tried again by itself; `multaqa-node status` shows since when.
LINK_ANSWER_BAD = The hub answered what the protocol does not allow: { $detail }.
    .act = hub
    .next = Compare `multaqa-node --version` with the hub's version, and send the operators the node's log.
LOG_UNANSWERED = The hub answers, but none of this node's records that wait was answered for { $seconds } s: its log does not move.
    .act = operator
    .next = Nothing is lost: the records stay in the outbox and are sent again by themselves. Tell the operators, who see more with `multaqa-hub status`; `multaqa-node status` shows when it is over.
LOG_SEAL_OVERDUE = The hub answers, but its log stands still: no seal closes it since { $since }. What other members published meanwhile may be missing.
    .act = operator
    .next = Reading goes on. Tell the operators, who see more with `multaqa-hub status`; `multaqa-node status` shows when it is over.
CLOCKS_DIFFER = What comes from the hub is dated { $seconds } s ahead of this machine's clock, and no other state's fresh cosignature says which of the two is right. Nothing of it is taken, and nothing is claimed.
    .act = member-node
    .next = Compare the clock of this machine with another one and set it (NTP): the node goes on by itself. Where this clock is right, tell the operators; `multaqa-node status` shows how far the two are apart.
OWN_CLOCK_WRONG = The clock of this machine is { $seconds } s off those of the hub and of other states, which agree.
    .act = member-node
    .next = Set the clock of this machine (NTP): until then the hub takes no cosignatures of this node. `multaqa-node status` shows when it is right.
HUB_CLOCK_WRONG = The hub says a time that is { $seconds } s off the clock of this machine, with which other states agree.
    .act = operator
    .next = Nothing is to be done here. Tell the operators to set the clock of the hub's machine (NTP); `multaqa-node status` shows when it is right.
LOG_UNWITNESSED = Since { $since } fewer than { $needed } other states vouch for the log with a fresh cosignature: what the hub shows others may differ.
    .act = operator
    .next = Reading and publishing go on. `multaqa-node status` lists the witnesses that are silent; a silent witness comes back by itself, or leaves by `multaqa-hub policy witnesses remove`.

# Joining.
JOIN_KEY_EXPIRED = The join key was valid until { $until }.
    .act = operator
    .next = Ask the operators for another one: `multaqa-hub invite MEMBER`.
JOIN_GENESIS_WRONG = Another federation answered than the one that the join key names: { $detail }. Nothing secret was sent.
    .act = operator
    .next = Let the operators compare the hub's address in the key, then run `multaqa-node join --key-file FILE` again.
JOIN_KEY_USED = The join key of { $writer } was used already, with other keys than those in this directory.
    .act = operator
    .next = If that was not you, tell the operators at once. Otherwise ask for another key: `multaqa-hub invite MEMBER`.
JOIN_NOT_OPEN = The hub knows of no open invitation for the join key of { $writer }: the key was used already with other keys than those in this directory, or it has lapsed, or its member is suspended, or it is another federation's.
    .act = operator
    .next = Ask the operators what `multaqa-hub members` shows for this node. Where it is shown as joined and that was not you, tell them so at once; otherwise they make another key with `multaqa-hub invite MEMBER`.
JOIN_REFUSED = The hub does not let this node join ({ $reason }): { $detail }.
    .act = operator
    .next = Ask the operators what `multaqa-hub members list` shows for this member.
JOIN_CERTIFICATE_WRONG = The hub issued a certificate that is not this node's: { $detail }. It was not kept.
    .act = hub
    .next = Tell the operators, then run `multaqa-node join --key-file FILE` again.
JOIN_DIRECTORY_WRONG = { $path } stands in the way of joining: { $detail }.
    .act = member-node
    .next = Look at it with `ls -l { $path }`, or join in an empty directory with `--dir DIR`.

# Configuration.
CONFIG_HUB_MISSING = No address of a hub is configured.
    .act = member-node
    .next = Write `hubs = ["HOST:PORT"]` under `[node]` in node.toml, then run `multaqa-node config check`.
CONFIG_HUB_MALFORMED = “{ $value }” is not an address of the form HOST:PORT.
    .act = member-node
    .next = Correct `hubs` under `[node]` in node.toml, then run `multaqa-node config check`.
NODE_NOT_JOINED = No node has joined in { $dir }.
    .act = member-node
    .next = Ask the operators for a join key and run `multaqa-node join --key-file FILE --dir { $dir }`, or name the right directory with `--dir DIR`.

# Record files.
FILES_REFUSED = { $count ->
        [one] The files break one rule
       *[other] The files break { $count } rules
    }; nothing was signed.
    .act = writer
    .next = Correct what is listed and run `multaqa-node publish FILE` again.
FILE_TOO_LARGE = The file has { $found } bytes; { $max } are allowed.
    .act = writer
    .next = Spread its records over several files and run `multaqa-node publish FILE...`.
FILE_NOT_UTF8 = The file is not UTF-8 text.
    .act = writer
    .next = Save it as UTF-8, for example with `iconv -f WINDOWS-1256 -t UTF-8 FILE`, and publish that.
FILE_EMPTY = The file holds no record.
    .act = writer
    .next = Write a record with `id` and `payload`; `multaqa-node publish --help` shows one.
FILE_MALFORMED = The file cannot be read as YAML or JSON: { $detail }.
    .act = writer
    .next = Correct the file and run `multaqa-node publish FILE` again.
FILE_FEATURE_REFUSED = Records are written without “{ $feature }”.
    .act = writer
    .next = Write the values out and run `multaqa-node publish FILE` again.
FILE_TOO_MANY_VALUES = The file holds more than { $max } values.
    .act = writer
    .next = Spread its records over several files and run `multaqa-node publish FILE...`.
FIELD_UNKNOWN = There is no field { $path }{ $nearest ->
        [none] .
       *[other] ; the nearest is “{ $nearest }”.
    }
    .act = writer
    .next = Correct the file and run `multaqa-node publish FILE` again.
FIELD_DUPLICATE = { $path } stands there twice.
    .act = writer
    .next = Correct the file and run `multaqa-node publish FILE` again.
VALUE_NOT_TEXT = { $path } must be a text.
    .act = writer
    .next = Correct the file and run `multaqa-node publish FILE` again.
VALUE_NOT_LIST = { $path } must be a list, one item a line, each after “- ”.
    .act = writer
    .next = Correct the file and run `multaqa-node publish FILE` again.
VALUE_NOT_MAPPING = { $path } must be a mapping of names to values.
    .act = writer
    .next = Correct the file and run `multaqa-node publish FILE` again.
VALUE_NOT_NUMBER = { $path } must be a number in the digits 0 to 9.
    .act = writer
    .next = Correct the file and run `multaqa-node publish FILE` again.
VALUE_NOT_BOOLEAN = { $path } must be true or false.
    .act = writer
    .next = Correct the file and run `multaqa-node publish FILE` again.
VALUE_NOT_BYTES = { $path } must be Base64, or sha256: and 64 hexadecimal digits.
    .act = writer
    .next = Correct the file and run `multaqa-node publish FILE` again.
KIND_UNKNOWN = There is no kind “{ $kind }”{ $nearest ->
        [none] .
       *[other] ; the nearest is “{ $nearest }”.
    }
    .act = writer
    .next = Correct the file and run `multaqa-node publish FILE` again.
KIND_NOT_FROM_FILE = Records of the kind { $kind } are not published from files.
    .act = writer
    .next = Use `multaqa-node withdraw ID` to withdraw and `multaqa-node approve RECORD_ID` to approve.
CSV_NAME_REFUSED = “{ $value }” is not the name of a file beside this one.
    .act = writer
    .next = Correct the file and run `multaqa-node publish FILE` again.
CSV_MISSING = The file { $csv } is not there.
    .act = writer
    .next = Put it beside the record file and run `multaqa-node publish FILE` again.
CSV_AND_OBSERVATIONS = Figures stand either in `observations` or in the file that `csv` names, not in both.
    .act = writer
    .next = Correct the file and run `multaqa-node publish FILE` again.
CSV_MALFORMED = The file cannot be read as CSV: { $detail }.
    .act = writer
    .next = Correct the file and run `multaqa-node publish FILE` again.
CSV_COLUMN_MISSING = The column { $column } is missing; columns are separated by commas.
    .act = writer
    .next = Correct the file and run `multaqa-node publish FILE` again.
CSV_COLUMN_UNKNOWN = There is no column “{ $column }”{ $nearest ->
        [none] .
       *[other] ; the nearest is { $nearest }.
    }
    .act = writer
    .next = Correct the file and run `multaqa-node publish FILE` again.
CSV_COLUMN_DUPLICATE = The column { $column } stands there twice.
    .act = writer
    .next = Correct the file and run `multaqa-node publish FILE` again.
CSV_ROW_WIDTH = The row has { $found } cells, the header { $expected }.
    .act = writer
    .next = Correct the file and run `multaqa-node publish FILE` again.
CSV_INDICATOR_MIXED = The row is of the indicator “{ $found }”, the file of “{ $expected }”: one file holds one indicator.
    .act = writer
    .next = Correct the file and run `multaqa-node publish FILE` again.
CSV_INDICATOR_OTHER = The CSV file is of the indicator “{ $found }”, but { $indicator } has the code “{ $expected }”.
    .act = writer
    .next = Correct the file and run `multaqa-node publish FILE` again.
CSV_ACTION_REFUSED = The row has the action “{ $value }”; a dataset states figures (I, A, R or M).
    .act = writer
    .next = Correct the file and run `multaqa-node publish FILE` again.
CSV_TOO_LONG = The file has more than { $max } rows.
    .act = writer
    .next = Split the set by period and run `multaqa-node publish FILE...`.

# Publishing.
DATASET_TOO_LARGE = { $id } takes { $found } bytes; { $max } are allowed.
    .act = writer
    .next = Split the set by period and run `multaqa-node publish FILE...`.
CONTENT_TOO_LARGE = { $id } takes { $found } bytes; { $max } are allowed.
    .act = writer
    .next = Shorten its texts and run `multaqa-node publish FILE` again.
RECORDS_TOO_MANY = There are { $found } records; { $max } are published at once.
    .act = writer
    .next = Publish them in several parts: `multaqa-node publish FILE...` with fewer files, or `POST /v1/records` with fewer records.
RECORDS_REFUSED = { $count ->
        [one] One rule is broken by the records of the request
       *[other] { $count } rules are broken by the records of the request
    }; nothing was signed.
    .act = writer
    .next = Correct what the findings name by path, for example records[3].payload.title.ar. `POST /v1/records:check` or `BatchCheck` gives all findings and signs nothing.
PAYLOAD_NOT_JSON = { $path } is no JSON object: { $detail }
    .act = writer
    .next = Send the fields of the kind as one JSON object, by their names in the schema, or as a message. `multaqa-node get ID --json` shows those of a record.
REVISIONS_EXHAUSTED = { $id } has { $max } revisions and takes no more.
    .act = writer
    .next = Withdraw it with `multaqa-node withdraw { $id }` and publish it under another id.
OBJECT_UNKNOWN = There is no { $id } here.
    .act = reader
    .next = See what there is with `multaqa-node list`; a system asks `GET /v1/records`.
PROOF_INDEX_UNKNOWN = No record stands at { $index } on this node's log of { $size } entries.
    .act = reader
    .next = See the places of an object's records with `multaqa-node history ID`; a system asks `GET /v1/records/ID/history`.
PROOF_NOT_SEALED = The record at { $index } stands above the newest seal of the log, so nothing proves so far that no control record below it was left out.
    .act = reader
    .next = A seal follows within seconds while the node is live: see `multaqa-node status` or `GET /v1/status`, then ask for the proof again.
PROOF_TOO_LARGE = The control records of the federation are more than { $max } or 8 MiB, which is what a record proof takes.
    .act = operator
    .next = Ask for single proofs over gRPC (`SyncService.Proof`), and see the directory with `multaqa-hub members`.
PROOF_FILE_UNWRITABLE = { $path } cannot be written: { $detail }
    .act = reader
    .next = Name a file that does not exist in a directory that you may write: `multaqa-node get ID --proof --out FILE`.
APPROVAL_GIVEN = This member approved { $record } ({ $id }) already.
    .act = writer
    .next = Nothing is to be done; `multaqa-node status` lists what waits.
REPLICA_MISSING = The journal is sound, but there is no replica in { $dir }: nothing of the log was checked.
    .act = member-node
    .next = Start the node with `multaqa-node serve --dir { $dir }`: it fetches the replica from the hub. Then check again.

REPLICA_STARTING = The node is taking a fast start, { $size } of { $end } entries, and answers nothing before all of it is verified.
    .act = member-node
    .next = Wait until `multaqa-node status` or `GET /v1/status` shows the fast start as over, then try again.
REPLICA_EMPTY = The replica is empty: the node has not received the log yet.
    .act = member-node
    .next = Wait until `multaqa-node status` or `GET /v1/status` shows a position, then try again.

# The node's own socket and the command line.
LIST_KIND_UNKNOWN = There is no kind “{ $kind }”{ $nearest ->
        [none] .
       *[other] ; the nearest is “{ $nearest }”.
    }
    .act = reader
    .next = The kinds are: { $kinds }; for example `multaqa-node list service`, and for a system `GET /v1/services`.

PAGE_TOKEN_BAD = “{ $value }” is not a page token of this query: no answer to it gave this token.
    .act = reader
    .next = Repeat the query with every field as it was and the token of its last answer, or start from the first page, without a token: `GET /v1/records`.
ORDER_UNKNOWN = A list has no order “{ $order }”{ $nearest ->
        [none] .
       *[other] ; the nearest is “{ $nearest }”.
    }
    .act = reader
    .next = The orders are: { $orders }. Write “desc” behind one for the greatest first, for example `title.ar desc`.
FIELD_PATH_UNKNOWN = No field is at “{ $path }”{ $nearest ->
        [none] .
       *[other] ; the nearest is “{ $nearest }”.
    }
    .act = reader
    .next = Name fields as the JSON has them, as in `id,title.ar,payload.sectors`; the schema of each kind is under /v1/schema.
POSITION_NOT_REACHED = The replica holds { $size } entries and did not come to { $wanted } in time.
    .act = reader
    .next = Try again in a second. `multaqa-node status` or `GET /v1/status` shows whether the line to the hub is up and how far the node is behind.
RECORD_ID_MALFORMED = “{ $value }” is not a record id of 64 hexadecimal digits.
    .act = reader
    .next = Copy it from `multaqa-node history ID` or `multaqa-node status`.
NODE_NOT_RUNNING = No node answers on { $socket }: { $detail }.
    .act = member-node
    .next = Start it with `multaqa-node serve --dir { $dir }`, or name its directory with `--dir DIR`.
NODE_CALL_FAILED = The node did not answer as expected: { $detail }.
    .act = member-node
    .next = Compare `multaqa-node --version` with the version that `multaqa-node status` shows, and look at the node's log.
PATH_UNREADABLE = { $file } cannot be read: { $detail }.
    .act = writer
    .next = Check the path and its permissions with `ls -ld { $file }`.
FILES_TOO_LARGE = The files have { $found } bytes together; { $max } are published at once.
    .act = writer
    .next = Run `multaqa-node publish FILE...` several times with fewer files.
FSCK_FOUND = { $count ->
        [one] 1 finding
       *[other] { $count } findings
    }: journal.db or the replica do not hold.
    .act = operator
    .next = A damaged replica is fetched again: stop the node, remove replica.db, run `multaqa-node serve`. A damaged journal is restored from a backup.
STORE_FILE_WRONG = The file of a store is damaged.
    .act = member-node
    .next = Replica: stop the node, remove replica.db and run `multaqa-node serve`: it is fetched again from the log. Journal: restore journal.db from its backup, then run `multaqa-node fsck`.
STORE_SCHEMA_WRONG = A table or an index is not as this program makes it.
    .act = member-node
    .next = Replica: stop the node, remove replica.db and run `multaqa-node serve`: it is fetched again from the log. Journal: restore journal.db from its backup, then run `multaqa-node fsck`.
STORE_ROW_WRONG = A row was changed behind the node's back.
    .act = member-node
    .next = Replica: stop the node, remove replica.db and run `multaqa-node serve`: it is fetched again from the log. Journal: restore journal.db from its backup, then run `multaqa-node fsck`.
STORE_ROWS_WRONG = A row is missing, or one is there too many.
    .act = member-node
    .next = Replica: stop the node, remove replica.db and run `multaqa-node serve`: it is fetched again from the log. Journal: restore journal.db from its backup, then run `multaqa-node fsck`.

# Member systems.
CLIENT_NAME_WRONG = “{ $value }” is no name of a system: ORG/NAME is needed, two slugs of at most 24 lower-case letters, digits and hyphens.
    .act = member-node
    .next = Name it for example mof/budget: `multaqa-node client add mof/budget --csr FILE`
CLIENT_EXISTS = There is a system { $name } already.
    .act = member-node
    .next = Give it another certificate with `multaqa-node client renew { $name } --csr FILE`, or revoke it first with `multaqa-node client revoke { $name }`.
CLIENT_UNKNOWN = There is no system { $name }.
    .act = member-node
    .next = See which there are with `multaqa-node client list`.
CLIENTS_TOO_MANY = A node keeps at most { $max } systems.
    .act = member-node
    .next = See which are not needed with `multaqa-node client list`; another node of this member can serve more.
CLIENT_SCOPE_WRONG = “{ $value }” is no scope{ $nearest ->
        [none] .
       *[other] ; the nearest kind is “{ $nearest }”.
    }
    .act = member-node
    .next = Write read:KIND or publish:KIND, with * for all kinds; the kinds are in `multaqa-node client add --help`.
CLIENT_REVOKED = { $identity } is let in no more: it was revoked, or this certificate of it was replaced.
    .act = system
    .next = Ask the people of the node for a new certificate: they issue it with `multaqa-node client add NAME --csr FILE`.
CLIENT_DENIED = { $identity } may not have { $resource }: the scope { $rule } is missing.
    .act = system
    .next = Ask the people of the node: `multaqa-node client show NAME` tells what the system may do, `multaqa-node client allow NAME SCOPE...` changes it at once.
CLIENT_LOCAL_ONLY = { $identity } may not have { $resource }: no scope allows it, it is for the node's own machine.
    .act = system
    .next = Ask the people of the node to do it there; `multaqa-node --help` lists the commands.
REQUESTS_TOO_MANY = { $identity } has { $max } requests at once already.
    .act = system
    .next = Wait for answers and try again in a second. The people of the node may raise `clients.requests_at_once`.
WATCHES_TOO_MANY = { $max } watches are open at this node, and no more may be.
    .act = system
    .next = Close a watch that is not needed, or try again in a few seconds. One watch may name several kinds and members; `multaqa-node client list` shows who may watch.
REQUEST_TOO_SLOW = The request was not answered within { $seconds } seconds.
    .act = system
    .next = Ask for smaller pages, and try again in a few seconds. The people of the node may raise `clients.seconds`.
METHOD_UNKNOWN = This port has no such service or method.
    .act = system
    .next = See what it has by reflection: `grpcurl HOST:PORT list`, with certificate, key and ca.pem.
CODING_UNSUPPORTED = Messages are read as they are, not compressed: { $detail }
    .act = system
    .next = Send them without compression: leave the header `grpc-encoding` out, in Python `compression=grpc.Compression.NoCompression`.
MESSAGE_TOO_LARGE = The message is larger than this service takes: { $detail }
    .act = system
    .next = Send it in smaller parts. The people of the node may raise `clients.request_kib` for what publishes.
MESSAGE_MALFORMED = The message cannot be read: { $detail }
    .act = system
    .next = Make the client anew from the schema of this node: `grpcurl HOST:PORT describe` shows it.
NODE_ENDS = The node is ending.
    .act = member-node
    .next = Repeat the command once it runs again: `multaqa-node serve`.

# Search.
SEARCH_REBUILDING = The search index is being made: { $done } of { $of } entries.
    .act = reader
    .next = Repeat the search in a few seconds: `multaqa-node search`, or `GET /v1/search`. Lists without filters and single records are answered meanwhile.
SEARCH_TEXT_TOO_LONG = The text of the search has { $found } bytes; { $max } are taken.
    .act = reader
    .next = Search for fewer words; a phrase in quotation marks finds words in their order. `multaqa-node search --help` and `GET /docs` show examples.
SEARCH_WORDS_TOO_MANY = The text of the search has { $found } words; { $max } are taken.
    .act = reader
    .next = Search for fewer words: each has to stand in what is found. `multaqa-node search --help` and `GET /docs` show examples.
SEARCH_FILTERS_TOO_MANY = A search takes { $max } filters with { $values } values each.
    .act = reader
    .next = Ask with fewer filters or values; one facet takes several: `--filter country=JO --filter country=EG`, and for a system `country=JO&country=EG`.
SEARCH_FACET_UNKNOWN = “{ $facet }” is no facet{ $nearest ->
        [none] .
       *[other] ; the nearest is “{ $nearest }”.
    }
    .act = reader
    .next = Take one of these, for example `country`: { $facets }.
SEARCH_VALUE_UNKNOWN = “{ $value }” is no value of the facet “{ $facet }”{ $nearest ->
        [none] .
       *[other] ; the nearest is “{ $nearest }”.
    }
    .act = reader
    .next = { $known ->
        [none] Take a value that records have: `GET /v1/records?facets={ $facet }` and `multaqa-node search "" --facet { $facet }` count them.
       *[other] Take one of these, as in `GET /v1/records?facets={ $facet }`: { $known }.
    }
SEARCH_FAILED = The search index failed: { $detail }
    .act = member-node
    .next = See to the disk of the node's directory; the folder search in it may be removed while the node is stopped, `multaqa-node serve` makes it again.

# Downloads.
DOWNLOADS_TOO_MANY = { $identity } has { $max } downloads under way already.
    .act = system
    .next = Read one of them to its end, or break it off, then try again; pages are read meanwhile: `GET /v1/services?pageSize=500`.
DOWNLOAD_TOO_LARGE = The list is longer than one download carries: { $rows } rows or { $mib } MiB.
    .act = system
    .next = Ask for a part of it, for example `GET /v1/services?country=JO&format=csv`, or read it in pages: `pageSize=500` and the `pageToken` of each answer.
DOWNLOAD_FAILED = The download could not be written: { $detail }
    .act = member-node
    .next = The list itself is still there: `GET /v1/services`. Send what `multaqa-node --version` and this detail say to those who maintain the program.
FORMAT_NOT_OF_KIND = There is no { $format } of these records; there is one of: { $kinds }.
    .act = system
    .next = Ask for another format, for example `GET /v1/records?format=csv`, or for one kind: `GET /v1/services?format=jsonld`.
# HTTP.
ROUTE_UNKNOWN = Nothing is served at { $path }.
    .act = system
    .next = See what is: `GET /openapi.json` describes every path, `GET /v1/kinds` lists the collections.
COLLECTION_UNKNOWN = There is no collection “{ $collection }”{ $nearest ->
        [none] .
       *[other] ; the nearest is “{ $nearest }”.
    }
    .act = system
    .next = The collections are: { $known }; for example `GET /v1/services`.
METHOD_NOT_ALLOWED = { $method } is not for this path.
    .act = system
    .next = Use one of: { $allowed }. `GET /openapi.json` says what each does.
PARAMETER_UNKNOWN = This path has no parameter “{ $name }”{ $nearest ->
        [none] .
       *[other] ; the nearest is “{ $nearest }”.
    }
    .act = system
    .next = { $known ->
        [none] Leave it out: this path has none. `GET /openapi.json` describes every path.
       *[other] Leave it out, or use one of: { $known }. `GET /openapi.json` describes them.
    }
PARAMETER_WRONG = The parameter { $name } cannot be “{ $value }”: it is of the form { $expected }.
    .act = system
    .next = Correct it; `GET /openapi.json` describes each parameter with an example.
PARAMETER_REPEATED = The parameter { $name } stands more than once.
    .act = system
    .next = Give it once; `GET /openapi.json` says which parameters may stand more often.
PARAMETER_MISSING = The parameter { $name } is missing.
    .act = system
    .next = Add it; `GET /openapi.json` describes it with an example.
MEDIA_NOT_OFFERED = This path has nothing that the request accepts.
    .act = system
    .next = Ask for one of { $offered } with `Accept`, or leave `Accept` out.
MEDIA_UNSUPPORTED = The body is not of the media type { $expected }, or is compressed.
    .act = system
    .next = Send it uncompressed, with `Content-Type: { $expected }`.
BODY_MALFORMED = The body cannot be read: { $detail }.
    .act = system
    .next = Check it with a JSON reader, for example `python3 -m json.tool FILE`; `GET /openapi.json` shows a body that works.
BODY_UNEXPECTED = This path takes no body.
    .act = system
    .next = Send the request without one; `GET /openapi.json` says what each path takes.
CONDITION_UNSUPPORTED = What is published or withdrawn hangs on no condition here: { $header } was not looked at, and nothing was done.
    .act = system
    .next = Read the object first, for example `GET /v1/records/JO:service:sanad`, and send the request without { $header } where it is as you expect.
BODY_TOO_SLOW = The body did not come within { $seconds } seconds.
    .act = system
    .next = Send it again, in smaller parts where the line is slow; `curl -v` shows where the time goes.
TARGET_TOO_LONG = Path and query are longer than { $max } bytes.
    .act = system
    .next = Ask with fewer or shorter parameters; `GET /openapi.json` describes them.
HEADERS_TOO_LARGE = The header fields are larger than { $max } bytes together.
    .act = system
    .next = Leave out what the request does not need, such as cookies; `curl -v` shows what is sent.
# SDMX.
SDMX_MALFORMED = { $name } is not as SDMX REST writes it: { $value }. The form is: { $form }.
    .act = reader
    .next = Ask `/sdmx/structure/datastructure/MULTAQA/FIGURES` for the dimensions and their order; `/sdmx/data/dataflow/x-escwa/egdi/*/A.*.JO?c[TIME_PERIOD]=ge:2018` is a whole request.
SDMX_COMPONENT_UNKNOWN = There is no component { $value } here. There are: { $known }.
    .act = reader
    .next = `/sdmx/structure/datastructure/MULTAQA/FIGURES` shows the components of all figures.
SDMX_NOTHING_FOUND = Nothing is found: { $resource }.
    .act = reader
    .next = `/sdmx/structure/dataflow` lists the dataflows, `/sdmx/availability/dataflow/AGENCY/ID` the values that there are.
SDMX_NOT_IMPLEMENTED = { $what } is a part of SDMX REST that this node does not have.
    .act = reader
    .next = Leave it out: structures, data and availability are answered as `/docs` says.
SDMX_ANSWER_TOO_LARGE = The answer would hold more than { $max } at once.
    .act = reader
    .next = Narrow the request by the key or by `c[REF_AREA]`, or ask for SDMX-CSV with `dimensionAtObservation=AllDimensions`, which has no such limit.
SDMX_PAST_ERASED = The dataset { $dataset } was withdrawn since, and its content is erased everywhere: what figures stood at that moment nobody can tell.
    .act = reader
    .next = Ask for figures of other providers than { $provider }, for example with `c[PROVIDER]=x-escwa`, or leave out `asOf`.
SDMX_CHANGES_UNTOLD = The dataset { $dataset } was withdrawn since, and its content is erased: for this selection nobody can tell which of its figures went.
    .act = reader
    .next = Leave out `firstNObservations`, `lastNObservations` and filters by time, value, status, unit or dataset, or read the selection anew without `updatedAfter`.
