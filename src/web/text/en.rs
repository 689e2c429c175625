//! English.

use super::Text;

pub(super) const TEXT: Text = Text {
    lang: "en",
    months: "January February March April May June July August September October November December",
    first_day: "1",
    moment: "{day}\u{a0}{month}\u{a0}{year} at {time} UTC",
    interval: "{low} to {high}",
    colon: ":",

    page_title: "Certificate – {programme} – {month}",
    kind_of_page: "Certificate of a release",
    sales_of: "Sales of {month}",
    for_principal: "Made for {principal}, SIREN {siren}",
    made_on: "Released on {moment}",
    release_label: "Release",
    intro_what: "These figures tell how many sales of the programme’s partners followed a \
        contact that came from a campaign of the principal, {principal}, and for how much \
        revenue. Each party turns its contacts into keyed tokens on its own machine, and only \
        these tokens are compared: no name, address or telephone number reaches the certifier.",
    intro_noise: "Random noise of a known level is added to every result; it limits what can be \
        learned about one person, and that limit is given in numbers below. Each result \
        therefore has a 95% interval below it: the exact value lies inside 95 times in 100.",
    intro_contract: "The files of the partners and of the principal are held under contractual \
        confidentiality. Only the released tables leave the certifier.",

    exact_title: "Exact totals, unprotected",
    exact_told: "{conversions} conversions, revenue {revenue}.",
    exact_counted: "Conversions counted: {conversions}.",
    exact_withheld: "Fewer than {least} conversions: not told.",
    exact_warning: "These totals have no noise. Whoever chose the leads file can learn from them with \
        certainty whether a person bought; the bounds given below do not cover them. Each of the \
        {partners} partners of the programme agreed to it itself, and may take its agreement back.",

    headline_title: "In short, all campaigns together",
    headline_hidden: "The month’s total is not released",
    interval_label: "95% interval",
    table_title: "Results by campaign",
    table_caption: "In small type below each figure: its 95% interval. Leads and spending are as \
        the principal stated them, without noise.",
    col_campaign: "Campaign",
    col_leads: "Leads",
    col_conversions: "Conversions",
    col_rate: "Rate",
    col_revenue: "Revenue",
    col_per_lead: "Per lead",
    col_per_euro: "Per euro spent",
    col_basket: "Average basket",
    spent_on: "spent: {amount}",
    all_campaigns: "All campaigns",
    all_campaigns_note: "those not shown included",
    below_threshold: "Not shown: the noisy count is below the public threshold of {threshold}. \
        At this level the noise would drown the figure. This is neither an error nor a zero.",
    below_threshold_total: "Not shown: the noisy count is below the public threshold of \
        {threshold} that is set for the total. This is neither an error nor a zero.",
    few_left: "Not shown: beside the noisy count fewer than {least} leads would be left, and that rest \
        would tell as much as the count. This is neither an error nor a zero.",
    few_left_total: "Not shown: beside the noisy count fewer than {least} leads in all would be left, \
        and that rest would tell as much as the count. This is neither an error nor a zero.",
    complement: "Not shown: exactly one campaign is hidden, and the total would give it away by \
        subtraction. This is not an error.",
    no_leads: "does not apply: no lead stated",
    no_cost: "does not apply: nothing spent",
    unbounded: "too uncertain to be given: the noise leaves this quotient without a bound",

    chart_title: "At a glance",
    chart_conversions: "Conversions",
    chart_revenue: "Revenue",
    chart_desc: "One bar for each campaign, with its 95% interval.",
    chart_hidden: "not shown (see the table)",
    chart_hidden_desc: "{campaign}: not shown.",
    chart_row_desc: "{campaign}: {value}, interval {interval}.",
    chart_legend: "Bar: best estimate. Line: 95% interval.",

    reading_title: "Read this before using them",
    read_interval: "Exact probabilities of the intervals: {conversion} for conversions of a \
        campaign and {conversion_total} for their total; {revenue} and {revenue_total} for \
        revenue. Rates and amounts per lead or per euro follow from these; the average basket \
        has an interval of its own, at 95%.",
    read_small: "A small count that is shown reads too high. A campaign is shown only if its \
        noisy count reaches {threshold}: of the small ones, those that the noise raised get \
        through and the others do not.",
    read_all_cells: "The 95% are therefore claimed over all cells, those not shown included, and \
        not over the shown cells alone.",
    read_zero: "A value or bound that the noise made negative is shown as zero.",
    read_total: "The total is taken over all campaigns, those not shown included: it may differ \
        from the sum of the visible rows.",
    read_stated: "The number of leads and the spending are the principal’s own statements. The \
        certifier does not check them. They stand for the whole campaign while the sales are \
        those of one month: rates and amounts per lead or per euro are those of that month.",
    read_clamp: "A person counts for at most one conversion a month, and for revenue of at most \
        {clamp}.",
    read_files: "The certificate speaks of the computation, from the files that were deposited \
        and by the policy’s rule of attribution. It says neither that the files are complete nor \
        that the campaign caused the sales.",

    protection_title: "Protection of persons",
    protection_intro: "Whatever can be learned about one person, for one month of sales, is \
        counted in a privacy budget that the principal’s whole group shares. Once spent it is \
        never filled again: nothing new is released about that month.",
    account_label: "Privacy budget for the sales of {month}",
    account_spent_before: "earlier releases",
    account_this: "this release",
    account_left: "left",
    account_desc: "Budget: {before} for earlier releases, {cost} for this one, {left} left.",
    account_amount: "{amount} nano-rho",
    account_rule: "Cap: {cap} nano-rho (zCDP, adjacency by substitution). Asking the same \
        question again returns the same answer and costs nothing.",
    bound_intro: "What can somebody guess, at best, who chose all the leads himself and knew \
        everything about the other buyers? Share of right answers to a question with two \
        outcomes about one person; guessing at random gives 50%.",
    bound_caption: "Greatest possible share of right answers",
    bound_keys: "Person known to the partners under",
    bound_this: "this release alone",
    bound_spent: "the month so far",
    bound_cap: "budget spent",
    bound_one: "one identifier",
    bound_two: "two identifiers (cost ×\u{a0}4)",
    bound_three: "three identifiers (cost ×\u{a0}9)",
    bound_note: "An identifier is the first key that a row of sales has (e-mail, mobile phone, \
        name and birth date, name and address). Most people have one only; whoever appears under \
        two or three is less protected, by as much as is said here.",

    sources_title: "What was asked, and of which data",
    programme_label: "Programme",
    principal_label: "Principal",
    policy_label: "Policy",
    period_label: "Month of sales",
    templates_label: "Templates",
    snapshot_label: "Snapshot",
    snapshot_note: "no.\u{a0}{number}: later deposits and erasures are not in it",
    question_label: "Question (SHA-256)",
    leads_root_label: "Root of the leads",
    account_id_label: "Account",
    approval_label: "Standing approval",
    approval: "given by officer {actor} on {moment}",
    deposits_label: "Deposits read",
    deposits_intro: "Each deposit is named by the salted commitment that its receipt and the \
        ledger hold: whoever made it recognises it, and the other parties cannot tell whose it \
        is.",
    deposits_none: "No deposit.",
    kind_leads: "Leads",
    kind_sales: "Sales",
    kind_customers: "Customers",
    kind_oppositions: "Objections",
    kind_consents: "Consents",

    verify_title: "Verify it yourself",
    verify_intro: "This page is for reading only: it proves nothing on its own. The proofs are \
        in certificate.json and report.json. They are verified offline, without the certifier, \
        with public keys only.",
    verify_keep: "Keep certificate.json and report.json, as received, in one folder.",
    verify_trust: "Get trust.json from the certifier and compare the fingerprints of its keys by \
        another channel, such as the telephone; do not rely on those of this page.",
    verify_run: "Run:",
    verify_means: "The command checks the signature, the digests, the arithmetic of the account, \
        the presence of the act in the ledger and every figure of the report. If a single byte \
        was changed, it fails.",
    fingerprints_label: "Fingerprints of the certifier’s keys",
    key_ledger: "ledger",
    key_signing: "signing",
    key_sealing: "sealing",
    report_digest_label: "Digest of report.json (SHA-256)",
    ledger_label: "Act in the ledger",
    ledger_index: "no.\u{a0}{index} of the ledger {origin}, proven for its first {size} acts",
    ledger_checkpoint_label: "Signed checkpoint",
    proof_unreadable: "The proof that this certificate carries cannot be read: do not rely on \
        this page.",
    footer: "Certificate {release}. The exact values never left the computation.",
    footer_exact: "Certificate {release}. But for the exact totals, which are unprotected, no exact \
        value left the computation.",
};
