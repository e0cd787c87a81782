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
