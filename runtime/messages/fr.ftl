# Textes de multaqa-runtime. `.act` est un jeton : qui doit agir. `.next` contient la commande suivante.

CONFIG_FILE_UNREADABLE = Le fichier de configuration { $file } est illisible : { $detail }.
    .act = operator
    .next = Vérifiez le chemin et ses droits avec `ls -ld { $file }`, ou indiquez un autre fichier avec `--config FILE`.

CONFIG_FILE_TOO_LARGE = Le fichier de configuration { $file } dépasse { $limit } octets.
    .act = operator
    .next = Regardez son contenu avec `head -c 1000 { $file }` et indiquez le bon fichier avec `--config FILE`.

CONFIG_SYNTAX = Le fichier de configuration { $file } n'est pas du TOML valide : { $detail }.
    .act = operator
    .next = Corrigez la ligne avec `editor { $file }` et relancez.

CONFIG_UNKNOWN_KEY = { $origin } définit « { $key } », qui n'est pas une clé de configuration.{ $nearest ->
        [none] {""}
       *[other] {" "}Vouliez-vous dire « { $nearest } » ?
    }
    .act = operator
    .next = Corrigez ou retirez la clé dans { $origin } ; `config show` énumère chaque clé avec sa valeur et son origine.

CONFIG_UNKNOWN_VARIABLE = La variable d'environnement { $variable } désigne la clé de configuration « { $key } », qui n'existe pas.{ $nearest ->
        [none] {""}
       *[other] {" "}La clé la plus proche est « { $nearest } ».
    }
    .act = operator
    .next = Retirez-la avec `unset { $variable }` ou corrigez son nom : deux tirets bas entre la section et la clé.

CONFIG_BAD_VALUE = La valeur de « { $key } » dans { $origin } n'est pas recevable : { $detail }.
    .act = operator
    .next = Corrigez la valeur dans { $origin }, puis vérifiez-la avec `config show`.

CONFIG_BAD_LOG_FILTER = Le filtre des traces « { $filter } » est incompréhensible : { $detail }.
    .act = operator
    .next = Donnez un filtre tel que `--log info`, ou corrigez `log.filter` dans le fichier de configuration.

CONFIG_ADMIN_NOT_LOOPBACK = L'accès d'administration ne peut pas utiliser { $address } : il répond sans authentification et doit rester sur cette machine.
    .act = operator
    .next = Choisissez une adresse de bouclage telle que `127.0.0.1:9400`, puis vérifiez-la avec `config show`.

SECRET_UNREADABLE = Le fichier secret { $path } est illisible : { $detail }.
    .act = operator
    .next = Vérifiez le chemin et son propriétaire avec `ls -l { $path }`.

SECRET_TOO_OPEN = Le fichier secret { $path } peut être lu ou modifié par d'autres (droits { $mode }).
    .act = operator
    .next = Restreignez-le avec `chmod 600 { $path }`, et remplacez le secret si d'autres ont pu le lire.

SECRET_TOO_LARGE = Le fichier secret { $path } dépasse { $limit } octets.
    .act = operator
    .next = Vérifiez avec `ls -l { $path }` que le chemin désigne bien le secret et non un autre fichier.

SECRET_NOT_TEXT = Le secret contenu dans { $path } doit être un texte, mais n'est pas en UTF-8.
    .act = operator
    .next = Déterminez la nature du fichier avec `file { $path }` et mettez le bon à sa place.

SECRET_BAD_NAME = « { $name } » n'est pas un nom de secret de service : lettres, chiffres, `-`, `_` et `.` seulement, sans chemin.
    .act = operator
    .next = Affichez les secrets du service avec `systemd-creds list` et écrivez `credential:NAME`.

SECRET_NO_DIRECTORY = Le secret de service « { $name } » est demandé, mais le gestionnaire de services n'a fourni aucun répertoire de secrets.
    .act = operator
    .next = Ajoutez `LoadCredential={ $name }:PATH` à l'unité et exécutez `systemctl daemon-reload`, ou indiquez un fichier.

RUNTIME_NOT_STARTED = Le processus n'a pas pu démarrer ses fils d'exécution : { $detail }.
    .act = operator
    .next = Comparez les limites affichées par `ulimit -a` aux besoins de la machine.

SIGNALS_UNAVAILABLE = Le processus ne peut pas recevoir de signaux : { $detail }.
    .act = operator
    .next = Comparez les limites affichées par `ulimit -a` aux besoins de la machine.

TELEMETRY_NOT_STARTED = Les traces ou les métriques n'ont pas pu démarrer : { $detail }.
    .act = operator
    .next = Relancez avec `--log debug` et signalez les lignes affichées.

LISTEN_FAILED = Impossible d'écouter sur { $address } : { $detail }.
    .act = operator
    .next = Voyez qui l'utilise avec `ss -lntxp`, ou choisissez une autre adresse dans la configuration.

LISTEN_SOCKET_IN_USE = Un autre processus dessert déjà le socket { $path }.
    .act = operator
    .next = Trouvez-le avec `ss -lxp`, puis arrêtez-le ou choisissez un autre chemin dans la configuration.

TASK_PANICKED = La partie « { $task } » du processus a échoué de façon imprévue : { $detail }. Le processus s'est arrêté.
    .act = operator
    .next = Relancez avec `--log debug` et signalez les lignes qui précèdent l'échec.

TASK_ENDED_EARLY = La partie « { $task } » du processus s'est terminée sans que rien ne l'ait demandé. Le processus s'est arrêté.
    .act = operator
    .next = Relancez avec `--log debug` et signalez les lignes qui précèdent la fin.

DRAIN_TOO_SLOW = Le processus n'a pas terminé son travail en { $seconds } s et a été interrompu ; encore occupé : { $tasks }.
    .act = operator
    .next = Relancez et vérifiez les données avec `fsck`. Si cela se répète, `--log debug` montre ce qui le retient.

DRAIN_ABORTED = Un second signal a interrompu le processus avant la fin de son travail ; encore occupé : { $tasks }.
    .act = operator
    .next = Relancez et vérifiez les données avec `fsck`.

OUTPUT_FAILED = Le résultat ne peut pas être écrit sur la sortie standard : { $detail }.
    .act = operator
    .next = Vérifiez l'espace restant avec `df -h .` et répétez la commande.

BACKUP_EXISTS = Il y a déjà quelque chose à { $path } : une sauvegarde n'écrase rien.
    .act = operator
    .next = Indiquez un autre emplacement avec `--out DIR`, par exemple en y mettant la date.

BACKUP_FAILED = Le disque a refusé à { $path } : { $detail }.
    .act = operator
    .next = Regardez l'espace restant et les droits avec `df -h` et `ls -ld { $path }`, puis répétez la commande.

BACKUP_MISSING = { $path } ne contient pas de sauvegarde.
    .act = operator
    .next = Regardez ce qui s'y trouve avec `ls -l { $path }`, et indiquez le répertoire qui contient manifest.json.

BACKUP_MANIFEST_BAD = Le manifeste de la sauvegarde { $path } est incompréhensible : { $detail }.
    .act = operator
    .next = Essayez une sauvegarde plus ancienne avec `backup verify DIR`, et faites-en une nouvelle.

BACKUP_OF_OTHER = La sauvegarde { $path } est celle d'un programme « { $found } », non « { $expected } ».
    .act = operator
    .next = Utilisez le programme auquel elle appartient : `multaqa-{ $found } backup verify { $path }`.

BACKUP_FILE_CHANGED = Le fichier { $file } de la sauvegarde { $path } n'est pas ce que dit son manifeste : { $detail }.
    .act = operator
    .next = Ne la restaurez pas. Cherchez une autre copie de la même sauvegarde avec `ls -l`, ou prenez-en une plus ancienne.

BACKUP_UNSOUND = Le contenu de la sauvegarde { $path } ne tient pas : { $count ->
        [one] { $count } constat
       *[other] { $count } constats
    }.
    .act = operator
    .next = Prenez une sauvegarde plus ancienne, vérifiez la base en service avec `fsck`, et faites-en une nouvelle sauvegarde.

RESTORE_TARGET_USED = Il y a déjà une base de données à { $path } : rien n'est restauré par-dessus.
    .act = operator
    .next = Arrêtez le programme, mettez le fichier de côté avec `mv { $path } { $path }.before` (de même que ses -wal et -shm, s'il y en a), puis répétez la commande.
