# Ce que toutes les lignes de commande ont en commun : qui doit agir, fraîcheur, âges, durées, tailles.
label-act = qui doit agir : { $act }
label-next = ensuite : { $next }

act-member-node = le nœud du membre
act-hub = la plateforme centrale
act-operator = un opérateur
act-writer = l'auteur de la fiche
act-reader = le lecteur
act-system = le système d'organisme

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
