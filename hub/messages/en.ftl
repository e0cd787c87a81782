# Calls

HUB_SCHEMA_UNUSABLE = The hub cannot describe its own services: { $detail }.
    .act = hub
    .next = Install the program anew; `multaqa-hub --version` must run before `multaqa-hub serve`.

ISSUER_ENDS = The issuing CA { $issuer } holds until { $until }. After that nothing that it signed is taken, and it signs nothing.
    .act = operator
    .next = Where the CA is, with root.key at hand, run `multaqa-certs renew-issuer --dir CA --issuer { $issuer }`; it says what to copy to the hub, which takes it when it starts again: `systemctl restart multaqa-hub`.

HUB_CERTIFICATE_ENDS = The hub's certificate holds until { $until }. After that no node and no operator connects.
    .act = operator
    .next = With the CA at hand run `multaqa-certs issue --dir CA --identity hub/main --new-key --replace --out DIR/identity/hub.pem`; the running hub takes it within a minute.

# Operators

OPERATOR_CHAIN_NOT_OWN = The hub shows as the newest record of { $writer } one that this operator's key did not sign.
    .act = operator
    .next = Do nothing more with this hub; tell the other operators and check it with `multaqa-hub fsck --dir DIR`.

OPERATOR_CHAIN_HUB_BEHIND = The hub holds { $hub } records of { $writer }, { $own } were signed: it was restored from an old backup, or hides records.
    .act = operator
    .next = Nothing was signed. A hub that was restored fetches from the nodes what it lost: wait until `multaqa-hub status` says that it is whole. Where it does not say that it was restored, compare with what a node holds.

OPERATOR_CHAIN_FORKED = The hub holds another record of { $writer } at place { $seq } than was signed here: the key was used from two copies of the directory.
    .act = operator
    .next = Find the other copy, keep one directory only, and look at the hub with `multaqa-hub status`.

OPERATOR_DIR_WRONG = { $dir } is no operator's directory: there is no operator.json in it.
    .act = operator
    .next = Name the one that `multaqa-hub init` made, with `--operator-dir DIR`; it is another one than the hub's.

OPERATOR_DIR_MISSING = No operator's directory is named.
    .act = operator
    .next = Name it with `--operator-dir DIR`, or `export MULTAQA_OPERATOR_DIR=DIR`.

HUB_ADDRESS_MISSING = The operator's directory { $dir } names no address of the hub.
    .act = operator
    .next = Give it with `--hub HOST:PORT`; the hub writes its own into hub.addr in its directory.

HUB_ADDRESS_MALFORMED = `{ $address }` is no address of a hub.
    .act = operator
    .next = Give host and port, such as `--hub hub.example.org:7400`.

HUB_CALL_FAILED = The call to the hub failed: { $detail }.
    .act = operator
    .next = See whether the hub runs with `systemctl status multaqa-hub`, then repeat the command: what was signed is not signed twice.

HUB_ANSWER_WRONG = The hub answered what the protocol does not allow: { $detail }.
    .act = hub
    .next = Compare `multaqa-hub --version` here and on the hub's machine, then check the hub with `multaqa-hub fsck --dir DIR`.

GENESIS_OTHER = The hub is of another federation: its genesis is { $found }, { $expected } was expected.
    .act = operator
    .next = Name the right hub with `--hub HOST:PORT`, or the right directory with `--operator-dir DIR`.

ACT_WITHOUT_EFFECT = The record { $record } stands on the log at { $index } but changed nothing: another act came first.
    .act = operator
    .next = Look at what is in force with `multaqa-hub members` and `multaqa-hub group`, then repeat the command.

MEMBER_CLASS_MISSING = { $member } is a new body without a country: its class must be given.
    .act = operator
    .next = Repeat it with the class: `multaqa-hub invite { $member } --class partner --name en=NAME`.

MEMBER_CLASS_FIXED = { $member } is a member of class { $class }, which is fixed at admission.
    .act = operator
    .next = Leave `--class` out: `multaqa-hub invite { $member }`.

MEMBER_PENDING = The admission of { $member } waits for approvals.
    .act = operator
    .next = Let the other operators run `multaqa-hub approve { $record }`, then repeat the invitation.

MEMBER_STATUS_SAME = { $member } is { $status ->
        [suspended] suspended
       *[other] active
    } already.
    .act = operator
    .next = See all members with `multaqa-hub members`.

GROUP_EXISTS = The group { $group } exists.
    .act = operator
    .next = Change it with `multaqa-hub group add { $group } CODE`, or choose another slug.

GROUP_UNCHANGED = The group { $group } would stay as it is.
    .act = operator
    .next = See its members with `multaqa-hub group`.
POLICY_UNCHANGED = The policy says exactly this already.
    .act = operator
    .next = See it with `multaqa-hub policy`.

INIT_DIR_USED = { $dir } holds something: nothing is overwritten.
    .act = operator
    .next = Name a new directory, or see what it holds with `ls -la { $dir }`. Without a hub.toml (or, for an operator's, a chain.json) it is left over from an init that was cut off: nothing of it is in use, and it may be removed.

INIT_FEDERATION_OTHER = The CA is of the federation { $found }, { $asked } was asked for.
    .act = operator
    .next = Repeat with `--federation { $found }`, or name the right CA with `--ca DIR`.

ALLOW_NOT_OPERATOR = The certificate names { $peer }, not an operator: the hub issues nodes' certificates itself.
    .act = operator
    .next = Give an operator's: `multaqa-certs issue --dir CA --identity operator/NAME --new-key --out FILE`.

OPERATOR_CERTIFICATE_ENDS = The certificate of operator/{ $operator } holds until { $until }. After that the hub refuses it.
    .act = operator
    .next = With the CA at hand run `multaqa-certs issue --dir CA --identity operator/{ $operator } --new-key --replace --out { $dir }/tls.pem`, then on the hub's machine `multaqa-hub allow --dir DIR --certificate tls.pem`.

HUB_DIR_WRONG = { $dir } is no hub's directory: there is no { $missing } in it.
    .act = operator
    .next = Name the hub's with `--dir DIR` (for `multaqa-hub serve` with `--config DIR/hub.toml`), or make a hub with `multaqa-hub init`.

HUB_ALREADY_RUNNING = Another hub works on this store: it holds { $path }.
    .act = operator
    .next = Find the process with `fuser { $path }`; only one hub may order records.

LOCK_UNUSABLE = The lock file { $path } cannot be used: { $detail }.
    .act = operator
    .next = Look at the file and its permissions with `ls -l { $path }`.

HUB_COMMIT_STUCK = A commit does not end: the disk of the hub takes it and does not answer. The log takes no records meanwhile.
    .act = operator
    .next = Look at the disk below the hub's directory with `iostat -x 1`; `multaqa-hub status` shows when records are taken again.
RELEASE_SIZE_OTHER = The store has { $found } entries, not { $asked }: nothing was released.
    .act = operator
    .next = Look what it holds with `multaqa-hub fsck --dir DIR`, and name that size. What was published above it and is not fetched from a node is lost, and signed anew it is a fork.
RELEASE_CLOSING = The log is being closed, and went back to { $size } entries for it: as it is, it lacks what it set aside, and is not released.
    .act = operator
    .next = Start the hub and go on with the closing: `multaqa-hub log` shows who is awaited and what is to be decided.
RESTORE_FOREIGN = The backup { $path } is of another log than { $key } signs: of the federation { $federation }, genesis { $genesis }. Nothing was put back.
    .act = operator
    .next = Name the backup of this hub, or the directory of the hub whose backup it is with `--dir DIR`; `multaqa-hub backup verify BACKUP` shows what a backup holds.
GENESIS_FILE_WRONG = { $path } is no genesis of a federation: { $detail }.
    .act = operator
    .next = Let any node of the federation write it anew: `multaqa-node backup genesis --out FILE`.
LOG_LOCK_CONTRADICTS = The store and the checkpoint lock are of two histories: the lock { $path } holds the root { $root } at { $locked } entries, the table `batch` of hub.db has { $found } there. The hub gives no index.
    .act = operator
    .next = Find out which of the two is foreign; `multaqa-hub fsck --dir DIR` shows whether the store is sound, `multaqa-hub log` what nodes hold. A foreign store: stop the hub, put hub.db aside, and restore the newest backup with `multaqa-hub backup restore BACKUP --dir DIR`. A foreign lock: stop the hub, put { $path } aside and start it; it then asks the nodes instead. Both right, since the log key signed two histories: `multaqa-hub log close`.

LOG_KEY_WRONG = The hub's log key is not the one that the log's policy names: the key or the store is another hub's.
    .act = operator
    .next = Put the federation's own `log.key` and `hub.db` back into the hub's directory, then look with `multaqa-hub fsck --dir DIR` and start it with `multaqa-hub serve`.

HUB_STORE_UNAVAILABLE = The hub's store cannot be used: { $detail }.
    .act = operator
    .next = Check free space and permissions with `df -h` and `ls -l`, then `multaqa-hub fsck --dir DIR`.

HUB_STORE_FULL = No space is left for the hub's store: { $detail }. Nothing of the commit is on the log; records wait at their nodes.
    .act = operator
    .next = Make space on the disk that holds the hub's directory (see with `df -h`): the hub goes on by itself. `multaqa-hub status` shows when it takes records again.

HUB_STORE_ROW_BAD = In the hub's store, table { $table }, row { $row }, the column { $column } cannot be understood.
    .act = operator
    .next = See how far the damage goes with `multaqa-hub fsck --dir DIR`.

HUB_STORE_ROWS_TOUCHED = A write to table { $table } of the hub's store touched { $found } rows where { $expected } were expected.
    .act = operator
    .next = Make sure that nothing else writes to the store, and check it with `multaqa-hub fsck --dir DIR`.

HUB_STORE_DAMAGED = The hub's store contradicts itself: { $detail }.
    .act = operator
    .next = See where with `multaqa-hub fsck --dir DIR`, and restore the newest copy.

HUB_STORE_NEWER = { $path } was written by a newer program: its schema is { $found }, this program knows { $known }.
    .act = operator
    .next = Install the newer program; `multaqa-hub --version` says which one this is.

HUB_STORE_OLDER = { $path } was written by an older program: its schema is { $found }, { $known } is needed to read it.
    .act = operator
    .next = Start the hub once with `multaqa-hub serve --config DIR/hub.toml`: it brings the schema up to date.

HUB_STORE_MISSING = { $path } holds no store of a hub.
    .act = operator
    .next = Name the hub's directory with `--dir DIR`, or make a new hub with `multaqa-hub init`.

HUB_STORE_EMPTY = { $path } is empty: a copy that was cut off, or a hub whose making did not end.
    .act = operator
    .next = Bring back the newest copy of the store and check it with `multaqa-hub fsck --dir DIR`. Where there never was one, make the hub in a new directory with `multaqa-hub init`.

HUB_STORE_NOT_DATABASE = { $path } is no database: its first bytes are something else's. It was not touched.
    .act = operator
    .next = See what it is with `file { $path }`, bring back the newest copy of the store, and check it with `multaqa-hub fsck --dir DIR`.

HUB_STORE_EXISTS = { $path } holds a store of a hub already: it is not made anew.
    .act = operator
    .next = See what it holds with `multaqa-hub fsck --dir DIR`, or name another directory.

HUB_FILE_WRONG = The file of the store is damaged.
    .act = operator
    .next = Stop the hub, bring back the newest copy of the store, and check it with `multaqa-hub fsck --dir DIR`.

HUB_SCHEMA_WRONG = A table or an index is not as this program makes it.
    .act = operator
    .next = Stop the hub, bring back the newest copy of the store, and check it with `multaqa-hub fsck --dir DIR`.

HUB_ENTRY_WRONG = An entry of the log does not hold.
    .act = operator
    .next = Stop the hub, bring back the newest copy of the store, and check it with `multaqa-hub fsck --dir DIR`.

HUB_COMMIT_WRONG = A commit is not what its entries give.
    .act = operator
    .next = Stop the hub, bring back the newest copy of the store, and check it with `multaqa-hub fsck --dir DIR`.

HUB_HEAD_WRONG = The head of the log is not what its entries give.
    .act = operator
    .next = Stop the hub, bring back the newest copy of the store, and check it with `multaqa-hub fsck --dir DIR`.

HUB_CHAIN_WRONG = The newest record of a writer is not the one that its entries give.
    .act = operator
    .next = Stop the hub, bring back the newest copy of the store, and check it with `multaqa-hub fsck --dir DIR`.

HUB_ROW_WRONG = A row beside the log was changed behind the hub's back.
    .act = operator
    .next = Stop the hub, bring back the newest copy of the store, and check it with `multaqa-hub fsck --dir DIR`.

HUB_ROWS_WRONG = A row beside the log is missing, or one is there too many.
    .act = operator
    .next = Stop the hub, bring back the newest copy of the store, and check it with `multaqa-hub fsck --dir DIR`.

HUB_SUBTREE_WRONG = A stored root of a complete subtree is not what the entries give.
    .act = operator
    .next = Stop the hub, bring back the newest copy of the store, and check it with `multaqa-hub fsck --dir DIR`.

LOG_GOES_ON = The log takes records: there is nothing to be closed.
    .act = operator
    .next = See how it stands with `multaqa-hub log`. Where nodes say CURSOR_FORKED, stop it with `multaqa-hub log close --force --yes`, start the hub, and close the log then.
LOG_CLOSING_NOT_NEEDED = Nothing contradicts this log: it may become whole again by itself.
    .act = operator
    .next = Wait for the nodes that `multaqa-hub log` shows as awaited. Where they never come, close it all the same with `multaqa-hub log close --force --yes`.
LOG_NOT_CLOSING = The log is not being closed: nothing is to be decided.
    .act = operator
    .next = See how it stands with `multaqa-hub log`. Closing begins with `multaqa-hub log close`.
LOG_CLOSING_AWAITS = { $awaited } more must connect and say how far they hold the log, before it can be closed. Silent so far: { $silent }.
    .act = operator
    .next = Ask these members to start their nodes; one that lost its disk needs its keys and its journal alone, which `multaqa-node backup restore` puts back. Nothing overrides them while a log is closed: nodes would not follow. Who has spoken is shown by `multaqa-hub log`.
LOG_NOT_STABLE = No quorum of the witnesses vouches for any size of this log. Silent so far: { $silent }.
    .act = operator
    .next = Ask these members to start their nodes, with the journals in which they keep what they cosigned. Where none of them has any, nothing was stable and the log cannot be closed: put the store from before the closing back with `multaqa-hub backup restore BACKUP --dir DIR`, then let it go on with `multaqa-hub backup release`.
SUCCESSION_OTHER = The decision is on another closing than is possible: log { $log } would begin at { $size } with the root { $root }.
    .act = operator
    .next = More was heard of the nodes meanwhile. Look again with `multaqa-hub log`, and decide again.
SUCCESSION_REASON = A decision needs a reason, of { $max } bytes at most: it stands on the log for everybody.
    .act = operator
    .next = Say why in a sentence: `multaqa-hub log succeed --reason TEXT`.
