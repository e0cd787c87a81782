# Ce que dit la ligne de commande de l'autorité de certification. Noms, codes et commandes sont les mêmes partout.
# Création et émission.
say-made = L'autorité de certification de { $federation } est créée.

    Certificat racine, pour chaque nœud :
    {"  "}{ $root }
      SHA-256 { $sha256 }
    Autorités émettrices, valables { $days ->
        [one] { $days } jour
       *[other] { $days } jours
    }, leurs clés à côté :
    {"  "}{ $issuers }
    Mettez { $key } hors ligne : cette clé ne resservira que pour de nouvelles autorités émettrices.
    Ensuite : multaqa-certs issue --dir { $dir } --identity hub/main --new-key --out hub.pem
say-issued = Émis pour { $identity }, valable jusqu'au { $until }.
    {"  "}{ $out }{ $key ->
        [own] {" "}(avec sa clé privée, 0600)
       *[other] {""}
    }
      numéro de série { $serial }{ $listed ->
        [hub] {""}
       *[other] {" "}: il permet de se connecter dès que la liste de la plateforme le contient
    }
say-renewed = L'autorité émettrice { $issuer } est refaite, valable jusqu'au { $until }.
    {"  "}{ $certificate }, sa clé à côté
    {"  "}{ $previous } : les certificats précédents, nécessaires à ceux qu'ils ont signés jusqu'à leur fin
    Remettez { $root } hors ligne.
    { $issuer ->
        [hub-issuer] Ensuite, le certificat de la plateforme sous cette autorité, pris par la plateforme en marche en moins d'une minute :
      {"  "}multaqa-certs issue --dir { $dir } --identity hub/main --new-key --replace --out hub/identity/hub.pem
       *[other] Ensuite, copiez { $files } dans issuing/ du répertoire de la plateforme et relancez-la :
      {"  "}systemctl restart multaqa-hub
    }
say-requested = Une clé P-256 est dans { $key } (0600), la demande correspondante dans { $csr }.
    Envoyez la demande à qui détient l'autorité émettrice :
      multaqa-certs issue --dir DIR --identity IDENTITY --csr { $csr } --out chain.pem
    et réunissez la clé et la réponse dans le fichier unique de l'identité :
      (umask 077; cat { $key } chain.pem > identity.pem)

# Examen.
say-request-holds = Une demande de certificat pour une clé P-256, signée par cette clé. Rien d'autre n'y compte.
say-verdict = certificat { $profile } de { $federation }, valable jusqu'au { $until } : { $ok ->
        [yes] conforme
       *[no] NON conforme
    }
say-row = { $label } : { $value }
row-name = nom
row-issuer = émis par
row-valid = validité
row-purpose = usage
row-key = clé
row-serial = n° de série
row-fingerprint = SHA-256
row-certificate = certificat
row-public-key = clé publique
say-valid = du { $from } au { $until }
say-expired = du { $from } au { $until } (expiré)
word-signs = signe d'autres certificats
word-server = extrémité serveur d'une connexion
word-client = extrémité cliente d'une connexion
word-both = les deux extrémités d'une connexion
word-neither = aucune extrémité d'une connexion

# Décider hors ligne.
say-proven = Prouvé par la seule genèse { $genesis } de { $federation } :
say-proven-record = La fiche { $record } est de { $writer }, à la place { $seq } de l'époque { $epoch } de sa chaîne, signée de sa clé { $key }.
say-proven-key = Cette clé est celle de l'auteur par la fiche de clés { $record } en { $index }, et était en vigueur à la place de la fiche.
say-proven-invitation = Cette clé est la clé à usage unique de l'invitation que la fiche utilise.
say-proven-operator = Cette clé est celle de l'opérateur par la politique en vigueur à la place de la fiche.
say-proven-content = Son contenu dit : { $id }, révision { $revision }, destinataires { $audience }, écrite à { $time } selon l'horloge de son auteur.
say-proven-stub = Son contenu n'est pas dans le fichier ; tout contenu dont le SHA-256 est { $hash } est celui qui a été signé.
say-proven-effect = C'est une fiche de contrôle qui { $effect ->
        [effective] a pris effet
       *[pending] attend des approbations
    } à sa place.
say-proven-place = Elle est à la place { $index } du journal { $log }, prise par la plateforme centrale à { $time } selon sa propre horloge, sous le point de contrôle signé à { $size } entrées, de racine { $root }.
say-proven-control = Aucune fiche de contrôle avant le sceau en { $index } ({ $time } selon l'horloge de la plateforme) n'est omise : toutes les { $count } sont dans le fichier, et elles seules donnent les clés.
say-proven-witnesses = Des { $of } États témoins selon la politique { $policy }, { $states ->
        [0] aucun n'a cosigné
        [one] 1 a cosigné ({ $list })
       *[other] { $states } ont cosigné ({ $list })
    } ce point de contrôle ou un plus grand qui commence par lui ; à { $witnessing } il est attesté, à { $quorum } consolidé : il est { $label ->
        [stable] consolidé, et aucune autre histoire ne peut le devenir tant que { $faulty } au plus cosignent ce qu'ils ne devraient pas
        [witnessed] attesté, et l'un d'eux au moins est honnête si { $faulty } au plus ne le sont pas
       *[other] accepté, sur la parole de la plateforme qu'elle montre à tous le même journal
    }.
say-proven-unwitnessed = La politique { $policy } ne nomme aucun témoin : que tous voient le même journal repose sur la parole de la plateforme.
say-proven-time = Elle y était au plus tard à { $time }, selon l'horloge de { $witness }, qui a alors cosigné.
say-since-key = Plus tard, en { $index }, la clé a été suspendue.
say-since-member = Au sceau, le membre de { $writer } n'est pas en vigueur.
say-since-contradiction = En { $index } se trouve la preuve que l'auteur a signé deux déclarations pour une même place de sa chaîne.
say-not-proven = Ce fichier ne décide pas si la fiche respecte les règles de son type, ni si une fiche ultérieure l'a remplacée ou retirée.
say-evidence = { $reporter } rapporte qu'à { $time }, selon sa propre horloge, la plateforme centrale a enfreint une règle du journal { $log } : { $code }.
say-evidence-proven = Prouvé par la seule genèse { $genesis } :
say-evidence-claimed = Affirmé par le rapporteur, et vrai s'il est honnête :
say-evidence-enough = Ce fichier convainc quiconque qu'une règle a été enfreinte, quel que soit celui qui le remet.
say-evidence-not-enough = Ce qui est prouvé n'est pas une faute en soi : que la règle ait été enfreinte repose sur la parole du rapporteur. Comparez avec les fichiers d'autres nœuds.
say-found-forked = La clé du journal a signé deux journaux différents de { $size } entrées, de racines { $one } et { $other } : la plateforme a dédoublé le journal.
say-found-ordered = La clé du journal a signé un journal de { $size } entrées dont l'entrée { $index } enfreint une règle : { $rule } ({ $code })
say-found-contradicted = { $writer } a signé deux fiches différentes pour la place { $seq } de l'époque { $epoch } de sa chaîne.
say-found-content = Le contenu montré avec l'entrée { $index } est celui que { $writer } a signé, et selon les fiches de contrôle du fichier { $member } n'est pas parmi ses destinataires.
say-found-elsewhere = La clé du journal a signé un journal de { $size } entrées où se tient à la place { $index } une autre entrée (feuille { $leaf }) que la fiche { $record }, signée par { $writer }.
say-found-closed-below = Des opérateurs ont signé que le journal { $log } est clos à { $closed } entrées, alors que { $states }, un quorum des États, en avaient cosigné { $stable } entrées ou davantage : ce qui s'y trouvait était stable, et devait être abandonné.
say-found-vouched = { $states } ont cosigné le journal de { $size } entrées, le dernier le { $time } d'après sa propre horloge.
say-found-signed = La clé du journal a signé un journal de { $size } entrées, de racine { $root }, et l'arbre du rapporteur est celui-là.
say-found-reported = Le fichier est de { $reporter } : sa clé d'écriture de l'époque { $epoch }, que lui donnent les fiches de contrôle du fichier, l'a signé.
say-found-reporter-unknown = Que le fichier soit de { $reporter } : les fiches de contrôle qui donneraient sa clé n'y sont pas.
say-found-shown = Que la plateforme ait envoyé à { $reporter } ce que contient le fichier, et que rien ne manque de ce qu'il détenait avant. Dans ce cas une règle est enfreinte : { $rule } ({ $code })
say-found-not-shown = Que la plateforme ait enfreint une règle, ce que les parties du fichier ne montrent pas : { $rule } ({ $code })
