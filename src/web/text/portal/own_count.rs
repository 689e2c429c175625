//! Words of a partner's own counts.

use super::words;

words! {
    /// The page on which a dealer is told of itself.
    OwnCounts {
        link: "Vos ventes et les leads de la marque", "Your sales and the brand’s leads";
        title: "Vos ventes et les leads de la marque", "Your sales and the brand’s leads";
        lead: "Parmi les personnes que la marque a sollicitées un mois donné, combien ont acheté chez vous\u{a0}? Ce chiffre est pour vous seul\u{a0}: ni la marque ni les autres distributeurs ne le reçoivent.", "Of the people whom the brand approached in a month, how many bought from you? This figure is for you alone: neither the brand nor the other dealers receive it.";
        noise: "Il comporte un bruit, tiré au hasard une fois pour toutes, pour que personne ne puisse en déduire si telle personne figure parmi les leads.", "It has noise, drawn once and for all, so that nobody can work out from it whether a given person is among the leads.";
        off: "Les règles de ce programme n’en donnent pas. Parlez-en à la marque.", "The rules of this programme give none. Talk to the brand about it.";
        ask_title: "Demander un mois", "Ask for a month";
        ask_month: "Mois des leads", "Month of the leads";
        ask_show: "Voir ce que vous obtiendriez", "See what you would get";
        plan_title: "Leads de {month}", "Leads of {month}";
        plan_precision: "Précision", "Precision";
        plan_precision_is: "à {persons} personnes près, 95\u{a0}fois sur\u{a0}100", "to within {persons} persons, 95 times of 100";
        plan_until: "Ventes comptées jusqu’au", "Sales counted until";
        plan_shown: "Chiffre montré à partir de", "Figure shown from";
        plan_shown_is: "{persons} personnes, bruit compris", "{persons} persons, noise included";
        plan_left: "Réponses encore possibles, tous distributeurs confondus", "Answers still possible, all dealers together";
        plan_late: "Des leads de ce mois ont pu arriver à leur terme depuis le {day}, et ne seraient pas comptés.", "Leads of this month may have come to their term since {day}, and would not be counted.";
        plan_early: "Des ventes, et des leads de la marque, peuvent encore s’ajouter jusqu’au {day}. Un mois n’est donné qu’une fois\u{a0}: mieux vaut attendre, puis déposer toutes vos ventes.", "Sales, and leads of the brand, can still be added until {day}. A month is told once: better wait, then deposit all your sales.";
        plan_told: "Ce mois vous a déjà été donné\u{a0}: il figure ci-dessous.", "You were told of this month already: it stands below.";
        plan_once: "Un mois n’est donné qu’une fois. Avez-vous déposé toutes vos ventes\u{a0}?", "A month is told once. Have you deposited all your sales?";
        ask_button: "Demander {month}", "Ask for {month}";
        told_title: "Ce qui vous a été donné", "What you were told";
        told_caption: "Un mois de leads par ligne, le plus récent d’abord", "A month of leads a line, the newest first";
        told_none: "Rien encore.", "Nothing yet.";
        col_month: "Leads de", "Leads of";
        col_persons: "Personnes qui ont acheté chez vous", "Persons who bought from you";
        col_interval: "Intervalle à 95\u{a0}%", "95 % interval";
        col_told: "Donné le", "Told on";
        col_file: "Attestation", "Attestation";
        interval: "de {low} à {high}", "{low} to {high}";
        hidden: "masqué\u{a0}: moins de {persons}, bruit compris", "hidden: below {persons}, noise included";
        early: "demandé avant la fin des ventes possibles", "asked before the last sale could count";
        late: "demandé quand des leads pouvaient être à leur terme", "asked when leads may have come to their term";
        file: "Télécharger", "Download";
        chart: "Personnes parmi les leads de chaque mois qui ont acheté chez vous", "Persons among the leads of each month who bought from you";
        chart_desc: "Mois par mois, du plus ancien au plus récent\u{a0}: {values}", "Month by month, from the oldest to the newest: {values}";
        chart_legend: "La barre est l’estimation, le trait son intervalle à 95\u{a0}%. Un mois masqué n’a pas de barre.", "The bar is the estimate, the line its 95 % interval. A month that is hidden has no bar.";
    }
}
