//! What is missing, or stands against the law: a closed list of stable codes. The edges know the
//! advice for each (`service::Refusal`); a gap carries no value of any record.

macro_rules! gaps {
    ($($(#[$doc:meta])* $name:ident = $code:literal,)+) => {
        /// Why an act is refused.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
        pub enum Gap { $($(#[$doc])* #[error($code)] $name,)+ }

        impl Gap {
            /// Every gap.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Stable code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }
        }
    };
}

gaps! {
    /// No description of the processing is recorded.
    Activity = "governance.activity",
    /// A party has no role in it, or several (GDPR art. 4, 26, 28).
    PartyRole = "governance.party_role",
    /// A purpose has no legal basis, or several (art. 6).
    Basis = "governance.basis",
    /// Legitimate interests without the interest or the balancing test (art. 6(1)(f)).
    Balancing = "governance.balancing",
    /// Matching is not a purpose of its own.
    MatchingPurpose = "governance.matching_purpose",
    /// The data were collected for another purpose (art. 5(1)(b)).
    OtherPurpose = "governance.other_purpose",
    /// Statistics without the safeguards of art. 89.
    Safeguards = "governance.safeguards",
    /// A text of a record is empty or too long.
    Text = "governance.text",
    /// A date lies where it cannot.
    Date = "governance.date",
    /// No contract between controller and processor (art. 28(3)).
    Contract = "governance.contract",
    /// The contract lacks clause (a) of art. 28(3).
    ClauseA = "contract.clause_a",
    /// Clause (b).
    ClauseB = "contract.clause_b",
    /// Clause (c).
    ClauseC = "contract.clause_c",
    /// Clause (d).
    ClauseD = "contract.clause_d",
    /// Clause (e).
    ClauseE = "contract.clause_e",
    /// Clause (f).
    ClauseF = "contract.clause_f",
    /// Clause (g).
    ClauseG = "contract.clause_g",
    /// Clause (h).
    ClauseH = "contract.clause_h",
    /// A category of data that is special (art. 9, 10).
    Special = "governance.special",
    /// A sub-processor outside the European Economic Area without safeguards (art. 44 to 49).
    Transfer = "governance.transfer",
    /// No recorded instruction of the controller (art. 28(3)(a), 29).
    Instruction = "governance.instruction",
    /// The instruction in force was flagged as unlawful.
    Unlawful = "governance.instruction_unlawful",
    /// A sub-processor without the controller's written authorisation (art. 28(2)).
    Authorisation = "governance.authorisation",
    /// A sub-processor without notice before the change.
    NoticeOfChange = "governance.notice_of_change",
    /// Joint controllers without an arrangement that names each with a contact point (art. 26).
    Arrangement = "governance.arrangement",
    /// The party has recorded no information notice (art. 13, 14).
    Notice = "governance.notice",
    /// Its notice does not name the certifier, or its category, as a recipient.
    NoticeRecipient = "governance.notice_recipient",
    /// Its notice does not name matching as a purpose.
    NoticeMatching = "governance.notice_matching",
    /// No impact assessment was validated (art. 35).
    Dpia = "governance.dpia",
    /// The assessment lacks one of the four parts of art. 35(7), the officer's opinion or a date.
    DpiaIncomplete = "governance.dpia_incomplete",
    /// High residual risk without the prior consultation of art. 36.
    Consultation = "governance.consultation",
    /// The day of its review has passed.
    DpiaReview = "governance.dpia_review",
    /// Nobody assessed who could identify the persons, or not for each of the four (recital 26; C-413/23 P).
    Identifiability = "governance.identifiability",
    /// Whoever holds the key can identify: the assessment says otherwise.
    KeyHolder = "governance.key_holder",
    /// The day of its review has passed.
    IdentifiabilityReview = "governance.identifiability_review",
    /// Data of the sandbox are still there.
    SandboxData = "governance.sandbox_data",
    /// The party, or the certifier, has not said who it is and how it is reached.
    Identity = "governance.identity",
    /// A breach cannot be closed without facts, effects and remedies (art. 33(5)).
    BreachUnfinished = "breach.unfinished",
    /// Nor without the decision on informing the persons, and why.
    BreachUndecided = "breach.undecided",
    /// A notification after the term needs the reasons of the delay (art. 33(1)).
    BreachLate = "breach.late",
    /// A moment of a breach lies before another that it follows.
    BreachOrder = "breach.order",
    /// The register lacks what art. 30(1)(a) to (e) or 30(2)(a) to (c) asks for.
    Register = "register.incomplete",
}

impl Gap {
    /// The missing clause of art. 28(3), by its place from (a) to (h).
    #[must_use]
    pub const fn of_clause(clause: super::contract::Clause) -> Self {
        use super::contract::Clause;
        match clause {
            Clause::A => Self::ClauseA,
            Clause::B => Self::ClauseB,
            Clause::C => Self::ClauseC,
            Clause::D => Self::ClauseD,
            Clause::E => Self::ClauseE,
            Clause::F => Self::ClauseF,
            Clause::G => Self::ClauseG,
            Clause::H => Self::ClauseH,
        }
    }
}
