# Textes de multaqa-node. `.act` est un mot convenu : qui doit agir. `.next` contient la commande suivante.

# Fichiers de données du nœud.
STORE_NEWER = Le fichier { $store } a été écrit par une version plus récente du programme : son schéma est { $found }, cette version connaît { $known }.
    .act = member-node
    .next = Réinstallez la version plus récente, ou restaurez la sauvegarde d'avant la mise à jour ; `multaqa-node --version` indique celle qui tourne.
STORE_MISSING = { $path } n'existe pas.
    .act = member-node
    .next = Indiquez le répertoire du nœud avec `--dir DIR`, ou adhérez d'abord avec `multaqa-node join --key-file FILE`. S'il est perdu, restaurez-le depuis sa sauvegarde la plus récente.
STORE_EMPTY = { $path } est vide : une copie interrompue, ou une adhésion qui n'a pas abouti.
    .act = member-node
    .next = Un replica.db peut être supprimé : il est recomposé depuis le journal. Restaurez un journal.db depuis sa sauvegarde la plus récente et lancez `multaqa-node fsck`. Si le nœud n'a jamais fonctionné, relancez `multaqa-node join --key-file FILE`.
STORE_NOT_DATABASE = { $path } n'est pas une base de données : ses premiers octets sont ceux d'autre chose. Rien n'y a été touché.
    .act = member-node
    .next = Voyez ce que c'est avec `file { $path }`. Un replica.db peut être supprimé : il est recomposé depuis le journal. Restaurez un journal.db depuis sa sauvegarde la plus récente et lancez `multaqa-node fsck`.
STORE_FULL = Il n'y a plus d'espace pour { $store } ({ $transaction }) : { $detail }. Rien n'a été enregistré à moitié.
    .act = member-node
    .next = Libérez de l'espace sur le disque du répertoire du nœud (voir `df -h`) : un nœud en marche reprend de lui-même. Répétez ensuite la commande, ou voyez `multaqa-node status`.
STORE_FAILED = Le fichier { $store } n'a pas pu être utilisé ({ $transaction }) : { $detail }.
    .act = member-node
    .next = Vérifiez l'espace disponible avec `df -h`, puis lancez `multaqa-node fsck`.
STORE_ROW_BAD = La table { $table } contient à la ligne { $row }, colonne { $column }, ce que le programme n'écrit jamais : { $detail }.
    .act = member-node
    .next = Lancez `multaqa-node fsck`. Une replica.db endommagée est reconstituée depuis le journal ; un journal.db endommagé se restaure de sa sauvegarde.

# Registre propre du nœud et boîte d'envoi.
JOURNAL_PLACE_TAKEN = La fiche numéro { $expected } de la chaîne est attendue, non { $found } : une autre publication a été plus rapide.
    .act = writer
    .next = Relancez `multaqa-node publish FILE`.
JOURNAL_FOREIGN = Le fichier journal.db de ce répertoire est celui de { $found }, non de { $expected }.
    .act = member-node
    .next = Remettez le journal.db de ce nœud depuis sa sauvegarde la plus récente. Pour un autre nœud, adhérez dans un répertoire vide : `multaqa-node join --key-file FILE --dir DIR`.
EVIDENCE_NOT_WRITTEN = La preuve de l'alarme n'a pas pu être écrite : { $detail }
    .act = member-node
    .next = Faites de la place pour le répertoire `evidence/` du nœud et lancez `multaqa-node status --retry-alarm` : l'alarme revient, et le fichier avec elle.
JOURNAL_BEHIND = Le journal commun contient des fiches de ce nœud que son fichier journal.db ignore : celui-ci est une copie ancienne. Le nœud lit, mais ne signe plus rien.
    .act = member-node
    .next = Restaurez la sauvegarde la plus récente de journal.db. À défaut, demandez aux opérateurs de lancer `multaqa-hub invite MEMBER` et adhérez de nouveau avec cette clé.
CHAIN_BROKEN = Le journal fédéral n'a les fiches de ce nœud que jusqu'à { $held } : il a perdu celle à la place { $seq }, retirée depuis, et personne n'en détient le contenu. Le nœud lit, mais rien de ce qu'il signe à cette époque ne peut être ordonné.
    .act = operator
    .next = Demandez aux opérateurs de lancer `multaqa-hub invite MEMBER --node NAME`, et adhérez de nouveau avec cette clé dans un dossier vide : `multaqa-node join --key-file FILE --dir DIR`. Ce qui attend dans cette boîte d'envoi, que montre `multaqa-node queue`, se publie à nouveau de là.
JOURNAL_RESTORED = La base de la file d'envoi vient d'une sauvegarde, ou c'est une copie : rien n'est signé avant de savoir que le journal fédéral ne contient pas de fiches plus récentes de ce nœud, jusqu'à une taille dont répondent les autres États témoins.
    .act = member-node
    .next = Il n'y a rien à faire : relié à la plateforme, le nœud compare lui-même et continue ; `multaqa-node status` montre quand.
JOURNAL_RECORD_WRONG = Une fiche de journal.db n'est pas valable.
    .act = member-node
    .next = Restaurez journal.db de sa sauvegarde, puis lancez `multaqa-node fsck`.
OUTBOX_BLOCKED = Plus rien n'est signé ni envoyé : { $reason }.
    .act = member-node
    .next = Voyez de quelle fiche il s'agit avec `multaqa-node queue`, et demandez une nouvelle clé aux opérateurs : `multaqa-hub invite MEMBER`.

# Ce que fsck trouve dans la réplique locale.
REPLICA_ENTRY_WRONG = Une entrée de la réplique locale n'est pas valable.
    .act = member-node
    .next = Arrêtez le nœud, supprimez replica.db et lancez `multaqa-node serve` : elle est reconstituée depuis le journal.
REPLICA_CURSOR_WRONG = La position, les chaînes ou le point de contrôle de la réplique locale ne correspondent pas à ses entrées.
    .act = member-node
    .next = Arrêtez le nœud, supprimez replica.db et lancez `multaqa-node serve` : elle est reconstituée depuis le journal.
REPLICA_SUBTREE_WRONG = Une racine conservée d'un sous-arbre complet de la réplique locale ne correspond pas à ses entrées.
    .act = member-node
    .next = Arrêtez le nœud, supprimez replica.db et lancez `multaqa-node serve` : elle est reconstituée depuis le journal.
REPLICA_FOLD_WRONG = Un objet de la réplique locale ne correspond pas à ses fiches.
    .act = member-node
    .next = Arrêtez le nœud, supprimez replica.db et lancez `multaqa-node serve` : elle est reconstituée depuis le journal.

# La liaison avec la plateforme centrale.
LINE_DOWN = La plateforme centrale est injoignable : { $detail }.
    .act = member-node
    .next = Rien n'est perdu : la lecture continue et la liaison est retentée d'elle-même. `multaqa-node status` indique depuis quand.
LINK_CALL_FAILED = Un appel à la plateforme centrale a échoué : { $detail }.
    .act = hub
    .next = Il est retenté de lui-même ; `multaqa-node status` indique depuis quand.
LOG_UNANSWERED = La plateforme centrale répond, mais n'a répondu depuis { $seconds } s à aucune des fiches de ce nœud qui attendent : son journal n'avance pas.
    .act = operator
    .next = Rien n'est perdu : les fiches restent dans la boîte d'envoi et repartent d'elles-mêmes. Avertissez les opérateurs, qui en voient plus avec `multaqa-hub status` ; `multaqa-node status` montre quand c'est fini.
LOG_SEAL_OVERDUE = La plateforme centrale répond, mais son journal est à l'arrêt : aucun sceau ne le clôt depuis { $since }. Ce que d'autres membres ont publié entre-temps peut manquer.
    .act = operator
    .next = La lecture continue. Avertissez les opérateurs, qui en voient plus avec `multaqa-hub status` ; `multaqa-node status` montre quand c'est fini.
CLOCKS_DIFFER = Ce qui vient de la plateforme centrale est daté de { $seconds } s en avance sur l'horloge de cette machine, et aucune cosignature récente d'un autre État ne dit laquelle des deux est juste. Rien n'en est pris, et rien n'est affirmé.
    .act = member-node
    .next = Comparez l'horloge de cette machine avec une autre et réglez-la (NTP) : le nœud continue de lui-même. Si cette horloge est juste, avertissez les opérateurs ; `multaqa-node status` montre l'écart entre les deux.
OWN_CLOCK_WRONG = L'horloge de cette machine s'écarte de { $seconds } s de celles de la plateforme centrale et d'autres États, qui s'accordent.
    .act = member-node
    .next = Réglez l'horloge de cette machine (NTP) : d'ici là, la plateforme ne prend aucune cosignature de ce nœud. `multaqa-node status` montre quand elle est juste.
HUB_CLOCK_WRONG = La plateforme centrale donne une heure qui s'écarte de { $seconds } s de l'horloge de cette machine, avec laquelle d'autres États s'accordent.
    .act = operator
    .next = Il n'y a rien à faire ici. Dites aux opérateurs de régler l'horloge de la machine de la plateforme (NTP) ; `multaqa-node status` montre quand elle est juste.
LOG_UNWITNESSED = Depuis { $since }, moins de { $needed } autres États se portent garants du journal par une cosignature récente : la plateforme peut montrer autre chose aux autres.
    .act = operator
    .next = La lecture et la publication continuent. `multaqa-node status` liste les témoins muets ; un témoin muet revient de lui-même, ou part par `multaqa-hub policy witnesses remove`.
LINK_ANSWER_BAD = La plateforme centrale a répondu ce que le protocole n'admet pas : { $detail }.
    .act = hub
    .next = Comparez `multaqa-node --version` avec la version de la plateforme, et envoyez aux opérateurs les traces du nœud.

# Adhésion.
JOIN_KEY_EXPIRED = La clé d'adhésion était valable jusqu'au { $until }.
    .act = operator
    .next = Demandez-en une autre aux opérateurs : `multaqa-hub invite MEMBER`.
JOIN_GENESIS_WRONG = Une autre fédération a répondu que celle que désigne la clé d'adhésion : { $detail }. Rien de secret n'a été envoyé.
    .act = operator
    .next = Faites vérifier par les opérateurs l'adresse contenue dans la clé, puis relancez `multaqa-node join --key-file FILE`.
JOIN_KEY_USED = La clé d'adhésion de { $writer } a déjà servi, avec d'autres clés que celles de ce répertoire.
    .act = operator
    .next = Si ce n'était pas vous, prévenez les opérateurs sans attendre. Sinon, demandez une autre clé : `multaqa-hub invite MEMBER`.
JOIN_NOT_OPEN = La plateforme centrale ne connaît pas d'invitation ouverte pour la clé d'adhésion de { $writer } : la clé a déjà servi avec d'autres clés que celles de ce répertoire, elle est périmée, son membre est suspendu, ou elle est d'une autre fédération.
    .act = operator
    .next = Demandez aux opérateurs ce que `multaqa-hub members` montre pour ce nœud. S'il y figure comme membre et que ce n'était pas vous, dites-le-leur sans attendre ; sinon, ils créent une autre clé avec `multaqa-hub invite MEMBER`.
JOIN_REFUSED = La plateforme centrale n'admet pas ce nœud ({ $reason }) : { $detail }.
    .act = operator
    .next = Demandez aux opérateurs ce que `multaqa-hub members list` indique pour ce membre.
JOIN_CERTIFICATE_WRONG = La plateforme centrale a émis un certificat qui n'est pas celui de ce nœud : { $detail }. Il n'a pas été conservé.
    .act = hub
    .next = Prévenez les opérateurs, puis relancez `multaqa-node join --key-file FILE`.
JOIN_DIRECTORY_WRONG = { $path } empêche l'adhésion : { $detail }.
    .act = member-node
    .next = Examinez-le avec `ls -l { $path }`, ou adhérez dans un répertoire vide avec `--dir DIR`.

# Configuration.
CONFIG_HUB_MISSING = Aucune adresse de la plateforme centrale n'est configurée.
    .act = member-node
    .next = Écrivez `hubs = ["HOST:PORT"]` sous `[node]` dans node.toml, puis lancez `multaqa-node config check`.
CONFIG_HUB_MALFORMED = « { $value } » n'est pas une adresse de la forme HOST:PORT.
    .act = member-node
    .next = Corrigez `hubs` sous `[node]` dans node.toml, puis lancez `multaqa-node config check`.
NODE_NOT_JOINED = Aucun nœud n'a adhéré dans { $dir }.
    .act = member-node
    .next = Demandez une clé d'adhésion aux opérateurs et lancez `multaqa-node join --key-file FILE --dir { $dir }`, ou indiquez le bon répertoire avec `--dir DIR`.

# Record files.
FILES_REFUSED = Les fichiers enfreignent { $count ->
        [one] une règle
       *[other] { $count } règles
    } ; rien n'a été signé.
    .act = writer
    .next = Corrigez ce qui est indiqué, puis relancez `multaqa-node publish FILE`.
FILE_TOO_LARGE = Le fichier compte { $found } octets ; { $max } sont permis.
    .act = writer
    .next = Répartissez ses fiches sur plusieurs fichiers, puis lancez `multaqa-node publish FILE...`.
FILE_NOT_UTF8 = Le fichier n'est pas un texte UTF-8.
    .act = writer
    .next = Enregistrez-le en UTF-8, par exemple avec `iconv -f WINDOWS-1256 -t UTF-8 FILE`, et publiez le résultat.
FILE_EMPTY = Le fichier ne contient aucune fiche.
    .act = writer
    .next = Écrivez une fiche avec `id` et `payload` ; `multaqa-node publish --help` en montre une.
FILE_MALFORMED = Le fichier ne se lit ni en YAML ni en JSON : { $detail }.
    .act = writer
    .next = Corrigez le fichier, puis relancez `multaqa-node publish FILE`.
FILE_FEATURE_REFUSED = Les fiches s'écrivent sans « { $feature } ».
    .act = writer
    .next = Écrivez les valeurs en entier, puis relancez `multaqa-node publish FILE`.
FILE_TOO_MANY_VALUES = Le fichier contient plus de { $max } valeurs.
    .act = writer
    .next = Répartissez ses fiches sur plusieurs fichiers, puis lancez `multaqa-node publish FILE...`.
FIELD_UNKNOWN = Le champ { $path } n'existe pas{ $nearest ->
        [none] .
       *[other] {" "}; le plus proche est « { $nearest } ».
    }
    .act = writer
    .next = Corrigez le fichier, puis relancez `multaqa-node publish FILE`.
FIELD_DUPLICATE = { $path } figure deux fois.
    .act = writer
    .next = Corrigez le fichier, puis relancez `multaqa-node publish FILE`.
VALUE_NOT_TEXT = { $path } doit être un texte.
    .act = writer
    .next = Corrigez le fichier, puis relancez `multaqa-node publish FILE`.
VALUE_NOT_LIST = { $path } doit être une liste, un élément par ligne après « - ».
    .act = writer
    .next = Corrigez le fichier, puis relancez `multaqa-node publish FILE`.
VALUE_NOT_MAPPING = { $path } doit être un ensemble de noms et de valeurs.
    .act = writer
    .next = Corrigez le fichier, puis relancez `multaqa-node publish FILE`.
VALUE_NOT_NUMBER = { $path } doit être un nombre en chiffres de 0 à 9.
    .act = writer
    .next = Corrigez le fichier, puis relancez `multaqa-node publish FILE`.
VALUE_NOT_BOOLEAN = { $path } doit être true ou false.
    .act = writer
    .next = Corrigez le fichier, puis relancez `multaqa-node publish FILE`.
VALUE_NOT_BYTES = { $path } doit être en Base64, ou sha256: suivi de 64 chiffres hexadécimaux.
    .act = writer
    .next = Corrigez le fichier, puis relancez `multaqa-node publish FILE`.
KIND_UNKNOWN = Il n'y a pas de type de fiche « { $kind } »{ $nearest ->
        [none] .
       *[other] {" "}; le plus proche est « { $nearest } ».
    }
    .act = writer
    .next = Corrigez le fichier, puis relancez `multaqa-node publish FILE`.
KIND_NOT_FROM_FILE = Les fiches du type { $kind } ne se publient pas à partir de fichiers.
    .act = writer
    .next = Utilisez `multaqa-node withdraw ID` pour retirer et `multaqa-node approve RECORD_ID` pour approuver.
CSV_NAME_REFUSED = « { $value } » n'est pas le nom d'un fichier du même dossier.
    .act = writer
    .next = Corrigez le fichier, puis relancez `multaqa-node publish FILE`.
CSV_MISSING = Le fichier { $csv } est introuvable.
    .act = writer
    .next = Placez-le à côté du fichier de la fiche, puis relancez `multaqa-node publish FILE`.
CSV_AND_OBSERVATIONS = Les valeurs figurent soit dans `observations`, soit dans le fichier que nomme `csv`, pas dans les deux.
    .act = writer
    .next = Corrigez le fichier, puis relancez `multaqa-node publish FILE`.
CSV_MALFORMED = Le fichier ne se lit pas comme du CSV : { $detail }.
    .act = writer
    .next = Corrigez le fichier, puis relancez `multaqa-node publish FILE`.
CSV_COLUMN_MISSING = La colonne { $column } manque ; les colonnes sont séparées par des virgules.
    .act = writer
    .next = Corrigez le fichier, puis relancez `multaqa-node publish FILE`.
CSV_COLUMN_UNKNOWN = Il n'y a pas de colonne « { $column } »{ $nearest ->
        [none] .
       *[other] {" "}; la plus proche est { $nearest }.
    }
    .act = writer
    .next = Corrigez le fichier, puis relancez `multaqa-node publish FILE`.
CSV_COLUMN_DUPLICATE = La colonne { $column } figure deux fois.
    .act = writer
    .next = Corrigez le fichier, puis relancez `multaqa-node publish FILE`.
CSV_ROW_WIDTH = La ligne compte { $found } cellules, l'en-tête { $expected }.
    .act = writer
    .next = Corrigez le fichier, puis relancez `multaqa-node publish FILE`.
CSV_INDICATOR_MIXED = La ligne porte sur l'indicateur « { $found } », le fichier sur « { $expected } » : un fichier contient un seul indicateur.
    .act = writer
    .next = Corrigez le fichier, puis relancez `multaqa-node publish FILE`.
CSV_INDICATOR_OTHER = Le fichier CSV porte sur l'indicateur « { $found } », alors que { $indicator } a le code « { $expected } ».
    .act = writer
    .next = Corrigez le fichier, puis relancez `multaqa-node publish FILE`.
CSV_ACTION_REFUSED = La ligne porte l'action « { $value } » ; un jeu de données énonce des valeurs (I, A, R ou M).
    .act = writer
    .next = Corrigez le fichier, puis relancez `multaqa-node publish FILE`.
CSV_TOO_LONG = Le fichier compte plus de { $max } lignes.
    .act = writer
    .next = Divisez le jeu par période, puis lancez `multaqa-node publish FILE...`.

# Publishing.
DATASET_TOO_LARGE = { $id } occupe { $found } octets ; { $max } sont permis.
    .act = writer
    .next = Divisez le jeu par période, puis lancez `multaqa-node publish FILE...`.
CONTENT_TOO_LARGE = { $id } occupe { $found } octets ; { $max } sont permis.
    .act = writer
    .next = Abrégez ses textes, puis relancez `multaqa-node publish FILE`.
RECORDS_TOO_MANY = Il y a { $found } fiches ; { $max } se publient en une fois.
    .act = writer
    .next = Publiez-les en plusieurs fois : `multaqa-node publish FILE...` avec moins de fichiers, ou `POST /v1/records` avec moins de fiches.
RECORDS_REFUSED = Les fiches de la requête enfreignent { $count ->
        [one] une règle
       *[other] { $count } règles
    } ; rien n'a été signé.
    .act = writer
    .next = Corrigez ce que les constats désignent par son chemin, par exemple records[3].payload.title.ar. `POST /v1/records:check` ou `BatchCheck` donne tous les constats et ne signe rien.
PAYLOAD_NOT_JSON = { $path } n'est pas un objet JSON : { $detail }
    .act = writer
    .next = Envoyez les champs du type dans un seul objet JSON, par leurs noms dans le schéma, ou comme message. `multaqa-node get ID --json` montre ceux d'une fiche.
REVISIONS_EXHAUSTED = { $id } compte { $max } révisions et n'en accepte plus.
    .act = writer
    .next = Retirez-la avec `multaqa-node withdraw { $id }` et publiez-la sous un autre identifiant.
OBJECT_UNKNOWN = { $id } n'existe pas ici.
    .act = reader
    .next = Voyez ce qui existe avec `multaqa-node list` ; un système demande `GET /v1/records`.
PROOF_INDEX_UNKNOWN = Aucune fiche n'est à la place { $index } du journal de ce nœud, qui a { $size } entrées.
    .act = reader
    .next = Voyez les places des fiches d'un objet avec `multaqa-node history ID` ; un système demande `GET /v1/records/ID/history`.
PROOF_NOT_SEALED = La fiche en { $index } vient après le sceau le plus récent du journal : rien ne prouve encore qu'aucune fiche de contrôle n'a été omise avant elle.
    .act = reader
    .next = Un sceau suit en quelques secondes tant que le nœud est à jour : voyez `multaqa-node status` ou `GET /v1/status`, puis redemandez la preuve.
PROOF_TOO_LARGE = Les fiches de contrôle de la fédération sont plus de { $max } ou de 8 Mio, ce que prend une preuve de fiche.
    .act = operator
    .next = Demandez des preuves isolées par gRPC (`SyncService.Proof`), et voyez l'annuaire avec `multaqa-hub members`.
PROOF_FILE_UNWRITABLE = { $path } ne peut pas être écrit : { $detail }
    .act = reader
    .next = Nommez un fichier qui n'existe pas dans un répertoire où vous pouvez écrire : `multaqa-node get ID --proof --out FILE`.
APPROVAL_GIVEN = Ce membre a déjà approuvé { $record } ({ $id }).
    .act = writer
    .next = Il n'y a rien à faire ; `multaqa-node status` montre ce qui attend.
REPLICA_MISSING = Le journal du nœud est intact, mais il n'y a pas de réplique dans { $dir } : rien du journal commun n'a été vérifié.
    .act = member-node
    .next = Démarrez le nœud avec `multaqa-node serve --dir { $dir }` : il la récupère auprès de la plateforme. Puis vérifiez de nouveau.

REPLICA_STARTING = Le nœud est en démarrage rapide, à { $size } entrées sur { $end }, et ne répond rien avant que tout soit vérifié.
    .act = member-node
    .next = Attendez que `multaqa-node status` ou `GET /v1/status` montre le démarrage rapide comme terminé, puis réessayez.
REPLICA_EMPTY = La réplique locale est vide : le nœud n'a pas encore reçu le journal.
    .act = member-node
    .next = Attendez que `multaqa-node status` ou `GET /v1/status` montre une position, puis réessayez.

# The node's own socket and the command line.
LIST_KIND_UNKNOWN = Il n'y a pas de type de fiche « { $kind } »{ $nearest ->
        [none] .
       *[other] {" "}; le plus proche est « { $nearest } ».
    }
    .act = reader
    .next = Les types sont : { $kinds } ; par exemple `multaqa-node list service`, et pour un système `GET /v1/services`.

PAGE_TOKEN_BAD = « { $value } » n'est pas un jeton de page de cette requête : aucune réponse ne l'a donné.
    .act = reader
    .next = Répétez la requête avec tous ses champs inchangés et le jeton de sa dernière réponse, ou repartez de la première page, sans jeton : `GET /v1/records`.
ORDER_UNKNOWN = Une liste n'a pas d'ordre « { $order } »{ $nearest ->
        [none] .
       *[other] {" "}; le plus proche est « { $nearest } ».
    }
    .act = reader
    .next = Les ordres sont : { $orders }. Ajoutez « desc » pour le plus grand d'abord, par exemple `title.ar desc`.
FIELD_PATH_UNKNOWN = Aucun champ ne se trouve à « { $path } »{ $nearest ->
        [none] .
       *[other] {" "}; le plus proche est « { $nearest } ».
    }
    .act = reader
    .next = Nommez les champs comme dans le JSON, par exemple `id,title.ar,payload.sectors` ; le schéma de chaque type est sous /v1/schema.
POSITION_NOT_REACHED = La réplique locale contient { $size } entrées et n'a pas atteint { $wanted } à temps.
    .act = reader
    .next = Réessayez dans une seconde. `multaqa-node status` ou `GET /v1/status` montre si la ligne vers le hub est active et de combien le nœud est en retard.
RECORD_ID_MALFORMED = « { $value } » n'est pas un identifiant de 64 chiffres hexadécimaux.
    .act = reader
    .next = Copiez-le depuis `multaqa-node history ID` ou `multaqa-node status`.
NODE_NOT_RUNNING = Aucun nœud ne répond sur { $socket } : { $detail }.
    .act = member-node
    .next = Démarrez-le avec `multaqa-node serve --dir { $dir }`, ou indiquez son dossier avec `--dir DIR`.
NODE_CALL_FAILED = Le nœud n'a pas répondu comme prévu : { $detail }.
    .act = member-node
    .next = Comparez `multaqa-node --version` à la version que montre `multaqa-node status`, et consultez les traces du nœud.
PATH_UNREADABLE = { $file } est illisible : { $detail }.
    .act = writer
    .next = Vérifiez le chemin et ses droits avec `ls -ld { $file }`.
FILES_TOO_LARGE = Les fichiers totalisent { $found } octets ; { $max } se publient en une fois.
    .act = writer
    .next = Lancez `multaqa-node publish FILE...` plusieurs fois avec moins de fichiers.
FSCK_FOUND = { $count ->
        [one] { $count } anomalie
       *[other] { $count } anomalies
    } : journal.db ou la réplique locale n'est pas valable.
    .act = operator
    .next = Une réplique endommagée se recharge : arrêtez le nœud, supprimez replica.db et lancez `multaqa-node serve`. Un journal.db endommagé se restaure depuis une sauvegarde.
STORE_FILE_WRONG = Le fichier d'une base est endommagé.
    .act = member-node
    .next = Réplique : arrêtez le nœud, supprimez replica.db et lancez `multaqa-node serve` : elle est relue depuis le journal. Registre journal.db : restaurez-le depuis sa sauvegarde, puis lancez `multaqa-node fsck`.
STORE_SCHEMA_WRONG = Une table ou un index n'est pas tel que ce programme le crée.
    .act = member-node
    .next = Réplique : arrêtez le nœud, supprimez replica.db et lancez `multaqa-node serve` : elle est relue depuis le journal. Registre journal.db : restaurez-le depuis sa sauvegarde, puis lancez `multaqa-node fsck`.
STORE_ROW_WRONG = Une ligne a été modifiée à l'insu du nœud.
    .act = member-node
    .next = Réplique : arrêtez le nœud, supprimez replica.db et lancez `multaqa-node serve` : elle est relue depuis le journal. Registre journal.db : restaurez-le depuis sa sauvegarde, puis lancez `multaqa-node fsck`.
STORE_ROWS_WRONG = Une ligne manque, ou il y en a une de trop.
    .act = member-node
    .next = Réplique : arrêtez le nœud, supprimez replica.db et lancez `multaqa-node serve` : elle est relue depuis le journal. Registre journal.db : restaurez-le depuis sa sauvegarde, puis lancez `multaqa-node fsck`.

# Systèmes d'organismes.
CLIENT_NAME_WRONG = « { $value } » n'est pas un nom de système : il faut ORG/NAME, deux mots d'au plus 24 minuscules, chiffres et traits d'union.
    .act = member-node
    .next = Nommez-le par exemple mof/budget : `multaqa-node client add mof/budget --csr FILE`
CLIENT_EXISTS = Il y a déjà un système { $name }.
    .act = member-node
    .next = Donnez-lui un autre certificat avec `multaqa-node client renew { $name } --csr FILE`, ou révoquez-le d'abord avec `multaqa-node client revoke { $name }`.
CLIENT_UNKNOWN = Il n'y a pas de système { $name }.
    .act = member-node
    .next = Voyez lesquels existent avec `multaqa-node client list`.
CLIENTS_TOO_MANY = Un nœud garde au plus { $max } systèmes.
    .act = member-node
    .next = Voyez avec `multaqa-node client list` lesquels sont inutiles ; un autre nœud de ce membre peut en servir davantage.
CLIENT_SCOPE_WRONG = « { $value } » n'est pas un droit{ $nearest ->
        [none] .
       *[other] {" "}; le type le plus proche est « { $nearest } ».
    }
    .act = member-node
    .next = Écrivez read:KIND ou publish:KIND, avec * pour tous les types ; ceux-ci sont dans `multaqa-node client add --help`.
CLIENT_REVOKED = { $identity } n'est plus admis : il a été révoqué, ou ce certificat a été remplacé.
    .act = system
    .next = Demandez un nouveau certificat aux responsables du nœud : ils le délivrent avec `multaqa-node client add NAME --csr FILE`.
CLIENT_DENIED = { $identity } n'a pas accès à { $resource } : il lui manque le droit { $rule }.
    .act = system
    .next = Adressez-vous aux responsables du nœud : `multaqa-node client show NAME` dit ce que le système peut faire, `multaqa-node client allow NAME SCOPE...` le change aussitôt.
CLIENT_LOCAL_ONLY = { $identity } n'a pas accès à { $resource } : aucun droit ne le permet, c'est réservé à la machine du nœud.
    .act = system
    .next = Demandez aux responsables du nœud de le faire sur place ; `multaqa-node --help` donne les commandes.
REQUESTS_TOO_MANY = { $identity } a déjà { $max } requêtes à la fois.
    .act = system
    .next = Attendez des réponses et réessayez dans une seconde. Les responsables du nœud peuvent augmenter `clients.requests_at_once`.
WATCHES_TOO_MANY = { $max } suivis sont ouverts sur ce nœud, et il ne peut y en avoir plus.
    .act = system
    .next = Fermez un suivi inutile, ou réessayez dans quelques secondes. Un seul suivi peut porter sur plusieurs types et membres ; `multaqa-node client list` montre qui peut suivre.
REQUEST_TOO_SLOW = La requête n'a pas reçu de réponse en { $seconds } secondes.
    .act = system
    .next = Demandez des pages plus petites, et réessayez dans quelques secondes. Les responsables du nœud peuvent augmenter `clients.seconds`.
METHOD_UNKNOWN = Ce port n'a pas ce service ou cette méthode.
    .act = system
    .next = Voyez ce qu'il offre par réflexion : `grpcurl HOST:PORT list`, avec certificat, clé et ca.pem.
CODING_UNSUPPORTED = Les messages sont lus tels quels, sans compression : { $detail }
    .act = system
    .next = Envoyez-les sans compression : laissez de côté l'en-tête `grpc-encoding`, en Python `compression=grpc.Compression.NoCompression`.
MESSAGE_TOO_LARGE = Le message dépasse ce que ce service accepte : { $detail }
    .act = system
    .next = Envoyez-le en parties plus petites. Les responsables du nœud peuvent augmenter `clients.request_kib` pour ce qui publie.
MESSAGE_MALFORMED = Le message est illisible : { $detail }
    .act = system
    .next = Refaites le client à partir du schéma de ce nœud : `grpcurl HOST:PORT describe` le montre.
NODE_ENDS = Le nœud s'arrête.
    .act = member-node
    .next = Répétez la commande quand il tourne de nouveau : `multaqa-node serve`.

# Recherche.
SEARCH_REBUILDING = L'index de recherche est en cours de constitution : { $done } entrées sur { $of }.
    .act = reader
    .next = Répétez la recherche dans quelques secondes : `multaqa-node search` ou `GET /v1/search`. Les listes sans filtre et les fiches isolées restent servies entre-temps.
SEARCH_TEXT_TOO_LONG = Le texte de la recherche compte { $found } octets ; { $max } sont admis.
    .act = reader
    .next = Cherchez moins de mots ; une expression entre guillemets trouve les mots dans leur ordre. `multaqa-node search --help` et `GET /docs` montrent des exemples.
SEARCH_WORDS_TOO_MANY = Le texte de la recherche compte { $found } mots ; { $max } sont admis.
    .act = reader
    .next = Cherchez moins de mots : chacun doit figurer dans ce qui est trouvé. `multaqa-node search --help` et `GET /docs` montrent des exemples.
SEARCH_FILTERS_TOO_MANY = Une recherche admet { $max } filtres de { $values } valeurs chacun.
    .act = reader
    .next = Demandez avec moins de filtres ou de valeurs ; une facette en admet plusieurs : `--filter country=JO --filter country=EG`, et pour un système `country=JO&country=EG`.
SEARCH_FACET_UNKNOWN = « { $facet } » n'est pas une facette{ $nearest ->
        [none] .
       *[other]  ; la plus proche est « { $nearest } ».
    }
    .act = reader
    .next = Prenez l'une de celles-ci, par exemple `country` : { $facets }.
SEARCH_VALUE_UNKNOWN = « { $value } » n'est pas une valeur de la facette « { $facet } »{ $nearest ->
        [none] .
       *[other] {" "}; la plus proche est « { $nearest } ».
    }
    .act = reader
    .next = { $known ->
        [none] Prenez une valeur que des fiches portent : `GET /v1/records?facets={ $facet }` et `multaqa-node search "" --facet { $facet }` les comptent.
       *[other] Prenez l'une de celles-ci, que compte `GET /v1/records?facets={ $facet }` : { $known }.
    }
SEARCH_FAILED = L'index de recherche a échoué : { $detail }
    .act = member-node
    .next = Vérifiez le disque du répertoire du nœud ; le dossier search peut y être supprimé, le nœud arrêté : `multaqa-node serve` le reconstitue.

# Téléchargements.
DOWNLOADS_TOO_MANY = { $identity } a déjà { $max } téléchargements en cours.
    .act = system
    .next = Lisez-en un jusqu'au bout, ou interrompez-le, puis réessayez ; les pages restent lisibles entre-temps : `GET /v1/services?pageSize=500`.
DOWNLOAD_TOO_LARGE = La liste est plus longue que ce qu'un téléchargement contient : { $rows } lignes ou { $mib } Mio.
    .act = system
    .next = Demandez-en une partie, par exemple `GET /v1/services?country=JO&format=csv`, ou lisez-la par pages : `pageSize=500` et le `pageToken` de chaque réponse.
DOWNLOAD_FAILED = Le téléchargement n'a pas pu être écrit : { $detail }
    .act = member-node
    .next = La liste elle-même reste lisible : `GET /v1/services`. Transmettez ce détail et ce que dit `multaqa-node --version` à ceux qui maintiennent le programme.
FORMAT_NOT_OF_KIND = Le format { $format } n'existe pas pour ces fiches ; il existe pour : { $kinds }.
    .act = system
    .next = Demandez un autre format, par exemple `GET /v1/records?format=csv`, ou un seul type : `GET /v1/services?format=jsonld`.
# HTTP.
ROUTE_UNKNOWN = Rien n'est servi à { $path }.
    .act = system
    .next = Voyez ce qui l'est : `GET /openapi.json` décrit chaque chemin, `GET /v1/kinds` donne les collections.
COLLECTION_UNKNOWN = Il n'y a pas de collection « { $collection } »{ $nearest ->
        [none] .
       *[other] {" "}; la plus proche est « { $nearest } ».
    }
    .act = system
    .next = Les collections sont : { $known } ; par exemple `GET /v1/services`.
METHOD_NOT_ALLOWED = { $method } n'est pas permis sur ce chemin.
    .act = system
    .next = Utilisez l'une de ces méthodes : { $allowed }. `GET /openapi.json` dit ce que fait chacune.
PARAMETER_UNKNOWN = Ce chemin n'a pas de paramètre « { $name } »{ $nearest ->
        [none] .
       *[other] {" "}; le plus proche est « { $nearest } ».
    }
    .act = system
    .next = { $known ->
        [none] Omettez-le : ce chemin n'en a aucun. `GET /openapi.json` décrit chaque chemin.
       *[other] Omettez-le, ou utilisez l'un de ceux-ci : { $known }. `GET /openapi.json` les décrit.
    }
PARAMETER_WRONG = Le paramètre { $name } ne peut pas être « { $value } » : il est de la forme { $expected }.
    .act = system
    .next = Corrigez-le ; `GET /openapi.json` décrit chaque paramètre avec un exemple.
PARAMETER_REPEATED = Le paramètre { $name } figure plus d'une fois.
    .act = system
    .next = Donnez-le une seule fois ; `GET /openapi.json` dit lesquels peuvent être répétés.
PARAMETER_MISSING = Le paramètre { $name } manque.
    .act = system
    .next = Ajoutez-le ; `GET /openapi.json` le décrit avec un exemple.
MEDIA_NOT_OFFERED = Ce chemin n'offre rien de ce que la requête accepte.
    .act = system
    .next = Demandez l'un de { $offered } par `Accept`, ou omettez `Accept`.
MEDIA_UNSUPPORTED = Le corps n'est pas du type { $expected }, ou il est compressé.
    .act = system
    .next = Envoyez-le sans compression, avec `Content-Type: { $expected }`.
BODY_MALFORMED = Le corps est illisible : { $detail }.
    .act = system
    .next = Vérifiez-le avec un lecteur JSON, par exemple `python3 -m json.tool FILE` ; `GET /openapi.json` montre un corps valable.
BODY_UNEXPECTED = Ce chemin ne prend pas de corps.
    .act = system
    .next = Envoyez la requête sans corps ; `GET /openapi.json` dit ce que prend chaque chemin.
CONDITION_UNSUPPORTED = Ce qui est publié ou retiré ne dépend ici d'aucune condition : { $header } n'a pas été évalué et rien n'a été fait.
    .act = system
    .next = Lisez d'abord l'objet, par exemple `GET /v1/records/JO:service:sanad`, puis envoyez la requête sans { $header } s'il est tel que vous l'attendez.
BODY_TOO_SLOW = Le corps n'est pas arrivé en { $seconds } secondes.
    .act = system
    .next = Renvoyez-le, en parties plus petites si la ligne est lente ; `curl -v` montre où le temps passe.
TARGET_TOO_LONG = Chemin et paramètres dépassent { $max } octets.
    .act = system
    .next = Demandez avec moins de paramètres ou de plus courts ; `GET /openapi.json` les décrit.
HEADERS_TOO_LARGE = Les en-têtes dépassent ensemble { $max } octets.
    .act = system
    .next = Omettez ce dont la requête n'a pas besoin, comme les cookies ; `curl -v` montre ce qui est envoyé.
# SDMX.
SDMX_MALFORMED = { $name } n'a pas la forme de SDMX REST : { $value }. La forme est : { $form }.
    .act = reader
    .next = Demandez à `/sdmx/structure/datastructure/MULTAQA/FIGURES` les dimensions et leur ordre ; `/sdmx/data/dataflow/x-escwa/egdi/*/A.*.JO?c[TIME_PERIOD]=ge:2018` est une requête complète.
SDMX_COMPONENT_UNKNOWN = Il n'y a pas ici de composante { $value }. Il y a : { $known }.
    .act = reader
    .next = `/sdmx/structure/datastructure/MULTAQA/FIGURES` montre les composantes de tous les chiffres.
SDMX_NOTHING_FOUND = Rien n'a été trouvé : { $resource }.
    .act = reader
    .next = `/sdmx/structure/dataflow` énumère les flux de données, `/sdmx/availability/dataflow/AGENCY/ID` les valeurs présentes.
SDMX_NOT_IMPLEMENTED = { $what } fait partie de SDMX REST, mais ce nœud ne l'offre pas.
    .act = reader
    .next = Retirez cet élément : structures, données et disponibilité sont servies comme le dit `/docs`.
SDMX_ANSWER_TOO_LARGE = La réponse dépasserait { $max } éléments à la fois.
    .act = reader
    .next = Resserrez la requête par la clé ou par `c[REF_AREA]`, ou demandez SDMX-CSV avec `dimensionAtObservation=AllDimensions`, sans cette limite.
SDMX_PAST_ERASED = Le jeu de données { $dataset } a été retiré depuis et son contenu est effacé partout : personne ne peut dire quels chiffres il y avait à ce moment.
    .act = reader
    .next = Demandez les chiffres d'autres fournisseurs que { $provider }, par exemple avec `c[PROVIDER]=x-escwa`, ou omettez `asOf`.
SDMX_CHANGES_UNTOLD = Le jeu de données { $dataset } a été retiré depuis, et son contenu est effacé : pour cette sélection, nul ne peut dire lesquels de ses chiffres ont disparu.
    .act = reader
    .next = Retirez `firstNObservations`, `lastNObservations` et les filtres par période, valeur, statut, unité ou jeu de données, ou relisez la sélection sans `updatedAfter`.
