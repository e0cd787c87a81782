# What the certificate authority's command line says. Names, codes and commands are the same in every language.
# Making a CA and issuing.
say-made = The CA of { $federation } is made.

    Root certificate, for every node:
    {"  "}{ $root }
      SHA-256 { $sha256 }
    Issuing CAs, valid { $days } days, keys beside them:
    {"  "}{ $issuers }
    Take { $key } offline: it is needed again only for new issuing CAs.
    Next: multaqa-certs issue --dir { $dir } --identity hub/main --new-key --out hub.pem
say-issued = Issued to { $identity }, valid until { $until }.
    {"  "}{ $out }{ $key ->
        [own] {" "}(with its private key, 0600)
       *[other] {""}
    }
      serial { $serial }{ $listed ->
        [hub] {""}
       *[other] : it connects once the hub's allow-list holds it
    }
say-renewed = The issuing CA { $issuer } is made anew, valid until { $until }.
    {"  "}{ $certificate }, key beside it
    {"  "}{ $previous }: the certificates before it, which its leaves need until they end
    Take { $root } offline again.
    { $issuer ->
        [hub-issuer] Next, the hub's own certificate under it, taken by the running hub within a minute:
      {"  "}multaqa-certs issue --dir { $dir } --identity hub/main --new-key --replace --out hub/identity/hub.pem
       *[other] Next, copy { $files } into issuing/ of the hub's directory and start the hub again:
      {"  "}systemctl restart multaqa-hub
    }
say-requested = A P-256 key is in { $key } (0600), the request for it in { $csr }.
    Send the request to whoever holds the issuing CA:
      multaqa-certs issue --dir DIR --identity IDENTITY --csr { $csr } --out chain.pem
    and make the identity's one file of key and answer:
      (umask 077; cat { $key } chain.pem > identity.pem)

# Looking.
say-request-holds = A certificate request for a P-256 key, signed by that key. Nothing else in it counts.
say-verdict = { $profile } certificate of { $federation }, valid until { $until }: { $ok ->
        [yes] holds
       *[no] does NOT hold
    }
say-row = { $label }: { $value }
row-name = name
row-issuer = issued by
row-valid = valid
row-purpose = for
row-key = key
row-serial = serial
row-fingerprint = SHA-256
row-certificate = certificate
row-public-key = public key
say-valid = { $from } to { $until }
say-expired = { $from } to { $until } (expired)
word-signs = signs other certificates
word-server = a server's end of a connection
word-client = a client's end of a connection
word-both = both ends of a connection
word-neither = no end of a connection

# Deciding offline.
say-proven = Proven by the genesis { $genesis } of { $federation } alone:
say-proven-record = The record { $record } is by { $writer }, at place { $seq } of epoch { $epoch } of its chain, signed with its key { $key }.
say-proven-key = That key is the writer's by the key record { $record } at { $index }, and was in force at the record's place.
say-proven-invitation = That key is the one-time key of the invitation that the record redeems.
say-proven-operator = That key is the operator's by the policy in force at the record's place.
say-proven-content = Its content says: { $id }, revision { $revision }, for { $audience }, written at { $time } by its writer's clock.
say-proven-stub = Its content is not in the file; any content whose SHA-256 is { $hash } is the one that was signed.
say-proven-effect = It is a control record that { $effect ->
        [effective] took effect
       *[pending] waits for approvals
    } at its place.
say-proven-place = It stands at { $index } of log { $log }, which the hub took at { $time } by its own clock, below the log's signed checkpoint of { $size } entries with the root { $root }.
say-proven-control = No control record below the seal at { $index } ({ $time } by the hub's clock) is kept back: all { $count } are in the file, and they alone give the keys.
say-proven-witnesses = Of { $of } states that witness by policy { $policy }, { $states ->
        [0] none cosigned
        [one] 1 cosigned ({ $list })
       *[other] { $states } cosigned ({ $list })
    } this checkpoint or one whose tree begins with it; with { $witnessing } it is witnessed, with { $quorum } stable, so it is { $label ->
        [stable] stable: no other history can become so while at most { $faulty } of them cosign what they should not
        [witnessed] witnessed: at least one of them is honest if at most { $faulty } are not
       *[other] accepted, on the hub's word that it shows everybody the same log
    }.
say-proven-unwitnessed = Policy { $policy } names no witnesses: that everybody is shown the same log rests on the hub's word.
say-proven-time = It stood there at { $time } at the latest, by the clock of { $witness }, which cosigned then.
say-since-key = Later, at { $index }, the key was suspended.
say-since-member = At the seal the member of { $writer } is not in force.
say-since-contradiction = At { $index } stands evidence that the writer signed two statements for one place of its chain.
say-not-proven = Not decided by this file: whether the record keeps the rules of its kind, and whether a later record replaced or withdrew it.
say-evidence = { $reporter } reports that at { $time } by its own clock the hub broke a rule of log { $log }: { $code }.
say-evidence-proven = Proven by the genesis { $genesis } alone:
say-evidence-claimed = Claimed by the reporter, and true if it is honest:
say-evidence-enough = This file convinces anybody that a rule was broken, whoever hands it over.
say-evidence-not-enough = What is proven is no misbehaviour by itself: whether the rule was broken rests on the reporter's word. Compare with the files of other nodes.
say-found-forked = The log key signed two different logs of { $size } entries, with the roots { $one } and { $other }: the hub forked the log.
say-found-ordered = The log key signed a log of { $size } entries in which entry { $index } breaks a rule: { $rule } ({ $code })
say-found-contradicted = { $writer } signed two different records for place { $seq } of epoch { $epoch } of its chain.
say-found-content = The content shown with entry { $index } is what { $writer } signed, and by the control records in the file { $member } is not among its readers.
say-found-elsewhere = The log key signed a log of { $size } entries in which another entry (leaf { $leaf }) stands at { $index } than the record { $record }, which { $writer } signed.
say-found-closed-below = Operators signed that log { $log } is closed at { $closed } entries, though { $states }, a quorum of the states, had cosigned { $stable } entries of it or more: what stood there was stable, and was to be dropped.
say-found-vouched = { $states } cosigned the log of { $size } entries, the last of them at { $time } by its own clock.
say-found-signed = The log key signed a log of { $size } entries with the root { $root }, and the reporter's tree is that one.
say-found-reported = The file is by { $reporter }: its record key of epoch { $epoch }, which the control records in the file give it, signed it.
say-found-reporter-unknown = That the file is by { $reporter }: the control records that would give its key are not in the file.
say-found-shown = That the hub sent { $reporter } what the file holds, and that the file leaves nothing out of what it held before. If so, a rule is broken: { $rule } ({ $code })
say-found-not-shown = That the hub broke a rule, which the parts in the file do not show: { $rule } ({ $code })
