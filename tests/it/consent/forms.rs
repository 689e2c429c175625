//! Forms: what is not told, named or reviewed is not published; what is published never changes.

use serde_json::{Value, json};
use tiers_protocol::consent::State;
use tiers_protocol::consent::wire::{FormInfo, NoticeInfo};
use tiers_protocol::encoding::sha256;

use super::{BRAND, Market, RIVAL, event, form, party, person, why};

fn refused(market: &Market, change: impl FnOnce(&mut Value)) -> String {
    let mut form = form("web_form");
    change(&mut form);
    market.dealer.client.post("/v1/forms", &form).problem().code
}

#[test]
fn con_12_a_text_without_the_withdrawal_sentence_is_not_published() {
    let market = Market::open();
    let text = "Société 1 transmet votre adresse à Société 3.";
    let code = refused(&market, |form| form["notice"]["text"] = json!(text));
    assert_eq!(code, "form.withdrawal_sentence");
    market.publish(&form("web_form"));
}

#[test]
fn con_16_a_form_without_screenshot_or_digest_of_its_code_is_not_published() {
    let market = Market::open();
    for field in ["screenshot", "code"] {
        let code = refused(&market, |form| form["review"][field] = Value::Null);
        assert_eq!(code, "form.evidence", "{field}");
    }
    // An audit by somebody else is part of the form.
    let mut audited = form("web_form");
    let audit =
        json!({"by": "Cabinet X", "at": 1_756_000_000, "report": audited["review"]["code"]});
    audited["review"]["audits"] = json!([audit]);
    assert_eq!(market.publish(&audited).document.review.audits.len(), 1);
}

#[test]
fn con_18_con_22_the_review_answers_yes_five_times_or_the_form_is_not_published() {
    let market = Market::open();
    let questions = [
        "nothing_ticked",
        "refusal_as_visible",
        "block_of_its_own",
        "plain_words",
        "nothing_hangs_on_it",
    ];
    for question in questions {
        let code = refused(&market, |form| form["review"][question] = json!(false));
        assert_eq!(code, "form.checklist", "{question}");
    }
}

#[test]
fn con_23_consent_that_a_sale_hangs_on_is_refused() {
    let market = Market::open();
    let code = refused(&market, |form| form["gdpr"]["conditional"] = json!(true));
    assert_eq!(code, "form.conditional");
}

#[test]
fn con_27_a_form_that_asks_for_a_telephone_number_says_that_calls_need_consent() {
    let market = Market::open();
    let phone = |form: &mut Value| form["pii"] = json!(["email", "phone"]);
    // The law asks for the sentence from 11 August 2026 on, in Paris.
    let mut early = form("web_form");
    phone(&mut early);
    market.publish(&early);
    market.server.clock().advance_days(343);
    assert_eq!(market.server.today().to_string(), "2026-08-10");
    market.publish(&early);
    market.server.clock().advance_days(1);
    assert_eq!(refused(&market, phone), "form.phone_sentence");
    let text = format!(
        "{} Le démarchage téléphonique suppose votre consentement préalable.",
        early["notice"]["text"].as_str().unwrap()
    );
    early["notice"]["text"] = json!(text);
    market.publish(&early);
}

#[test]
fn con_04_what_the_person_was_told_is_stored_and_a_new_text_is_a_new_form() {
    let market = Market::open();
    let first = market.publish(&form("web_form"));
    let told = first.document.notice.text.clone();
    assert_eq!(first.notice_sha256, sha256(told.as_bytes()));
    let mut edited = form("web_form");
    edited["replaces"] = json!(first.form);
    edited["notice"]["version"] = json!(2);
    edited["notice"]["text"] = json!(format!("{told} Merci."));
    let second = market.publish(&edited);
    assert_ne!(first.form, second.form);
    let read = |info: &FormInfo| -> FormInfo {
        market.brand.client.get(&format!("/v1/forms/{}", info.form)).json()
    };
    assert_eq!(read(&first).document, first.document);
    assert_ne!(read(&second).notice_sha256, first.notice_sha256);
    // Whoever it does not name does not find it.
    let other = market.rival.client.get(&format!("/v1/forms/{}", first.form));
    assert_eq!(other.outcome(), (404, "object.not_found".to_owned()));
}

#[test]
fn con_07_con_08_a_partner_that_is_added_is_in_no_older_consent() {
    let market = Market::open();
    let (ada, now) = (person("ada@example.com"), market.now());
    let first = market.publish(&form("web_form"));
    market.record(first.form, vec![event(&ada, now, State::Given)]);
    assert_eq!(why(&market.ask(&ada, BRAND, None)), "");
    // A label such as "our partners" names nobody.
    assert_eq!(refused(&market, |form| form["recipients"] = json!([])), "form.nobody_named");
    assert_eq!(why(&market.ask(&ada, RIVAL, None)), "no_consent");
    let mut wider = form("web_form");
    wider["replaces"] = json!(first.form);
    wider["recipients"] = json!([party(BRAND, "recipient"), party(RIVAL, "recipient")]);
    let code = {
        let answer = market.dealer.client.post("/v1/forms", &wider);
        answer.problem().code
    };
    assert_eq!(code, "form.names", "the text has to name the partner as well");
    wider["notice"]["text"] = json!(
        "Société 1 transmet votre adresse à Société 3 et à Société 2. Vous pouvez retirer votre \
         consentement à tout moment."
    );
    let second = market.publish(&wider);
    assert_eq!(second.added, [super::number(RIVAL)]);
    let tasks: Vec<NoticeInfo> = market.dealer.client.get("/v1/notices").json();
    assert_eq!((tasks.len(), &*tasks[0].kind), (1, "form.recipients_added"));
    assert_eq!(why(&market.ask(&ada, RIVAL, None)), "no_consent");
    let eve = person("eve@example.com");
    market.record(second.form, vec![event(&eve, now, State::Given)]);
    assert_eq!(why(&market.ask(&eve, RIVAL, None)), "");
}

#[test]
fn what_a_form_says_has_an_extent_rights_and_a_term() {
    let market = Market::open();
    let long = "x".repeat(200_000);
    assert_eq!(refused(&market, |form| form["notice"]["text"] = json!(long)), "form.extent");
    assert_eq!(refused(&market, |form| form["gdpr"]["rights"] = json!(["access"])), "form.rights");
    assert_eq!(refused(&market, |form| form["validity_months"] = json!(1_000)), "form.validity");
}

#[test]
fn a_form_belongs_to_its_controller_or_its_collector() {
    let market = Market::open();
    let strange = market.rival.client.post("/v1/forms", &form("web_form"));
    assert_eq!(strange.outcome(), (403, "form.party".to_owned()));
    let own = market.web_form();
    let events = vec![event(&person("ada@example.com"), market.now(), State::Given)];
    let new = json!({"form": own, "events": events});
    let other = market.brand.client.post("/v1/consents", &new);
    assert_eq!(other.outcome(), (404, "object.not_found".to_owned()));
    assert_eq!(why(&market.ask(&person("ada@example.com"), BRAND, None)), "no_consent");
}
