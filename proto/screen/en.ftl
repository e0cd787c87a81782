# What all command lines share: who must act, freshness, ages, durations, sizes.
label-act = who must act: { $act }
label-next = next: { $next }

act-member-node = the member's node
act-hub = the hub
act-operator = an operator
act-writer = the writer
act-reader = the reader
act-system = the member system

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
