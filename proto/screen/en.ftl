# What all command lines share: who must act, freshness, ages, durations, sizes.
label-act = who must act: { $act }
label-next = next: { $next }

act-member-node = the member's node
act-hub = the hub
act-operator = an operator
act-writer = the writer
act-reader = the reader
act-system = the member system

class-state = state
class-secretariat = secretariat
class-observer = observer
class-partner = partner

fresh-live = live
fresh-stale = stale
fresh-offline = offline

age-now = just now
age-s = { $n } s ago
age-min = { $n } min ago
age-h = { $n } h ago
age-d = { $n } d ago

span-none = less than 1 s
span-s = { $n } s
span-min = { $n } min
span-h = { $n } h
span-d = { $n } d

size-b = { $n } B
size-kib = { $n } KiB
size-mib = { $n } MiB
size-gib = { $n } GiB
size-tib = { $n } TiB

# Causes in the machine's own words, which are English.
cause-not-found = { $raw }
cause-permission = { $raw }
cause-exists = { $raw }
cause-address-in-use = { $raw }
cause-address-foreign = { $raw }
cause-refused = { $raw }
cause-line-lost = { $raw }
cause-unreachable = { $raw }
cause-timed-out = { $raw }
cause-no-space = { $raw }
cause-read-only = { $raw }
cause-directory = { $raw }
cause-no-directory = { $raw }
cause-locked = { $raw }
cause-disk = { $raw }
cause-damaged = { $raw }
cause-not-opened = { $raw }
cause-no-database = { $raw }
cause-name-unknown = { $raw }

# Records that wait for approvals: what they would change.
change-head = { $kind }: { $id }, proposed by { $by } (entry { $index })
change-record = record: { $record }
change-new = { $field }: { $after }
change-none = { $field }: { $before } → nothing{ $removed }
change-from-to = { $field }: { $before } → { $after }{ $added }{ $removed }
change-added = (added: { $items })
change-removed = (removed: { $items })
change-overtaken = overtaken: another change came first, and this one can take no effect any more

kind-policy = policy
kind-invitation = invitation
kind-member = member
kind-group = group
kind-key = node's keys
kind-notice = notice

field-node = node
field-epoch = epoch
field-valid-until = valid until
field-member = member
field-class = class
field-name = name
field-status = status
field-group = group
field-history = history
field-members = members
field-number = number
field-operators = operators
field-operators-required = operators needed
field-key = key of
field-witnesses = witnesses
field-log-key = log key
field-rules = rules

contradiction-frozen = { $writer } signed two records for place { $seq } of epoch { $epoch } (evidence: entry { $evidence }) and is frozen
contradiction-past = { $writer } signed two records for place { $seq } of epoch { $epoch } (evidence: entry { $evidence })
begun-log = log { $log } began at { $index } on { $at } ({ $because })

# How far witnesses vouch for the log.
standing-accepted = accepted
standing-witnessed = witnessed
standing-stable = stable
standing-nobody = no witnesses in the policy: nothing is witnessed or stable
standing-sizes = { $states ->
        [one] 1 state
       *[other] { $states } states
    }, quorum { $quorum }; of { $accepted ->
        [one] 1 entry
       *[other] { $accepted } entries
    } { $witnessed } are witnessed, { $stable } stable
standing-vote = { $state } cosigned size { $size } { $age }
standing-silent = { $state } SILENT: cosigned size { $size } { $age }
standing-never = { $state } SILENT: never cosigned
