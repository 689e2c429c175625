//! The pages of consent, exchanges, acts and requests over HTTP, as the companies of a market see them: each
//! its own, nobody another's, and the pages tell what the API tells.

use tiers_protocol::consent::State;
use tiers_protocol::dossier::SignedDossier;
use tiers_protocol::exchange::view::{BatchInfo, BatchState};
use tiers_protocol::request::RequestAnswer;
use tiers_protocol::wire::PersonToken;

use crate::consent::{BRAND, DEALER, event, person};
use crate::exchange::{Deal, address};
use crate::harness::client::Client;
use crate::harness::roles::siren;
use crate::portal::Visitor;

/// A text as a form sends it.
fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let each = text.bytes().map(|byte| match byte {
        byte if plain(byte) => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    });
    each.collect()
}

/// The fields of a search for somebody.
fn search(tokens: &[PersonToken]) -> String {
    let tokens = serde_json::to_string(tokens).unwrap();
    format!("tokens={}&reason=her+letter", encoded(&tokens))
}

/// What stands between two texts, the first time.
fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let rest = text.split_once(from).unwrap_or_else(|| panic!("{from} is not in {text}")).1;
    rest.split_once(to).unwrap().0
}

fn visitor(deal: &Deal, client: &Client) -> Visitor {
    Visitor::entered(&deal.market.server, client, "Anne")
}

#[test]
fn a_person_is_found_by_tokens_in_chains_of_ones_own_and_in_no_others() {
    let deal = Deal::with_pages();
    let market = &deal.market;
    deal.consented(0..1);
    let of = person(&address(0));
    let [dealer, brand, rival] = [&market.dealer, &market.brand, &market.rival]
        .map(|company| visitor(&deal, &company.client));
    let shown = dealer.send("/portal/consents", &search(&of));
    assert_eq!(shown.status, 200, "{}", shown.text);
    assert!(shown.text.contains("donné") && shown.text.contains("Société 3"), "{}", shown.text);
    let record = between(&shown.text, "href=\"/portal/consents/rec_", "\"");
    let path = format!("/portal/consents/rec_{record}");
    // Both companies of the chain see the record and its proof; the rival sees nothing of either.
    for visitor in [&dealer, &brand] {
        let page = visitor.get(&path);
        assert!(page.status == 200 && page.text.contains("screenshot"), "{}", page.text);
        let receipt = visitor.get(&format!("{path}/receipt.json"));
        let receipt: tiers_protocol::consent::ConsentReceipt =
            serde_json::from_str(&receipt.text).unwrap();
        assert!(receipt.verify().is_ok());
    }
    assert_eq!(rival.get(&path).status, 404);
    let nothing = rival.send("/portal/consents", &search(&of));
    assert!(nothing.status == 200 && !nothing.text.contains("rec_"), "{}", nothing.text);
    // May it pass? Asked by who takes part in it, and only so; with the reason when it may not.
    let ask = |visitor: &Visitor| {
        let (sender, recipient) = (siren(DEALER), siren(BRAND));
        let fields = format!(
            "{}&sender={sender}&recipient={recipient}&purpose=transmission&channel=email",
            search(&of)
        );
        visitor.send("/portal/consents/decision", &fields)
    };
    assert!(ask(&dealer).text.contains("Oui, il peut passer."));
    let refused = ask(&rival);
    assert!(refused.status == 403 && refused.text.contains("consent.not_own"), "{}", refused.text);
    let form = market.web_form();
    market.record(form, vec![event(&of, deal.now(), State::Withdrawn)]);
    let no = ask(&brand);
    assert!(no.text.contains("la personne a repris son consentement"), "{}", no.text);
    // What is no person's tokens is refused, and every look needs its reason.
    assert_eq!(dealer.send("/portal/consents", "tokens=[]&reason=x").status, 422);
    let tokens = search(&of).replace("her+letter", "");
    assert_eq!(dealer.send("/portal/consents", &tokens).status, 422);
    let looks = market.officer.acts_about_persons();
    assert!(looks.iter().filter(|act| act.act == "officer.viewed").count() >= 4);
}

#[test]
fn an_exchange_is_followed_by_its_two_companies_from_hand_over_to_informed() {
    let deal = Deal::with_pages();
    let market = &deal.market;
    deal.consented(0..1_200);
    let agreement = deal.approved();
    let [dealer, brand, rival] = [&market.dealer, &market.brand, &market.rival]
        .map(|company| visitor(&deal, &company.client));
    let path = format!("/portal/exchanges/{}", agreement.exchange);
    assert!(dealer.get("/portal/exchanges").text.contains(&path));
    assert!(!rival.get("/portal/exchanges").text.contains("exc_"));
    for address in [path.clone(), format!("{path}/agreement.json")] {
        assert_eq!(rival.get(&address).status, 404, "{address}");
    }
    // Who gives records has a page to send them; nobody else has.
    let send = format!("{path}/send");
    assert!(dealer.get(&path).text.contains(&send) && !brand.get(&path).text.contains(&send));
    let found = [&dealer, &brand, &rival].map(|company| company.get(&send).status);
    assert_eq!(found, [200, 403, 404]);
    // A new proposal starts from what the certifier and earlier agreements say, to whom it concerns.
    let fresh = [&dealer, &rival].map(|company| company.get("/portal/exchanges/new").text);
    let known = |page: &str, id: &str| page.contains(id);
    let (brand_id, dealer_id) = (market.brand.id.to_string(), market.dealer.id.to_string());
    let requester = &agreement.other.requester;
    assert!(known(&fresh[0], &brand_id) && known(&fresh[0], requester));
    assert!(!known(&fresh[1], &dealer_id) && !known(&fresh[1], requester));
    let file = brand.get(&format!("{path}/agreement.json"));
    let file: tiers_protocol::exchange::SignedAgreement = serde_json::from_str(&file.text).unwrap();
    assert!(file.is_signed());
    let parcel = deal.sealed(&agreement, 0..1_200);
    assert_eq!(deal.send(&parcel).state, BatchState::Received);
    let batch = format!("/portal/batches/{}", parcel.id());
    // Only the sender hands over; only the recipient says that the persons are informed.
    let review = format!("tiers exchange review {}", parcel.id());
    assert!(brand.get(&path).text.contains(&review) && !dealer.get(&path).text.contains(&review));
    assert!(!dealer.get(&path).text.contains(&format!("{batch}/hand-over")), "not reviewed yet");
    let early = dealer.send(&format!("{batch}/hand-over"), "");
    assert!(early.text.contains("batch.unreviewed"), "{}", early.text);
    assert_eq!(deal.reviewed(&parcel.id()).state, BatchState::Reviewed);
    assert!(!brand.get(&path).text.contains(&format!("{batch}/hand-over")));
    assert_eq!(brand.send(&format!("{batch}/hand-over"), "").status, 403);
    assert!(dealer.get(&path).text.contains(&format!("{batch}/hand-over")));
    let handed = dealer.send(&format!("{batch}/hand-over"), "");
    assert_eq!((handed.status, handed.location.as_str()), (303, path.as_str()), "{}", handed.text);
    let page = brand.get(&path);
    assert!(page.text.contains("remis, à ouvrir") && page.text.contains("/informed"));
    assert_eq!(dealer.send(&format!("{batch}/informed"), "").status, 403);
    assert_eq!(brand.send(&format!("{batch}/informed"), "").status, 303);
    assert!(brand.get(&path).text.contains("Personnes informées"));
    let info: BatchInfo = market.brand.client.get(&format!("/v1/batches/{}", parcel.id())).json();
    assert!(info.inform.unwrap().informed_at.is_some());
    // Values as people write them; the wrong one is refused, both close the exchange.
    let value = format!("{path}/value");
    assert_eq!(dealer.send(&value, "euros=1").status, 422);
    assert_eq!(dealer.send(&value, &format!("euros={}", encoded("1 000,00"))).status, 303);
    assert_eq!(brand.send(&value, "euros=1200").status, 303);
    let closed = dealer.get(&path).text;
    assert!(closed.contains("EXC-000001") && closed.contains("clos, les deux factures"));
    let invoice = format!("{path}/invoices/{}/ubl.xml", market.dealer.id);
    assert!(brand.get(&invoice).text.contains("<cbc:ID>EXC-000001</cbc:ID>"));
    assert_eq!(rival.get(&invoice).status, 404);
}

#[test]
fn a_dossier_of_the_page_holds_by_itself_and_shows_a_company_its_own_acts_only() {
    let deal = Deal::with_pages();
    let market = &deal.market;
    let about = market.dealer.id.to_string();
    let [dealer, rival] =
        [&market.dealer, &market.rival].map(|company| visitor(&deal, &company.client));
    let fields = format!("about={about}&reason=review&type=&since=&until=");
    let shown = dealer.send("/portal/search", &fields);
    assert!(shown.text.contains("/portal/dossier"), "{}", shown.text);
    let dossier = dealer.send("/portal/dossier", &format!("{fields}&format=json"));
    assert_eq!(dossier.status, 200, "{}", dossier.text);
    let read = SignedDossier::verify(dossier.text.as_bytes(), &market.server.trust()).unwrap();
    assert!(!read.dossier.acts.is_empty() && read.dossier.about == about);
    // Each act comes with what the page checks against the ledger.
    assert!(shown.text.contains("data-check=") && shown.text.contains("/static/timeline.js"));
    let none = rival.send("/portal/search", &fields);
    assert!(none.status == 200 && !none.text.contains("/portal/dossier"), "{}", none.text);
    assert_eq!(rival.send("/portal/dossier", &fields).status, 404);
    let officer = visitor(&deal, &market.officer.client);
    assert!(officer.send("/portal/search", &fields).text.contains("/portal/dossier"));
}

#[test]
fn the_clock_of_a_request_is_on_its_page_and_ends_with_the_answer() {
    let deal = Deal::with_pages();
    let market = &deal.market;
    let new = serde_json::json!({
        "kind": "access", "received_at": deal.now(), "rights": [], "programmes": [],
    });
    let opened: RequestAnswer = market.dealer.client.post("/v1/requests", &new).json();
    let [dealer, rival] =
        [&market.dealer, &market.rival].map(|company| visitor(&deal, &company.client));
    let id = opened.request.request.to_string();
    let page = dealer.get("/portal/requests").text;
    assert!(page.contains(&id) && page.contains("30 jours restants"), "{page}");
    assert!(!rival.get("/portal/requests").text.contains(&id));
    let path = format!("/portal/requests/{id}");
    assert_eq!(rival.send(&path, "step=answered&reasons=").status, 404);
    assert_eq!(dealer.send(&path, "step=extend&reasons=").status, 422);
    assert_eq!(dealer.send(&path, "step=answered&reasons=").status, 303);
    let page = dealer.get("/portal/requests").text;
    assert!(page.contains("répondue") && !page.contains("jours restants"), "{page}");
    assert_eq!(dealer.send(&path, "step=answered&reasons=").status, 409);
}
