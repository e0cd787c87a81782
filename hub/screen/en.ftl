# What the hub's command line says. Ids, codes and commands are the same in every language.
# Headings of tables.
head-member = MEMBER
head-class = CLASS
head-status = STATUS
head-name = NAME
head-node = NODE
head-node-status = STATUS
head-line = LINE
head-cursor = CURSOR
head-group = GROUP
head-history = HISTORY
head-members = MEMBERS
head-key = KEY
head-value = VALUE
head-origin = ORIGIN

# Labels of rows.
row-log = log
row-hub = hub
row-ordering = ordering
row-certificate = certificate until
row-contradiction = contradiction
row-issuing = issuing CA until
row-members = members
row-nodes = nodes
row-groups = groups
row-policy = policy
row-operators = operators
row-log-key = log key
row-rules = rules
row-witnesses = witnesses
row-witness = witness
row-restored = restored
row-copied = copied
row-away = away
row-behind = behind
row-pending = waits for approvals:

# Words for states.
word-active = active
word-suspended = suspended
word-frozen = frozen
word-invited = invited
word-expired = expired
word-full = full
word-from-join = from-join
word-connected = connected
word-never-heard = never heard
word-never = never
word-running = running
word-default = default

# The hub at a glance.
say-log = { $size ->
        [one] 1 entry
       *[other] { $size } entries
    }, { $control } of them control, root { $root }
say-hub = version { $version }, up { $up }, store { $store }, clock { $skew } ms from ours
say-halted = HALTED: { $code }
say-members = { $active } active, { $suspended } suspended
say-nodes = { $connected } connected ({ $behind } behind), { $away } away, { $invited } invited, { $suspended } suspended
say-away = { $node }, last heard: { $age }
say-pending = approvals: { $given } of { $needed } ({ $by })
say-approve-with = approve with: { $command }
say-nothing-waits = nothing waits for approvals

# What was done.
say-in-force = { $what }: in force since index { $index }, record { $record }
say-waits = { $what }: waits for approvals, record { $record }
say-group = group { $group }
say-policy = policy { $number }
say-operator-made = operator { $operator } of { $federation }, genesis { $genesis }
      key { $key }
say-operator-next = Next:
    1. On the CA's machine:   multaqa-certs issue --dir ca --identity operator/{ $operator } --new-key --out tls.pem
       Bring that file to     { $dir }/tls.pem
    2. An operator proposes:  multaqa-hub policy operators add { $operator }={ $key } --required 2
    3. On the hub's machine, once that is in force: multaqa-hub allow --dir DIR --certificate tls.pem
    Keep { $dir }/record.key on this machine alone, with a backup of its own.
say-operators = { $required } of { $count } must agree: { $names }
say-suspended = { $member } suspended
say-reinstated = { $member } reinstated
say-approved = approved
say-approved-before = already approved by you ({ $by })
say-approvals = { $given } of { $needed } approvals: { $by }.
    A state approves with     multaqa-node approve { $record }
    an operator approves with multaqa-hub approve { $record }
say-allowed = { $peer } may connect with the certificate { $serial } until { $until }

# Inviting.
say-admitted = { $member } is a member: record { $record }
say-join-key = Join key of { $node }, valid until { $until }, to be used once by: multaqa-node join --key-file FILE
    Hand it over as a secret, in a file that only its owner reads.
say-replaces-node = Take care: { $node } is a node in force. When this key is redeemed, its keys and certificate end at once and what it has not sent is lost. For a second node of the same member use --node NAME.

# Making a hub.
say-made = federation { $federation }, genesis { $genesis }
say-next-steps = Next:
    1. Take these keys offline: { $ca }/root.key, { $dir }/standby.key
    2. Run the hub:             multaqa-hub serve --config { $dir }/hub.toml
    3. Admit and invite:        multaqa-hub invite JO --name en=Jordan --operator-dir { $operator }{ $hub ->
        [none] {" "}--hub HOST:PORT
       *[known] {""}
    }
    The operator's directory ({ $operator }) belongs on another machine than the hub.
    Certificates of hub and operator live 7 days; multaqa-certs issue makes new ones from { $ca }. A new hub's goes
    over { $dir }/identity/hub.pem, a new operator's to multaqa-hub allow --dir { $dir } --certificate FILE.

# Checks and configuration.
say-entry = entry { $index }
say-whole-log = log
say-sound = sound: { $size ->
        [one] 1 entry
       *[other] { $size } entries
    }, root { $root }
say-damaged = DAMAGED: { $size ->
        [one] 1 entry
       *[other] { $size } entries
    }, root { $root }
say-config-sound = the configuration is sound

# Backups.
say-copying = Copying the store as it is at this moment; the hub may go on.
say-checking = Checking the backup from its records up.
say-backup-made = backup { $path }: { $size ->
        [one] 1 entry
       *[other] { $size } entries
    }, root { $root }
say-backup-sound = sound: backup { $path } of { $at }, { $size ->
        [one] 1 entry
       *[other] { $size } entries
    }, root { $root }
say-restored = restored from { $path }, made { $at }: { $size ->
        [one] 1 entry
       *[other] { $size } entries
    }, root { $root }
say-restored-next = Next: put log.key, identity/ and issuing/ into { $dir } where they are missing, from their own backup, and start the hub:
      multaqa-hub serve --config { $dir }/hub.toml
    It gives no index before the nodes gave back what was published since; multaqa-hub status shows how far it is.

# A log that was restored.
say-refilling = { $age } with { $from } entries; REFILLING up to { $goal }, { $awaited ->
        [0] nobody is waited for
       *[other] { $awaited } more of these must connect: { $silent }
    }, { $missing } contents missing
say-contradicted = { $age } with { $from } entries; CONTRADICTED: nodes hold another log, see multaqa-hub log
say-refilled = { $age } with { $from } entries, whole again; { $missing } contents missing
say-copied = { $node }: a copy of it was refused { $age }; find it and stop it
say-rebuilding = to be rebuilt from the nodes: genesis { $genesis }
say-rebuilding-next = Next: allow the operators' certificates again and start the hub; the nodes find it at its address and fill it:
      multaqa-hub allow --dir { $dir } --certificate OPDIR/tls.pem
      multaqa-hub serve --config { $dir }/hub.toml
    It gives no index before all nodes in force said how far they hold the log; multaqa-hub status shows who is waited for.
say-released = released: the log goes on from { $size } entries at the next start
say-released-notice = The hub was restored and let go on at { $size } entries by operator { $by }, though not all witnesses were asked: { $reason }

# The rehearsal.
say-drilling = Rehearsing on a copy; the live store is only read.
say-drill-sound = sound: the backup of { $at } was put back with { $size } entries, root { $root }
say-drill-failed = FAILED: the backup of { $at } was put back with { $size } entries, root { $root }
say-drill-times = made in { $create }, checked and put back in { $restore }, checked again in { $check }
say-drill-refill = the live log has { $live } entries: the nodes would give back { $missing }; nodes that were last heard with all of them: { $holders }
say-drill-other = the live log has another root at { $size } entries, or has not so many: the backup is of another log

# Which log there is, and closing one.
row-log-begun = succeeded
row-log-state = state
row-log-close-at = can be closed
row-log-decided = decided
row-log-silent = silent so far
row-log-set-aside = set aside
say-log-number = log { $log }, { $size ->
        [one] 1 entry
       *[other] { $size } entries
    }
say-log-goes-on = takes records
say-log-refilling = REFILLING: takes no records before it holds what was published
say-log-contradicted = CONTRADICTED: nodes hold another log; closed, it would go back to { $size }
say-log-closing = CLOSING: it went back to { $size }; { $awaited ->
        [0] nobody is waited for
       *[other] { $awaited } more must say how far they hold it
    }
say-log-closable = CLOSING: operators may decide that the next log begins at { $size }
say-log-close-at = log { $log } would begin at { $size } with the root { $root }; of a quorum of { $quorum } vouch for it: { $states }
say-log-decided = { $decided } of { $needed } { $by }
say-log-set-aside = { $count ->
        [one] 1 record, to be ordered again
       *[other] { $count } records, to be ordered again
    }
say-log-above = { $count ->
        [one] 1 entry above { $size }
       *[other] { $count } entries above { $size }
    }
say-log-decide-too = { $more ->
        [one] 1 more operator has
       *[other] { $more } more operators have
    } to decide; what is decided is kept, whatever the hub is restarted for. Each types, with an own reason:
      multaqa-hub log succeed --reason TEXT --yes --operator-dir DIR
say-log-stopped = The hub stands still. Start it again, wait until its nodes are there, and close the log then.
say-log-dry = Nothing was changed. With --yes it is done.
