//! Every word of the sections, once for each language. `{…}` is a value that the page fills in.

use crate::web::Language;

macro_rules! words {
    ($($name:ident,)*) => {
        /// The words of one language.
        pub(in crate::web) struct Words {
            $(pub(in crate::web) $name: &'static str,)*
        }

        #[cfg(test)]
        impl Words {
            /// Every word with its name.
            pub(in crate::web) fn entries(&self) -> Vec<(&'static str, &'static str)> {
                vec![$((stringify!($name), self.$name),)*]
            }
        }
    };
}

words! {
    title, model_title, area_title, delay_title, network_title, overlap_title, segments_title,
    lift_title, partners_title, all, other, pool,
    model_intro, area_intro, delay_intro, network_intro, overlap_intro, segments_intro, lift_intro,
    partners_intro,
    hidden, row_desc, hidden_desc, rows_hidden, below, complement,
    quartiles, quartiles_of, coverage, pools, quarter, converted, by_dealer,
    lift_found, treated, control,
    quadrants, high_high, high_low, low_high, low_low, segment,
    trend_page, trend_title, trend_intro, trend_none, trend_this, trend_before, trend_desc, trend_change,
    trend_average, legend,
}

impl Language {
    /// The words of sections in this language.
    pub(in crate::web) const fn words(self) -> &'static Words {
        match self {
            Self::French => &FRENCH,
            Self::English => &ENGLISH,
        }
    }
}

const FRENCH: Words = Words {
    title: "Le détail",
    model_title: "Conversions par famille de modèles",
    area_title: "Conversions par zone",
    delay_title: "Délai entre le lead et la vente",
    network_title: "Conversions par distributeur",
    overlap_title: "Clients des partenaires qui sont des leads",
    segments_title: "Récence, fréquence et montant",
    lift_title: "Groupe exposé et groupe témoin",
    partners_title: "Clients communs à deux partenaires",
    all: "Toutes les campagnes",
    other: "autres",
    pool: "groupe {number}",
    model_intro: "Le modèle de la première vente attribuée du mois, parmi les familles de la liste publique \
        du programme.",
    area_intro: "La zone de l’acheteur, d’après le code postal lu sur la machine du partenaire.",
    delay_intro: "Nombre de jours entre le lead retenu et la première vente attribuée du mois.",
    network_intro: "Un distributeur n’est nommé que s’il l’a accepté lui-même. Les autres sont regroupés \
        avant le bruit, d’après les tailles qu’ils déclarent, par trois propriétaires au moins.",
    overlap_intro: "Acheteurs du mois, chez un partenaire, qui figurent parmi les leads, quelle que soit \
        la date du lead.",
    segments_intro: "Récence (R), fréquence (F) et montant (M) des achats du mois, en trois classes fixes, \
        1 la plus basse. Les seuils sont publics et ne viennent pas des données.",
    lift_intro: "Conversions du groupe exposé et du groupe témoin. Personne n’a choisi les groupes\u{a0}: le \
        tirage suit d’une graine que l’organisme avait engagée d’avance et d’une balise publique venue après que \
        les leads étaient figés.",
    lift_found: "Écart des taux, exposés moins témoins\u{a0}: {value} points, intervalle {interval}, \
        échantillonnage et bruit compris. Probabilité d’un écart aussi grand si l’exposition ne changeait \
        rien\u{a0}: {p}.",
    treated: "groupe exposé",
    control: "groupe témoin",
    partners_intro: "Personnes qui ont acheté chez deux partenaires dans le mois. Les deux ont accepté \
        d’être comparés\u{a0}; chaque personne compte pour une seule paire.",
    hidden: "non affiché",
    row_desc: "{name}\u{a0}: {value}, intervalle {interval}.",
    hidden_desc: "{name}\u{a0}: non affiché.",
    rows_hidden: "{count} cases ne sont pas affichées.",
    below: "Non affiché\u{a0}: le compte bruité est inférieur au seuil public de {threshold}. Ce n’est ni \
        une erreur, ni un zéro.",
    complement: "Certaines cases ne sont pas affichées parce qu’elles en révéleraient une autre par \
        soustraction.",
    quartiles: "Un quart des ventes a lieu en {q1} jours au plus (entre {l1} et {h1}), la moitié en {q2} \
        jours (entre {l2} et {h2}), trois quarts en {q3} jours (entre {l3} et {h3}).",
    quartiles_of: "{campaign}\u{a0}: {text}",
    coverage: "Couverture\u{a0}: {value} des leads ({interval}).",
    pools: "{cell}\u{a0}: {dealers}.",
    quarter: "quart {quarter} sur 4 (de {low} à {high})",
    converted: "{name}\u{a0}: {count} conversions ({interval}).",
    by_dealer: "Par distributeur\u{a0}: premier quartile {q1}, médiane {q2}, troisième quartile {q3}. Le \
        quart 4 est celui des plus fortes ventes.",
    quadrants: "Valeur et fidélité",
    high_high: "valeur haute, fidélité haute",
    high_low: "valeur haute, fidélité basse",
    low_high: "valeur basse, fidélité haute",
    low_low: "valeur basse, fidélité basse",
    segment: "R{r} F{f} M{a}",
    trend_page: "Évolution – {programme}",
    trend_title: "Mois par mois, avec l’année précédente",
    trend_intro: "D’après les rapports déjà publiés\u{a0}: rien n’est recalculé, rien n’est débité.",
    trend_none: "Aucun rapport publié ne contient cette table.",
    trend_this: "ce mois",
    trend_before: "le même mois, un an avant",
    trend_desc: "{name}, {month}\u{a0}: {value} ({interval}).",
    trend_change: "{month}\u{a0}: {change} par rapport à l’année précédente ({interval}).",
    trend_average: "{month}\u{a0}: {average} en moyenne sur trois mois ({interval}).",
    legend: "Barre\u{a0}: meilleure estimation. Trait\u{a0}: intervalle à 95\u{a0}%. Gris clair\u{a0}: non \
        affiché.",
};

const ENGLISH: Words = Words {
    title: "In detail",
    model_title: "Conversions by model family",
    area_title: "Conversions by area",
    delay_title: "Days from lead to sale",
    network_title: "Conversions by dealer",
    overlap_title: "Partners’ customers who are leads",
    segments_title: "Recency, frequency and amount",
    lift_title: "Treated group and control group",
    partners_title: "Customers whom two partners share",
    all: "All campaigns",
    other: "others",
    pool: "pool {number}",
    model_intro: "The model of the first attributed sale of the month, among the families of the \
        programme’s public list.",
    area_intro: "The buyer’s area, from the postcode as read on the partner’s machine.",
    delay_intro: "Number of days from the lead that was chosen to the first attributed sale of the month.",
    network_intro: "A dealer is named only if it agreed to that itself. All others are pooled before the \
        noise, by the sizes they declare, at least three owners together.",
    overlap_intro: "Buyers of the month, at any partner, who are among the leads, whenever the lead was \
        made.",
    segments_intro: "Recency (R), frequency (F) and amount (A) of the month’s purchases in three fixed \
        classes, 1 the lowest. The thresholds are public and do not come from the data.",
    lift_intro: "Conversions of the treated group and of the control group. Nobody chose the groups: the draw \
        follows from a seed that the certifier was bound to beforehand and from a public beacon that came after \
        the leads were frozen.",
    lift_found: "Difference of the rates, treated minus control: {value} points, interval {interval}, \
        sampling and noise included. Probability of so large a difference if treating did nothing: {p}.",
    treated: "treated group",
    control: "control group",
    partners_intro: "Persons who bought at two partners within the month. Both agreed to be compared; each \
        person counts for one pair only.",
    hidden: "not shown",
    row_desc: "{name}: {value}, interval {interval}.",
    hidden_desc: "{name}: not shown.",
    rows_hidden: "{count} cells are not shown.",
    below: "Not shown: the noisy count is below the public threshold of {threshold}. This is neither an \
        error nor a zero.",
    complement: "Some cells are not shown because they would give another one away by subtraction.",
    quartiles: "A quarter of the sales come within {q1} days (between {l1} and {h1}), half of them within \
        {q2} days (between {l2} and {h2}), three quarters within {q3} days (between {l3} and {h3}).",
    quartiles_of: "{campaign}: {text}",
    coverage: "Coverage: {value} of the leads ({interval}).",
    pools: "{cell}: {dealers}.",
    quarter: "quarter {quarter} of 4 ({low} to {high})",
    converted: "{name}: {count} conversions ({interval}).",
    by_dealer: "By dealer: first quartile {q1}, median {q2}, third quartile {q3}. Quarter 4 sells most.",
    quadrants: "Value and fidelity",
    high_high: "high value, high fidelity",
    high_low: "high value, low fidelity",
    low_high: "low value, high fidelity",
    low_low: "low value, low fidelity",
    segment: "R{r} F{f} A{a}",
    trend_page: "Trend – {programme}",
    trend_title: "Month by month, with the year before",
    trend_intro: "From reports that were released before: nothing is counted again, nothing is debited.",
    trend_none: "No released report has this table.",
    trend_this: "the month",
    trend_before: "the same month a year before",
    trend_desc: "{name}, {month}: {value} ({interval}).",
    trend_change: "{month}: {change} against the year before ({interval}).",
    trend_average: "{month}: {average} on average over three months ({interval}).",
    legend: "Bar: best estimate. Line: 95% interval. Light grey: not shown.",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_say_everything_and_fill_in_the_same_values() {
        let places = |text: &str| {
            let mut names: Vec<String> = text
                .split('{')
                .skip(1)
                .filter_map(|p| p.split('}').next())
                .map(str::to_owned)
                .collect();
            names.sort_unstable();
            names
        };
        let pairs = FRENCH.entries().into_iter().zip(ENGLISH.entries());
        for ((name, french), (same, english)) in pairs {
            assert_eq!(name, same);
            assert!(!french.is_empty() && !english.is_empty(), "{name}");
            assert_eq!(places(french), places(english), "{name}");
        }
    }
}
