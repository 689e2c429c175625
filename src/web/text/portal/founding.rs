//! Words of the page on which a brand founds a programme.

use super::words;

words! {
    /// A programme that is founded: its form, what is read over, its key, what became of it.
    Founding {
        title: "Nouveau programme", "New programme";
        lead: "Un programme réunit vos distributeurs autour d’une seule finalité, sous des règles qui ne changeront plus. Rien n’est envoyé avant que vous l’ayez relu.", "A programme brings your dealers together for one purpose, under rules that will not change. Nothing is sent before you have read it over.";
        no_build: "Ce certificateur ne sert pas le programme du navigateur\u{a0}: créez le programme avec la ligne de commande (tiers programme new).", "This certifier does not serve the browser’s program: make the programme on the command line (tiers programme new).";
        what: "Ce qu’il est", "What it is";
        name: "Nom du programme", "Name of the programme";
        purpose: "Finalité, une seule (ce que les personnes liront)", "Purpose, only one (what persons will read)";
        campaigns: "Campagnes et leurs coûts", "Campaigns and their costs";
        campaigns_text: "Les noms sont ceux de votre fichier de leads, lettre pour lettre. Les coûts servent au rapport par euro dépensé\u{a0}; zéro s’ils ne sont pas connus.", "The names are those of your file of leads, letter for letter. Costs serve the return by euro spent; zero where they are not known.";
        campaign: "Campagne", "Campaign";
        cost: "Coût (€)", "Cost (€)";
        remove: "Retirer", "Remove";
        remove_of: "Retirer {name}", "Remove {name}";
        add: "Ajouter une campagne", "Add a campaign";
        list: "Ou reprendre une liste (CSV\u{a0}: nom et coût par ligne)", "Or take a list (CSV: name and cost a line)";
        list_taken: "{count} campagnes reprises de la liste.", "{count} campaigns taken from the list.";
        models: "Familles de modèles à distinguer, une par ligne (facultatif)", "Families of models to tell apart, one a line (optional)";
        models_help: "Trente-deux au plus\u{a0}; toutes les autres ventes vont sous «\u{a0}autre\u{a0}».", "Thirty-two at most; all other sales go under “other”.";
        policy: "Règles de confidentialité", "Privacy rules";
        policy_text: "Elles valent pour toute la durée du programme\u{a0}; le certificateur et chaque distributeur les lisent avant de donner leur accord. Des règles de votre main se déposent par la ligne de commande.", "They hold as long as the programme; the certifier and every dealer read them before they agree. Rules of your own are registered from the command line.";
        policy_details: "Le détail", "The details";
        standard: "Standard\u{a0}: ventes de véhicules, distributeurs indépendants. Chiffres à partir de 11 personnes.", "Standard: sales of vehicles, independent dealers. Figures from 11 persons on.";
        strict: "Strict\u{a0}: la moitié du budget, identifiants exacts seulement, chiffres à partir de 30 personnes.", "Strict: half the budget, exact identifiers only, figures from 30 persons on.";
        retail: "Commerce\u{a0}: une personne achète en de nombreux mois, pour peu. Au moins 5\u{202f}000 leads.", "Retail: a person buys in many months, for little. 5,000 leads at least.";
        market: "Seuil de 50\u{a0}: les règles standard, chiffres à partir de 50 personnes, comme les grandes plateformes.", "Threshold of 50: the standard rules, figures from 50 persons on, as large platforms show them.";
        wealth: "Patrimoine\u{a0}: pour des données qui en disent long sur la fortune. Au moins 50 personnes, aucune carte.", "Wealth: for data that tell of fortunes. 50 persons at least, no places.";
        exact: "Totaux exacts\u{a0}: les règles standard, et en plus des totaux sans aucune protection, si chaque distributeur y consent. Déconseillé.", "Exact totals: the standard rules, and totals without any protection besides, if every dealer agrees. Not advised.";
        preview_button: "Relire avant d’enregistrer", "Read it over";
        preview_title: "Ce qui sera enregistré", "What will be registered";
        ends: "Clé valable jusqu’au", "Key good until";
        key_id: "Empreinte de la clé", "Fingerprint of the key";
        sent: "Ce document part chez le certificateur, avec les jetons de quatre contacts témoins publics. La clé reste ici.", "This document goes to the certifier, with the tokens of four public test contacts. The key stays here.";
        total: "{count} campagnes, {cost} en tout\u{a0}: {each}", "{count} campaigns, {cost} in all: {each}";
        no_models: "aucune", "none";
        safe_title: "La clé du programme", "The programme’s key";
        safe: "Elle vient d’être créée dans cette page. Qui la perd perd le programme\u{a0}; qui la prend peut refaire les jetons. Téléchargez-la d’abord, et mettez-la en lieu sûr.", "It was just made in this page. Who loses it loses the programme; who takes it can make the tokens again. Download it first, and put it in a safe place.";
        save: "Télécharger la clé (programme.key)", "Download the key (programme.key)";
        saved: "Le fichier est en lieu sûr.", "The file is in a safe place.";
        also: "La garder aussi dans ce navigateur, avec les clés de la société", "Keep it in this browser too, with the company’s keys";
        register: "Enregistrer le programme", "Register the programme";
        change: "Modifier", "Change";
        working: "En cours…", "Working…";
        done_title: "Le programme est enregistré", "The programme is registered";
        done: "Comparez ces empreintes avec celles que le certificateur publie\u{a0}: elles sont désormais inscrites dans le fichier du programme.", "Compare these fingerprints with those that the certifier publishes: from now on they stand in the programme’s file.";
        print_ledger: "Registre", "Ledger";
        print_signing: "Signature", "Signature";
        print_sealing: "Scellement", "Sealing";
        kept: "La clé est gardée dans ce navigateur.", "The key is kept in this browser.";
        next: "Ajouter les distributeurs", "Add the dealers";
        get_file: "Fichier du programme (programme.json)", "The programme’s file (programme.json)";
        why_campaigns: "Il faut de 1 à 64 campagnes, chacune avec un nom à elle, sans virgule ni guillemet.", "There must be 1 to 64 campaigns, each with a name of its own, without commas or quotation marks.";
        why_cost: "Le coût d’une campagne n’est pas un montant en euros\u{a0}:", "The cost of a campaign is no amount in euros:";
        why_list: "Cette liste n’a pas un nom et un coût en euros par ligne\u{a0}:", "This list does not have a name and a cost in euros a line:";
        why_models: "Les familles de modèles ne peuvent pas être distinguées ainsi\u{a0}: 32 au plus, toutes différentes, sans virgule.", "The families of models cannot be told apart like this: 32 at most, all different, without commas.";
        why_text: "Le nom et la finalité ont de 1 à 200 signes.", "Name and purpose have 1 to 200 characters.";
        why_other_programme: "Le certificateur a répondu par un autre programme que celui qui a été envoyé. Ne vous en servez pas, et prévenez-le.", "The certifier answered with another programme than was sent. Do not use it, and tell the certifier.";
        why_keystore: "Les clés gardées ne s’ouvrent pas ainsi. Rien n’a été enregistré\u{a0}: réessayez, ou décochez «\u{a0}la garder aussi\u{a0}».", "The keys that are kept do not open like this. Nothing was registered: try again, or untick “keep it too”.";
        why_amount: "Une campagne coûte cent milliards d’euros au plus.", "A campaign costs a hundred billion euros at most.";
        why_unsaved: "Téléchargez d’abord la clé\u{a0}: un programme dont la clé est perdue ne sert plus à rien. Rien n’a été enregistré.", "Download the key first: a programme whose key is lost serves nobody. Nothing was registered.";
        why_network: "Le certificateur ne répond pas, et peut avoir enregistré le programme. Gardez cette page ouverte et réessayez\u{a0}: le même programme n’est pas enregistré deux fois.", "The certifier does not answer, and may have registered the programme. Keep this page open and try again: one programme is not registered twice.";
        why_session: "Votre session est terminée, et rien n’a été enregistré. Connectez-vous de nouveau, puis reprenez le formulaire\u{a0}: la clé téléchargée ne sert plus.", "Your session has ended, and nothing was registered. Sign in again and begin anew: the key that was downloaded is of no use any more.";
        why_browser: "Ce navigateur ne peut pas faire tourner le programme.", "This browser cannot run the program.";
        why_other: "Cela n’a pas pu être fait\u{a0}:", "It could not be done:";
        line: "ligne {line}", "line {line}";
        place: "campagne {line}", "campaign {line}";
        purpose_short: "Finalité", "Purpose";
        models_short: "Modèles", "Models";
    }
}
