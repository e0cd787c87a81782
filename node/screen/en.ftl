# What the node's command line says. Ids, codes and commands are the same in every language.
# Headings of tables.
head-id = ID
head-revision = REV
head-accepted = ACCEPTED
head-title = TITLE
head-state = STATE
head-record = RECORD
head-index = INDEX
head-writer = WRITER
head-sequence = SEQ
head-code = CODE
head-signed = SIGNED
head-key = KEY
head-value = VALUE
head-origin = ORIGIN

# Labels of rows.
row-revision = revision
row-state = state
row-audience = audience
row-authored = authored
row-accepted = accepted
row-index = index
row-node = node
row-class = class
row-version = version
row-started = started
row-certificate = certificate until
row-issuer = systems' CA until
row-members = members
row-objects = objects
row-chain = own chain
row-outbox = outbox
row-blocked = outbox blocked
row-evidence = evidence
row-unerased = not erased
row-contradiction = contradiction
row-log-begun = succeeded
row-root = root
row-copied = copied
row-line = line
row-witnesses = witnesses
row-fast-start = fast start
row-search = search
row-cosigned = cosigned
row-silent = silent
row-standing = standing

# Words for states.
word-valid = valid
word-void = void
word-withdrawn = withdrawn
word-withdraws = withdraws
word-unjudged = not judged
word-queued = queued
word-accepted = accepted
word-rejected = rejected
word-unchanged = unchanged
word-default = default
word-line-down = line down
word-hub-refusing = hub refuses
word-alarm = ALARM
word-log-frozen = log frozen
word-behind = behind
word-unwitnessed = unwitnessed
word-live = live

# Freshness.
say-as-of = as of { $age } (log { $log }, { $size ->
        [one] 1 entry
       *[other] { $size } entries
    }), { $state }
say-no-log = no log received yet
say-line-down = ; hub line down since { $since } ({ $age })
say-line-down-why = ; hub line down since { $since } ({ $age }): { $code }
say-alarm = ; ALARM { $code }: nothing newer is applied
say-frozen = ; LOG FROZEN { $code }: nothing newer may come
say-fast-start = up to { $end }; all leaves from { $from } on
say-fast-start-going = { $taken } of { $end } entries; nothing is answered before its end
say-cosigned = size { $size }, { $age }
say-unwitnessed = ; unwitnessed since { $since } ({ $age })
say-copied = the hub refused a copy of this node { $age }: find it and stop it
say-line = { $state } since { $since } ({ $age })
say-behind = ; { $count ->
        [one] 1 entry
       *[other] { $count } entries
    } to come

# Reading.
say-void = void: { $code }
say-unerased = { $id }: { $count ->
        [one] 1 record is
       *[other] { $count } records are
    } left; withdraw it once more with: { $command }
say-resync = From position { $position } on; what was printed before may no longer hold: read it again with `multaqa-node list`.
say-more = more than { $limit }: raise --limit
say-node-of = { $writer } of { $federation }
say-chain = epoch { $epoch }, seq { $seq }
say-outbox = { $waiting } waiting, { $failed } failed
say-waiting = { $count } waiting
say-approval = { $needed ->
        [one] 1 state
       *[other] { $needed } states
    } needed; { $approved ->
        [none] approved by nobody yet
       *[other] approved by: { $approved }
    }
say-approve-with = approve with: { $command }
say-nothing-waits = nothing waits for this member's approval

# Writing.
say-publishable = { $count ->
        [one] 1 record
       *[other] { $count } records
    } may be published
say-approves = approves { $target }
say-approved-before = this member approved { $target } already
say-joined = { $writer } has joined
say-joined-before = { $writer } had joined before; the key was not used
say-start = start it: { $command }

# Checks and configuration.
say-entry = entry { $index }
say-node = node
say-sound = sound: { $size ->
        [one] 1 entry
       *[other] { $size } entries
    }, root { $root }
say-damaged = DAMAGED: { $size ->
        [one] 1 entry
       *[other] { $size } entries
    }, root { $root }
say-config-sound = the configuration is sound

# Proofs.
say-proof = The proof of { $record } is in { $path }.
    It stands at { $index } of the log, below the checkpoint of { $size } entries, cosigned by { $states } of { $of } states: { $label ->
        [stable] stable
        [witnessed] witnessed
       *[other] accepted
    }.
    Whoever has the genesis decides with it offline:
      multaqa-certs verify-record { $path } --genesis { $genesis }

# Backups.
say-backup-made = backup { $path }: { $node }, epoch { $epoch }, up to record { $seq }
say-backup-sound = sound: backup { $path } of { $at }: { $node }, epoch { $epoch }, up to record { $seq }
say-restored = restored from { $path }, made { $at }: { $node }, epoch { $epoch }, up to record { $seq }; nothing is signed before the journal was compared with the log
say-genesis = genesis { $genesis } written to { $path }

# Member systems.
head-client = SYSTEM
head-until = CERTIFICATE UNTIL
head-scopes = MAY
row-scopes = may
row-added = added
row-revoked = revoked
row-denied = refused
word-revoked = revoked
word-let-in = let in
say-client-issued = { $name } has a certificate in { $path }, until { $until }
say-client-may = { $name } may: { $scopes }
say-client-calls-nothing = call: scopes allow nothing yet: this version calls no services of other members
say-client-denied = { $times } times since the node started, last { $last }
say-client-revoked = { $name } is let in no more: its next request is refused, its connections are cut
say-client-port = systems reach this node at { $endpoint }
say-client-port-off = the port for systems is off: set clients.listen and clients.names in node.toml and start the node anew
say-client-ca = they know it by the CA in { $path }; hand it over with the certificate
say-issuer = the issuing CA for systems holds until { $until }; they know the port by { $path }
say-issuer-previous = the one before it is in use, until { $until } at most: the port shows a certificate of it
say-issuer-left = systems that have certificates of the one before it alone: { $names }
say-issuer-none-left = every system has a certificate of the new one, or none

# Search.
say-found = { PLURAL($total) ->
        [one] one record found
       *[other] { $total } records found
    }
say-nothing-found = Nothing is found
say-did-you-mean = Did you mean “{ $text }”?
say-more-found = More are found: --limit shows them
say-search = index of { $size } entries
say-search-made = the index is being made: { $size } entries
