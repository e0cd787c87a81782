# Ce que dit la ligne de commande du nœud. Identifiants, codes et commandes sont les mêmes dans toutes les langues.
# Têtes de tableaux.
head-id = IDENTIFIANT
head-revision = RÉV.
head-accepted = ACCEPTÉE
head-title = TITRE
head-state = ÉTAT
head-record = FICHE
head-index = POSITION
head-writer = AUTEUR
head-sequence = RANG
head-code = CODE
head-signed = SIGNÉE
head-key = CLÉ
head-value = VALEUR
head-origin = ORIGINE

# Intitulés de lignes.
row-revision = révision
row-state = état
row-audience = destinataires
row-authored = rédigée
row-accepted = acceptée
row-index = position
row-node = nœud
row-class = catégorie
row-version = version
row-started = démarré
row-certificate = certificat jusqu'au
row-issuer = autorité des systèmes jusqu'au
row-members = membres
row-objects = objets
row-chain = chaîne du nœud
row-outbox = boîte d'envoi
row-blocked = envoi bloqué
row-evidence = preuve
row-unerased = non effacé
row-contradiction = contradiction
row-log-begun = succession
row-root = racine
row-copied = copié
row-line = ligne
row-witnesses = témoins
row-fast-start = démarrage rapide
row-search = recherche
row-cosigned = cosigné
row-silent = muet
row-standing = garantie

# Mots pour les états.
word-valid = valable
word-void = nulle
word-withdrawn = retirée
word-withdraws = avis de retrait
word-unjudged = non jugée
word-queued = à envoyer
word-accepted = acceptée
word-rejected = refusée
word-unchanged = inchangée
word-default = valeur par défaut
word-line-down = ligne coupée
word-hub-refusing = la plateforme refuse
word-alarm = ALARME
word-log-frozen = journal à l'arrêt
word-behind = en retard
word-unwitnessed = sans témoins suffisants
word-live = à jour

# Fraîcheur des données.
say-as-of = fraîcheur des données : { $age } (journal { $log }, { $size ->
        [one] { $size } entrée
       *[other] { $size } entrées
    }), { $state }
say-no-log = aucun journal reçu pour l'instant
say-line-down = {" "}; ligne vers la plateforme centrale coupée depuis { $since } ({ $age })
say-line-down-why = {" "}; ligne vers la plateforme centrale coupée depuis { $since } ({ $age }) : { $code }
say-alarm = {" "}; ALARME { $code } : rien de plus récent n'est appliqué
say-frozen = {" "}; JOURNAL À L'ARRÊT { $code } : rien de plus récent ne vient peut-être
say-fast-start = jusqu'à { $end } ; toutes les feuilles à partir de { $from }
say-fast-start-going = { $taken } entrées sur { $end } ; aucune réponse avant la fin
say-cosigned = taille { $size }, { $age }
say-unwitnessed = {" "}; sans témoins suffisants depuis { $since } ({ $age })
say-copied = la plateforme a refusé une copie de ce nœud { $age } : trouvez-la et arrêtez-la
say-line = { $state } depuis { $since } ({ $age })
say-behind = {" "}; { $count ->
        [one] 1 entrée
       *[other] { $count } entrées
    } à venir

# Lecture.
say-void = nulle : { $code }
say-unerased = { $id } : il reste { $count ->
        [one] 1 fiche
       *[other] { $count } fiches
    } ; retirez encore une fois avec : { $command }
say-resync = À partir de la position { $position } ; ce qui a été affiché avant peut ne plus être valable : relisez-le avec `multaqa-node list`.
say-more = plus de { $limit } : augmentez --limit
say-node-of = { $writer } de { $federation }
say-chain = époque { $epoch }, rang { $seq }
say-outbox = { $waiting } en attente, { $failed } en échec
say-waiting = { $count } en attente
say-approval = { $needed ->
        [one] { $needed } État requis
       *[other] { $needed } États requis
    } ; { $approved ->
        [none] aucune approbation pour l'instant
       *[other] approuvée par : { $approved }
    }
say-approve-with = pour approuver : { $command }
say-nothing-waits = rien n'attend l'approbation de ce membre

# Écriture.
say-publishable = { $count ->
        [one] { $count } fiche peut être publiée
       *[other] { $count } fiches peuvent être publiées
    }
say-approves = approbation de { $target }
say-approved-before = ce membre a déjà approuvé { $target }
say-joined = { $writer } a adhéré
say-joined-before = { $writer } avait déjà adhéré ; la clé n'a pas servi
say-start = démarrez-le : { $command }

# Vérifications et configuration.
say-entry = entrée { $index }
say-node = nœud
say-sound = intact : { $size ->
        [one] { $size } entrée
       *[other] { $size } entrées
    }, racine { $root }
say-damaged = ENDOMMAGÉ : { $size ->
        [one] { $size } entrée
       *[other] { $size } entrées
    }, racine { $root }
say-config-sound = la configuration est valable

# Preuves.
say-proof = La preuve de { $record } est dans { $path }.
    La fiche est à la place { $index } du journal, sous le point de contrôle de { $size } entrées, cosigné par { $states } États sur { $of } : { $label ->
        [stable] consolidée
        [witnessed] attestée
       *[other] acceptée
    }.
    Qui a la genèse décide avec elle hors ligne :
      multaqa-certs verify-record { $path } --genesis { $genesis }

# Sauvegardes.
say-backup-made = sauvegarde { $path } : { $node }, époque { $epoch }, jusqu'à la fiche { $seq }
say-backup-sound = intacte : sauvegarde { $path } du { $at } : { $node }, époque { $epoch }, jusqu'à la fiche { $seq }
say-restored = restauré depuis { $path }, faite le { $at } : { $node }, époque { $epoch }, jusqu'à la fiche { $seq } ; rien n'est signé avant la comparaison avec le journal fédéral
say-genesis = genèse { $genesis } écrite dans { $path }

# Systèmes d'organismes.
head-client = SYSTÈME
head-until = CERTIFICAT JUSQU'AU
head-scopes = DROITS
row-scopes = droits
row-added = ajouté
row-revoked = révoqué
row-denied = refusé
word-revoked = révoqué
word-let-in = admis
say-client-issued = { $name } a un certificat dans { $path }, jusqu'au { $until }
say-client-may = droits de { $name } : { $scopes }
say-client-calls-nothing = les droits call: n'autorisent rien pour l'instant : cette version n'appelle aucun service d'autres membres
say-client-denied = { $times } fois depuis le démarrage du nœud, la dernière le { $last }
say-client-revoked = { $name } n'est plus admis : sa prochaine requête est refusée, ses connexions sont coupées
say-client-port = les systèmes joignent ce nœud à { $endpoint }
say-client-port-off = le port des systèmes est fermé : réglez clients.listen et clients.names dans node.toml et redémarrez le nœud
say-client-ca = ils le reconnaissent par l'autorité de { $path } ; remettez-la avec le certificat
say-issuer = l'autorité émettrice pour les systèmes vaut jusqu'au { $until } ; ils reconnaissent le port par { $path }
say-issuer-previous = celle d'avant sert encore, jusqu'au { $until } au plus : le port présente un certificat d'elle
say-issuer-left = systèmes qui n'ont de certificats que d'elle : { $names }
say-issuer-none-left = chaque système a un certificat de la nouvelle, ou n'en a aucun

# Recherche.
say-found = { PLURAL($total) ->
        [one] une fiche trouvée
       *[other] { $total } fiches trouvées
    }
say-nothing-found = Rien n'a été trouvé
say-did-you-mean = Vouliez-vous dire « { $text } » ?
say-more-found = D'autres ont été trouvées : --limit les montre
say-search = index de { $size } entrées
say-search-made = index en cours de constitution : { $size } entrées
