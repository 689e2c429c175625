//! Makes every report on the same public facts as long as any other: how long a number is, and what is hidden,
//! would tell whoever watches the wire what the principal is told (attack T16).

use crate::canonical;

use super::{Cell, Figure, Figures, NoisyCell, Report, Section};

/// The greatest integer of a report (53 bits).
const WIDEST: i64 = (1 << 53) - 1;

impl Report {
    /// The same report with `padding`: as many spaces as make its canonical bytes as long as those of the longest
    /// report with the same rows.
    #[must_use]
    pub fn padded(self) -> Self {
        let bare = Self { padding: Some(String::new()), ..self };
        let length = |report: &Self| canonical::to_vec(report).len();
        let left = length(&bare.widest()).saturating_sub(length(&bare));
        Self { padding: Some(" ".repeat(left)), ..bare }
    }

    /// Whether it is as long as [`Self::padded`] makes it, or was made before reports were padded.
    #[must_use]
    pub fn is_padded_or_bare(&self) -> bool {
        self.padding.is_none() || self.clone().padded() == *self
    }

    /// Every value as long as it can be; none of it means anything.
    fn widest(&self) -> Self {
        let mut report = self.clone();
        for section in &mut report.sections {
            widen(section);
        }
        if let Some(totals) = &mut report.unprotected {
            totals.conversions = Some(WIDEST.unsigned_abs());
            totals.revenue_cents = Some(WIDEST.unsigned_abs());
        }
        report
    }
}

fn widen(section: &mut Section) {
    let centred_cents = (section.noise.len() > 1).then_some(-WIDEST);
    let noisy = NoisyCell { count: -WIDEST, taken: WIDEST.unsigned_abs(), centred_cents };
    let cell = Cell::Shown(Figure { value: WIDEST, low: WIDEST, high: WIDEST });
    let rows = section.rows.iter_mut().map(|row| &mut row.figures);
    for figures in rows.chain([&mut section.total]) {
        let Figures {
            leads: _,
            cost_cents: _,
            noisy: has,
            units,
            rate_per_myriad,
            revenue_cents,
            revenue_per_lead_cents,
            revenue_per_euro_milli,
            basket_cents,
        } = figures;
        (*has, *units) = (Some(noisy), cell);
        for quotient in [
            rate_per_myriad,
            revenue_cents,
            revenue_per_lead_cents,
            revenue_per_euro_milli,
            basket_cents,
        ] {
            *quotient = quotient.and(Some(cell));
        }
    }
}
