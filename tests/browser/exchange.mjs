// An exchange in the portals: proposed and sealed on the command line, as companies do, and everything else
// in the pages: words signed under three keys, the hand-over, the opening, the duty to inform, both values.

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { NATIVE, check } from "./support.mjs";

/** Records of a batch: more than the thousand below which nothing passes. */
const RECORDS = 1300;

/** Plays it between the dealer and the brand of `tiers demo`; `look` takes pictures, `has` finds words. */
export async function exchangeStory({ dealer, brand, home, origin, look, has }) {
  const desk = new Desk(home, origin);
  desk.propose();
  const follow = async (page) => {
    await page.goto(`${origin}/portal/exchanges?lang=fr`);
    await page.leads("the exchange", () => page.click(".cards a"));
  };
  const say = async (page, says, key) => {
    await follow(page);
    await page.choose("#say .key", [key]);
    const choice = `document.querySelector("#say .says").value = "${says}"`;
    await page.eval(`${choice}; document.querySelector("#say [type=checkbox]").checked = true`);
  };
  await follow(brand);
  await look(brand, "exchange-proposed-fr");
  await say(brand, "accept", desk.key("signatory-dealer"));
  await brand.click("#say button");
  await brand.until("the wrong key", async () => (await brand.eval("document.body.innerText")).includes("Ce n’est pas la clé"));
  await say(brand, "accept", join(home, "brand/keys/party.key"));
  await brand.leads("accepted", () => brand.click("#say button"));
  for (const [page, name] of [[brand, "signatory-brand"], [dealer, "signatory-dealer"]]) {
    await say(page, "approve", desk.key(name));
    await page.leads("approved", () => page.click("#say button"));
  }
  await has(dealer, "les envois peuvent partir");
  desk.send();
  await follow(dealer);
  await look(dealer, "exchange-sent-fr");
  desk.review();
  await follow(dealer);
  await look(dealer, "exchange-reviewed-fr");
  await dealer.leads("handed over", () => dealer.click("form[action*=hand-over] button"));
  await has(dealer, "remis, à ouvrir par le destinataire");
  await follow(brand);
  await brand.choose("form.open .key", [join(home, "brand/keys/party.key")]);
  await brand.click("form.open button[type=submit]");
  await brand.until("the records", () => brand.eval("!document.querySelector('form.open .got').hidden"));
  await look(brand, "exchange-opened-fr");
  await brand.leads("fetched", () => brand.click("form.open .done"));
  await has(brand, "ouvert par le destinataire");
  await brand.leads("informed", () => brand.click("form[action*=informed] button"));
  await has(brand, "Personnes informées");
  for (const [page, euros] of [[dealer, "1 000,00"], [brand, "1200"]]) {
    await follow(page);
    await page.type("[name=euros]", euros);
    await page.leads("the value", () => page.click("form[action$=value] button"));
  }
  await has(brand, "clos, les deux factures sont établies");
  await look(brand, "exchange-closed-fr");
}

/** What the companies do at a command line. */
class Desk {
  constructor(home, origin) {
    this.home = home;
    this.url = origin.replace("localhost", "127.0.0.1");
    this.folder = join(home, "desk");
    mkdirSync(this.folder);
    for (const name of ["signatory-dealer", "signatory-brand", "officer-dealer", "officer-brand"]) {
      this.run(["party", "key", "new", "--out", join(this.folder, name)]);
    }
  }

  run(words) {
    return JSON.parse(execFileSync(NATIVE, [...words, "--json"], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }));
  }

  remote(words) {
    return this.run([...words, "--to", this.url, "--credentials", join(this.home, "dealer_01/credentials.json")]);
  }

  key(name) {
    return join(this.folder, name, "party.key");
  }

  side(side, [who, name, siren]) {
    const keys = (of) => JSON.parse(readFileSync(join(this.folder, of, "party.pub")));
    const { party } = JSON.parse(readFileSync(join(this.home, who === "dealer" ? "dealer_01" : who, "credentials.json")));
    Object.assign(side, { party, name, siren, notice_url: "https://exemple.example/donnees" });
    Object.assign(side, { requester: "Mme Demande", rights_contact: "droits@exemple.example" });
    side.address = { street: "1 rue de la Gare", postcode: "15000", town: "Aurillac", country: "FR" };
    const officer = keys(`officer-${who}`);
    side.dpo = { name: "delegue@exemple.example", key: officer.signing, sealing: officer.sealing };
    side.signatory = { name: "M. Signe", key: keys(`signatory-${who}`).signing };
    Object.assign(side.invoicing, { mandate: "MDT-1", vat_id: `FR40${siren}` });
  }

  propose() {
    const file = join(this.folder, "agreement.json");
    const keys = (who) => join(this.home, who, "keys/party.pub");
    this.run(["exchange", "template", "--own", keys("dealer_01"), "--other", keys("brand"), "--out", file]);
    const agreement = JSON.parse(readFileSync(file));
    this.side(agreement.proposer, ["dealer", "Garage des Tilleuls", "000000117"]);
    this.side(agreement.other, ["brand", "Automobiles Aubrac", "000000109"]);
    Object.assign(agreement.proposer.gives, { lot_cents: 100_000, fields: ["email"] });
    Object.assign(agreement.other.gives, { price_cents: 120_000, what: "Insertion publicitaire" });
    const day = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
    Object.assign(agreement, {
      begins: day(-1), ends: day(200), purpose: "Envoyer des offres d’entretien", offer: "Entretien à prix réduit",
      message: "Votre adresse nous vient de {source}. {advertiser}. Stop : {opt_out}", security: "De bout en bout",
    });
    writeFileSync(file, JSON.stringify(agreement));
    this.exchange = agreement.exchange;
    this.remote(["exchange", "propose", file, "--party-key", join(this.home, "dealer_01/keys")]);
  }

  /** The dealer's customers agreed on the form of the demonstration; their addresses are sealed to the brand. */
  send() {
    const at = (name) => join(this.home, "dealer_01", name);
    const said = new Date(Date.now() - 40 * 86_400_000).toISOString().slice(0, 10);
    const rows = (end) => Array.from({ length: RECORDS }, (_, n) => `p${n}@exemple.example,${said}${end}\n`).join("");
    writeFileSync(at("many.csv"), `email,date,state,ticked\n${rows(",given,yes")}`);
    writeFileSync(at("send.csv"), `email,collected,evidence\n${rows(",FORM-7")}`);
    const [{ form }] = this.remote(["consent", "form", "list"]).forms;
    const rights = at("rights.key");
    const imported = this.remote(["consent", "import", at("many.csv"), "--form", form, "--key", rights, "--evidence", at("evidence.json")]);
    check(imported.events === RECORDS && imported.quarantined === 0, JSON.stringify(imported));
    const words = ["exchange", "send", at("send.csv"), "--exchange", this.exchange, "--channel", "email"];
    const sent = this.remote([...words, "--rights-key", rights, "--party-key", at("keys"), "--out", join(this.folder, "batch")]);
    this.batch = sent.batch.batch ?? sent.batch;
  }

  /** The brand's data protection officer looks at a sample of the proofs, and finds them in order. */
  review() {
    const brand = (name) => join(this.home, "brand", name);
    const sample = join(this.folder, "sample.csv");
    const words = ["exchange", "review", this.batch, "--officer-key", join(this.folder, "officer-brand"), "--party-pub", brand("keys/party.pub")];
    const as = ["--to", this.url, "--credentials", brand("credentials.json")];
    this.run([...words, "--out", sample, ...as]);
    const [head, ...rows] = readFileSync(sample, "utf8").trimEnd().split("\n");
    check(rows.length === 30, `${rows.length} proofs were drawn`);
    writeFileSync(sample, [head, ...rows.map((row) => `${row}proven`), ""].join("\n"));
    this.run([...words, "--verdicts", sample, ...as]);
  }
}
