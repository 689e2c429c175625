//! Names of the invented population: real ones where they are common, syllables behind them.
//!
//! The laws are fitted to what Insee publishes. Family names (births from 1891 to 1990): some 236,000
//! Martin, one person in 280, twice as many as of the second name, 53,000 of the twenty-sixth; half of
//! the names have fewer than fifty bearers. First names by decade of birth: the commonest took 8 % of
//! the boys in the 1930s and 2 % in the 2000s, the ten commonest two fifths and an eighth.

use super::random::{Law, Random};

const FAMILIES: u32 = 280_000;
const FIRST_NAMES: u32 = 3_000;

/// The commonest family names, in their order.
const FAMILY: &str = "martin bernard thomas petit robert richard durand dubois moreau laurent simon \
    michel lefebvre leroy roux david bertrand morel fournier girard bonnet dupont lambert fontaine \
    rousseau vincent muller lefevre faure andre mercier blanc guerin boyer garnier chevalier francois \
    legrand gauthier garcia perrin robin clement morin nicolas henry roussel mathieu gautier masson \
    marchand duval denis dumont marie lemaire noel meyer dufour meunier brun blanchard giraud joly \
    riviere lucas brunet gaillard barbier arnaud martinez gerard roche renard schmitt roy leroux colin \
    vidal caron picard roger fabre aubert lemoine renaud dumas lacroix olivier philippe bourgeois \
    pierre benoit rey leclerc payet rolland leclercq guillaume lecomte lopez jean dupuy guillot hubert \
    berger carpentier sanchez dupuis moulin louis deschamps huet vasseur perez boucher fleury royer \
    klein jacquet adam paris poirier marty aubry guyot carre charles renault charpentier menard \
    maillard baron bertin bailly herve schneider fernandez legall collet leger bouvier julien prevost \
    millet perrot daniel cousin germain breton besson langlois remy legoff pelletier leveque perrier \
    leblanc barre lebrun marchal weber mallet hamon boulanger jacob monnier michaud rodriguez guichard";

/// The commonest first names of men by decade, from the 1930s.
const MEN: [&str; 8] = [
    "jean pierre andre roger marcel rene robert claude jacques michel raymond louis georges guy",
    "jean michel claude pierre gerard bernard jacques daniel andre alain rene christian robert guy",
    "jean michel alain patrick philippe christian daniel bernard gerard pierre jacques francois",
    "philippe patrick eric thierry pascal jean laurent alain michel bruno christophe didier herve",
    "christophe stephane david laurent frederic olivier sebastien eric philippe jerome cedric nicolas",
    "julien nicolas alexandre mickael guillaume romain anthony sebastien jeremy thomas benjamin",
    "kevin thomas alexandre nicolas maxime florian quentin romain anthony julien clement antoine",
    "lucas thomas theo hugo enzo mathis maxime nathan leo louis antoine clement alexandre axel",
];

/// The same of women.
const WOMEN: [&str; 8] = [
    "marie jeanne jacqueline monique yvette simone denise paulette yvonne suzanne madeleine lucienne",
    "marie monique francoise nicole jacqueline danielle jeanne michele christiane annie josette",
    "marie martine francoise monique christine nicole chantal sylvie brigitte annie jacqueline",
    "sylvie nathalie catherine christine veronique isabelle corinne pascale valerie brigitte marie",
    "sandrine stephanie nathalie isabelle valerie karine celine virginie christelle sophie laurence",
    "aurelie emilie elodie julie audrey virginie celine stephanie jennifer laetitia amandine melanie",
    "laura marine camille pauline marion manon julie anais sarah lea mathilde charlotte chloe lucie",
    "lea emma manon chloe camille clara ines oceane sarah marie jade lola mathilde louise zoe",
];

/// Share of the commonest name of a decade.
const FIRST_SHARE: [f64; 8] = [0.08, 0.07, 0.055, 0.05, 0.04, 0.032, 0.025, 0.02];

const HEADS: &str = "a ba be bo bour bra cha char cor cou da de des du fa fer fra ga gau gi gra gui ha \
    he jo la lan le lou ma mar mi mon mou na nor o pa pe per pi po poi qui ra re ri ro rou sa sau se so \
    ta te tho tri va ver vi vau";
const MIDDLES: &str =
    "lan be chi de di fa gue lle li lo ma me mi na ni no ra re ri ro ssi ta ti va";
const ENDS: &str = "bert bois card chard chet don dier el fort gnon guet lard let lier lin lot mand mier \
    nard naud neau nel nier nin not pin quet rard reau ret rier rin ron rot sier son tel tier ton vel";

/// All names and how often each is given.
pub struct Names {
    family: Law,
    first: [Law; 8],
}

impl Names {
    pub fn new() -> Self {
        let flat = |rank: u32| 0.01182 / (f64::from(rank) + 10.3).powf(0.75);
        let weight = |rank| if rank == 1 { 1.0 / 280.0 } else { flat(rank) };
        let first = FIRST_SHARE.map(|share| Law::with_first(FIRST_NAMES, 6.0, share));
        Self { family: Law::new((1..=FAMILIES).map(weight)), first }
    }

    pub fn family(&self, random: &mut Random) -> String {
        nth(FAMILY, self.family.draw(random), "")
    }

    pub fn first(&self, woman: bool, year: i16, random: &mut Random) -> String {
        let decade = usize::try_from((year - 1930) / 10).unwrap_or(0).min(7);
        let list = if woman { WOMEN[decade] } else { MEN[decade] };
        nth(list, self.first[decade].draw(random), if woman { "e" } else { "o" })
    }
}

/// The name of a rank: of the list, then made of syllables.
fn nth(list: &str, rank: usize, tail: &str) -> String {
    match list.split_whitespace().nth(rank) {
        Some(name) => name.to_owned(),
        None => syllables(rank) + tail,
    }
}

/// A word for every number, short ones first.
pub fn syllables(number: usize) -> String {
    let of = |list: &str, place: &mut usize| {
        let words: Vec<&str> = list.split_whitespace().collect();
        let word = words[*place % words.len()].to_owned();
        *place /= words.len();
        word
    };
    let mut rest = number;
    let (end, head) = (of(ENDS, &mut rest), of(HEADS, &mut rest));
    let mut middle = String::new();
    while rest > 0 {
        rest -= 1;
        middle += &of(MIDDLES, &mut rest);
    }
    head + &middle + &end
}
