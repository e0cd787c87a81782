# Ce qui peut mal se passer autour de la fédération de démonstration.
DEMO_COMMAND_FAILED = La commande { $command } s'est terminée avec { $code } : { $stderr }
    .act = operator
    .next = Relancez la même commande en ajoutant --log debug.
DEMO_DISK_FAILED = { $path } est inutilisable : { $why }
    .act = operator
    .next = Donnez un autre répertoire : cargo demo --dir DIR
DEMO_JSON_UNEXPECTED = Une commande a produit un autre JSON que prévu : { $what } manque dans { $found }
    .act = operator
    .next = Des programmes de versions différentes sont mélangés : reconstruisez-les tous avec cargo build.
DEMO_LINK_FAILED = La ligne entre un nœud et la plateforme centrale ne peut pas être ouverte : { $why }
    .act = operator
    .next = Libérez des ports de l'adresse locale, puis relancez cargo demo.
DEMO_MEMBER_UNKNOWN = { $member } n'est pas membre ici.
    .act = operator
    .next = Tapez s pour voir les membres avec leurs numéros et leurs codes.
DEMO_PROCESS_DIED = { $name } s'est terminé de lui-même avec { $status }. Dernières lignes de { $log } :
    { $tail }
    .act = operator
    .next = Lisez ce fichier, puis relancez cargo demo.
DEMO_PROGRAM_NOT_STARTED = { $program } ne peut pas être lancé : { $why }
    .act = operator
    .next = Reconstruisez-le avec cargo build.
DEMO_RECORD_NOT_REVISED = Aucune révision de { $path } ne peut être préparée : { $why }
    .act = operator
    .next = Modifiez le fichier à la main et publiez-le avec multaqa-node publish FILE.
DEMO_STOPPED_BADLY = { $name } devait s'arrêter et s'est terminé avec { $status }. Dernières lignes de { $log } :
    { $tail }
    .act = operator
    .next = Lisez ce fichier, puis relancez cargo demo.
DEMO_TIMED_OUT = { $what } : pas en { $seconds } s. Dernier état vu : { $seen }
    .act = operator
    .next = Lancez cargo demo --dir DIR et lisez les traces dans ce répertoire.
DEMO_ROOTS_DIFFER = Les répliques locales de { $members } diffèrent du journal de la plateforme centrale.
    .act = operator
    .next = Lancez cargo demo --dir DIR, puis multaqa-node fsck --dir DIR/MEMBRE-gw1 pour chaque membre.
