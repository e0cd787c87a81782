# Appels

HUB_SCHEMA_UNUSABLE = La plateforme ne peut pas décrire ses propres services : { $detail }.
    .act = hub
    .next = Réinstallez le programme ; `multaqa-hub --version` doit fonctionner avant `multaqa-hub serve`.

ISSUER_ENDS = L'autorité émettrice { $issuer } est valable jusqu'au { $until }. Ensuite, rien de ce qu'elle a signé ne sera accepté et elle ne signera plus.
    .act = operator
    .next = Là où se trouve l'autorité de certification, root.key à portée, lancez `multaqa-certs renew-issuer --dir CA --issuer { $issuer }` ; la commande dit quoi copier vers la plateforme, qui le prend à son redémarrage : `systemctl restart multaqa-hub`.

HUB_CERTIFICATE_ENDS = Le certificat de la plateforme centrale est valable jusqu'au { $until }. Ensuite, ni nœud ni opérateur ne pourra se connecter.
    .act = operator
    .next = Là où se trouve l'autorité de certification, lancez `multaqa-certs issue --dir CA --identity hub/main --new-key --replace --out DIR/identity/hub.pem` ; la plateforme en marche le prend en moins d'une minute.

# Opérateurs

OPERATOR_CHAIN_NOT_OWN = La plateforme montre comme fiche la plus récente de { $writer } une fiche que la clé de cet opérateur n'a pas signée.
    .act = operator
    .next = N'utilisez plus cette plateforme ; prévenez les autres opérateurs et vérifiez-la avec `multaqa-hub fsck --dir DIR`.

OPERATOR_CHAIN_HUB_BEHIND = La plateforme détient { $hub } fiches de { $writer }, { $own } ont été signées : elle a été restaurée d'une ancienne sauvegarde ou cache des fiches.
    .act = operator
    .next = Rien n'a été signé. Une plateforme restaurée reprend aux nœuds ce qu'elle a perdu : attendez que `multaqa-hub status` la dise complète. Si elle ne dit pas avoir été restaurée, comparez avec ce que détient un nœud.

OPERATOR_CHAIN_FORKED = La plateforme détient une autre fiche de { $writer } à la place { $seq } que celle signée ici : la clé a servi depuis deux copies du répertoire.
    .act = operator
    .next = Trouvez l'autre copie, ne gardez qu'un répertoire, et regardez la plateforme avec `multaqa-hub status`.

OPERATOR_DIR_WRONG = { $dir } n'est pas un répertoire d'opérateur : il n'y a pas de operator.json.
    .act = operator
    .next = Indiquez celui qu'a créé `multaqa-hub init`, avec `--operator-dir DIR` ; ce n'est pas celui de la plateforme.

OPERATOR_DIR_MISSING = Aucun répertoire d'opérateur n'est indiqué.
    .act = operator
    .next = Indiquez-le avec `--operator-dir DIR`, ou `export MULTAQA_OPERATOR_DIR=DIR`.

HUB_ADDRESS_MISSING = Le répertoire d'opérateur { $dir } n'indique aucune adresse de la plateforme.
    .act = operator
    .next = Donnez-la avec `--hub HOST:PORT` ; la plateforme écrit la sienne dans hub.addr de son répertoire.

HUB_ADDRESS_MALFORMED = `{ $address }` n'est pas l'adresse d'une plateforme.
    .act = operator
    .next = Donnez l'hôte et le port, comme `--hub hub.example.org:7400`.

HUB_CALL_FAILED = L'appel à la plateforme a échoué : { $detail }.
    .act = operator
    .next = Voyez si elle tourne avec `systemctl status multaqa-hub`, puis répétez la commande : ce qui est signé ne l'est pas deux fois.

HUB_ANSWER_WRONG = La plateforme a répondu ce que le protocole ne permet pas : { $detail }.
    .act = hub
    .next = Comparez `multaqa-hub --version` ici et sur la machine de la plateforme, puis vérifiez-la avec `multaqa-hub fsck --dir DIR`.

GENESIS_OTHER = La plateforme est d'une autre fédération : sa genèse est { $found }, { $expected } était attendue.
    .act = operator
    .next = Indiquez la bonne plateforme avec `--hub HOST:PORT`, ou le bon répertoire avec `--operator-dir DIR`.

ACT_WITHOUT_EFFECT = La fiche { $record } est au journal à l'index { $index } mais n'a rien changé : un autre acte l'a précédée.
    .act = operator
    .next = Regardez ce qui est en vigueur avec `multaqa-hub members` et `multaqa-hub group`, puis répétez la commande.

MEMBER_CLASS_MISSING = { $member } est un nouvel organisme sans pays : sa classe doit être donnée.
    .act = operator
    .next = Répétez avec la classe : `multaqa-hub invite { $member } --class partner --name en=NAME`.

MEMBER_CLASS_FIXED = { $member } est membre de la classe { $class }, fixée à l'admission.
    .act = operator
    .next = Omettez `--class` : `multaqa-hub invite { $member }`.

MEMBER_PENDING = L'admission de { $member } attend des approbations.
    .act = operator
    .next = Que les autres opérateurs lancent `multaqa-hub approve { $record }`, puis répétez l'invitation.

MEMBER_STATUS_SAME = Le membre { $member } est déjà { $status ->
        [suspended] suspendu
       *[other] actif
    }.
    .act = operator
    .next = Voyez tous les membres avec `multaqa-hub members`.

GROUP_EXISTS = Le groupe { $group } existe.
    .act = operator
    .next = Modifiez-le avec `multaqa-hub group add { $group } CODE`, ou choisissez un autre nom.

GROUP_UNCHANGED = Le groupe { $group } resterait tel quel.
    .act = operator
    .next = Voyez ses membres avec `multaqa-hub group`.
POLICY_UNCHANGED = La politique dit déjà exactement cela.
    .act = operator
    .next = Voyez-la avec `multaqa-hub policy`.

INIT_DIR_USED = { $dir } contient quelque chose : rien n'est écrasé.
    .act = operator
    .next = Indiquez un nouveau répertoire, ou voyez ce qu'il contient avec `ls -la { $dir }`. Sans hub.toml (ou, pour un opérateur, sans chain.json), il reste d'une création interrompue : rien n'en est utilisé, il peut être supprimé.

INIT_FEDERATION_OTHER = L'autorité de certification est de la fédération { $found }, { $asked } était demandée.
    .act = operator
    .next = Répétez avec `--federation { $found }`, ou indiquez la bonne autorité avec `--ca DIR`.

ALLOW_NOT_OPERATOR = Le certificat nomme { $peer }, pas un opérateur : la plateforme émet elle-même les certificats des nœuds.
    .act = operator
    .next = Donnez celui d'un opérateur : `multaqa-certs issue --dir CA --identity operator/NAME --new-key --out FILE`.

OPERATOR_CERTIFICATE_ENDS = Le certificat de operator/{ $operator } est valable jusqu'au { $until }. Ensuite, la plateforme centrale le refusera.
    .act = operator
    .next = Là où se trouve l'autorité de certification, lancez `multaqa-certs issue --dir CA --identity operator/{ $operator } --new-key --replace --out { $dir }/tls.pem`, puis sur la machine de la plateforme `multaqa-hub allow --dir DIR --certificate tls.pem`.

HUB_DIR_WRONG = { $dir } n'est pas le répertoire d'une plateforme : il n'y a pas de { $missing }.
    .act = operator
    .next = Indiquez celui de la plateforme avec `--dir DIR` (pour `multaqa-hub serve`, avec `--config DIR/hub.toml`), ou créez-en une avec `multaqa-hub init`.

HUB_ALREADY_RUNNING = Une autre plateforme travaille sur cette base : elle tient { $path }.
    .act = operator
    .next = Trouvez le processus avec `fuser { $path }` ; une seule plateforme peut ordonner les fiches.

LOCK_UNUSABLE = Le fichier de verrou { $path } est inutilisable : { $detail }.
    .act = operator
    .next = Examinez le fichier et ses droits avec `ls -l { $path }`.

HUB_COMMIT_STUCK = Un enregistrement ne se termine pas : le disque de la plateforme l'a reçu et ne répond pas. Le journal ne prend pas de fiches entre-temps.
    .act = operator
    .next = Examinez le disque du répertoire de la plateforme avec `iostat -x 1` ; `multaqa-hub status` montre quand les fiches sont reprises.
RELEASE_SIZE_OTHER = La base compte { $found } entrées, non { $asked } : rien n'a été libéré.
    .act = operator
    .next = Regardez ce qu'elle contient avec `multaqa-hub fsck --dir DIR`, et nommez cette taille. Ce qui a été publié au-delà et qu'aucun nœud ne rend est perdu ; signé à nouveau, c'est une bifurcation.
RELEASE_CLOSING = Le journal est en clôture et est revenu pour cela à { $size } entrées : tel quel, il lui manque ce qui a été mis de côté, et il n'est pas libéré.
    .act = operator
    .next = Relancez la plateforme et poursuivez la clôture : `multaqa-hub log` montre qui est attendu et ce qui est à décider.
RESTORE_FOREIGN = La sauvegarde { $path } est d'un autre journal que celui que signe { $key } : de la fédération { $federation }, genèse { $genesis }. Rien n'a été remis en place.
    .act = operator
    .next = Nommez la sauvegarde de cette plateforme, ou le dossier de celle dont c'est la sauvegarde avec `--dir DIR` ; `multaqa-hub backup verify BACKUP` montre ce que contient une sauvegarde.
GENESIS_FILE_WRONG = { $path } n'est pas la genèse d'une fédération : { $detail }.
    .act = operator
    .next = Faites-la écrire à nouveau par un nœud quelconque de la fédération : `multaqa-node backup genesis --out FILE`.
LOG_LOCK_CONTRADICTS = La base et le verrou du point de contrôle sont de deux histoires : le verrou { $path } porte la racine { $root } à { $locked } entrées, la table `batch` de hub.db y a { $found }. La plateforme n'attribue aucune place.
    .act = operator
    .next = Trouvez lequel des deux est étranger ; `multaqa-hub fsck --dir DIR` dit si la base est saine, `multaqa-hub log` ce que détiennent les nœuds. Une base étrangère : arrêtez la plateforme, mettez hub.db de côté et restaurez la dernière sauvegarde avec `multaqa-hub backup restore BACKUP --dir DIR`. Un verrou étranger : arrêtez-la, mettez { $path } de côté et relancez-la ; elle interroge alors les nœuds. Les deux justes, la clé du journal ayant signé deux histoires : `multaqa-hub log close`.

LOG_KEY_WRONG = La clé de journal de la plateforme n'est pas celle que nomme la politique du journal : la clé ou la base est d'une autre plateforme.
    .act = operator
    .next = Remettez le `log.key` et le `hub.db` de la fédération dans le dossier de la plateforme, puis vérifiez avec `multaqa-hub fsck --dir DIR` et lancez `multaqa-hub serve`.

HUB_STORE_UNAVAILABLE = La base de la plateforme est inutilisable : { $detail }.
    .act = operator
    .next = Vérifiez l'espace libre et les droits avec `df -h` et `ls -l`, puis `multaqa-hub fsck --dir DIR`.

HUB_STORE_FULL = Il n'y a plus d'espace pour la base de la plateforme : { $detail }. Rien de ce lot n'est au journal ; les fiches attendent à leurs nœuds.
    .act = operator
    .next = Libérez de l'espace sur le disque du répertoire de la plateforme (voir `df -h`) : elle reprend d'elle-même. `multaqa-hub status` montre quand elle accepte de nouveau des fiches.

HUB_STORE_ROW_BAD = Dans la base de la plateforme, table { $table }, ligne { $row }, la colonne { $column } est incompréhensible.
    .act = operator
    .next = Mesurez l'étendue du dommage avec `multaqa-hub fsck --dir DIR`.

HUB_STORE_ROWS_TOUCHED = Une écriture dans la table { $table } de la base a touché { $found } lignes au lieu de { $expected }.
    .act = operator
    .next = Assurez-vous que rien d'autre n'écrit dans la base, puis vérifiez-la avec `multaqa-hub fsck --dir DIR`.

HUB_STORE_DAMAGED = La base de la plateforme se contredit : { $detail }.
    .act = operator
    .next = Voyez où avec `multaqa-hub fsck --dir DIR`, puis restaurez la copie la plus récente.

HUB_STORE_NEWER = { $path } a été écrit par un programme plus récent : son schéma est { $found }, ce programme connaît { $known }.
    .act = operator
    .next = Installez le programme plus récent ; `multaqa-hub --version` dit lequel est celui-ci.

HUB_STORE_OLDER = { $path } a été écrit par un programme plus ancien : son schéma est { $found }, il faut { $known } pour le lire.
    .act = operator
    .next = Lancez une fois la plateforme avec `multaqa-hub serve --config DIR/hub.toml` : elle met le schéma à jour.

HUB_STORE_MISSING = { $path } ne contient pas de base de plateforme.
    .act = operator
    .next = Indiquez le dossier de la plateforme avec `--dir DIR`, ou créez-en une avec `multaqa-hub init`.

HUB_STORE_EMPTY = { $path } est vide : une copie interrompue, ou une plateforme dont la création n'a pas abouti.
    .act = operator
    .next = Rétablissez la copie la plus récente de la base et vérifiez-la avec `multaqa-hub fsck --dir DIR`. S'il n'y en a jamais eu, créez la plateforme dans un nouveau répertoire avec `multaqa-hub init`.

HUB_STORE_NOT_DATABASE = { $path } n'est pas une base de données : ses premiers octets sont ceux d'autre chose. Rien n'y a été touché.
    .act = operator
    .next = Voyez ce que c'est avec `file { $path }`, rétablissez la copie la plus récente de la base et vérifiez-la avec `multaqa-hub fsck --dir DIR`.

HUB_STORE_EXISTS = { $path } contient déjà une base de plateforme : elle n'est pas recréée.
    .act = operator
    .next = Voyez ce qu'elle contient avec `multaqa-hub fsck --dir DIR`, ou indiquez un autre dossier.

HUB_FILE_WRONG = Le fichier de la base est endommagé.
    .act = operator
    .next = Arrêtez la plateforme, restaurez la copie la plus récente de la base, puis vérifiez-la avec `multaqa-hub fsck --dir DIR`.

HUB_SCHEMA_WRONG = Une table ou un index n'est pas tel que ce programme le crée.
    .act = operator
    .next = Arrêtez la plateforme, restaurez la copie la plus récente de la base, puis vérifiez-la avec `multaqa-hub fsck --dir DIR`.

HUB_ENTRY_WRONG = Une entrée du journal n'est pas valable.
    .act = operator
    .next = Arrêtez la plateforme, restaurez la copie la plus récente de la base, puis vérifiez-la avec `multaqa-hub fsck --dir DIR`.

HUB_COMMIT_WRONG = Un lot n'est pas ce que donnent ses entrées.
    .act = operator
    .next = Arrêtez la plateforme, restaurez la copie la plus récente de la base, puis vérifiez-la avec `multaqa-hub fsck --dir DIR`.

HUB_HEAD_WRONG = La tête du journal n'est pas ce que donnent ses entrées.
    .act = operator
    .next = Arrêtez la plateforme, restaurez la copie la plus récente de la base, puis vérifiez-la avec `multaqa-hub fsck --dir DIR`.

HUB_CHAIN_WRONG = La dernière fiche d'un auteur n'est pas celle que donnent ses entrées.
    .act = operator
    .next = Arrêtez la plateforme, restaurez la copie la plus récente de la base, puis vérifiez-la avec `multaqa-hub fsck --dir DIR`.

HUB_ROW_WRONG = Une ligne tenue à côté du journal a été modifiée à l'insu de la plateforme.
    .act = operator
    .next = Arrêtez la plateforme, restaurez la copie la plus récente de la base, puis vérifiez-la avec `multaqa-hub fsck --dir DIR`.

HUB_ROWS_WRONG = Une ligne tenue à côté du journal manque, ou il y en a une de trop.
    .act = operator
    .next = Arrêtez la plateforme, restaurez la copie la plus récente de la base, puis vérifiez-la avec `multaqa-hub fsck --dir DIR`.

HUB_SUBTREE_WRONG = La racine conservée d'un sous-arbre complet n'est pas celle que donnent les entrées.
    .act = operator
    .next = Arrêtez la plateforme, restaurez la copie la plus récente de la base, puis vérifiez-la avec `multaqa-hub fsck --dir DIR`.

LOG_GOES_ON = Le journal accepte des fiches : il n'y a rien à clore.
    .act = operator
    .next = Voyez où il en est avec `multaqa-hub log`. Si des nœuds disent CURSOR_FORKED, arrêtez-le avec `multaqa-hub log close --force --yes`, démarrez la plateforme, et closez-le alors.
LOG_CLOSING_NOT_NEEDED = Rien ne contredit ce journal : il peut redevenir complet de lui-même.
    .act = operator
    .next = Attendez les nœuds que `multaqa-hub log` donne pour attendus. S'ils ne viennent jamais, closez-le quand même avec `multaqa-hub log close --force --yes`.
LOG_NOT_CLOSING = Le journal n'est pas en cours de clôture : il n'y a rien à décider.
    .act = operator
    .next = Voyez où il en est avec `multaqa-hub log`. La clôture commence par `multaqa-hub log close`.
LOG_CLOSING_AWAITS = { $awaited } doivent encore se connecter et dire jusqu'où ils détiennent le journal, avant qu'il puisse être clos. Silencieux jusqu'ici : { $silent }.
    .act = operator
    .next = Demandez à ces membres de démarrer leurs nœuds ; à celui qui a perdu son disque suffisent ses clés et son journal.db, que `multaqa-node backup restore` remet en place. Rien ne passe outre pendant une clôture : les nœuds ne suivraient pas. `multaqa-hub log` montre qui a parlé.
LOG_NOT_STABLE = Aucun quorum des témoins ne répond d'une taille de ce journal. Silencieux jusqu'ici : { $silent }.
    .act = operator
    .next = Demandez à ces membres de démarrer leurs nœuds, avec les journal.db où ils gardent ce qu'ils ont cosigné. Si aucun n'en a, rien n'était consolidé et le journal ne peut être clos : remettez la base d'avant la clôture avec `multaqa-hub backup restore BACKUP --dir DIR`, puis laissez-la continuer avec `multaqa-hub backup release`.
SUCCESSION_OTHER = La décision porte sur une autre clôture que celle qui est possible : le journal { $log } commencerait à { $size } avec la racine { $root }.
    .act = operator
    .next = Les nœuds en ont dit davantage entre-temps. Regardez à nouveau avec `multaqa-hub log`, et décidez à nouveau.
SUCCESSION_REASON = Une décision veut un motif, de { $max } octets au plus : il reste sur le journal, pour tous.
    .act = operator
    .next = Dites pourquoi en une phrase : `multaqa-hub log succeed --reason TEXT`.
