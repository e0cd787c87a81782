# Ce que dit la ligne de commande de la plateforme centrale. Identifiants, codes et commandes sont les mêmes partout.
# Têtes de tableaux.
head-member = MEMBRE
head-class = CATÉGORIE
head-status = STATUT
head-name = NOM
head-node = NŒUD
head-node-status = ÉTAT
head-line = LIGNE
head-cursor = POSITION
head-group = GROUPE
head-history = HISTORIQUE
head-members = MEMBRES
head-key = CLÉ
head-value = VALEUR
head-origin = ORIGINE

# Intitulés de lignes.
row-log = journal
row-hub = plateforme
row-ordering = mise en ordre
row-certificate = certificat jusqu'au
row-contradiction = contradiction
row-issuing = autorité émettrice jusqu'au
row-members = membres
row-nodes = nœuds
row-groups = groupes
row-policy = politique
row-operators = opérateurs
row-log-key = clé du journal
row-rules = règles
row-witnesses = témoins
row-witness = témoin
row-restored = restauré
row-copied = copié
row-away = absent
row-behind = en retard
row-pending = en attente d'approbations :

# Mots pour les états.
word-active = actif
word-suspended = suspendu
word-frozen = gelé
word-invited = invité
word-expired = invitation expirée
word-full = complet
word-from-join = depuis l'adhésion
word-connected = connecté
word-never-heard = jamais connecté
word-never = jamais
word-running = en cours
word-default = valeur par défaut

# La plateforme en un coup d'œil.
say-log = { $size ->
        [one] { $size } entrée
       *[other] { $size } entrées
    }, dont { $control } de contrôle, racine { $root }
say-hub = version { $version }, en service depuis { $up }, données { $store }, horloge à { $skew } ms de la nôtre
say-halted = ARRÊTÉE : { $code }
say-members = actifs : { $active }, suspendus : { $suspended }
say-nodes = connectés : { $connected } (en retard : { $behind }), absents : { $away }, invités : { $invited }, suspendus : { $suspended }
say-away = { $node }, dernier contact : { $age }
say-pending = approbations : { $given } sur { $needed } ({ $by })
say-approve-with = pour approuver : { $command }
say-nothing-waits = rien n'attend d'approbation

# Ce qui a été fait.
say-in-force = { $what } : en vigueur depuis l'entrée { $index }, fiche { $record }
say-waits = { $what } : en attente d'approbations, fiche { $record }
say-group = groupe { $group }
say-policy = politique { $number }
say-operator-made = opérateur { $operator } de { $federation }, genèse { $genesis }
      clé { $key }
say-operator-next = Ensuite :
    1. Sur la machine de l'AC :       multaqa-certs issue --dir ca --identity operator/{ $operator } --new-key --out tls.pem
       Portez ce fichier vers         { $dir }/tls.pem
    2. Un opérateur propose :         multaqa-hub policy operators add { $operator }={ $key } --required 2
    3. Sur la machine de la plateforme, une fois cela en vigueur : multaqa-hub allow --dir DIR --certificate tls.pem
    Gardez { $dir }/record.key sur cette seule machine, avec une sauvegarde à part.
say-operators = { $required } sur { $count } doivent être d'accord : { $names }
say-suspended = suspension de { $member }
say-reinstated = rétablissement de { $member }
say-approved = approbation
say-approved-before = déjà approuvée par vous ({ $by })
say-approvals = Approbations : { $given } sur { $needed } ({ $by }).
    Un État approuve par      multaqa-node approve { $record }
    un opérateur approuve par multaqa-hub approve { $record }
say-allowed = { $peer } peut se connecter avec le certificat { $serial } jusqu'au { $until }

# Invitation.
say-admitted = { $member } est membre : fiche { $record }
say-join-key = Clé d'adhésion de { $node }, valable jusqu'au { $until }, à utiliser une fois par : multaqa-node join --key-file FILE
    Remettez-la comme un secret, dans un fichier que seul son propriétaire peut lire.
say-replaces-node = Attention : { $node } est un nœud en service. Dès que cette clé sera utilisée, ses clés et son certificat prendront fin et ce qu'il n'a pas envoyé sera perdu. Pour un second nœud du même membre, utilisez --node NAME.

# Création.
say-made = fédération { $federation }, fiche fondatrice { $genesis }
say-next-steps = Ensuite :
    1. Mettez ces clés hors ligne : { $ca }/root.key, { $dir }/standby.key
    2. Démarrez la plateforme :     multaqa-hub serve --config { $dir }/hub.toml
    3. Admettez et invitez :        multaqa-hub invite JO --name fr=Jordanie --operator-dir { $operator }{ $hub ->
        [none] {" "}--hub HOST:PORT
       *[known] {""}
    }
    La place du répertoire de l'opérateur ({ $operator }) est sur une autre machine que la plateforme.
    Les certificats de la plateforme et des opérateurs vivent 7 jours ; multaqa-certs issue en fait de nouveaux depuis { $ca }.
    Celui de la plateforme remplace { $dir }/identity/hub.pem, celui d'un opérateur passe par
    multaqa-hub allow --dir { $dir } --certificate FILE.

# Vérifications et configuration.
say-entry = entrée { $index }
say-whole-log = journal
say-sound = intact : { $size ->
        [one] { $size } entrée
       *[other] { $size } entrées
    }, racine { $root }
say-damaged = ENDOMMAGÉ : { $size ->
        [one] { $size } entrée
       *[other] { $size } entrées
    }, racine { $root }
say-config-sound = la configuration est valable

# Sauvegardes.
say-copying = Copie de la base telle qu'elle est à cet instant ; la plateforme peut continuer.
say-checking = Vérification de la sauvegarde à partir de ses fiches.
say-backup-made = sauvegarde { $path } : { $size ->
        [one] { $size } entrée
       *[other] { $size } entrées
    }, racine { $root }
say-backup-sound = intacte : sauvegarde { $path } du { $at }, { $size ->
        [one] { $size } entrée
       *[other] { $size } entrées
    }, racine { $root }
say-restored = restauré depuis { $path }, faite le { $at } : { $size ->
        [one] { $size } entrée
       *[other] { $size } entrées
    }, racine { $root }
say-restored-next = Ensuite : remettez dans { $dir } log.key, identity/ et issuing/ s'ils manquent, depuis leur propre sauvegarde, et démarrez la plateforme :
      multaqa-hub serve --config { $dir }/hub.toml
    Elle n'attribue aucun index avant que les nœuds aient rendu ce qui a été publié depuis ; multaqa-hub status montre où elle en est.

# Un journal restauré.
say-refilling = { $age } avec { $from } entrées ; EN COURS DE REMPLISSAGE jusqu'à { $goal }, { $awaited ->
        [0] personne n'est attendu
       *[other] { $awaited } doivent encore se connecter, parmi : { $silent }
    }, { $missing } contenus manquants
say-contradicted = { $age } avec { $from } entrées ; CONTREDIT : des nœuds détiennent un autre journal, voyez multaqa-hub log
say-refilled = { $age } avec { $from } entrées, complet à nouveau ; { $missing } contenus manquants
say-copied = { $node } : une copie a été refusée { $age } ; trouvez-la et arrêtez-la
say-rebuilding = à reconstruire depuis les nœuds : genèse { $genesis }
say-rebuilding-next = Ensuite : autorisez à nouveau les certificats des opérateurs et démarrez la plateforme ; les nœuds la trouvent à son adresse et la remplissent :
      multaqa-hub allow --dir { $dir } --certificate OPDIR/tls.pem
      multaqa-hub serve --config { $dir }/hub.toml
    Elle n'attribue aucun index avant que tous les nœuds en vigueur aient dit jusqu'où ils détiennent le journal ; multaqa-hub status montre qui est attendu.
say-released = libéré : le journal continue à partir de { $size } entrées au prochain démarrage
say-released-notice = La plateforme a été restaurée et l'opérateur { $by } a laissé le journal continuer à { $size } entrées, sans que tous les témoins aient été interrogés : { $reason }

# La répétition.
say-drilling = Répétition sur une copie ; la base en service n'est que lue.
say-drill-sound = intacte : la sauvegarde du { $at } a été remise avec { $size } entrées, racine { $root }
say-drill-failed = ÉCHEC : la sauvegarde du { $at } a été remise avec { $size } entrées, racine { $root }
say-drill-times = faite en { $create }, vérifiée et remise en { $restore }, vérifiée à nouveau en { $check }
say-drill-refill = le journal en service compte { $live } entrées : les nœuds en rendraient { $missing } ; nœuds entendus en dernier avec toutes : { $holders }
say-drill-other = le journal en service a une autre racine à { $size } entrées, ou n'en a pas autant : la sauvegarde est d'un autre journal

# Quel journal il y a, et comment on en clôt un.
row-log-begun = succession
row-log-state = état
row-log-close-at = peut être clos
row-log-decided = décidé
row-log-silent = silencieux
row-log-set-aside = mis de côté
say-log-number = journal { $log }, { $size ->
        [one] { $size } entrée
       *[other] { $size } entrées
    }
say-log-goes-on = accepte des fiches
say-log-refilling = EN COURS DE REMPLISSAGE : n'accepte aucune fiche avant de détenir ce qui a été publié
say-log-contradicted = CONTREDIT : des nœuds détiennent un autre journal ; clos, il reviendrait à { $size }
say-log-closing = EN CLÔTURE : il est revenu à { $size } ; { $awaited ->
        [0] personne n'est attendu
       *[other] { $awaited } doivent encore dire jusqu'où ils le détiennent
    }
say-log-closable = EN CLÔTURE : les opérateurs peuvent décider que le journal suivant commence à { $size }
say-log-close-at = le journal { $log } commencerait à { $size } avec la racine { $root } ; sur un quorum de { $quorum } en répondent : { $states }
say-log-decided = { $decided } sur { $needed } { $by }
say-log-set-aside = { $count ->
        [one] { $count } fiche, à ordonner à nouveau
       *[other] { $count } fiches, à ordonner à nouveau
    }
say-log-above = { $count ->
        [one] { $count } entrée au-delà de { $size }
       *[other] { $count } entrées au-delà de { $size }
    }
say-log-decide-too = { $more ->
        [one] { $more } opérateur doit
       *[other] { $more } opérateurs doivent
    } encore décider ; ce qui est décidé est gardé, même si la plateforme est relancée. Chacun tape, avec sa propre raison :
      multaqa-hub log succeed --reason TEXT --yes --operator-dir DIR
say-log-stopped = La plateforme est arrêtée. Relancez-la, attendez que ses nœuds soient là, puis fermez le journal.
say-log-dry = Rien n'a été changé. Avec --yes, c'est fait.
