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
