# Ce que toutes les lignes de commande ont en commun : qui doit agir, fraîcheur, âges, durées, tailles.
label-act = qui doit agir : { $act }
label-next = ensuite : { $next }

act-member-node = le nœud du membre
act-hub = la plateforme centrale
act-operator = un opérateur
act-writer = l'auteur de la fiche
act-reader = le lecteur
act-system = le système d'organisme

class-state = État
class-secretariat = secrétariat
class-observer = observateur
class-partner = partenaire

fresh-live = à jour
fresh-stale = en retard
fresh-offline = hors ligne

age-now = à l'instant
age-s = il y a { $n } s
age-min = il y a { $n } min
age-h = il y a { $n } h
age-d = il y a { $n ->
        [one] { $n } jour
       *[other] { $n } jours
    }

span-none = moins de 1 s
span-s = { $n } s
span-min = { $n } min
span-h = { $n } h
span-d = { $n ->
        [one] { $n } jour
       *[other] { $n } jours
    }

size-b = { $n ->
        [one] { $n } octet
       *[other] { $n } octets
    }
size-kib = { $n } Kio
size-mib = { $n } Mio
size-gib = { $n } Gio
size-tib = { $n } Tio

# Causes que la machine dit en anglais, avec son texte.
cause-not-found = introuvable ({ $raw })
cause-permission = droits insuffisants ({ $raw })
cause-exists = existe déjà ({ $raw })
cause-address-in-use = adresse déjà utilisée ({ $raw })
cause-address-foreign = adresse étrangère à cette machine ({ $raw })
cause-refused = connexion refusée, personne n'écoute à cette adresse ({ $raw })
cause-line-lost = connexion interrompue ({ $raw })
cause-unreachable = adresse inaccessible par le réseau ({ $raw })
cause-timed-out = délai dépassé ({ $raw })
cause-no-space = plus d'espace sur le disque ({ $raw })
cause-read-only = stockage en lecture seule ({ $raw })
cause-directory = c'est un répertoire, pas un fichier ({ $raw })
cause-no-directory = un élément du chemin n'est pas un répertoire ({ $raw })
cause-locked = base de données verrouillée par un autre processus ({ $raw })
cause-disk = erreur du disque ({ $raw })
cause-damaged = base de données endommagée ({ $raw })
cause-not-opened = fichier de base de données impossible à ouvrir ({ $raw })
cause-no-database = le fichier n'est pas une base de données ({ $raw })
cause-name-unknown = nom de machine inconnu du DNS ({ $raw })

# Fiches qui attendent des approbations : ce qu'elles changeraient.
change-head = { $kind } : { $id }, proposition de { $by } (entrée { $index })
change-record = fiche : { $record }
change-new = { $field } : { $after }
change-none = { $field } : { $before } → rien{ $removed }
change-from-to = { $field } : { $before } → { $after }{ $added }{ $removed }
change-added = (ajout : { $items })
change-removed = (retrait : { $items })
change-overtaken = dépassée : une autre modification l'a précédée, celle-ci ne peut plus prendre effet

kind-policy = politique
kind-invitation = invitation
kind-member = membre
kind-group = groupe
kind-key = clés d'un nœud
kind-notice = avis

field-node = nœud
field-epoch = époque
field-valid-until = valable jusqu'au
field-member = membre
field-class = catégorie
field-name = nom
field-status = statut
field-group = groupe
field-history = historique
field-members = membres
field-number = numéro
field-operators = opérateurs
field-operators-required = opérateurs requis
field-key = clé de
field-witnesses = témoins
field-log-key = clé du journal
field-rules = règles

contradiction-frozen = { $writer } a signé deux fiches pour la place { $seq } de l'époque { $epoch } (preuve : entrée { $evidence }) et ses fiches sont refusées
contradiction-past = { $writer } a signé deux fiches pour la place { $seq } de l'époque { $epoch } (preuve : entrée { $evidence })
begun-log = le journal { $log } a commencé à { $index } le { $at } ({ $because })

# Jusqu'où les témoins se portent garants du journal.
standing-accepted = accepté
standing-witnessed = attesté
standing-stable = consolidé
standing-nobody = aucun témoin dans la politique : rien n'est attesté ni consolidé
standing-sizes = { $states ->
        [one] 1 État
       *[other] { $states } États
    }, quorum { $quorum } ; sur { $accepted ->
        [one] 1 entrée
       *[other] { $accepted } entrées
    }, { $witnessed } attestées, { $stable } consolidées
standing-vote = { $state } a cosigné la taille { $size } { $age }
standing-silent = { $state } MUET : a cosigné la taille { $size } { $age }
standing-never = { $state } MUET : n'a jamais cosigné
