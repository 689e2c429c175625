//! At least once and not again: attempts under one id, waits by the test's clock, what ends a message and a webhook.

use tiers_protocol::tlog::EntryType;
use tiers_protocol::webhook::{DeliveryInfo, WebhookState};

use super::receiver::{Receiver, Reply};
use super::{
    act, added, deliver, deliveries, is_signed, listed, market, notices, recorded, tell_brand,
};
use crate::consent::Market;

/// Seconds from the last attempt to the next, as they are told.
fn wait(one: &DeliveryInfo) -> i64 {
    let at = |text: &Option<String>| {
        let at: jiff::Timestamp = text.as_deref().unwrap().parse().unwrap();
        at.as_second()
    };
    at(&one.next_at) - at(&one.last_at)
}

/// Fails until the message is given up; how long that took.
fn give_up(market: &Market, receiver: &Receiver, of: &super::WebhookInfo) -> i64 {
    let begun = market.now();
    loop {
        receiver.next([Reply::Status(503)]);
        assert_eq!(deliver(market), 1);
        let one = deliveries(&market.brand.client, of).remove(0);
        if one.state.as_str() == "failed" {
            return market.now() - begun;
        }
        market.server.clock().advance_seconds(wait(&one) - 1);
        assert_eq!(deliver(market), 0, "a second too early");
        market.server.clock().advance_seconds(1);
    }
}

#[test]
fn every_attempt_has_the_same_id_and_body_and_a_moment_of_its_own() {
    let market = market();
    let brand = &market.brand.client;
    let receiver = Receiver::new([Reply::Status(500), Reply::Silence, Reply::Status(200)]);
    let hook = added(brand, &receiver);
    tell_brand(&market, "ada@example.com");
    for (fault, waits) in [("status", 5..=6), ("timeout", 300..=360)] {
        assert_eq!(deliver(&market), 1);
        let one = deliveries(brand, &hook).remove(0);
        assert_eq!(one.last_fault.as_deref(), Some(fault));
        assert!(waits.contains(&wait(&one)), "{}", wait(&one));
        assert!(listed(brand)[0].failing_since.is_some());
        market.server.clock().advance_seconds(wait(&one));
    }
    assert_eq!(deliver(&market), 1);
    market.server.clock().advance_days(4);
    assert_eq!(deliver(&market), 0, "it was accepted");
    assert!(listed(brand)[0].failing_since.is_none());
    let got = receiver.got();
    assert_eq!(got.len(), 3);
    let key = hook.keys[0].key.to_string();
    assert!(got.iter().all(|one| is_signed(one, &key) && one.body == got[0].body));
    assert!(got.iter().all(|one| one.header("webhook-id") == got[0].header("webhook-id")));
    let moments: Vec<&str> = got.iter().map(|one| one.header("webhook-timestamp")).collect();
    assert!(moments[0] < moments[1] && moments[1] < moments[2], "{moments:?}");
    // Asked for, it comes once more under its id.
    let path = format!("/v1/webhooks/{}/resend", hook.webhook);
    let which = serde_json::json!({ "delivery": got[0].header("webhook-id") });
    brand.post(&path, &which).ok();
    assert_eq!((deliver(&market), receiver.got().len()), (1, 4));
    assert_eq!(receiver.got()[3].header("webhook-id"), got[0].header("webhook-id"));
}

#[test]
fn after_three_days_of_silence_a_webhook_is_suspended_and_an_answer_takes_it_up() {
    let market = market();
    let brand = &market.brand.client;
    let receiver = Receiver::new([]);
    let hook = added(brand, &receiver);
    tell_brand(&market, "ada@example.com");
    let took = give_up(&market, &receiver, &hook);
    assert!((272_105..=326_526).contains(&took), "{took} seconds");
    let now = &listed(brand)[0];
    assert_eq!(now.state, WebhookState::Disabled);
    let told = notices(brand);
    let told = told.iter().find(|one| one.kind == "webhook.disabled").unwrap();
    assert_eq!(told.document, serde_json::json!({ "webhook": hook.webhook }));
    let named = market.server.certifier().figures().unwrap().named();
    let figure = |name: &str| named.iter().find(|(one, _)| *one == name).unwrap().1;
    assert_eq!((figure("webhook_failed"), figure("webhooks_disabled")), (1, 1));
    assert_eq!((figure("webhook_pending"), figure("webhook_oldest_seconds")), (0, 0));
    // Nothing more is written for it, and nothing sent.
    let calls = receiver.got().len();
    tell_brand(&market, "eve@example.com");
    assert_eq!((deliver(&market), calls), (0, 10));
    let refused = act(brand, &hook, "resend");
    assert_eq!(refused.outcome(), (409, "webhook.disabled".to_owned()));
    // A test that fails is not repeated; one that is answered takes it up again.
    receiver.next([Reply::Status(500)]);
    for (state, after) in [("failed", WebhookState::Disabled), ("delivered", WebhookState::Active)]
    {
        let one: DeliveryInfo = act(brand, &hook, "test").json();
        let same: DeliveryInfo = act(brand, &hook, "test").json();
        assert_eq!(one.delivery, same.delivery, "one waits already");
        assert_eq!((deliver(&market), deliver(&market)), (1, 0));
        let all = deliveries(brand, &hook);
        let ended = all.iter().find(|other| other.delivery == one.delivery).unwrap();
        assert_eq!((ended.state.as_str(), listed(brand)[0].state), (state, after));
    }
    let again: Vec<DeliveryInfo> = act(brand, &hook, "resend").json();
    assert_eq!((again.len(), deliver(&market)), (1, 1));
    let got = receiver.got();
    assert_eq!(got[0].header("webhook-id"), got.last().unwrap().header("webhook-id"));
    let said: Vec<_> = recorded(&market.server).into_iter().map(|(kind, _)| kind).collect();
    let changed = EntryType::WebhookChanged;
    assert_eq!(said, [EntryType::WebhookAdded, changed, changed]);
}

#[test]
fn one_message_that_is_never_taken_does_not_suspend_a_webhook_that_takes_others() {
    let market = market();
    let brand = &market.brand.client;
    let receiver = Receiver::new([]);
    let hook = added(brand, &receiver);
    tell_brand(&market, "ada@example.com");
    receiver.next([Reply::Status(500)]);
    assert_eq!(deliver(&market), 1);
    let poison = deliveries(brand, &hook).remove(0).delivery;
    let poisoned = || {
        let all = deliveries(brand, &hook);
        all.into_iter().find(|one| one.delivery == poison).unwrap()
    };
    while poisoned().state.as_str() == "pending" {
        // Another is taken in between.
        act(brand, &hook, "test").ok();
        assert_eq!(deliver(&market), 1);
        market.server.clock().advance_seconds(wait(&poisoned()));
        receiver.next([Reply::Status(500)]);
        assert_eq!(deliver(&market), 1);
    }
    assert_eq!((poisoned().attempts, listed(brand)[0].state), (10, WebhookState::Active));
    assert!(notices(brand).iter().all(|one| one.kind != "webhook.disabled"));
}

#[test]
fn who_asks_to_be_left_alone_is_left_alone_for_a_day_at_most() {
    let market = market();
    let brand = &market.brand.client;
    let after = |seconds: &str| Reply::With(429, format!("retry-after: {seconds}\r\n"));
    let receiver = Receiver::new([after("1000"), after("999999"), after("soon")]);
    let hook = added(brand, &receiver);
    tell_brand(&market, "ada@example.com");
    for waits in [1_000..=1_000, 86_400..=86_400, 1_800..=2_160] {
        assert_eq!(deliver(&market), 1);
        let one = deliveries(brand, &hook).remove(0);
        assert!(waits.contains(&wait(&one)), "{}", wait(&one));
        market.server.clock().advance_seconds(wait(&one));
    }
}

#[test]
fn who_says_that_it_is_gone_is_removed_and_its_party_told() {
    let market = market();
    let brand = &market.brand.client;
    let (gone, stays) = (Receiver::new([Reply::Status(410)]), Receiver::new([]));
    let hook = added(brand, &gone);
    added(brand, &stays);
    tell_brand(&market, "ada@example.com");
    // The notice to both, then the notice about the one to the other.
    assert_eq!(deliver(&market), 3);
    assert_eq!(listed(brand).len(), 1);
    assert_eq!((gone.got().len(), stays.got().len()), (1, 2));
    let told = notices(brand);
    let told = told.iter().find(|one| one.kind == "webhook.removed").unwrap();
    assert_eq!(told.document, serde_json::json!({ "webhook": hook.webhook }));
    let last = recorded(&market.server).pop().unwrap();
    assert_eq!(last, (EntryType::WebhookRemoved, hook.webhook.to_string()));
}

#[test]
fn who_answers_slowly_holds_up_nobody_else() {
    let market = market();
    let slow = Receiver::new((0..3).map(|_| Reply::Silence));
    let hooks = [0, 1, 2].map(|_| added(&market.brand.client, &slow));
    let quick = Receiver::new([]);
    added(&market.dealer.client, &quick);
    for hook in &hooks {
        act(&market.brand.client, hook, "test").ok();
    }
    let ada = crate::consent::person("ada@example.com");
    let recorded = market.record(
        market.web_form(),
        vec![crate::consent::event(&ada, market.now(), tiers_protocol::consent::State::Given)],
    );
    // By the link both are told.
    let path = format!("/w/{}", recorded.links[0]);
    market.server.anonymous().send("POST", &path, &[], b"").ok();
    let certifier = std::sync::Arc::clone(market.server.certifier());
    let delivering = std::time::Instant::now();
    let running = certifier.begin_delivering();
    while quick.got().is_empty() {
        assert!(delivering.elapsed() < super::TIME, "it waited for the slow one");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert!(slow.got().len() <= 2, "two of a party at once");
    running.stop();
}
