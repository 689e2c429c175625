//! Words of a brand: programmes, partners, campaigns, plans, reports.

use super::words;

words! {
    /// Home of a brand, programme, plan, reports.
    Brand {
        home_title: "Vos programmes", "Your programmes";
        programmes_none: "Aucun programme encore. Il se crée chez vous, avec sa clé\u{a0}: dans une page, ou avec la ligne de commande.", "No programme yet. It is made on your side, with its key: in a page, or on the command line.";
        programme_new: "Nouveau programme", "New programme";
        programme_partners: "{count} distributeurs", "{count} dealers";
        programme_campaigns: "{count} campagnes", "{count} campaigns";
        open: "Ouvrir", "Open";
        reports: "Rapports", "Reports";
        reports_caption: "Rapports publiés, le plus récent d’abord", "Released reports, the newest first";
        reports_none: "Aucun rapport encore. Choisissez un mois ci-dessous\u{a0}: le plan est gratuit.", "No report yet. Choose a month below: the plan is free.";
        col_month: "Mois des ventes", "Month of sales";
        col_released: "Publié le", "Released on";
        col_cost: "Coût", "Cost";
        col_files: "Fichiers", "Files";
        get_csv: "CSV", "CSV";
        get_xlsx: "Excel", "Excel";
        get_pictures: "Images", "Pictures";
        plots_title: "Graphiques du rapport", "Plots of the report";
        plots_intro: "Chaque graphique en SVG, pour l’impression et les documents, ou en PNG. L’attestation seule prouve les chiffres\u{a0}; son numéro figure sur chaque image.", "Each plot as SVG, for print and documents, or as PNG. The certificate alone proves the figures; its number stands on each picture.";
        plots_report: "Le rapport et son attestation", "The report and its certificate";
        plots_none: "Ce rapport n’a pas de graphique\u{a0}: tout y est masqué.", "This report has no plot: everything in it is hidden.";
        plots_failed: "L’image n’a pas pu être faite. Enregistrez le SVG.", "The picture could not be made. Save the SVG.";
        plot_of: "Rapport de {programme}, {month}", "Report of {programme}, {month}";
        plot_from: "Attestation {release}. Traits\u{a0}: intervalles à 95\u{a0}%.", "Certificate {release}. Lines: 95% intervals.";
        get_certificate: "attestation", "certificate";
        get_report: "données", "data";

        trend_heading: "Mois par mois", "Month by month";
        trend_title: "Mois par mois – {programme}", "Month by month – {programme}";
        trend_text: "À partir des rapports déjà publiés\u{a0}: chaque mois avec son intervalle, à côté du même mois de l’année précédente, et la moyenne des trois derniers mois. Cela ne coûte rien.", "From reports that were released already: each month with its interval, beside the same month of the year before, and the mean of the last three months. It costs nothing.";
        trend_table: "Tableau", "Table";
        trend_button: "Voir", "Show";

        plan_title: "Préparer un rapport", "Plan a report";
        plan_intro: "Le plan ne coûte rien et se refait autant de fois que vous voulez. Il dit la précision attendue et ce qu’il en coûtera au budget du mois.", "The plan costs nothing and may be made as often as you like. It tells the expected precision and what it will cost of the month’s budget.";
        plan_month: "Mois des ventes", "Month of sales";
        plan_button: "Voir le plan", "See the plan";
        plan_for: "Plan pour {month}", "Plan for {month}";
        plan_cost: "Coût", "Cost";
        plan_left: "Restera pour ce mois", "Left for this month";
        plan_more: "Rapports de plus possibles ensuite", "More reports that would fit then";
        plan_least: "Une campagne se voit à partir de", "A campaign is shown from";
        plan_units: "{count} ventes", "{count} sales";
        plan_choices: "Ajouter des tableaux", "Add tables";
        plan_choices_help: "Chaque tableau prend une part du même budget\u{a0}; les ventes par modèle ou par région vont avec leur chiffre d’affaires.", "Each table takes a part of the same budget; sales by model or by region go with their revenue.";
        plan_tables: "Tableaux de ce rapport", "Tables of this report";
        plan_table: "Tableau", "Table";
        plan_row: "Une ligne, à 95\u{a0}%", "A row, at 95 %";
        plan_shown: "Montrée à partir de", "Shown from";
        plan_exact: "Ajouter les totaux exacts\u{a0}: sans bruit, donc sans protection pour personne. Une fois par mois, si chaque partenaire a donné son accord.", "Add exact totals: without noise, so without protection for anybody. Once a month, if every partner has agreed.";
        plan_precision: "Précision attendue (à 95\u{a0}%)", "Expected precision (95%)";
        plan_campaign: "Campagne", "Campaign";
        plan_conversions: "Ventes", "Sales";
        plan_revenue: "Chiffre d’affaires", "Revenue";
        plan_total: "Toutes campagnes", "All campaigns";
        plan_ask: "Demander ce rapport", "Ask for this report";
        plan_stored: "Si ce rapport a déjà été publié à partir des mêmes dépôts, la réponse est la même et ne coûte rien.", "If this report was released from the same deposits already, the answer is the same and costs nothing.";
        plan_part: "{part} du budget du mois", "{part} of the month’s budget";
        plus_minus: "±\u{a0}{value}", "±\u{a0}{value}";

        budget_title: "Ce qui peut encore être appris", "What may still be learned";
        budget_text: "Un compte par mois de ventes, pour tout votre groupe, et un par mois de leads pour ce que les distributeurs apprennent d’eux-mêmes. Aucun n’est jamais rechargé\u{a0}; la règle du plafond figure plus bas.", "One account for each month of sales, for your whole group, and one for each month of leads for what dealers are told of themselves. None is ever refilled; the rule of the cap stands below.";
        budget_caption: "Comptes de confidentialité", "Privacy accounts";
        budget_of_leads: "Leads de {month} (chiffres donnés aux distributeurs sur eux-mêmes)", "Leads of {month} (figures told to dealers of themselves)";
        budget_spent: "Dépensé", "Spent";
        budget_left: "Reste", "Left";
        budget_none: "Aucun mois n’a encore été dépensé.", "No month was spent yet.";

        partners_title: "Distributeurs", "Dealers";
        partners_caption: "Distributeurs du programme", "Dealers of the programme";
        partner_name: "Nom", "Name";
        partner_siren: "SIREN", "SIREN";
        partner_size: "Ventes par an", "Sales a year";
        partner_key: "Clé transmise", "Key passed on";
        partner_named: "Nom dans les rapports", "Named in reports";
        partners_none: "Aucun distributeur encore.", "No dealer yet.";
        partner_add: "Ajouter un distributeur", "Add a dealer";
        partner_id: "Son numéro (pty_…), tel qu’il vous l’a donné", "Its number (pty_…), as it gave it to you";
        partner_add_button: "Ajouter", "Add";
        partner_added: "Ajouté. Transmettez-lui maintenant la clé du programme, sans elle il ne peut rien déposer.", "Added. Now pass the programme’s key on to it: without it, it cannot deposit anything.";
        wrap_title: "Transmettre la clé du programme", "Pass the programme’s key on";
        wrap_no_build: "Ce certificateur ne sert pas le programme du navigateur\u{a0}: transmettez la clé avec la ligne de commande (tiers programme key wrap).", "This certifier does not serve the browser’s program: pass the key on from the command line (tiers programme key wrap).";
        wrap_intro: "Sans elle, un distributeur ne peut rien déposer. Appelez-le à un numéro que vous connaissez, et faites-lui lire l’empreinte de ses clés\u{a0}: la clé du programme est scellée dans cette page pour lui seul, et seulement si l’empreinte est la sienne.", "Without it a dealer cannot deposit anything. Call it at a number that you know, and have it read the fingerprint of its keys out: the programme’s key is sealed in this page for that dealer alone, and only if the fingerprint is its own.";
        wrap_to: "Pour", "For";
        wrap_has: "{name} (déjà transmise)", "{name} (passed on already)";
        wrap_print: "L’empreinte qu’il vous a lue", "The fingerprint that it read to you";
        wrap_key: "La clé du programme (programme.key)", "The programme’s key (programme.key)";
        wrap_button: "Sceller et transmettre", "Seal and pass on";
        wrap_done: "Transmise\u{a0}: {name} peut déposer.", "Passed on: {name} can deposit.";
        wrap_working: "En cours…", "Working…";
        wrap_why_print: "Ce n’est pas l’empreinte des clés inscrites pour ce distributeur. Rien n’a été transmis\u{a0}: refaites lire l’empreinte, et prévenez le certificateur si elle diffère encore.", "This is not the fingerprint of the keys enrolled for this dealer. Nothing was passed on: have it read again, and tell the certifier if it still differs.";
        wrap_why_form: "Une empreinte a huit groupes de quatre signes (0 à 9, a à f).", "A fingerprint has eight groups of four characters (0 to 9, a to f).";
        wrap_why_key: "Ce n’est pas la clé de ce programme, ou le fichier est endommagé.", "This is not the key of this programme, or the file is damaged.";
        wrap_why_kept: "Ce navigateur ne garde pas la clé de ce programme\u{a0}: choisissez un fichier à la place.", "This browser does not keep the key of this programme: choose a file instead.";
        wrap_why_other: "Cela n’a pas pu être fait\u{a0}:", "It could not be done:";

        campaigns_title: "Campagnes", "Campaigns";
        campaigns_caption: "Campagnes et leurs coûts", "Campaigns and their costs";
        campaign: "Campagne", "Campaign";
        campaign_cost: "Coût", "Cost";
        no_cost: "non indiqué", "not given";
    }
}
