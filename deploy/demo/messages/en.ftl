# What may go wrong around the demo's federation.
DEMO_COMMAND_FAILED = The command { $command } ended with { $code }: { $stderr }
    .act = operator
    .next = Run the same command again with --log debug added.
DEMO_DISK_FAILED = { $path } cannot be used: { $why }
    .act = operator
    .next = Give another directory: cargo demo --dir DIR
DEMO_JSON_UNEXPECTED = A command printed other JSON than expected: no { $what } in { $found }
    .act = operator
    .next = Programs of different versions are mixed: build all of them again with cargo build.
DEMO_LINK_FAILED = The line between a node and the hub cannot be opened: { $why }
    .act = operator
    .next = Free some ports of the loopback address, then run cargo demo again.
DEMO_MEMBER_UNKNOWN = { $member } is no member here.
    .act = operator
    .next = Type s to see the members with their numbers and codes.
DEMO_PROCESS_DIED = { $name } ended by itself with { $status }. Last lines of { $log }:
    { $tail }
    .act = operator
    .next = Read the log, then run cargo demo again.
DEMO_PROGRAM_NOT_STARTED = { $program } cannot be started: { $why }
    .act = operator
    .next = Build it again with cargo build.
DEMO_RECORD_NOT_REVISED = No revision of { $path } can be made: { $why }
    .act = operator
    .next = Change the file by hand and publish it with multaqa-node publish FILE.
DEMO_STOPPED_BADLY = { $name } was told to stop and ended with { $status }. Last lines of { $log }:
    { $tail }
    .act = operator
    .next = Read the log, then run cargo demo again.
DEMO_TIMED_OUT = { $what }: not within { $seconds } s. Last seen: { $seen }
    .act = operator
    .next = Run cargo demo --dir DIR and read the logs in that directory.
DEMO_ROOTS_DIFFER = The replicas of { $members } differ from the hub's log.
    .act = operator
    .next = Run cargo demo --dir DIR, then multaqa-node fsck --dir DIR/MEMBER-gw1 for each member.
