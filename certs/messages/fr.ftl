# Textes des codes d'erreur de certs.

IDENTITY_MALFORMED = « { $value } » ne désigne aucun pair : il faut hub/NOM, operator/NOM ou node/CODE/NOM, sans point dans aucune partie.
    .act = operator
    .next = Écrivez l'identité sous l'une de ces formes, par exemple : multaqa-certs issue --identity node/JO/gw1

IDENTITY_FOREIGN = « { $value } » n'appartient pas à la fédération { $federation }.
    .act = operator
    .next = Examinez les noms du certificat avec : multaqa-certs inspect FILE

IDENTITY_NAMES_DISAGREE = L'URI { $uri } exige le nom DNS { $expected }, le certificat indique { $found }.
    .act = operator
    .next = Émettez de nouveau le certificat avec : multaqa-certs issue --dir DIR --identity IDENTITY --new-key --out FILE

SERIAL_MALFORMED = « { $value } » n'est pas un numéro de série de l'autorité de cette fédération : 32 chiffres hexadécimaux, le premier de 4 à 7.
    .act = operator
    .next = Lisez le numéro de série dans le certificat avec : multaqa-certs inspect FILE

SERIAL_NOT_ACTIVE = Le certificat { $serial } de { $identity } n'est pas sur la liste d'autorisation : il a été révoqué, remplacé ou jamais admis.
    .act = member-node
    .next = Demandez une nouvelle clé d'adhésion à un opérateur, puis lancez : multaqa-node join KEY

SERIAL_OTHER_OWNER = Le certificat { $serial } désigne { $identity }, mais ce numéro de série a été attribué à { $owner } : une clé d'émission est peut-être volée.
    .act = operator
    .next = Comparez le certificat avec le registre : multaqa-hub members

INVITATION_NOT_OPEN = Aucune invitation n'est ouverte pour la clé { $key } : elle a servi, a expiré ou n'a jamais existé.
    .act = operator
    .next = Invitez de nouveau le membre avec : multaqa-hub invite MEMBER

PROFILE_VERSION = Un certificat { $profile } doit être un X.509 version 3 ; trouvé : { $found }.
    .act = operator
    .next = Voyez toutes les règles enfreintes avec : multaqa-certs verify FILE --root root.pem

PROFILE_SIGNATURE = Un certificat { $profile } doit être signé avec ECDSA et SHA-384 ; trouvé : { $found }.
    .act = operator
    .next = Voyez toutes les règles enfreintes avec : multaqa-certs verify FILE --root root.pem

PROFILE_KEY = La clé d'un certificat { $profile } est sur une mauvaise courbe (P-384 pour une autorité, P-256 pour un pair) ; trouvé : { $found }.
    .act = operator
    .next = Voyez toutes les règles enfreintes avec : multaqa-certs verify FILE --root root.pem

PROFILE_LIFE = Un certificat { $profile } vit plus longtemps que ne le permet son profil ; trouvé : { $found }.
    .act = operator
    .next = Voyez toutes les règles enfreintes avec : multaqa-certs verify FILE --root root.pem

PROFILE_SERIAL = Un certificat { $profile } doit avoir un numéro de série positif de 16 octets ; trouvé : { $found }.
    .act = operator
    .next = Voyez toutes les règles enfreintes avec : multaqa-certs verify FILE --root root.pem

PROFILE_CA = Les contraintes de base d'un certificat { $profile } sont fausses (autorité ou non, longueur de chemin, criticité) ; trouvé : { $found }.
    .act = operator
    .next = Voyez toutes les règles enfreintes avec : multaqa-certs verify FILE --root root.pem

PROFILE_KEY_USAGE = L'usage de clé d'un certificat { $profile } est faux ; trouvé : { $found }.
    .act = operator
    .next = Voyez toutes les règles enfreintes avec : multaqa-certs verify FILE --root root.pem

PROFILE_PURPOSE = Un certificat { $profile } doit avoir exactement l'unique finalité de son profil ; trouvé : { $found }.
    .act = operator
    .next = Voyez toutes les règles enfreintes avec : multaqa-certs verify FILE --root root.pem

PROFILE_ZONE = Un certificat { $profile } n'est pas limité à sa zone de noms ; trouvé : { $found }.
    .act = operator
    .next = Voyez toutes les règles enfreintes avec : multaqa-certs verify FILE --root root.pem

PROFILE_NAMES = Un certificat { $profile } doit porter exactement un nom DNS et une URI ; trouvé : { $found }.
    .act = operator
    .next = Voyez toutes les règles enfreintes avec : multaqa-certs verify FILE --root root.pem

PROFILE_NAMES_AGREE = L'URI et le nom DNS d'un certificat { $profile } ne concordent pas ou ne sont pas de cette fédération ; trouvé : { $found }.
    .act = operator
    .next = Voyez toutes les règles enfreintes avec : multaqa-certs verify FILE --root root.pem

PROFILE_ROLE = Un certificat { $profile } désigne un pair d'un autre rôle ; trouvé : { $found }.
    .act = operator
    .next = Voyez toutes les règles enfreintes avec : multaqa-certs verify FILE --root root.pem

PROFILE_KEY_IDS = Il manque à un certificat { $profile } ses identifiants de clés ; trouvé : { $found }.
    .act = operator
    .next = Voyez toutes les règles enfreintes avec : multaqa-certs verify FILE --root root.pem

PROFILE_EXTENSIONS = Un certificat { $profile } porte une extension hors de son profil, ou deux fois la même ; trouvé : { $found }.
    .act = operator
    .next = Voyez toutes les règles enfreintes avec : multaqa-certs verify FILE --root root.pem

PROFILE_SUBJECT = Le sujet d'un certificat { $profile } ne désigne pas cette fédération ; trouvé : { $found }.
    .act = operator
    .next = Voyez toutes les règles enfreintes avec : multaqa-certs verify FILE --root root.pem

CERT_MALFORMED = Le certificat est illisible : { $why }.
    .act = member-node
    .next = Examinez le fichier avec : multaqa-certs inspect FILE

CERT_CHAIN_LENGTH = La chaîne compte { $found } certificats ; il en faut deux : celui du pair et celui de son autorité d'émission.
    .act = member-node
    .next = Examinez le fichier avec : multaqa-certs inspect FILE

CERT_EXPIRED = Le certificat était valable jusqu'au { $not_after } ; il est { $now }.
    .act = member-node
    .next = Vérifiez l'horloge, puis demandez une nouvelle clé d'adhésion à un opérateur et lancez : multaqa-node join KEY

CERT_NOT_YET_VALID = Le certificat vaut à partir du { $not_before } ; il est { $now }.
    .act = member-node
    .next = Comparez l'horloge de cette machine avec celle du hub : multaqa-node status

CERT_ROOT_EXPIRED = La racine de la fédération vaut du { $not_before } au { $not_after } ; il est { $now }.
    .act = operator
    .next = Vérifiez l'horloge ; si elle est juste, créez une nouvelle racine avec : multaqa-certs init --dir DIR --federation NAME

CERT_FOREIGN = Le certificat n'a pas été émis par l'autorité de cette fédération : quelqu'un d'autre est sur la ligne, ou un fichier vient d'une autre fédération.
    .act = member-node
    .next = Vérifiez le certificat contre la racine avec : multaqa-certs verify FILE --root root.pem

CERT_PURPOSE = Le certificat n'est pas pour ce bout de la connexion : on attendait un { $wanted }.
    .act = operator
    .next = Voyez à quoi il sert avec : multaqa-certs inspect FILE

CERT_CHAIN = La chaîne jusqu'à la racine ne tient pas : { $why }.
    .act = operator
    .next = Vérifiez le certificat contre la racine avec : multaqa-certs verify FILE --root root.pem

CERT_WRONG_HUB = On attendait { $expected }, c'est { $found } qui a répondu.
    .act = member-node
    .next = Vérifiez l'adresse du hub dans la configuration avec : multaqa-node config show

CERT_PROVISIONAL_CHANGED = Pendant l'adhésion, l'autre bout a présenté un autre certificat qu'au début : la ligne est peut-être altérée.
    .act = member-node
    .next = Adhérez de nouveau par une ligne sûre : multaqa-node join KEY

CSR_TOO_LARGE = La demande de certificat fait { $bytes } octets ; on en lit au plus { $limit }.
    .act = member-node
    .next = Créez une nouvelle demande avec : multaqa-certs request --out-key KEY --out-csr CSR

CSR_MALFORMED = Ceci n'est pas une demande de certificat (PKCS#10).
    .act = member-node
    .next = Créez une nouvelle demande avec : multaqa-certs request --out-key KEY --out-csr CSR

CSR_CURVE = La clé de la demande est { $found } ; on n'émet que pour des clés P-256.
    .act = member-node
    .next = Créez une nouvelle demande avec : multaqa-certs request --out-key KEY --out-csr CSR

CSR_SIGNATURE = La demande n'est pas signée par la clé qu'elle contient.
    .act = member-node
    .next = Créez une nouvelle demande avec : multaqa-certs request --out-key KEY --out-csr CSR

CRYPTO_FAILED = La bibliothèque cryptographique a échoué : { $why }.
    .act = system
    .next = Vérifiez l'installation avec : multaqa-certs --version

RANDOM_UNAVAILABLE = Le système d'exploitation ne fournit pas d'aléa : { $why }.
    .act = system
    .next = Vérifiez le générateur du noyau avec : head -c 16 /dev/urandom | wc -c

STORE_IO = { $path } est inutilisable : { $why }.
    .act = system
    .next = Vérifiez les droits et l'espace libre avec : ls -ld { $path }; df { $path }

STORE_FILE_MISSING = { $path } n'existe pas.
    .act = system
    .next = Vérifiez le répertoire dans la configuration, ou cherchez le fichier avec : ls -l { $path }

STORE_KEY_EXPOSED = { $path } a le mode { $mode } : d'autres peuvent lire ou modifier cette clé.
    .act = system
    .next = Cherchez qui y avait accès ; remplacez la clé, ou fermez le fichier avec : chmod 600 { $path }

STORE_FILE_EXISTS = { $path } existe et n'est pas écrasé.
    .act = system
    .next = Choisissez un autre nom ou un autre dossier. On ne déplace jamais une clé qui sert peut-être ; voyez ce que c'est avec `multaqa-certs inspect FILE`.

STORE_FILE_TOO_LARGE = { $path } dépasse { $limit } octets : ce n'est pas un fichier de clé ou de certificat.
    .act = system
    .next = Voyez ce que c'est avec : file { $path }

STORE_FILE_MALFORMED = { $path } ne contient pas ce qu'il faut : { $what }.
    .act = system
    .next = Examinez le fichier avec : multaqa-certs inspect { $path }

ISSUER_WRONG = L'autorité « { $issuer } » n'émet pas pour { $identity } : hub, opérateurs et nœuds ont chacun la leur, les systèmes d'organisme celle de leur nœud.
    .act = operator
    .next = Choisissez une identité du bon rôle : multaqa-certs issue --dir DIR --identity node/JO/gw1 --new-key --out FILE

ISSUER_UNKNOWN = Un { $profile } n'est pas une autorité d'émission : il y a nodes-issuer, hub-issuer et operators-issuer.
    .act = operator
    .next = Voyez ce qu'est un fichier avec : multaqa-certs inspect FILE

ISSUE_LIFE = Un certificat { $profile } vit de 1 à { $limit } jours ; { $days } ont été demandés.
    .act = operator
    .next = Omettez --days, ou demandez au plus { $limit } : multaqa-certs issue --days { $limit }

ISSUER_EXPIRED = L'autorité « { $issuer } » était valable jusqu'au { $not_after } et n'émet plus rien.
    .act = operator
    .next = Voyez ses dates avec : multaqa-certs inspect { $issuer }.pem ; puis remplacez-la au moyen de la racine hors ligne.

ISSUER_KEY_MISMATCH = { $path } n'est pas la clé privée du certificat voisin.
    .act = operator
    .next = Comparez avec la clé publique du certificat : multaqa-certs fingerprint FILE

FEDERATION_NAME_LABEL = Une partie du nom de la fédération { $federation } dépasse 63 caractères.
    .act = operator
    .next = Choisissez un nom plus court : multaqa-certs init --dir DIR --federation NAME

TLS_IDENTITY_UNUSABLE = La clé et le certificat ne peuvent servir ensemble : { $why }.
    .act = system
    .next = Examinez le fichier d'identité avec : multaqa-certs inspect FILE

HANDSHAKE_TIMEOUT = Le pair n'a pas terminé la négociation TLS en { $limit } ms.
    .act = member-node
    .next = Vérifiez la ligne entre nœud et hub avec : multaqa-node status

HANDSHAKE_FAILED = La négociation TLS a échoué : { $why }.
    .act = member-node
    .next = Il faut TLS 1.3 et un certificat de cette fédération ; vérifiez le nœud avec : multaqa-node status

HANDSHAKE_NO_HTTP2 = Le pair n'a pas demandé HTTP/2 (ALPN h2).
    .act = member-node
    .next = Connectez-vous avec un programme de ce réseau : multaqa-node status

CONNECTION_CUT = La connexion a été coupée : son certificat est révoqué, son invitation fermée, ou le processus s'arrête.
    .act = member-node
    .next = Voyez où en sont les choses avec : multaqa-node status

PREFACE_TIMEOUT = Le pair n'a rien envoyé après la négociation TLS : pas de préface HTTP/2 à temps.
    .act = member-node
    .next = Vérifiez la ligne entre nœud et hub avec : multaqa-node status

PREFACE_NOT_HTTP2 = Les premiers octets du pair ne sont pas la préface HTTP/2.
    .act = member-node
    .next = Connectez-vous avec un programme de ce réseau : multaqa-node status

FRAME_BUDGET = Le pair a envoyé plus de trames de contrôle HTTP/2 qu'une connexion n'en permet : une inondation ou un programme défectueux.
    .act = operator
    .next = Cherchez le pair dans les traces du hub ; s'il continue, identifiez-le avec : multaqa-hub members

DIAL_TIMEOUT = { $address } n'a pas répondu en { $limit } ms.
    .act = member-node
    .next = Vérifiez la ligne et l'adresse du hub avec : multaqa-node config show

DIAL_FAILED = { $address } est injoignable : { $why }.
    .act = member-node
    .next = Vérifiez la ligne et l'adresse du hub avec : multaqa-node config show

DIAL_HANDSHAKE_TIMEOUT = { $address } n'a pas terminé la négociation TLS en { $limit } ms.
    .act = hub
    .next = Demandez aux opérateurs du hub s'il est surchargé ; ils le voient avec : multaqa-hub status

DIAL_HANDSHAKE_FAILED = La négociation TLS avec { $address } a échoué : { $why }.
    .act = member-node
    .next = Vérifiez que l'adresse est celle du hub avec : multaqa-node config show

DIAL_NO_HTTP2 = { $address } ne parle pas HTTP/2 (ALPN h2) : ce n'est pas le port du hub.
    .act = member-node
    .next = Vérifiez l'adresse du hub avec : multaqa-node config show

HUB_SAYS_REVOKED = Le hub refuse ce certificat : il est révoqué, ou l'invitation n'est pas ouverte.
    .act = member-node
    .next = Demandez une nouvelle clé d'adhésion à un opérateur, puis lancez : multaqa-node join KEY

HUB_SAYS_EXPIRED = Le hub dit que ce certificat est hors de ses dates.
    .act = member-node
    .next = Vérifiez l'horloge, puis demandez une nouvelle clé d'adhésion à un opérateur et lancez : multaqa-node join KEY

HUB_SAYS_REFUSED = Le hub refuse ce certificat ; la raison figure dans les traces du hub.
    .act = operator
    .next = Vérifiez le certificat contre la racine avec : multaqa-certs verify FILE --root root.pem
