//! Units and attribution as a query of Spark SQL: the rule of `docs/matching.md` over the tables of an export
//! ([`crate::vault::SALES`] and its neighbours). Which cells are counted is the statistics' matter.
//!
//! The text is made of numbers of the policy and of public lists, and of nothing that anybody wrote. It has the
//! steps of [`super::naive`], each a named part:
//!
//! | part | one row for each |
//! |---|---|
//! | `led` | token of a lead, with its leads: one for each day, of the smallest campaign |
//! | `looked` | token of a sale, with the lead that the touch rule picks there |
//! | `sale` | sale, with its unit and the lead of the first kind that found any |
//! | `told` | day and amount of a unit: a sale that was delivered twice is one |
//! | `person` | unit: what [`super::UnitMonth`] says of it |
//! | `counted` | unit that the month counts |
//!
//! A token has at most one row of `led`, so that no join makes more rows than there are tokens of sales, whatever
//! was planted; a row of `led` has at most one lead for each day there is.

use std::fmt::Write as _;

use tiers_protocol::policy::Touch;

use super::{MatchRules, Partners};

/// What a query has to know beside the rules of matching.
pub(crate) struct Scope<'a> {
    /// The rules of the policy.
    pub rules: &'a MatchRules,
    /// Who may be compared.
    pub partners: &'a Partners,
    /// Amounts above it change nothing: every template clamps, and no class of amounts lies above.
    pub clamp_cents: u64,
    /// Whether campaigns and arms of leads are one number.
    pub armed: bool,
    /// Whether anybody asks which partners share a unit.
    pub pairs: bool,
}

/// The parts of a query up to `counted`, which has the columns `won` (of the earliest attributed sale: `campaign`, `age`,
/// `partner`, `model`, `area`; empty for a unit that did not convert), `arm`, `revenue`, `sales`, `cents`, `last`, `known`
/// and `pair`.
pub(crate) fn counted(scope: &Scope<'_>) -> String {
    let mut text = String::from("WITH ");
    text.push_str(LED);
    looked(&mut text, scope.rules);
    text.push_str(SALE);
    told(&mut text, scope);
    person(&mut text, scope);
    text
}

/// Of several leads of one token and day only the one of the smallest campaign can be picked.
const LED: &str = "\
led_day AS (
  SELECT kind, token, dated, min(campaign) AS campaign FROM leads GROUP BY kind, token, dated),
led AS (
  SELECT kind, token, collect_list(struct(dated, campaign)) AS made FROM led_day GROUP BY kind, token),
";

/// A sale has a row for each of its tokens; the smallest kind that found a lead decides, and of a near kind's
/// several tokens the one that the touch rule prefers.
const SALE: &str = "\
sale AS (
  SELECT deposit, ordinal,
    min(CASE WHEN owner THEN struct(kind, token) END) AS unit,
    min(CASE WHEN best IS NOT NULL THEN
      struct(kind, best.touch AS touch, best.campaign AS campaign) END) AS found,
    bool_or(met) AS met, min(dated) AS dated, min(amount) AS amount, min(partner) AS partner,
    min(model) AS model, min(area) AS area
  FROM looked GROUP BY deposit, ordinal),
";

fn looked(text: &mut String, rules: &MatchRules) {
    let window = rules.window();
    // The best is the least: the fewest days for the last touch, the most for the first.
    let touch = match rules.touch() {
        Touch::Last => "s.dated - x.dated",
        Touch::First => "x.dated - s.dated",
    };
    write!(
        text,
        "\
looked AS (
  SELECT s.*, l.token IS NOT NULL AS met,
    array_min(transform(
      filter(l.made, x -> x.dated <= s.dated AND x.dated >= s.dated - {window}),
      x -> struct({touch} AS touch, x.campaign AS campaign))) AS best
  FROM sales s LEFT JOIN led l ON s.kind = l.kind AND s.token = l.token),
"
    )
    .expect("a String takes all text");
}

fn told(text: &mut String, scope: &Scope<'_>) {
    let partners = if scope.pairs { ", collect_set(partner) AS partners" } else { "" };
    write!(
        text,
        "\
told AS (
  SELECT unit.kind AS kind, unit.token AS token, dated, amount, bool_or(met) AS met,
    min(CASE WHEN found IS NOT NULL THEN
      struct(found.campaign AS campaign, abs(found.touch) AS age, partner, model, area) END) AS won{partners}
  FROM sale WHERE unit IS NOT NULL GROUP BY unit.kind, unit.token, dated, amount),
"
    )
    .expect("a String takes all text");
}

fn person(text: &mut String, scope: &Scope<'_>) {
    let clamp = scope.clamp_cents;
    let partners = if scope.pairs {
        ", array_distinct(flatten(collect_set(partners))) AS partners"
    } else {
        ""
    };
    let (campaign, arm) = if scope.armed {
        ("shiftright(won.campaign, 2)", "won.campaign & 3")
    } else {
        ("won.campaign", "0")
    };
    let pair = if scope.pairs { pair(scope.partners) } else { "NULL".to_owned() };
    write!(
        text,
        "\
person AS (
  SELECT kind, token,
    min(CASE WHEN won IS NOT NULL THEN struct(dated, amount, won) END).won AS won,
    sum(CASE WHEN won IS NOT NULL THEN least(amount, {clamp}L) ELSE 0L END) AS revenue,
    count(*) AS sales, sum(least(amount, {clamp}L)) AS cents, max(dated) AS last,
    bool_or(met) AS known{partners}
  FROM told GROUP BY kind, token),
counted AS (
  SELECT CASE WHEN p.won IS NOT NULL THEN
      struct({campaign} AS campaign, won.age AS age, won.partner AS partner, won.model AS model,
        won.area AS area) END AS won,
    {arm} AS arm, least(p.revenue, {clamp}L) AS revenue, p.sales, p.cents, p.last, p.known, {pair} AS pair
  FROM person p LEFT ANTI JOIN left_out o ON p.kind = o.kind AND p.token = o.token)
"
    )
    .expect("a String takes all text");
}

/// The place of the first pair whose partners are both among those of the unit.
fn pair(partners: &Partners) -> String {
    let listed = partners
        .pairs()
        .map(|((a, b), place)| format!("struct({place} AS place, {a} AS a, {b} AS b)"));
    let listed: Vec<String> = listed.collect();
    if listed.is_empty() {
        return "NULL".to_owned();
    }
    let both = "array_contains(p.partners, x.a) AND array_contains(p.partners, x.b)";
    let listed = listed.join(", ");
    format!("array_min(transform(filter(array({listed}), x -> {both}), x -> x.place))")
}
