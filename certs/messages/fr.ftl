# Textes des codes d'erreur de certs.

IDENTITY_MALFORMED = « { $value } » ne désigne aucun pair : il faut hub/NOM, operator/NOM ou node/CODE/NOM, sans point dans aucune partie.
    .act = operator
    .next = Écrivez l'identité sous l'une de ces formes, par exemple : multaqa-certs issue --identity node/JO/gw1

IDENTITY_FOREIGN = « { $value } » n'appartient pas à la fédération { $federation }.
    .act = operator
    .next = Examinez les noms du certificat avec : multaqa-certs inspect FILE

IDENTITY_NAMES_DISAGREE = L'URI { $uri } exige le nom DNS { $expected }, le certificat indique { $found }.
    .act = operator
    .next = Émettez de nouveau le certificat avec : multaqa-certs issue --dir DIR --identity IDENTITY --new-key --out FILE

SERIAL_MALFORMED = « { $value } » n'est pas un numéro de série de l'autorité de cette fédération : 32 chiffres hexadécimaux, le premier de 4 à 7.
    .act = operator
    .next = Lisez le numéro de série dans le certificat avec : multaqa-certs inspect FILE

SERIAL_NOT_ACTIVE = Le certificat { $serial } de { $identity } n'est pas sur la liste d'autorisation : il a été révoqué, remplacé ou jamais admis.
    .act = member-node
    .next = Demandez une nouvelle clé d'adhésion à un opérateur, puis lancez : multaqa-node join --key-file FILE
    .hub-act = operator
    .hub-next = Sur la machine de la plateforme, lancez `multaqa-hub allow --dir DIR --certificate tls.pem` et attendez une demi-minute. Si la politique ne nomme plus l'opérateur, aucun certificat n'y fera rien.

SERIAL_OTHER_OWNER = Le certificat { $serial } désigne { $identity }, mais ce numéro de série a été attribué à { $owner } : une clé d'émission est peut-être volée.
    .act = operator
    .next = Comparez le certificat avec le registre : multaqa-hub members

INVITATION_NOT_OPEN = Aucune invitation n'est ouverte pour la clé { $key } : elle a servi, a expiré ou n'a jamais existé.
    .act = operator
    .next = Invitez de nouveau le membre avec : multaqa-hub invite MEMBER

PROFILE_VERSION = Un certificat { $profile } doit être un X.509 version 3 ; trouvé : { $found }.
    .act = operator
    .next = Voyez toutes les règles enfreintes avec : multaqa-certs verify FILE --root root.pem

PROFILE_SIGNATURE = Un certificat { $profile } doit être signé avec ECDSA et SHA-384 ; trouvé : { $found }.
    .act = operator
    .next = Voyez toutes les règles enfreintes avec : multaqa-certs verify FILE --root root.pem

PROFILE_KEY = La clé d'un certificat { $profile } est sur une mauvaise courbe (P-384 pour une autorité, P-256 pour un pair) ; trouvé : { $found }.
    .act = operator
    .next = Voyez toutes les règles enfreintes avec : multaqa-certs verify FILE --root root.pem

PROFILE_LIFE = Un certificat { $profile } vit plus longtemps que ne le permet son profil ; trouvé : { $found }.
    .act = operator
    .next = Voyez toutes les règles enfreintes avec : multaqa-certs verify FILE --root root.pem

PROFILE_SERIAL = Un certificat { $profile } doit avoir un numéro de série positif de 16 octets ; trouvé : { $found }.
    .act = operator
    .next = Voyez toutes les règles enfreintes avec : multaqa-certs verify FILE --root root.pem

PROFILE_CA = Les contraintes de base d'un certificat { $profile } sont fausses (autorité ou non, longueur de chemin, criticité) ; trouvé : { $found }.
    .act = operator
    .next = Voyez toutes les règles enfreintes avec : multaqa-certs verify FILE --root root.pem

PROFILE_KEY_USAGE = L'usage de clé d'un certificat { $profile } est faux ; trouvé : { $found }.
    .act = operator
    .next = Voyez toutes les règles enfreintes avec : multaqa-certs verify FILE --root root.pem

PROFILE_PURPOSE = Un certificat { $profile } doit avoir exactement l'unique finalité de son profil ; trouvé : { $found }.
    .act = operator
    .next = Voyez toutes les règles enfreintes avec : multaqa-certs verify FILE --root root.pem

PROFILE_ZONE = Un certificat { $profile } n'est pas limité à sa zone de noms ; trouvé : { $found }.
    .act = operator
    .next = Voyez toutes les règles enfreintes avec : multaqa-certs verify FILE --root root.pem

PROFILE_NAMES = Un certificat { $profile } doit porter exactement un nom DNS et une URI ; trouvé : { $found }.
    .act = operator
    .next = Voyez toutes les règles enfreintes avec : multaqa-certs verify FILE --root root.pem

PROFILE_NAMES_AGREE = L'URI et le nom DNS d'un certificat { $profile } ne concordent pas ou ne sont pas de cette fédération ; trouvé : { $found }.
    .act = operator
    .next = Voyez toutes les règles enfreintes avec : multaqa-certs verify FILE --root root.pem

PROFILE_ROLE = Un certificat { $profile } désigne un pair d'un autre rôle ; trouvé : { $found }.
    .act = operator
    .next = Voyez toutes les règles enfreintes avec : multaqa-certs verify FILE --root root.pem

PROFILE_KEY_IDS = Il manque à un certificat { $profile } ses identifiants de clés ; trouvé : { $found }.
    .act = operator
    .next = Voyez toutes les règles enfreintes avec : multaqa-certs verify FILE --root root.pem

PROFILE_EXTENSIONS = Un certificat { $profile } porte une extension hors de son profil, ou deux fois la même ; trouvé : { $found }.
    .act = operator
    .next = Voyez toutes les règles enfreintes avec : multaqa-certs verify FILE --root root.pem

PROFILE_SUBJECT = Le sujet d'un certificat { $profile } ne désigne pas cette fédération ; trouvé : { $found }.
    .act = operator
    .next = Voyez toutes les règles enfreintes avec : multaqa-certs verify FILE --root root.pem

CERT_MALFORMED = Le certificat est illisible : { $why }.
    .act = member-node
    .next = Examinez le fichier avec : multaqa-certs inspect FILE
    .hub-act = operator
    .hub-next = Vérifiez-le avec la racine de la fédération par `multaqa-certs verify tls.pem --root root.pem` dans le répertoire de l'opérateur, ou indiquez la bonne plateforme avec `--hub HOST:PORT`.
    .certs-act = operator
    .certs-next = Voyez ce que contient le fichier avec : multaqa-certs inspect FILE

CERT_CHAIN_LENGTH = Certificats dans la chaîne : { $found } ; il en faut deux, celui du pair et celui de son autorité émettrice.
    .act = member-node
    .next = Examinez le fichier avec : multaqa-certs inspect FILE
    .hub-act = operator
    .certs-act = operator
    .certs-next = Voyez ce que contient le fichier avec : multaqa-certs inspect FILE
    .hub-next = Donnez le fichier entier écrit par `multaqa-certs issue`, le certificat puis celui de l'autorité émettrice ; `multaqa-certs inspect FILE` montre ce qu'un fichier contient.

CERT_EXPIRED = Le certificat était valable jusqu'au { $not_after } ; il est { $now }.
    .act = member-node
    .next = Vérifiez l'horloge, puis demandez une nouvelle clé d'adhésion à un opérateur et lancez : multaqa-node join --key-file FILE
    .hub-act = operator
    .hub-next = Là où se trouve l'autorité, lancez `multaqa-certs issue --dir CA --identity operator/NAME --new-key --replace --out tls.pem`, puis sur la machine de la plateforme `multaqa-hub allow --dir DIR --certificate tls.pem`.
    .certs-act = operator
    .certs-next = Émettez-en un nouveau avec : multaqa-certs issue --dir DIR --identity IDENTITY --new-key --replace --out FILE

CERT_NOT_YET_VALID = Le certificat vaut à partir du { $not_before } ; il est { $now }.
    .act = member-node
    .next = Comparez l'horloge de cette machine avec celle du hub : multaqa-node status
    .hub-act = operator
    .hub-next = Comparez les horloges de cette machine et de celle de la plateforme avec `timedatectl` sur les deux.
    .certs-act = operator
    .certs-next = Comparez les horloges de cette machine et de celle de la plateforme avec `timedatectl` sur les deux.

CERT_ROOT_EXPIRED = La racine de la fédération vaut du { $not_before } au { $not_after } ; il est { $now }.
    .act = operator
    .next = Vérifiez l'horloge ; si elle est juste, créez une nouvelle racine avec : multaqa-certs init --dir DIR --federation NAME

CERT_FOREIGN = Le certificat n'a pas été émis par l'autorité de cette fédération : quelqu'un d'autre est sur la ligne, ou un fichier vient d'une autre fédération.
    .act = member-node
    .next = Vérifiez le certificat contre la racine avec : multaqa-certs verify FILE --root root.pem
    .hub-act = operator
    .hub-next = Vérifiez-le avec la racine de la fédération par `multaqa-certs verify tls.pem --root root.pem` dans le répertoire de l'opérateur, ou indiquez la bonne plateforme avec `--hub HOST:PORT`.
    .certs-act = operator
    .certs-next = Voyez ce que contient le fichier avec : multaqa-certs inspect FILE

CERT_PURPOSE = Le certificat n'est pas pour ce bout de la connexion : on attendait un { $wanted }.
    .act = operator
    .next = Voyez à quoi il sert avec : multaqa-certs inspect FILE
    .hub-act = operator
    .hub-next = Vérifiez-le avec la racine de la fédération par `multaqa-certs verify tls.pem --root root.pem` dans le répertoire de l'opérateur, ou indiquez la bonne plateforme avec `--hub HOST:PORT`.

CERT_CHAIN = La chaîne jusqu'à la racine ne tient pas : { $why }.
    .act = operator
    .next = Vérifiez le certificat contre la racine avec : multaqa-certs verify FILE --root root.pem
    .hub-act = operator
    .hub-next = Vérifiez-le avec la racine de la fédération par `multaqa-certs verify tls.pem --root root.pem` dans le répertoire de l'opérateur, ou indiquez la bonne plateforme avec `--hub HOST:PORT`.

CERT_WRONG_HUB = On attendait { $expected }, c'est { $found } qui a répondu.
    .act = member-node
    .next = Vérifiez l'adresse du hub dans la configuration avec : multaqa-node config show
    .hub-act = operator
    .hub-next = Assurez-vous que l'adresse est celle de la plateforme et non d'un autre port ; indiquez la bonne avec `--hub HOST:PORT`.

CERT_PROVISIONAL_CHANGED = Pendant l'adhésion, l'autre bout a présenté un autre certificat qu'au début : la ligne est peut-être altérée.
    .act = member-node
    .next = Adhérez de nouveau par une ligne sûre : multaqa-node join --key-file FILE

CSR_TOO_LARGE = La demande de certificat fait { $bytes } octets ; on en lit au plus { $limit }.
    .act = member-node
    .next = Créez une nouvelle demande avec : multaqa-certs request --out-key KEY --out-csr CSR

CSR_MALFORMED = Ceci n'est pas une demande de certificat (PKCS#10).
    .act = member-node
    .next = Créez une nouvelle demande avec : multaqa-certs request --out-key KEY --out-csr CSR

CSR_CURVE = La clé de la demande est { $found } ; on n'émet que pour des clés P-256.
    .act = member-node
    .next = Créez une nouvelle demande avec : multaqa-certs request --out-key KEY --out-csr CSR

CSR_SIGNATURE = La demande n'est pas signée par la clé qu'elle contient.
    .act = member-node
    .next = Créez une nouvelle demande avec : multaqa-certs request --out-key KEY --out-csr CSR

CRYPTO_FAILED = La bibliothèque cryptographique a échoué : { $why }.
    .act = operator
    .next = Vérifiez l'installation avec : multaqa-certs --version
    .node-act = member-node

RANDOM_UNAVAILABLE = Le système d'exploitation ne fournit pas d'aléa : { $why }.
    .act = operator
    .next = Vérifiez le générateur du noyau avec : head -c 16 /dev/urandom | wc -c
    .node-act = member-node

STORE_IO = { $path } est inutilisable : { $why }.
    .act = operator
    .next = Vérifiez les droits et l'espace libre avec : ls -ld { $path }; df { $path }
    .node-act = member-node

STORE_FILE_MISSING = { $path } n'existe pas.
    .act = operator
    .next = Vérifiez le chemin dans la commande, ou cherchez le fichier avec : ls -l { $path }
    .node-act = member-node

STORE_KEY_EXPOSED = { $path } a le mode { $mode } : d'autres peuvent lire ou modifier cette clé.
    .act = operator
    .next = Cherchez qui y avait accès ; remplacez la clé, ou fermez le fichier avec : chmod 600 { $path }
    .node-act = member-node

STORE_FILE_EXISTS = { $path } existe et n'est pas écrasé.
    .act = operator
    .next = Choisissez un autre nom ou un autre dossier. On ne déplace jamais une clé qui sert peut-être ; voyez ce que c'est avec `multaqa-certs inspect FILE`.
    .node-act = member-node

STORE_FILE_TOO_LARGE = { $path } dépasse { $limit } octets : ce n'est pas un fichier de clé ou de certificat.
    .act = operator
    .next = Voyez ce que c'est avec : file { $path }
    .node-act = member-node

STORE_FILE_MALFORMED = { $path } ne contient pas ce qu'il faut : { $what }.
    .act = operator
    .next = Examinez le fichier avec : multaqa-certs inspect { $path }
    .node-act = member-node

ISSUER_WRONG = L'autorité « { $issuer } » n'émet pas pour { $identity } : hub, opérateurs et nœuds ont chacun la leur, les systèmes d'organisme celle de leur nœud.
    .act = operator
    .next = Choisissez une identité du bon rôle : multaqa-certs issue --dir DIR --identity node/JO/gw1 --new-key --out FILE

ISSUER_UNKNOWN = Un { $profile } n'est pas une autorité d'émission : il y a nodes-issuer, hub-issuer et operators-issuer.
    .act = operator
    .next = Voyez ce qu'est un fichier avec : multaqa-certs inspect FILE

ISSUE_LIFE = Un certificat { $profile } vit de 1 à { $limit } jours ; { $days } ont été demandés.
    .act = operator
    .next = Omettez --days, ou demandez au plus { $limit } : multaqa-certs issue --days { $limit }

ISSUER_EXPIRED = L'autorité « { $issuer } » était valable jusqu'au { $not_after } et n'émet plus rien.
    .act = operator
    .next = Refaites-la, la clé racine à portée, avec : multaqa-certs renew-issuer --dir DIR --issuer { $issuer }

ISSUER_KEY_MISMATCH = { $path } n'est pas la clé privée du certificat voisin.
    .act = operator
    .next = Comparez avec la clé publique du certificat : multaqa-certs fingerprint FILE

FEDERATION_NAME_LABEL = Une partie du nom de la fédération { $federation } dépasse 63 caractères.
    .act = operator
    .next = Choisissez un nom plus court : multaqa-certs init --dir DIR --federation NAME

TLS_IDENTITY_UNUSABLE = La clé et le certificat ne peuvent servir ensemble : { $why }.
    .act = operator
    .next = Examinez le fichier d'identité avec : multaqa-certs inspect FILE
    .node-act = member-node

HANDSHAKE_TIMEOUT = Le pair n'a pas terminé la négociation TLS en { $limit } ms.
    .act = member-node
    .next = Vérifiez la ligne entre nœud et hub avec : multaqa-node status

HANDSHAKE_FAILED = La négociation TLS a échoué : { $why }.
    .act = member-node
    .next = Il faut TLS 1.3 et un certificat de cette fédération ; vérifiez le nœud avec : multaqa-node status

HANDSHAKE_NO_HTTP2 = Le pair n'a pas demandé HTTP/2 (ALPN h2).
    .act = member-node
    .next = Connectez-vous avec un programme de ce réseau : multaqa-node status

CONNECTION_CUT = La connexion a été coupée : son certificat est révoqué, son invitation fermée, ou le processus s'arrête.
    .act = member-node
    .next = Voyez où en sont les choses avec : multaqa-node status
    .hub-act = operator
    .hub-next = Répétez la commande ; si la coupure se répète, consultez les traces de la plateforme avec `journalctl -u multaqa-hub`.

CONNECTION_EXPIRED = La connexion a été fermée : le certificat qui l'avait ouverte est arrivé à son terme.
    .act = member-node
    .next = Le nœud se reconnecte de lui-même avec son certificat renouvelé ; voyez : multaqa-node status

PREFACE_TIMEOUT = Le pair n'a rien envoyé après la négociation TLS : pas de préface HTTP/2 à temps.
    .act = member-node
    .next = Vérifiez la ligne entre nœud et hub avec : multaqa-node status

PREFACE_NOT_HTTP2 = Les premiers octets du pair ne sont pas la préface HTTP/2.
    .act = member-node
    .next = Connectez-vous avec un programme de ce réseau : multaqa-node status

FRAME_BUDGET = Le pair a envoyé plus de trames de contrôle HTTP/2 qu'une connexion n'en permet : une inondation ou un programme défectueux.
    .act = operator
    .next = Cherchez le pair dans les traces du hub ; s'il continue, identifiez-le avec : multaqa-hub members

DIAL_TIMEOUT = { $address } n'a pas répondu en { $limit } ms.
    .act = member-node
    .next = Vérifiez la ligne et l'adresse du hub avec : multaqa-node config show
    .hub-act = operator
    .hub-next = Voyez sur la machine de la plateforme si elle tourne avec `systemctl status multaqa-hub`, ou indiquez une autre adresse avec `--hub HOST:PORT`.

DIAL_FAILED = { $address } est injoignable : { $why }.
    .act = member-node
    .next = Vérifiez la ligne et l'adresse du hub avec : multaqa-node config show
    .hub-act = operator
    .hub-next = Voyez sur la machine de la plateforme si elle tourne avec `systemctl status multaqa-hub`, ou indiquez une autre adresse avec `--hub HOST:PORT`.

DIAL_HANDSHAKE_TIMEOUT = { $address } n'a pas terminé la négociation TLS en { $limit } ms.
    .act = hub
    .next = Demandez aux opérateurs du hub s'il est surchargé ; ils le voient avec : multaqa-hub status
    .hub-act = operator
    .hub-next = Voyez sur la machine de la plateforme si elle tourne avec `systemctl status multaqa-hub`, ou indiquez une autre adresse avec `--hub HOST:PORT`.

DIAL_HANDSHAKE_FAILED = La négociation TLS avec { $address } a échoué : { $why }.
    .act = member-node
    .next = Vérifiez que l'adresse est celle du hub avec : multaqa-node config show
    .hub-act = operator
    .hub-next = Assurez-vous que l'adresse est celle de la plateforme et non d'un autre port ; indiquez la bonne avec `--hub HOST:PORT`.

DIAL_NO_HTTP2 = { $address } ne parle pas HTTP/2 (ALPN h2) : ce n'est pas le port du hub.
    .act = member-node
    .next = Vérifiez l'adresse du hub avec : multaqa-node config show
    .hub-act = operator
    .hub-next = Assurez-vous que l'adresse est celle de la plateforme et non d'un autre port ; indiquez la bonne avec `--hub HOST:PORT`.

HUB_SAYS_REVOKED = Le hub refuse ce certificat : il est révoqué, ou l'invitation n'est pas ouverte.
    .act = member-node
    .next = Demandez une nouvelle clé d'adhésion à un opérateur, puis lancez : multaqa-node join --key-file FILE
    .hub-act = operator
    .hub-next = Sur la machine de la plateforme, lancez `multaqa-hub allow --dir DIR --certificate tls.pem` et attendez une demi-minute. Si la politique ne nomme plus l'opérateur, aucun certificat n'y fera rien.

HUB_SAYS_EXPIRED = Le hub dit que ce certificat est hors de ses dates.
    .act = member-node
    .next = Vérifiez l'horloge, puis demandez une nouvelle clé d'adhésion à un opérateur et lancez : multaqa-node join --key-file FILE
    .hub-act = operator
    .hub-next = Là où se trouve l'autorité, lancez `multaqa-certs issue --dir CA --identity operator/NAME --new-key --replace --out tls.pem`, puis sur la machine de la plateforme `multaqa-hub allow --dir DIR --certificate tls.pem`.

HUB_SAYS_REFUSED = Le hub refuse ce certificat ; la raison figure dans les traces du hub.
    .act = operator
    .next = Vérifiez le certificat contre la racine avec : multaqa-certs verify FILE --root root.pem
    .hub-act = operator
    .hub-next = Sur la machine de la plateforme, lancez `multaqa-hub allow --dir DIR --certificate tls.pem` et attendez une demi-minute. Si la politique ne nomme plus l'opérateur, aucun certificat n'y fera rien.

GENESIS_UNREADABLE = « { $value } » n'est pas une genèse : ni 64 chiffres hexadécimaux, ni un fichier qui les contient, ni celui qu'écrit `multaqa-node backup genesis`.
    .act = reader
    .next = Demandez aux opérateurs les chiffres affichés par `multaqa-hub init` et lancez `multaqa-certs verify-record FILE --genesis GENESIS`.

CSR_KEY_REFUSED = La clé de la demande est { $found } ; celle d'un système d'organisme est P-256, P-384, ou RSA de 2048 à 4096 bits.
    .act = system
    .next = Faites une nouvelle clé et une nouvelle demande, par exemple : openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj / -keyout KEY -out CSR, puis lancez `multaqa-node client add NAME --csr CSR`

SYSTEM_LIFE = Le certificat d'un système d'organisme vit de 1 à { $limit } jours ; { $days } ont été demandés.
    .act = member-node
    .next = Omettez `--days`, ou demandez au plus { $limit } : multaqa-node client add NAME --csr FILE --days { $limit }

SYSTEMS_CA_EXPIRED = L'autorité propre du nœud pour les systèmes d'organismes valait jusqu'au { $not_after } : elle ne délivre plus rien.
    .act = member-node
    .next = Écartez le dossier `clients/` du nœud et relancez `multaqa-node serve` : une nouvelle autorité est créée, et chaque système a besoin d'un nouveau certificat et du nouveau ca.pem.

SYSTEMS_CA_ENDS = L'autorité émettrice du nœud pour les systèmes d'organismes vaut jusqu'au { $until } ; aucun certificat qu'elle délivre ne la dépasse.
    .act = member-node
    .next = Lancez `multaqa-node client issuer renew` : la commande crée la suivante, et les certificats en usage restent valables jusqu'à leur propre fin.

SYSTEMS_CA_OVERLAP = L'autorité émettrice pour les systèmes d'organismes qui précède celle-ci sert encore, jusqu'au { $not_after } au plus, et il n'en est gardé qu'une.
    .act = member-node
    .next = `multaqa-node client issuer show` nomme les systèmes qui s'en servent ; une fois qu'ils ont de nouveaux certificats, elle prend fin d'elle-même, et `multaqa-node client issuer retire` y met fin aussitôt.

SYSTEMS_CA_WRONG = { $path } ne contient pas d'autorité de cette fédération avec sa clé.
    .act = member-node
    .next = Remettez le fichier depuis sa sauvegarde. Sans elle, écartez le dossier `clients/` et relancez `multaqa-node serve` : une nouvelle autorité est créée, et chaque système a besoin d'un nouveau certificat.

SYSTEMS_PORT_NAMELESS = Le port des systèmes d'organismes n'a aucun nom que son certificat pourrait porter.
    .act = member-node
    .next = Réglez `clients.names` dans node.toml, et vérifiez avec : multaqa-node config show

HANDSHAKE_PLAIN_HTTP = Ce port ne parle que HTTPS (TLS 1.3), avec un certificat client de ce nœud ; ce qui est arrivé était du HTTP sans TLS.
    .act = system
    .next = Utilisez https:// avec certificat, clé et le ca.pem du nœud ; les exploitants du nœud délivrent un certificat avec `multaqa-node client add NAME --csr FILE`, qui affiche une ligne toute prête.
