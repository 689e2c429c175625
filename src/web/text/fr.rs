//! French, with the typography of France: no-break spaces before `;`, `:`, `?`, `!`, `%` and `€`.

use super::Text;

pub(super) const TEXT: Text = Text {
    lang: "fr",
    months: "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    first_day: "1er",
    moment: "{day}\u{a0}{month}\u{a0}{year} à {time} UTC",
    interval: "{low} à {high}",
    colon: "\u{a0}:",

    page_title: "Attestation – {programme} – {month}",
    kind_of_page: "Attestation de publication",
    sales_of: "Ventes de {month}",
    for_principal: "Établie pour {principal}, SIREN {siren}",
    made_on: "Publiée le {moment}",
    release_label: "Publication",
    intro_what: "Ces chiffres disent combien de ventes des partenaires du programme ont suivi un \
        contact issu d’une campagne de l’annonceur, {principal}, et pour quel chiffre \
        d’affaires. Chaque partie calcule chez elle, avec une clé, des empreintes de ses \
        contacts, et seules ces empreintes sont rapprochées\u{a0}: ni nom, ni adresse, ni \
        téléphone ne parvient au tiers.",
    intro_noise: "Un bruit aléatoire de niveau connu est ajouté à chaque résultat\u{a0}; il \
        limite ce que l’on peut en déduire sur une personne, et cette limite est chiffrée plus \
        bas. Sous chaque résultat figure donc un intervalle à 95\u{a0}%\u{a0}: la valeur exacte \
        s’y trouve 95 fois sur 100.",
    intro_contract: "Les fichiers des partenaires et de l’annonceur sont tenus sous \
        confidentialité contractuelle. Seuls les tableaux publiés quittent le tiers.",

    exact_title: "Totaux exacts, sans protection",
    exact_told: "{conversions} conversions, chiffre d’affaires {revenue}.",
    exact_counted: "Conversions comptées\u{a0}: {conversions}.",
    exact_withheld: "Moins de {least} conversions\u{a0}: non communiqué.",
    exact_warning: "Ces totaux sont sans bruit. Qui a choisi le fichier de leads peut en déduire avec \
        certitude si une personne a acheté\u{a0}; les bornes chiffrées plus bas ne les couvrent pas. \
        Chacun des {partners} partenaires du programme y a consenti lui-même et peut retirer son accord.",

    headline_title: "L’essentiel, toutes campagnes réunies",
    headline_hidden: "Le total du mois n’est pas publié",
    interval_label: "intervalle à 95\u{a0}%",
    table_title: "Résultats par campagne",
    table_caption: "Sous chaque chiffre, en petit\u{a0}: son intervalle à 95\u{a0}%. Leads et \
        dépenses\u{a0}: déclarés par l’annonceur, sans bruit.",
    col_campaign: "Campagne",
    col_leads: "Leads",
    col_conversions: "Conversions",
    col_rate: "Taux",
    col_revenue: "Chiffre d’affaires",
    col_per_lead: "Par lead",
    col_per_euro: "Par euro dépensé",
    col_basket: "Panier moyen",
    spent_on: "dépense\u{a0}: {amount}",
    all_campaigns: "Toutes les campagnes",
    all_campaigns_note: "campagnes non affichées comprises",
    below_threshold: "Non affichée\u{a0}: le compte bruité n’atteint pas le seuil public de \
        {threshold}. À ce niveau, le bruit couvrirait le chiffre. Ce n’est ni une erreur, ni un \
        zéro.",
    below_threshold_total: "Non affiché\u{a0}: le compte bruité n’atteint pas le seuil public de \
        {threshold} fixé pour le total. Ce n’est ni une erreur, ni un zéro.",
    few_left: "Non affichée\u{a0}: à côté du compte bruité, il resterait moins de {least} leads, et ce \
        reste en dirait autant que le compte. Ce n’est ni une erreur, ni un zéro.",
    few_left_total: "Non affiché\u{a0}: à côté du compte bruité, il resterait moins de {least} leads, \
        et ce reste en dirait autant que le compte. Ce n’est ni une erreur, ni un zéro.",
    complement: "Non affiché\u{a0}: une seule campagne est masquée, et le total la révélerait \
        par soustraction. Ce n’est pas une erreur.",
    no_leads: "sans objet\u{a0}: aucun lead déclaré",
    no_cost: "sans objet\u{a0}: aucune dépense déclarée",
    unbounded: "trop incertain pour être donné\u{a0}: le bruit laisse ce quotient sans borne",

    chart_title: "En un coup d’œil",
    chart_conversions: "Conversions",
    chart_revenue: "Chiffre d’affaires",
    chart_desc: "Une barre par campagne, avec son intervalle à 95\u{a0}%.",
    chart_hidden: "non affichée (voir le tableau)",
    chart_hidden_desc: "{campaign}\u{a0}: non affichée.",
    chart_row_desc: "{campaign}\u{a0}: {value}, intervalle {interval}.",
    chart_legend: "Barre\u{a0}: meilleure estimation. Trait\u{a0}: intervalle à 95\u{a0}%.",

    reading_title: "À lire avant de s’en servir",
    read_interval: "Probabilités exactes des intervalles\u{a0}: {conversion} pour les \
        conversions d’une campagne et {conversion_total} pour leur total\u{a0}; {revenue} et \
        {revenue_total} pour le chiffre d’affaires. Les taux et montants par lead ou par euro en \
        découlent\u{a0}; le panier moyen a son propre intervalle, à 95\u{a0}%.",
    read_small: "Un petit compte affiché se lit trop haut. Une campagne n’est montrée que si son \
        compte bruité atteint {threshold}\u{a0}: parmi les petites, celles que le bruit a \
        gonflées passent, les autres non.",
    read_all_cells: "La probabilité de 95\u{a0}% porte donc sur toutes les cases, y compris les \
        cases non affichées, et non sur les seules cases montrées.",
    read_zero: "Une valeur ou une borne négative, effet du bruit, est montrée comme zéro.",
    read_total: "Le total est calculé sur toutes les campagnes, y compris celles qui ne sont pas \
        affichées\u{a0}: il peut différer de la somme des lignes visibles.",
    read_stated: "Le nombre de leads et les dépenses sont les déclarations de l’annonceur. Le \
        tiers ne les contrôle pas. Ils valent pour la campagne entière, alors que les ventes \
        sont celles d’un seul mois\u{a0}: taux et montants par lead ou par euro sont ceux de ce \
        mois.",
    read_clamp: "Une personne compte pour une conversion par mois au plus, et pour un chiffre \
        d’affaires de {clamp} au plus.",
    read_files: "L’attestation porte sur le calcul, à partir des fichiers déposés et de la règle \
        d’attribution de la politique. Elle ne dit pas que les fichiers sont complets, ni que la \
        campagne a causé les ventes.",

    protection_title: "Protection des personnes",
    protection_intro: "Tout ce qui peut être appris d’une personne, pour un mois de ventes, est \
        compté dans un budget de confidentialité commun à tout le groupe de l’annonceur. Épuisé, \
        il ne se recharge pas\u{a0}: plus rien de nouveau n’est publié sur ce mois.",
    account_label: "Budget de confidentialité des ventes de {month}",
    account_spent_before: "publications précédentes",
    account_this: "cette publication",
    account_left: "reste",
    account_desc: "Budget\u{a0}: {before} pour les publications précédentes, {cost} pour \
        celle-ci, {left} restants.",
    account_amount: "{amount} nano-rho",
    account_rule: "Plafond\u{a0}: {cap} nano-rho (zCDP, adjacence par substitution). Reposer la \
        même question rend la même réponse et ne coûte rien.",
    bound_intro: "Que peut deviner, au mieux, quelqu’un qui choisirait lui-même tous les leads \
        et saurait tout des autres acheteurs\u{a0}? Part de bonnes réponses à une question à \
        deux issues sur une personne\u{a0}; deviner au hasard en donne 50\u{a0}%.",
    bound_caption: "Plus grande part de bonnes réponses possible",
    bound_keys: "Personne connue des partenaires sous",
    bound_this: "cette publication seule",
    bound_spent: "tout le mois à ce jour",
    bound_cap: "budget épuisé",
    bound_one: "un identifiant",
    bound_two: "deux identifiants (coût\u{a0}×\u{a0}4)",
    bound_three: "trois identifiants (coût\u{a0}×\u{a0}9)",
    bound_note: "Un identifiant est la première clé disponible d’une ligne de vente (adresse \
        électronique, mobile, nom et naissance, nom et adresse). La plupart des personnes n’en \
        ont qu’un\u{a0}; qui apparaît sous deux ou trois est moins protégé, dans la mesure dite \
        ici.",

    sources_title: "Ce qui a été demandé, et sur quelles données",
    programme_label: "Programme",
    principal_label: "Annonceur",
    policy_label: "Politique",
    period_label: "Mois des ventes",
    templates_label: "Modèles de tableau",
    snapshot_label: "Instantané",
    snapshot_note: "n°\u{a0}{number}\u{a0}: dépôts et effacements ultérieurs n’y figurent pas",
    question_label: "Question (SHA-256)",
    leads_root_label: "Racine des leads",
    account_id_label: "Compte",
    approval_label: "Approbation permanente",
    approval: "donnée par l’officier {actor} le {moment}",
    deposits_label: "Dépôts lus",
    deposits_intro: "Chaque dépôt est désigné par l’engagement salé que portent son reçu et le \
        journal de preuve\u{a0}: le déposant y reconnaît le sien, sans que les autres parties \
        sachent de qui il vient.",
    deposits_none: "Aucun dépôt.",
    kind_leads: "Leads",
    kind_sales: "Ventes",
    kind_customers: "Clients",
    kind_oppositions: "Oppositions",
    kind_consents: "Consentements",

    verify_title: "Vérifier soi-même",
    verify_intro: "Cette page n’est qu’une lecture\u{a0}: elle ne prouve rien à elle seule. Les \
        preuves sont dans certificate.json et report.json. La vérification se fait hors ligne, \
        sans le tiers, avec des clés publiques seulement.",
    verify_keep: "Gardez certificate.json et report.json, tels que reçus, dans un même dossier.",
    verify_trust: "Procurez-vous trust.json auprès du tiers et comparez les empreintes de ses \
        clés par un autre canal, par exemple au téléphone\u{a0}; ne vous fiez pas à celles de \
        cette page.",
    verify_run: "Lancez\u{a0}:",
    verify_means: "La commande contrôle la signature, les condensats, la cohérence du compte, la \
        présence de l’acte dans le journal de preuve et chaque chiffre du rapport. Un seul octet \
        changé, et elle échoue.",
    fingerprints_label: "Empreintes des clés du tiers",
    key_ledger: "journal de preuve",
    key_signing: "signature",
    key_sealing: "scellement",
    report_digest_label: "Condensat de report.json (SHA-256)",
    ledger_label: "Acte au journal de preuve",
    ledger_index: "n°\u{a0}{index} du journal {origin}, prouvé pour les {size} premiers actes",
    ledger_checkpoint_label: "Point de contrôle signé",
    proof_unreadable: "La preuve que porte l’attestation est illisible\u{a0}: ne vous fiez pas à \
        cette page.",
    footer: "Attestation {release}. Les valeurs exactes n’ont jamais quitté le calcul.",
    footer_exact: "Attestation {release}. Hors les totaux exacts, sans protection, aucune valeur \
        exacte n’a quitté le calcul.",
};
