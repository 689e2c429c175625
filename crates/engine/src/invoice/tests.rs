//! Drafts that keep and break each rule, totals against a naive sum, and the two syntaxes.

use jiff::civil::date;
use proptest::prelude::*;

use super::*;

fn company(name: &str, siren: &str) -> Company {
    Company {
        name: name.to_owned(),
        siren: siren.to_owned(),
        vat_id: format!("FR40{siren}"),
        address: Address {
            street: "12 rue du Port".to_owned(),
            postcode: "29200".to_owned(),
            town: "Brest".to_owned(),
            country: "FR".to_owned(),
        },
        billing_address: None,
    }
}

pub(super) fn line(lots: u64, price: i64, rate: VatRate) -> Line {
    let name = "Transmission de contacts consentis, lot de 1 000".to_owned();
    Line { name, lots, price: Cents::new(price), rate }
}

pub(super) fn draft() -> Draft {
    Draft {
        number: "GP-2026-0001".to_owned(),
        issued: Some(date(2026, 9, 30)),
        delivered: Some(date(2026, 9, 30)),
        due: Some(date(2026, 10, 30)),
        seller: company("Garage du Port & Fils", "404833048"),
        buyer: company("Marque <Exemple> SA", "732829320"),
        order: Some("CMD-7".to_owned()),
        category: Some(OperationCategory::Services),
        tax_on_debits: true,
        penalties: "Pénalités de retard : trois fois le taux d'intérêt légal.".to_owned(),
        discount: "Pas d'escompte pour paiement anticipé.".to_owned(),
        lines: vec![line(3, 33_333, VatRate::Normal)],
        set_off: None,
        mandate: Some("MDT-1".to_owned()),
    }
}

/// What a change of the good draft breaks.
fn broken_by(change: impl Fn(&mut Draft)) -> Vec<&'static str> {
    let mut draft = draft();
    change(&mut draft);
    let broken = Invoice::draw_up(draft).err().map(|broken| broken.0).unwrap_or_default();
    broken.into_iter().map(Rule::code).collect()
}

#[test]
fn inv_12_each_mandatory_term_is_asked_for() {
    assert_eq!(broken_by(|_| {}), [""; 0]);
    assert_eq!(broken_by(|d| d.number = " ".to_owned()), ["BR-02"]);
    assert_eq!(broken_by(|d| d.issued = None), ["BR-03", "FR-DELIVERY"]);
    assert_eq!(broken_by(|d| d.seller.name.clear()), ["BR-06"]);
    assert_eq!(broken_by(|d| d.buyer.name.clear()), ["BR-07"]);
    assert_eq!(broken_by(|d| d.seller.address.street.clear()), ["BR-08"]);
    assert_eq!(broken_by(|d| d.seller.address.country = "F".to_owned()), ["BR-09"]);
    assert_eq!(broken_by(|d| d.buyer.address.town.clear()), ["BR-10"]);
    assert_eq!(broken_by(|d| d.buyer.address.country.clear()), ["BR-11"]);
    assert_eq!(broken_by(|d| d.lines.clear()), ["BR-16"]);
    assert_eq!(broken_by(|d| d.lines[0].name.clear()), ["BR-25"]);
    assert_eq!(broken_by(|d| d.lines[0].price = Cents::new(-1)), ["BR-27", "BR-CO-16"]);
    assert_eq!(broken_by(|d| d.due = None), ["BR-CO-25"]);
}

#[test]
fn inv_06_what_french_law_adds_is_asked_for() {
    assert_eq!(broken_by(|d| d.penalties.clear()), ["FR-TERMS"]);
    assert_eq!(broken_by(|d| d.discount.clear()), ["FR-TERMS"]);
    assert_eq!(broken_by(|d| d.lines[0].lots = 0), ["FR-QUANTITY"]);
    assert_eq!(broken_by(|d| d.delivered = None), ["FR-DELIVERY"]);
    assert_eq!(broken_by(|d| d.seller.vat_id = "FR40732829320".to_owned()), ["BR-S-02"]);
}

#[test]
fn inv_08_the_customers_siren_and_the_category_are_asked_for() {
    assert_eq!(broken_by(|d| d.buyer.siren.clear()), ["FR-SIREN"]);
    assert_eq!(broken_by(|d| d.buyer.siren = "732829321".to_owned()), ["FR-SIREN"]);
    assert_eq!(broken_by(|d| d.category = None), ["FR-CATEGORY"]);
    assert_eq!(broken_by(|d| d.buyer = d.seller.clone()), ["FR-PARTIES"]);
    let invoice = Invoice::draw_up(draft()).expect("keeps the rules");
    assert!(invoice.notes().iter().any(|(_, words)| words.contains("d'après les débits")));
    assert!(invoice.to_ubl().contains("<cbc:ProfileID>S1</cbc:ProfileID>"));
}

#[test]
fn inv_05_an_invoice_bears_the_day_of_completion() {
    let text = Invoice::draw_up(draft()).expect("keeps the rules").to_ubl();
    assert!(text.contains("<cbc:IssueDate>2026-09-30</cbc:IssueDate>"));
    assert!(text.contains("<cbc:ActualDeliveryDate>2026-09-30</cbc:ActualDeliveryDate>"));
    assert_eq!(broken_by(|d| d.delivered = Some(date(2026, 10, 1))), ["FR-DELIVERY"]);
}

#[test]
fn inv_14_an_equal_barter_leaves_nothing_to_pay() {
    let mut equal = draft();
    let gross = Invoice::draw_up(draft()).expect("keeps the rules").totals().gross;
    equal.set_off = Some(SetOff { amount: gross, exchange: "exc_1".to_owned() });
    equal.due = None;
    let invoice = Invoice::draw_up(equal.clone()).expect("nothing is due");
    assert_eq!(invoice.totals().payable, Cents::new(0));
    assert!(invoice.to_ubl().contains("<cbc:PayableAmount currencyID=\"EUR\">0.00<"));
    let more = Cents::new(gross.value() + 1);
    equal.set_off = Some(SetOff { amount: more, exchange: "exc_1".to_owned() });
    let broken = Invoice::draw_up(equal).expect_err("more than is owed");
    assert_eq!(broken.to_string(), "the invoice breaks BR-CO-16");
}

#[test]
fn inv_04_set_off_and_what_is_left_are_said_in_words() {
    let mut draft = draft();
    draft.set_off = Some(SetOff { amount: Cents::new(100_000), exchange: "exc_1".to_owned() });
    let invoice = Invoice::draw_up(draft).expect("keeps the rules");
    let words = "Règlement par compensation – échange n° exc_1. Net à payer : 199.99 EUR.";
    assert!(invoice.notes().iter().any(|(_, note)| note == words), "{:?}", invoice.notes());
}

#[test]
fn inv_02_tax_is_counted_on_each_side_whatever_is_set_off() {
    let one = |lots, price, set_off: i64| {
        let mut draft = draft();
        draft.lines = vec![line(lots, price, VatRate::Normal)];
        let exchange = "exc_1".to_owned();
        draft.set_off = Some(SetOff { amount: Cents::new(set_off), exchange });
        Invoice::draw_up(draft).expect("keeps the rules").totals().clone()
    };
    // 1,000 against 1,200 EUR without tax: 1,200 of 1,440 EUR are set off, and a balance stays.
    let (a, b) = (one(1, 100_000, 120_000), one(1, 120_000, 120_000));
    assert_eq!((a.tax, a.payable), (Cents::new(20_000), Cents::new(0)));
    assert_eq!((b.tax, b.payable), (Cents::new(24_000), Cents::new(24_000)));
}

#[test]
fn amounts_beyond_the_integer_are_refused() {
    assert_eq!(broken_by(|d| d.lines[0].lots = u64::MAX), ["BR-CO-16"]);
    assert_eq!(broken_by(|d| d.lines[0].price = Cents::new(i64::MAX)), ["BR-CO-16"]);
}

#[test]
fn texts_are_escaped_in_both_syntaxes() {
    let invoice = Invoice::draw_up(draft()).expect("keeps the rules");
    for text in [invoice.to_ubl(), invoice.to_cii()] {
        assert!(text.contains("Garage du Port &amp; Fils"));
        assert!(text.contains("Marque &lt;Exemple&gt; SA"));
        assert!(!text.contains("<Exemple>"));
    }
}

#[test]
fn rounding_is_half_away_from_zero() {
    let tax = |cents| VatRate::Reduced.tax(Cents::new(cents)).map(Cents::value);
    assert_eq!(tax(100), Some(6));
    assert_eq!(tax(-100), Some(-6));
    assert_eq!(tax(10), Some(1));
    assert_eq!(tax(9), Some(0));
    assert_eq!(tax(i64::MAX), None);
    assert_eq!(Cents::new(-5).to_string(), "-0.05");
}

proptest! {
    #[test]
    fn totals_equal_a_naive_sum(
        lines in proptest::collection::vec((1_u64..500, 0_i64..1_000_000, 0_usize..3), 1..12),
    ) {
        let rates = [VatRate::Normal, VatRate::Intermediate, VatRate::Reduced];
        let mut draft = draft();
        draft.lines = lines.iter().map(|(n, price, rate)| line(*n, *price, rates[*rate])).collect();
        let totals = Invoice::draw_up(draft).expect("keeps the rules").totals().clone();
        let net = |of: Option<usize>| -> i128 {
            let chosen = lines.iter().filter(|(_, _, rate)| of.is_none_or(|of| of == *rate));
            chosen.map(|(n, price, _)| i128::from(*n) * i128::from(*price)).sum()
        };
        // In thousandths of a cent, rounded once for each rate.
        let tax: i128 = (0..3).map(|at| {
            (net(Some(at)) * i128::from(rates[at].permille()) + 500) / 1000
        }).sum();
        prop_assert_eq!(i128::from(totals.net.value()), net(None));
        prop_assert_eq!(i128::from(totals.tax.value()), tax);
        prop_assert_eq!(i128::from(totals.payable.value()), net(None) + tax);
        prop_assert_eq!(totals.groups.iter().map(|g| g.base.value()).sum::<i64>(), totals.net.value());
    }
}

/// The invoices under `tests/formats/invoice-v1`, which the official rules accept (`tests/formats/invoice`).
fn frozen() -> [(&'static str, Draft); 3] {
    let cash = draft();
    let mut partly = draft();
    partly.number = "GP-2026-0002".to_owned();
    partly.lines.push(line(2, 9_995, VatRate::Normal));
    partly.set_off = Some(SetOff { amount: Cents::new(100_000), exchange: "exc_1".to_owned() });
    let mut equal = draft();
    equal.number = "GP-2026-0003".to_owned();
    let gross = Invoice::draw_up(draft()).expect("keeps the rules").totals().gross;
    equal.set_off = Some(SetOff { amount: gross, exchange: "exc_1".to_owned() });
    equal.due = None;
    equal.tax_on_debits = false;
    equal.order = None;
    equal.mandate = None;
    [("cash", cash), ("partly-set-off", partly), ("set-off", equal)]
}

#[test]
fn inv_11_written_invoices_are_those_that_the_official_rules_accept() {
    let folder =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/formats/invoice-v1");
    let mut other = Vec::new();
    for (name, draft) in frozen() {
        let invoice = Invoice::draw_up(draft).expect("keeps the rules");
        for (syntax, text) in [("ubl", invoice.to_ubl()), ("cii", invoice.to_cii())] {
            let path = folder.join(format!("{name}.{syntax}.xml"));
            let kept = std::fs::read_to_string(&path).unwrap_or_default();
            if kept != text {
                let made = std::env::temp_dir().join(format!("{name}.{syntax}.xml"));
                std::fs::write(&made, text).expect("a place for what was made");
                other.push(made);
            }
        }
    }
    assert!(other.is_empty(), "tests/formats/invoice-v1 is not what is written now: see {other:?}");
}
