//! The portals over HTTP: who is let in, how long, to which pages; what another site or another company
//! cannot do. Passkeys themselves are tested beside them (`crates/engine/src/crypto/passkey/tests.rs`).

use tiers_protocol::wire::{Invitation, NewInvitation, PersonInfo};

use crate::harness::client::Client;
use crate::harness::server::{Server, walk};
use crate::harness::world::{MONTH, World};

/// Somebody with a browser: keeps its cookie and follows nothing by itself.
pub struct Visitor {
    agent: ureq::Agent,
    origin: String,
    cookie: String,
}

/// A page, as far as a test looks at it.
pub struct Shown {
    /// Its status.
    pub status: u16,
    /// Where it leads.
    pub location: String,
    cookie: Option<String>,
    /// Its Content-Security-Policy.
    pub policy: String,
    /// Its text.
    pub text: String,
}

impl Shown {
    /// The session's token, from a form or the head of the page.
    fn csrf(&self) -> String {
        let rest = self.text.split("name=\"csrf\" content=\"").nth(1).expect("a signed-in page");
        rest.split('"').next().unwrap().to_owned()
    }
}

impl Visitor {
    /// Nobody yet.
    pub fn new(server: &Server) -> Self {
        Self::at(server.url())
    }

    fn at(origin: &str) -> Self {
        let config = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0);
        let origin = origin.to_owned();
        Self { agent: config.build().into(), origin, cookie: String::new() }
    }

    fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Shown {
        let uri = format!("{}{path}", self.origin);
        let mut request = ureq::http::Request::builder().method(method).uri(uri);
        request = request.header("accept", "text/html").header("cookie", &self.cookie);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut response = if method == "GET" {
            self.agent.run(request.body(()).unwrap()).unwrap()
        } else {
            self.agent.run(request.body(body).unwrap()).unwrap()
        };
        let text = |name: &str| {
            let value = response.headers().get(name).and_then(|value| value.to_str().ok());
            value.unwrap_or_default().to_owned()
        };
        let cookie = Some(text("set-cookie")).filter(|cookie| !cookie.is_empty());
        let (location, policy) = (text("location"), text("content-security-policy"));
        let status = response.status().as_u16();
        let text = response.body_mut().read_to_string().unwrap();
        Shown { status, location, cookie, policy, text }
    }

    /// A page.
    pub fn get(&self, path: &str) -> Shown {
        self.ask("GET", path, &[], "")
    }

    /// A form as it is.
    pub fn post(&self, path: &str, fields: &str) -> Shown {
        let headers = [
            ("origin", self.origin.as_str()),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        self.ask("POST", path, &headers, fields)
    }

    /// A form with the session's token.
    pub fn send(&self, path: &str, fields: &str) -> Shown {
        let csrf = self.get("/portal").csrf();
        self.post(path, &format!("csrf={csrf}&{fields}"))
    }

    /// Signs in by a link of whoever `client` is.
    pub fn entered(server: &Server, client: &Client, name: &str) -> Self {
        Self::entered_at(server.url(), client, name)
    }

    /// The same at the address that the pages are served under.
    pub fn entered_at(origin: &str, client: &Client, name: &str) -> Self {
        let mut visitor = Self::at(origin);
        let path = invited(client, name).path;
        let shown = visitor.post(&format!("{path}/enter"), "");
        assert_eq!((shown.status, shown.location.as_str()), (303, "/portal"));
        let cookie = shown.cookie.expect("a session");
        for word in ["HttpOnly", "SameSite=Lax", "Path=/"] {
            assert!(cookie.contains(word), "{word}");
        }
        visitor.cookie = cookie.split(';').next().unwrap().to_owned();
        visitor
    }
}

fn invited(client: &Client, name: &str) -> Invitation {
    client.post("/v1/invitations", &NewInvitation { name: name.to_owned(), again: None }).json()
}

fn world() -> World {
    World::over(Server::start_with_pages())
}

#[test]
fn people_are_let_in_by_a_link_of_their_own_side_and_out_again() {
    let world = world();
    let client = &world.partners[0].client;
    let visitor = Visitor::entered(&world.server, client, "Anne & Cie");
    let home = visitor.get("/portal");
    assert_eq!(home.status, 200);
    assert!(home.text.contains("Anne &#38; Cie") && home.text.contains("Essai"), "{}", home.text);
    let people: Vec<PersonInfo> = client.get("/v1/people").json();
    assert_eq!(people.len(), 1);
    assert!(people[0].last_sign_in.is_some() && people[0].passkeys == 0);
    let out = visitor.send("/sign-out", "");
    assert_eq!((out.status, out.location.as_str()), (303, "/"));
    let after = visitor.get("/portal");
    assert_eq!((after.status, after.location.as_str()), (303, "/sign-in"), "the secret is void");
}

#[test]
fn a_session_ends_by_itself() {
    let world = world();
    let visitor = Visitor::entered(&world.server, &world.officer.client, "Samir");
    let clock = world.server.clock();
    clock.advance_seconds(89 * 60);
    assert_eq!(visitor.get("/portal").status, 200, "in use");
    clock.advance_seconds(89 * 60);
    assert_eq!(visitor.get("/portal").status, 200, "still in use");
    clock.advance_seconds(91 * 60);
    assert_eq!(visitor.get("/portal").status, 303, "idle for too long");
    let visitor = Visitor::entered(&world.server, &world.officer.client, "Samir");
    for _ in 0..11 {
        clock.advance_seconds(3_600);
        assert_eq!(visitor.get("/portal").status, 200);
    }
    clock.advance_seconds(3_600);
    assert_eq!(visitor.get("/portal").status, 303, "twelve hours are over");
    let link = invited(&world.officer.client, "Samir").path;
    clock.advance_days(7);
    assert_eq!(visitor.get(&link).status, 404, "a link is good for seven days");
}

/// Pages by role: nobody, partner, principal, officer, operator. Nobody is sent to sign in.
const PAGES: &[(&str, &str, [u16; 5])] = &[
    ("GET", "/", [200; 5]),
    ("GET", "/rights", [200; 5]),
    ("GET", "/rights/{programme}", [404; 5]),
    ("GET", "/verify", [200; 5]),
    ("GET", "/keys", [200; 5]),
    ("GET", "/consent/f/{collection}", [404; 5]),
    ("GET", "/portal", [303, 200, 200, 200, 200]),
    ("GET", "/portal/people", [303, 200, 200, 200, 200]),
    ("GET", "/portal/drop", [303, 200, 200, 403, 403]),
    ("GET", "/portal/keys", [303, 200, 200, 403, 403]),
    ("POST", "/portal/parties", [401, 403, 403, 403, 422]),
    ("GET", "/portal/programmes/{programme}", [303, 200, 200, 200, 403]),
    ("GET", "/portal/deposits/{deposit}", [303, 200, 404, 403, 403]),
    ("GET", "/portal/deposits/{deposit}/receipt.json", [303, 200, 404, 403, 403]),
    ("GET", "/portal/releases/{release}", [303, 403, 200, 403, 403]),
    ("GET", "/portal/releases/{release}/report.json", [303, 403, 200, 403, 403]),
    ("GET", "/portal/releases/{release}/report.csv", [303, 403, 200, 403, 403]),
    ("GET", "/portal/releases/{release}/pictures", [303, 403, 200, 403, 403]),
    ("GET", "/portal/releases/{release}/plot-1.svg", [303, 403, 200, 403, 403]),
    ("GET", "/portal/releases/{release}/plot-0.svg", [303, 403, 404, 403, 403]),
    ("GET", "/portal/releases/{release}/certificate.json", [303, 403, 200, 403, 403]),
    ("GET", "/portal/releases/{release}/{file}", [303, 403, 200, 403, 403]),
    ("GET", "/portal/acts", [303, 403, 403, 200, 403]),
    ("POST", "/portal/people", [401, 422, 422, 422, 422]),
    ("POST", "/portal/people/{person}/again", [401, 422, 422, 422, 422]),
    ("POST", "/portal/people/{person}/revoke", [401, 404, 404, 404, 404]),
    ("POST", "/portal/deposits/{deposit}/delete", [401, 422, 404, 403, 403]),
    ("POST", "/portal/programmes/{programme}/declaration", [401, 400, 403, 403, 403]),
    ("GET", "/portal/programmes/{programme}/own", [303, 200, 403, 403, 403]),
    ("POST", "/portal/programmes/{programme}/own", [401, 422, 403, 403, 403]),
    ("GET", "/portal/own/{file}", [303, 404, 403, 403, 403]),
    ("GET", "/portal/programmes/new", [303, 403, 200, 403, 403]),
    ("GET", "/portal/programmes/{programme}/trend", [303, 403, 200, 403, 403]),
    ("GET", "/portal/programmes/{programme}/trend?section=nothing", [303, 403, 422, 403, 403]),
    ("GET", "/portal/programmes/{programme}/key", [303, 403, 200, 403, 403]),
    ("POST", "/portal/programmes/{programme}/partners", [401, 403, 404, 403, 403]),
    ("POST", "/portal/programmes/{programme}/reports", [401, 403, 422, 403, 403]),
    ("POST", "/portal/programmes/{programme}/approval", [401, 403, 403, 409, 403]),
    ("POST", "/portal/acts", [401, 403, 403, 422, 403]),
    ("GET", "/portal/consents", [303, 200, 200, 403, 403]),
    ("POST", "/portal/consents", [401, 400, 400, 403, 403]),
    ("POST", "/portal/consents/decision", [401, 400, 400, 403, 403]),
    ("GET", "/portal/consents/{record}", [303, 404, 404, 403, 403]),
    ("GET", "/portal/consents/{record}/receipt.json", [303, 404, 404, 403, 403]),
    ("POST", "/portal/notices/{notice}/acknowledge", [401, 404, 404, 403, 403]),
    ("GET", "/portal/exchanges", [303, 200, 200, 403, 403]),
    ("GET", "/portal/exchanges/new", [303, 200, 200, 403, 403]),
    ("GET", "/portal/exchanges/{exchange}", [303, 404, 404, 403, 403]),
    ("GET", "/portal/exchanges/{exchange}/send", [303, 404, 404, 403, 403]),
    ("GET", "/portal/exchanges/{exchange}/agreement.json", [303, 404, 404, 403, 403]),
    ("GET", "/portal/exchanges/{exchange}/invoices/{seller}/{file}", [303, 404, 404, 403, 403]),
    ("POST", "/portal/exchanges/{exchange}/value", [401, 404, 404, 403, 403]),
    ("POST", "/portal/batches/{batch}/hand-over", [401, 404, 404, 403, 403]),
    ("POST", "/portal/batches/{batch}/informed", [401, 404, 404, 403, 403]),
    ("GET", "/portal/search", [303, 200, 200, 200, 403]),
    ("POST", "/portal/search", [401, 422, 422, 422, 403]),
    ("POST", "/portal/dossier", [401, 422, 422, 422, 403]),
    ("GET", "/portal/register", [303, 200, 200, 200, 200]),
    ("GET", "/portal/register/{file}", [303, 404, 404, 404, 404]),
    ("GET", "/portal/retention", [303, 403, 403, 200, 200]),
    ("GET", "/portal/requests", [303, 200, 200, 200, 403]),
    ("POST", "/portal/requests/{request}", [401, 400, 400, 400, 403]),
    ("GET", "/portal/breaches", [303, 403, 403, 200, 200]),
    ("GET", "/portal/conformity", [303, 403, 403, 200, 200]),
    ("POST", "/sign-out", [401, 303, 303, 303, 303]),
];

/// The addresses of the source, so that no page is missing from the table.
#[test]
fn the_table_of_pages_has_every_page_that_is_routed() {
    let source = include_str!("../../src/web/portal/mod.rs");
    let open = ["/sign-in", "/invitation", "/static", "/browser"];
    let mut routed = 0;
    for route in source.split(".route(\"").skip(1) {
        let (path, handlers) = route.split_once('"').unwrap();
        let handlers = handlers.lines().next().unwrap();
        for method in ["get", "post"] {
            let there = handlers.contains(&format!("{method}("));
            let listed = PAGES.iter().any(|(m, p, _)| m.to_lowercase() == method && *p == path);
            let known = open.iter().any(|open| path.starts_with(open) && path != "/sign-out");
            let anybody = (method, path) == ("post", "/verify");
            assert!(!there || listed || known || anybody, "{method} {path}");
            routed += usize::from(there);
        }
    }
    assert!(routed > 50, "{routed}");
}

#[test]
fn every_page_is_for_its_roles_and_objects_of_others_are_not_there() {
    let world = world();
    world.principal.deposit(&world.leads(&World::small_leads())).ok();
    let sealed = world.sales(0, &World::small_sales(0));
    world.partners[0].deposit(&sealed).ok();
    world.stock_sales(1);
    let release = world.principal.release(&world.programme.id, MONTH).release.to_string();
    let (programme, deposit) = (world.programme.id.to_string(), sealed.id().to_string());
    let fill = |pattern: &str| {
        pattern
            .replace("{programme}", &programme)
            .replace("{deposit}", &deposit)
            .replace("{release}", &release)
            .replace("{person}", "act_AAAAAAAAAAAAAAAAAAAAAA")
            .replace("{record}", "rec_AAAAAAAAAAAAAAAAAAAAAA")
            .replace("{collection}", "col_AAAAAAAAAAAAAAAAAAAAAA")
            .replace("{notice}", "ntc_AAAAAAAAAAAAAAAAAAAAAA")
            .replace("{exchange}", "exc_AAAAAAAAAAAAAAAAAAAAAA")
            .replace("{batch}", "bat_AAAAAAAAAAAAAAAAAAAAAA")
            .replace("{request}", "req_AAAAAAAAAAAAAAAAAAAAAA")
            .replace("{seller}", "pty_AAAAAAAAAAAAAAAAAAAAAA")
            .replace(&format!("{release}/{{file}}"), &format!("{release}/report.csv"))
            .replace("{file}", "ubl.xml")
    };
    let clients = [
        &world.partners[0].client,
        &world.principal.client,
        &world.officer.client,
        &world.operator.0,
    ];
    let visitors = [Visitor::new(&world.server)]
        .into_iter()
        .chain(clients.map(|client| Visitor::entered(&world.server, client, "x")));
    let visitors: Vec<_> = visitors.collect();
    for (method, pattern, expected) in PAGES {
        for (role, (visitor, expected)) in visitors.iter().zip(expected).enumerate() {
            let path = fill(pattern);
            let shown = match (*method, role) {
                ("GET", _) => visitor.get(&path),
                (_, 0) => visitor.post(&path, "csrf=x"),
                _ => visitor.send(&path, ""),
            };
            assert_eq!(shown.status, *expected, "{method} {pattern} as {role}: {}", shown.text);
            if shown.status == 303 && role == 0 {
                assert_eq!(shown.location, "/sign-in", "{pattern}");
            }
            let inline = shown.policy.contains("script-src 'unsafe-inline'");
            assert!(!shown.policy.is_empty() && !inline, "{pattern}: {}", shown.policy);
        }
    }
    // Another dealer of the same programme.
    let other = Visitor::entered(&world.server, &world.partners[1].client, "y");
    for path in ["/portal/deposits/{deposit}", "/portal/deposits/{deposit}/receipt.json"] {
        assert_eq!(other.get(&fill(path)).status, 404, "{path}");
    }
    let deletion = other.send(&fill("/portal/deposits/{deposit}/delete"), "reason=x");
    assert_eq!(deletion.status, 404);
    // The owner sees what was released from it, and may delete it.
    let own = Visitor::entered(&world.server, &world.partners[0].client, "z");
    let page = own.get(&fill("/portal/deposits/{deposit}"));
    assert!(page.text.contains(&release), "what was released from it");
    let deletion = own.send(&fill("/portal/deposits/{deposit}/delete"), "reason=x");
    assert_eq!(deletion.status, 303, "{}", deletion.text);
    assert!(own.get(&fill("/portal/deposits/{deposit}")).text.contains("effacé"));
}

#[test]
fn no_other_site_acts_for_whoever_is_signed_in() {
    let world = world();
    let visitor = Visitor::entered(&world.server, &world.principal.client, "Louise");
    let form = ("content-type", "application/x-www-form-urlencoded");
    let forged = |shown: &Shown| shown.status == 403 && shown.text.contains("portal.forged");
    let csrf = visitor.get("/portal").csrf();
    let good = format!("csrf={csrf}&name=x");
    assert!(forged(&visitor.post("/portal/people", "name=x")), "without the token");
    assert!(forged(&visitor.post("/portal/people", "csrf=AAAA&name=x")), "another token");
    let elsewhere = [form, ("origin", "https://evil.example")];
    assert!(forged(&visitor.ask("POST", "/portal/people", &elsewhere, &good)), "another site");
    assert!(forged(&visitor.ask("POST", "/portal/people", &[form], &good)), "from nowhere");
    assert_eq!(visitor.post("/portal/people", &good).status, 200, "a form of ours");
    // The API takes the session with its token, and only so.
    assert!(forged(&visitor.ask("GET", "/v1/people", &[], "")));
    assert!(forged(&visitor.ask("GET", "/v1/people", &[("x-tiers-csrf", "AAAA")], "")));
    let answer = visitor.ask("GET", "/v1/people", &[("x-tiers-csrf", &csrf)], "");
    assert_eq!(answer.status, 200);
    // A page under another name of this machine is sent to ours; one that would change something is not.
    let strange = [("host", "rebound.example")];
    let shown = visitor.ask("GET", "/rights", &strange, "");
    assert_eq!((shown.status, shown.location), (307, format!("{}/rights", world.server.url())));
    let strange = [form, ("host", "rebound.example"), ("origin", "http://rebound.example")];
    assert!(forged(&visitor.ask("POST", "/portal/people", &strange, &good)));
}

#[test]
fn an_operator_alone_lets_nobody_into_a_company() {
    let world = world();
    let dealer = invited(&world.partners[0].client, "Anne");
    let operator = &world.operator.0;
    let revocation = format!("/v1/people/{}/revocation", dealer.actor);
    let again = NewInvitation { name: "x".to_owned(), again: Some(dealer.actor) };
    for stranger in [operator, &world.partners[1].client, &world.principal.client] {
        let answer = stranger.post("/v1/invitations", &again);
        assert_eq!(answer.outcome(), (404, "object.not_found".to_owned()));
        let answer = stranger.send("POST", &revocation, &[], b"");
        assert_eq!(answer.outcome(), (404, "object.not_found".to_owned()));
    }
    // What an operator's own invitation gives is the operator's.
    let visitor = Visitor::entered(&world.server, operator, "Alix");
    assert!(visitor.get("/portal").text.contains("Sociétés inscrites"));
    // Its own side does it: the earlier link is void, and so is the person once removed.
    let client = &world.partners[0].client;
    let newer: Invitation = client.post("/v1/invitations", &again).json();
    assert_eq!(newer.actor, dealer.actor);
    let visitor = Visitor::new(&world.server);
    assert_eq!(visitor.get(&dealer.path).status, 404);
    assert_eq!(visitor.get(&newer.path).status, 200);
    let mut inside = Visitor::new(&world.server);
    let shown = inside.post(&format!("{}/enter", newer.path), "");
    shown.cookie.unwrap().split(';').next().unwrap().clone_into(&mut inside.cookie);
    assert_eq!(inside.get("/portal").status, 200);
    client.send("POST", &revocation, &[], b"").ok();
    assert_eq!(inside.get("/portal").status, 303, "removed, and out");
    assert_eq!(visitor.get(&newer.path).status, 404, "a removed person's link");
    let acts = world.officer.acts();
    let of = |kind: &str| {
        let object = dealer.actor.to_string();
        acts.iter().filter(|act| act.act == kind && act.object == object).count()
    };
    assert_eq!((of("key.issued"), of("key.revoked")), (2, 1), "the ledger tells");
}

#[test]
fn secrets_of_links_and_cookies_lie_nowhere_on_the_disk() {
    let world = world();
    let link = invited(&world.principal.client, "Louise").path;
    let visitor = Visitor::entered(&world.server, &world.principal.client, "Marker-Of-A-Name");
    assert_eq!(visitor.get("/portal").status, 200);
    let secrets = [
        link.rsplit('/').next().unwrap().to_owned(),
        visitor.cookie.split('=').nth(1).unwrap().to_owned(),
        visitor.get("/portal").csrf(),
    ];
    let mut files = Vec::new();
    walk(world.server.folder(), &mut files);
    let mut named = false;
    for file in &files {
        let bytes = std::fs::read(file).unwrap();
        let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(!secrets.iter().any(|secret| holds(secret)), "{}", file.display());
        named |= holds("Marker-Of-A-Name");
    }
    assert!(named, "the search finds what is there");
}
