//! An invoice that keeps the rules, with its totals worked out (BG-22, BG-23).

use super::rules::broken;
use super::{Broken, Cents, Draft, Rule, VatRate};

/// The lines of one rate of tax (BG-23).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VatGroup {
    /// The rate (BT-119).
    pub rate: VatRate,
    /// What it applies to (BT-116).
    pub base: Cents,
    /// The tax (BT-117).
    pub tax: Cents,
}

/// The totals of a document (BG-22).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Totals {
    /// Net amount of each line (BT-131), in the order of the lines.
    pub lines: Vec<Cents>,
    /// Their sum, the total without tax (BT-106, BT-109: there are no allowances or charges).
    pub net: Cents,
    /// By rate, the highest first.
    pub groups: Vec<VatGroup>,
    /// All tax (BT-110).
    pub tax: Cents,
    /// Total with tax (BT-112).
    pub gross: Cents,
    /// What is set off (BT-113).
    pub set_off: Cents,
    /// What is left to pay in money (BT-115).
    pub payable: Cents,
}

/// An invoice that keeps every rule. It can only be drawn up, not changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invoice {
    draft: Draft,
    totals: Totals,
}

impl Invoice {
    /// Checks a draft and works out its totals.
    ///
    /// # Errors
    /// [`Broken`], with every rule that the draft breaks.
    pub fn draw_up(draft: Draft) -> Result<Self, Broken> {
        let mut rules = broken(&draft);
        let totals = totals(&draft);
        match &totals {
            None => rules.push(Rule::BrCo16),
            Some(totals) if totals.payable.value() > 0 && draft.due.is_none() => {
                rules.push(Rule::BrCo25);
            }
            Some(_) => {}
        }
        match totals {
            Some(totals) if rules.is_empty() => Ok(Self { draft, totals }),
            _ => Err(Broken(rules)),
        }
    }

    /// What it was drawn up from.
    #[must_use]
    pub const fn draft(&self) -> &Draft {
        &self.draft
    }

    /// Its totals.
    #[must_use]
    pub const fn totals(&self) -> &Totals {
        &self.totals
    }

    /// The invoice as UBL 2.1.
    #[must_use]
    pub fn to_ubl(&self) -> String {
        super::ubl::write(self)
    }

    /// The invoice as UN/CEFACT Cross Industry Invoice.
    #[must_use]
    pub fn to_cii(&self) -> String {
        super::cii::write(self)
    }

    /// The mentions that the law wants in words, each with its subject code of UNTDID 4451 (BT-21, BT-22).
    #[must_use]
    pub fn notes(&self) -> Vec<(&'static str, String)> {
        let draft = &self.draft;
        let mut notes = vec![
            ("PMT", "Indemnité forfaitaire pour frais de recouvrement : 40 euros.".to_owned()),
            ("PMD", draft.penalties.clone()),
            ("AAB", draft.discount.clone()),
        ];
        if let Some(set_off) = &draft.set_off {
            let words = format!(
                "Règlement par compensation – échange n° {}. Net à payer : {} EUR.",
                set_off.exchange, self.totals.payable
            );
            notes.push(("REG", words));
        }
        if draft.tax_on_debits {
            notes.push(("TXD", "Option pour le paiement de la taxe d'après les débits".to_owned()));
        }
        if let Some(mandate) = &draft.mandate {
            let words =
                format!("Facture établie au nom et pour le compte du vendeur, mandat {mandate}.");
            notes.push(("AAI", words));
        }
        for (whose, company) in [("vendeur", &draft.seller), ("acheteur", &draft.buyer)] {
            if let Some(at) = &company.billing_address {
                let place = format!("{}, {} {}, {}", at.street, at.postcode, at.town, at.country);
                notes.push(("AAI", format!("Adresse de facturation ({whose}) : {place}")));
            }
        }
        notes
    }
}

/// `None` when an amount leaves the range of the integer, or more is set off than is owed.
fn totals(draft: &Draft) -> Option<Totals> {
    let lines: Option<Vec<_>> =
        draft.lines.iter().map(|line| line.price.times(line.lots)).collect();
    let lines = lines?;
    let mut groups = Vec::new();
    for rate in [VatRate::Normal, VatRate::Intermediate, VatRate::Reduced] {
        let of_rate = draft.lines.iter().zip(&lines).filter(|(line, _)| line.rate == rate);
        let mut bases = of_rate.map(|(_, net)| *net).peekable();
        if bases.peek().is_some() {
            let base = bases.try_fold(Cents::default(), Cents::plus)?;
            groups.push(VatGroup { rate, base, tax: rate.tax(base)? });
        }
    }
    let net = lines.iter().copied().try_fold(Cents::default(), Cents::plus)?;
    let tax = groups.iter().map(|group| group.tax).try_fold(Cents::default(), Cents::plus)?;
    let gross = net.plus(tax)?;
    let set_off = draft.set_off.as_ref().map_or_else(Cents::default, |part| part.amount);
    let payable = gross.minus(set_off)?;
    let fits = payable.value() >= 0 && set_off.value() >= 0;
    fits.then_some(Totals { lines, net, groups, tax, gross, set_off, payable })
}
