# Texts of the error codes of certs.

IDENTITY_MALFORMED = "{ $value }" names no peer: hub/NAME, operator/NAME or node/CODE/NAME is needed, each part without a dot.
    .act = operator
    .next = Write the identity in one of these forms, for example: multaqa-certs issue --identity node/JO/gw1

IDENTITY_FOREIGN = "{ $value }" is not of the federation { $federation }.
    .act = operator
    .next = Look at the names in the certificate with: multaqa-certs inspect FILE

IDENTITY_NAMES_DISAGREE = The URI { $uri } asks for the DNS name { $expected }, the certificate says { $found }.
    .act = operator
    .next = Issue the certificate anew with: multaqa-certs issue --dir DIR --identity IDENTITY --new-key --out FILE

SERIAL_MALFORMED = "{ $value }" is no serial number of this federation's CA: 32 hexadecimal digits, the first from 4 to 7.
    .act = operator
    .next = Read the serial number from the certificate with: multaqa-certs inspect FILE

SERIAL_NOT_ACTIVE = The certificate { $serial } of { $identity } is not on the allow-list: it was revoked, replaced or never admitted.
    .act = member-node
    .next = Ask an operator for a new join key, then run: multaqa-node join --key-file FILE
    .hub-act = operator
    .hub-next = On the hub's machine run `multaqa-hub allow --dir DIR --certificate tls.pem` and wait half a minute. Where the policy does not name the operator any more, no certificate helps.

SERIAL_OTHER_OWNER = The certificate { $serial } names { $identity }, but this serial number was issued to { $owner }: an issuing key may be stolen.
    .act = operator
    .next = Compare the certificate with the registry: multaqa-hub members

INVITATION_NOT_OPEN = No invitation is open for the key { $key }: it was used, has lapsed or never existed.
    .act = operator
    .next = Invite the member again with: multaqa-hub invite MEMBER

PROFILE_VERSION = A { $profile } certificate must be X.509 version 3; found { $found }.
    .act = operator
    .next = See every broken rule with: multaqa-certs verify FILE --root root.pem

PROFILE_SIGNATURE = A { $profile } certificate must be signed with ECDSA and SHA-384; found { $found }.
    .act = operator
    .next = See every broken rule with: multaqa-certs verify FILE --root root.pem

PROFILE_KEY = A { $profile } certificate has a key on the wrong curve (a CA needs P-384, a peer P-256); found { $found }.
    .act = operator
    .next = See every broken rule with: multaqa-certs verify FILE --root root.pem

PROFILE_LIFE = A { $profile } certificate lives longer than its profile allows; found { $found }.
    .act = operator
    .next = See every broken rule with: multaqa-certs verify FILE --root root.pem

PROFILE_SERIAL = A { $profile } certificate needs a positive serial number of 16 bytes; found { $found }.
    .act = operator
    .next = See every broken rule with: multaqa-certs verify FILE --root root.pem

PROFILE_CA = A { $profile } certificate has the wrong basic constraints (CA or not, path length, critical); found { $found }.
    .act = operator
    .next = See every broken rule with: multaqa-certs verify FILE --root root.pem

PROFILE_KEY_USAGE = A { $profile } certificate has the wrong key usage; found { $found }.
    .act = operator
    .next = See every broken rule with: multaqa-certs verify FILE --root root.pem

PROFILE_PURPOSE = A { $profile } certificate needs exactly its profile's one purpose; found { $found }.
    .act = operator
    .next = See every broken rule with: multaqa-certs verify FILE --root root.pem

PROFILE_ZONE = A { $profile } certificate is not held to its zone of names; found { $found }.
    .act = operator
    .next = See every broken rule with: multaqa-certs verify FILE --root root.pem

PROFILE_NAMES = A { $profile } certificate needs exactly one DNS name and one URI; found { $found }.
    .act = operator
    .next = See every broken rule with: multaqa-certs verify FILE --root root.pem

PROFILE_NAMES_AGREE = The URI and the DNS name of a { $profile } certificate do not agree, or are not of this federation; found { $found }.
    .act = operator
    .next = See every broken rule with: multaqa-certs verify FILE --root root.pem

PROFILE_ROLE = A { $profile } certificate names a peer of another role; found { $found }.
    .act = operator
    .next = See every broken rule with: multaqa-certs verify FILE --root root.pem

PROFILE_KEY_IDS = A { $profile } certificate lacks its key identifiers; found { $found }.
    .act = operator
    .next = See every broken rule with: multaqa-certs verify FILE --root root.pem

PROFILE_EXTENSIONS = A { $profile } certificate holds an extension beyond its profile, or one twice; found { $found }.
    .act = operator
    .next = See every broken rule with: multaqa-certs verify FILE --root root.pem

PROFILE_SUBJECT = The subject of a { $profile } certificate does not name this federation; found { $found }.
    .act = operator
    .next = See every broken rule with: multaqa-certs verify FILE --root root.pem

CERT_MALFORMED = The certificate cannot be read: { $why }.
    .act = member-node
    .next = Look at the file with: multaqa-certs inspect FILE
    .hub-act = operator
    .hub-next = Check it against the federation's root with `multaqa-certs verify tls.pem --root root.pem` in the operator's directory, or name the right hub with `--hub HOST:PORT`.
    .certs-act = operator
    .certs-next = See what the file holds with: multaqa-certs inspect FILE

CERT_CHAIN_LENGTH = Certificates in the chain: { $found }; two are needed: the peer's own and its issuing CA's.
    .act = member-node
    .next = Look at the file with: multaqa-certs inspect FILE
    .hub-act = operator
    .certs-act = operator
    .certs-next = See what the file holds with: multaqa-certs inspect FILE
    .hub-next = Give the whole file that `multaqa-certs issue` wrote, certificate and issuing CA's; `multaqa-certs inspect FILE` shows what one holds.

CERT_EXPIRED = The certificate held until { $not_after }; it is { $now }.
    .act = member-node
    .next = Check the clock, then ask an operator for a new join key and run: multaqa-node join --key-file FILE
    .hub-act = operator
    .hub-next = Where the CA is, run `multaqa-certs issue --dir CA --identity operator/NAME --new-key --replace --out tls.pem`, then on the hub's machine `multaqa-hub allow --dir DIR --certificate tls.pem`.
    .certs-act = operator
    .certs-next = Issue a new one with: multaqa-certs issue --dir DIR --identity IDENTITY --new-key --replace --out FILE

CERT_NOT_YET_VALID = The certificate holds from { $not_before }; it is { $now }.
    .act = member-node
    .next = Compare this machine's clock with the hub's: multaqa-node status
    .hub-act = operator
    .hub-next = Compare the clocks of this machine and of the hub's with `timedatectl` on both.
    .certs-act = operator
    .certs-next = Compare the clocks of this machine and of the hub's with `timedatectl` on both.

CERT_ROOT_EXPIRED = The federation's root holds from { $not_before } to { $not_after }; it is { $now }.
    .act = operator
    .next = Check the clock; where it is right, make a new root with: multaqa-certs init --dir DIR --federation NAME

CERT_FOREIGN = The certificate was not issued by this federation's CA: somebody else is on the line, or a file is of another federation.
    .act = member-node
    .next = Check the certificate against the root with: multaqa-certs verify FILE --root root.pem
    .hub-act = operator
    .hub-next = Check it against the federation's root with `multaqa-certs verify tls.pem --root root.pem` in the operator's directory, or name the right hub with `--hub HOST:PORT`.
    .certs-act = operator
    .certs-next = See what the file holds with: multaqa-certs inspect FILE

CERT_PURPOSE = The certificate is not for this end of a connection: a { $wanted } was expected.
    .act = operator
    .next = See what it is for with: multaqa-certs inspect FILE
    .hub-act = operator
    .hub-next = Check it against the federation's root with `multaqa-certs verify tls.pem --root root.pem` in the operator's directory, or name the right hub with `--hub HOST:PORT`.

CERT_CHAIN = The chain to the root does not hold: { $why }.
    .act = operator
    .next = Check the certificate against the root with: multaqa-certs verify FILE --root root.pem
    .hub-act = operator
    .hub-next = Check it against the federation's root with `multaqa-certs verify tls.pem --root root.pem` in the operator's directory, or name the right hub with `--hub HOST:PORT`.

CERT_WRONG_HUB = { $expected } was expected, { $found } answered.
    .act = member-node
    .next = Check the hub's address in the configuration with: multaqa-node config show
    .hub-act = operator
    .hub-next = Make sure that the address is the hub's and not another port's; name the right one with `--hub HOST:PORT`.

CERT_PROVISIONAL_CHANGED = While joining, the other side presented another certificate than at first: the line may be tampered with.
    .act = member-node
    .next = Join again over a line that you trust: multaqa-node join --key-file FILE

CSR_TOO_LARGE = The certificate request has { $bytes } bytes; at most { $limit } are read.
    .act = member-node
    .next = Make a new request with: multaqa-certs request --out-key KEY --out-csr CSR

CSR_MALFORMED = This is no certificate request (PKCS#10).
    .act = member-node
    .next = Make a new request with: multaqa-certs request --out-key KEY --out-csr CSR

CSR_CURVE = The request's key is { $found }; certificates are issued to P-256 keys only.
    .act = member-node
    .next = Make a new request with: multaqa-certs request --out-key KEY --out-csr CSR

CSR_SIGNATURE = The request is not signed by the key in it.
    .act = member-node
    .next = Make a new request with: multaqa-certs request --out-key KEY --out-csr CSR

CRYPTO_FAILED = The crypto library failed: { $why }.
    .act = operator
    .next = Check the installation with: multaqa-certs --version
    .node-act = member-node

RANDOM_UNAVAILABLE = The operating system gives no randomness: { $why }.
    .act = operator
    .next = Check the kernel's generator with: head -c 16 /dev/urandom | wc -c
    .node-act = member-node

STORE_IO = { $path } cannot be used: { $why }.
    .act = operator
    .next = Check rights and free space with: ls -ld { $path }; df { $path }
    .node-act = member-node

STORE_FILE_MISSING = { $path } does not exist.
    .act = operator
    .next = Check the path in the command, or look for the file with: ls -l { $path }
    .node-act = member-node

STORE_KEY_EXPOSED = { $path } has mode { $mode }: others can read or change this key.
    .act = operator
    .next = Find out who had access; replace the key, or close the file with: chmod 600 { $path }
    .node-act = member-node

STORE_FILE_EXISTS = { $path } exists and is not overwritten.
    .act = operator
    .next = Choose another name or directory. A key that may be in use is never moved away; see what it is with `multaqa-certs inspect FILE`.
    .node-act = member-node

STORE_FILE_TOO_LARGE = { $path } is longer than { $limit } bytes: no key or certificate file of ours.
    .act = operator
    .next = Look at what it is with: file { $path }
    .node-act = member-node

STORE_FILE_MALFORMED = { $path } does not hold what it should: { $what }.
    .act = operator
    .next = Look at the file with: multaqa-certs inspect { $path }
    .node-act = member-node

ISSUER_WRONG = The CA "{ $issuer }" does not issue to { $identity }: hub, operators and nodes each have their own, member systems their node's.
    .act = operator
    .next = Choose an identity of the right role: multaqa-certs issue --dir DIR --identity node/JO/gw1 --new-key --out FILE

ISSUER_UNKNOWN = A { $profile } is no issuing CA: there are nodes-issuer, hub-issuer and operators-issuer.
    .act = operator
    .next = See what a file is with: multaqa-certs inspect FILE

ISSUE_LIFE = A { $profile } certificate lives from 1 to { $limit } days; { $days } were asked for.
    .act = operator
    .next = Leave --days out, or ask for at most { $limit }: multaqa-certs issue --days { $limit }

ISSUER_EXPIRED = The CA "{ $issuer }" held until { $not_after } and issues nothing any more.
    .act = operator
    .next = Make it anew, with the root's key at hand: multaqa-certs renew-issuer --dir DIR --issuer { $issuer }

ISSUER_KEY_MISMATCH = { $path } is not the private key of the certificate beside it.
    .act = operator
    .next = Compare with the public key of the certificate: multaqa-certs fingerprint FILE

FEDERATION_NAME_LABEL = A part of the federation's name { $federation } is longer than 63 characters.
    .act = operator
    .next = Choose a shorter name: multaqa-certs init --dir DIR --federation NAME

TLS_IDENTITY_UNUSABLE = Key and certificate cannot be used together: { $why }.
    .act = operator
    .next = Look at the identity file with: multaqa-certs inspect FILE
    .node-act = member-node

HANDSHAKE_TIMEOUT = The peer did not finish the TLS handshake within { $limit } ms.
    .act = member-node
    .next = Check the line between node and hub with: multaqa-node status

HANDSHAKE_FAILED = The TLS handshake failed: { $why }.
    .act = member-node
    .next = TLS 1.3 and a certificate of this federation are needed; check the node with: multaqa-node status

HANDSHAKE_NO_HTTP2 = The peer did not ask for HTTP/2 (ALPN h2).
    .act = member-node
    .next = Connect with a program of this network: multaqa-node status

CONNECTION_CUT = The connection was cut: its certificate was revoked, its invitation closed, or the process is stopping.
    .act = member-node
    .next = See where things stand with: multaqa-node status
    .hub-act = operator
    .hub-next = Repeat the command; where it is cut again, look at the hub's log with `journalctl -u multaqa-hub`.

CONNECTION_EXPIRED = The connection was ended: the certificate that it was opened with has reached its end.
    .act = member-node
    .next = The node connects again by itself with its renewed certificate; see: multaqa-node status

PREFACE_TIMEOUT = The peer sent nothing after the TLS handshake: no HTTP/2 preface in time.
    .act = member-node
    .next = Check the line between node and hub with: multaqa-node status

PREFACE_NOT_HTTP2 = The first bytes of the peer are not the HTTP/2 preface.
    .act = member-node
    .next = Connect with a program of this network: multaqa-node status

FRAME_BUDGET = The peer sent more HTTP/2 control frames than a connection may: a flood, or a broken program.
    .act = operator
    .next = Find the peer in the hub's log; where it goes on, look it up with: multaqa-hub members

DIAL_TIMEOUT = { $address } did not answer within { $limit } ms.
    .act = member-node
    .next = Check the line and the hub's address with: multaqa-node config show
    .hub-act = operator
    .hub-next = See on the hub's machine whether it runs with `systemctl status multaqa-hub`, or name another address with `--hub HOST:PORT`.

DIAL_FAILED = { $address } cannot be reached: { $why }.
    .act = member-node
    .next = Check the line and the hub's address with: multaqa-node config show
    .hub-act = operator
    .hub-next = See on the hub's machine whether it runs with `systemctl status multaqa-hub`, or name another address with `--hub HOST:PORT`.

DIAL_HANDSHAKE_TIMEOUT = { $address } did not finish the TLS handshake within { $limit } ms.
    .act = hub
    .next = Ask the hub's operators whether it is overloaded; they look with: multaqa-hub status
    .hub-act = operator
    .hub-next = See on the hub's machine whether it runs with `systemctl status multaqa-hub`, or name another address with `--hub HOST:PORT`.

DIAL_HANDSHAKE_FAILED = The TLS handshake with { $address } failed: { $why }.
    .act = member-node
    .next = Check that the address is the hub's with: multaqa-node config show
    .hub-act = operator
    .hub-next = Make sure that the address is the hub's and not another port's; name the right one with `--hub HOST:PORT`.

DIAL_NO_HTTP2 = { $address } does not speak HTTP/2 (ALPN h2): it is not the hub's port.
    .act = member-node
    .next = Check the hub's address with: multaqa-node config show
    .hub-act = operator
    .hub-next = Make sure that the address is the hub's and not another port's; name the right one with `--hub HOST:PORT`.

HUB_SAYS_REVOKED = The hub refuses this certificate: it is revoked, or the invitation is not open.
    .act = member-node
    .next = Ask an operator for a new join key, then run: multaqa-node join --key-file FILE
    .hub-act = operator
    .hub-next = On the hub's machine run `multaqa-hub allow --dir DIR --certificate tls.pem` and wait half a minute. Where the policy does not name the operator any more, no certificate helps.

HUB_SAYS_EXPIRED = The hub says that this certificate is outside its dates.
    .act = member-node
    .next = Check the clock, then ask an operator for a new join key and run: multaqa-node join --key-file FILE
    .hub-act = operator
    .hub-next = Where the CA is, run `multaqa-certs issue --dir CA --identity operator/NAME --new-key --replace --out tls.pem`, then on the hub's machine `multaqa-hub allow --dir DIR --certificate tls.pem`.

HUB_SAYS_REFUSED = The hub refuses this certificate; the reason stands in the hub's log.
    .act = operator
    .next = Check the certificate against the root with: multaqa-certs verify FILE --root root.pem
    .hub-act = operator
    .hub-next = On the hub's machine run `multaqa-hub allow --dir DIR --certificate tls.pem` and wait half a minute. Where the policy does not name the operator any more, no certificate helps.

GENESIS_UNREADABLE = "{ $value }" is no genesis: neither 64 hex digits nor a file that holds these, nor one that `multaqa-node backup genesis` wrote.
    .act = reader
    .next = Ask the operators for the digits that `multaqa-hub init` printed and run `multaqa-certs verify-record FILE --genesis GENESIS`.

CSR_KEY_REFUSED = The request's key is { $found }; a member system's key is P-256, P-384, or RSA of 2048 to 4096 bits.
    .act = system
    .next = Make a new key and request, for example: openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj / -keyout KEY -out CSR, then run `multaqa-node client add NAME --csr CSR`

SYSTEM_LIFE = A member system's certificate lives from 1 to { $limit } days; { $days } were asked for.
    .act = member-node
    .next = Leave `--days` out, or ask for at most { $limit }: multaqa-node client add NAME --csr FILE --days { $limit }

SYSTEMS_CA_EXPIRED = The node's own CA for member systems held until { $not_after }: it issues nothing any more.
    .act = member-node
    .next = Move the directory `clients/` of the node aside and run `multaqa-node serve` again: a new CA is made, and every system needs a new certificate and the new ca.pem.

SYSTEMS_CA_ENDS = The node's issuing CA for member systems holds until { $until }; no certificate that it issues outlasts it.
    .act = member-node
    .next = Run `multaqa-node client issuer renew`: it makes the next one, and certificates in use hold on until their own end.

SYSTEMS_CA_OVERLAP = The issuing CA for member systems before this one is still in use, until { $not_after } at most, and no more than one is kept.
    .act = member-node
    .next = `multaqa-node client issuer show` names the systems that use it; once they have new certificates it ends by itself, and `multaqa-node client issuer retire` ends it at once.

SYSTEMS_CA_WRONG = { $path } holds no CA of this federation together with its key.
    .act = member-node
    .next = Put the file back from its backup. Without one move the directory `clients/` aside and run `multaqa-node serve` again: a new CA is made, and every system needs a new certificate.

SYSTEMS_PORT_NAMELESS = The port for member systems has no name that its certificate could say.
    .act = member-node
    .next = Set `clients.names` in node.toml, and look at it with: multaqa-node config show

HANDSHAKE_PLAIN_HTTP = This port speaks HTTPS alone (TLS 1.3), with a client certificate of this node; what came was HTTP without TLS.
    .act = system
    .next = Use https:// with certificate, key and the node's ca.pem; the node's operators issue a certificate with `multaqa-node client add NAME --csr FILE`, which prints a line that works.
