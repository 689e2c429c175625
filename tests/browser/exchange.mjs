// An exchange in the portals, from the proposal to both invoices: written, checked and signed in the sender's
// page, accepted and approved in the others, a file sealed and sent in the page over a connection that breaks,
// its proofs reviewed, handed over, opened. A second batch is sealed and reviewed on the command line and opened
// in the page. What page and native program make of the same file is compared byte by byte, and what the browser
// sent is searched for every contact and for the keys.

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { NATIVE, check, same } from "./support.mjs";

/** Records of a batch: more than the thousand below which nothing passes. */
const RECORDS = 1300;
/** Sendings that break off: a browser tries again by itself on each connection that it held open, the page afterwards. */
const BREAKS = 9;

/** One contact in so many is looked for in all that was sent. */
const SEARCHED = 13;

const CATCH = "{ const make = URL.createObjectURL; URL.createObjectURL = (made) => { (window.saved ??= []).push(made); return make(made); }; true; }";

/** Plays it between the dealer and the brand of `tiers demo`; `look` takes pictures, `has` finds words. */
export async function exchangeStory({ dealer, brand, home, origin, proxy, look, has, searched }) {
  const desk = new Desk(home, origin);
  const before = proxy.sent.length;
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
  await propose(dealer, { desk, origin, look, has });
  await follow(brand);
  await look(brand, "exchange-proposed-fr");
  await say(brand, "accept", desk.key("signatory-dealer"));
  await brand.click("#say button[type=submit]");
  await brand.until("the wrong key", async () => (await brand.eval("document.body.innerText")).includes("Ce n’est pas la clé"));
  await say(brand, "accept", join(home, "brand/keys/party.key"));
  await brand.leads("accepted", () => brand.click("#say button[type=submit]"));
  for (const [page, name] of [[brand, "signatory-brand"], [dealer, "signatory-dealer"]]) {
    await say(page, "approve", desk.key(name));
    await page.leads("approved", () => page.click("#say button[type=submit]"));
  }
  await has(dealer, "les envois peuvent partir");
  desk.customers();
  await send(dealer, { desk, proxy, look, has });
  await review(brand, { desk, follow, look, has });
  const opened = await openFirst({ dealer, brand, desk, follow, look, has });
  const planted = desk.contacts().filter((_, n) => n % SEARCHED === 0);
  await searched(dealer, () => proxy.sent.slice(before), { contacts: planted, keyFile: desk.keys(), origin });
  check(opened.split("\n").length === RECORDS + 2, "what was opened has another number of rows");
  desk.send();
  desk.review();
  await openSecond({ dealer, brand, desk, follow, has });
  for (const [page, euros] of [[dealer, "2 000,00"], [brand, "1200"]]) {
    await follow(page);
    await page.type("[name=euros]", euros);
    await page.leads("the value", () => page.click("form[action$=value] button"));
  }
  await has(brand, "clos, les deux factures sont établies");
  await look(brand, "exchange-closed-fr");
}

/** The dealer writes the agreement, is told what is wrong with it, reads it over and signs it. */
async function propose(page, { desk, origin, look, has }) {
  await page.goto(`${origin}/portal/exchanges?lang=fr`);
  await page.leads("the form", () => page.click("a[href$='/new']"));
  await page.until("the other company's keys", () => page.eval("!document.querySelector('.fingerprint').hidden"));
  const put = (path, text) => page.type(`[data-path="${path}"]`, text);
  await put("purpose", "Envoyer des offres d’entretien");
  await put("offer", "Entretien à prix réduit");
  for (const [side, who] of [["proposer", "dealer"], ["other", "brand"]]) {
    const texts = {
      "address.street": "1 rue de la Gare", "address.postcode": "15000", "address.town": "Aurillac",
      notice_url: "https://exemple.example/donnees", rights_contact: "droits@exemple.example", requester: "Mme Demande",
      "signatory.name": "M. Signe", "dpo.name": "delegue@exemple.example", "invoicing.mandate": "MDT-1",
    };
    for (const [path, text] of Object.entries(texts)) await put(`${side}.${path}`, text);
    const siren = await page.eval(`document.querySelector('[data-path="${side}.siren"]').value`);
    check(/^\d{9}$/.test(siren), `the page knows the SIREN: ${siren}`);
    await put(`${side}.invoicing.vat_id`, `FR40${siren}`);
    for (const [path, of] of [["signatory", "signatory"], ["dpo", "officer"]]) {
      await page.choose(`[data-path="${side}.${path}"]`, [desk.pub(`${of}-${who}`)]);
    }
  }
  for (const field of ["title", "first_name", "last_name"]) {
    await page.click(`[data-path="proposer.gives.fields"] [value=${field}]`);
  }
  await put("proposer.gives.lot_cents", "1 000,00");
  await put("other.gives.what", "Insertion publicitaire");
  await put("other.gives.price_cents", "1200");
  await look(page, "propose-fr");
  await put("proposer.requester", "m. SIGNE");
  await page.click("#agreement [type=submit]");
  await page.until("the refusal", async () => (await page.eval("document.body.innerText")).includes("Le signataire n’est ni qui demande"));
  await put("proposer.requester", "Mme Demande");
  await page.eval(CATCH);
  await page.click("#agreement .save");
  await page.until("the draft", () => page.eval("window.saved?.length > 0"));
  const draft = JSON.parse(await page.eval("window.saved[0].text()"));
  check(draft.format === "tiers-exchange-agreement/1" && draft.proposer.gives.lot_cents === 100_000, JSON.stringify(draft));
  await page.click("#agreement [type=submit]");
  await page.until("the agreement in words", () => page.eval("!document.getElementById('preview').hidden"));
  const keys = ["signatory-dealer", "officer-brand"].map((one) => JSON.parse(readFileSync(desk.pub(one))).signing);
  for (const words of ["Envoyer des offres d’entretien", "adresse électronique", "Insertion publicitaire", ...keys]) await has(page, words);
  const fingerprint = await page.eval("document.querySelector('.fingerprint-other').textContent");
  same(fingerprint, desk.fingerprint("brand"), "the fingerprint of the other company");
  await look(page, "propose-preview-fr");
  await page.choose("#sign .key", [desk.at("keys/party.key")]);
  await page.click("#sign [type=checkbox]");
  await page.leads("the exchange", () => page.click("#sign [type=submit]"));
  await has(page, "proposé");
  desk.exchange = (await page.eval("location.pathname")).split("/").at(-1);
  check(desk.exchange === draft.exchange, "the exchange is the one of the draft");
}

/** A file becomes a batch: too few first, then all, over a connection that breaks. */
async function send(page, { desk, proxy, look, has }) {
  await page.leads("the page to send", () => page.click("a[href$='/send']"));
  await look(page, "send-fr");
  const read = async (file) => {
    await page.choose("#batch .file", [file]);
    await page.click("#batch [type=submit]");
    await page.until("what was understood", () => page.eval("!document.getElementById('understood').hidden"));
  };
  await page.choose("#batch .key", [desk.key("signatory-dealer")]);
  await page.choose("#batch .rights", [desk.at("rights.key")]);
  await page.choose("#batch .file", [desk.at("send.csv")]);
  await page.click("#batch [type=submit]");
  await page.until("the wrong key", () => page.eval("!document.getElementById('refused').hidden"));
  await has(page, "Ce n’est pas la clé");
  await page.choose("#batch .key", [desk.at("keys/party.key")]);
  await read(desk.at("few.csv"));
  await has(page, "Il en faut mille au moins");
  check(await page.eval("document.querySelector('#understood .ready').hidden"), "too few may be sent");
  await page.eval(CATCH);
  await read(desk.at("send.csv"));
  await has(page, "1\u202f300 contacts partiront à Automobiles Aubrac, par courriel");
  await has(page, "la même personne figure plus haut");
  await look(page, "send-understood-fr");
  // Saved files come in the order in which the page offers them: what is left out, then the preview.
  const [leftOut, preview] = await page.eval("Promise.all(window.saved.map((one) => one.text()))");
  const native = desk.preview();
  same(preview, native("preview.csv"), "what leaves, by page and by native program");
  same(leftOut, native("left-out.csv"), "what stays, by page and by native program");
  proxy.breakPuts(BREAKS);
  await page.click("#understood .send");
  await page.until("the connection is lost", async () => (await page.eval("document.querySelector('#progress p').textContent")).includes("Connexion"));
  await page.until("sent", () => page.eval("!document.getElementById('done').hidden"));
  await look(page, "send-done-fr");
}

/** The brand's officer opens the proofs of a sample in the page and gives the verdict. */
async function review(page, { desk, follow, look, has }) {
  await follow(page);
  await has(page, "reçu");
  await page.choose("form.review .key", [desk.key("signatory-brand")]);
  await page.choose("form.review .pub", [join(desk.home, "brand/keys/party.pub")]);
  await page.click("form.review [type=submit]");
  await page.until("the wrong key", async () => (await page.eval("document.body.innerText")).includes("Ce n’est pas la clé"));
  await page.choose("form.review .key", [desk.key("officer-brand")]);
  await page.click("form.review [type=submit]");
  await page.until("the proofs", () => page.eval("!document.querySelector('form.review .sample').hidden"));
  await has(page, "FORM-7");
  same(await page.eval("document.querySelectorAll('form.review tbody tr').length"), 30, "proofs that were drawn");
  await page.click("form.review .verdict");
  await page.until("a verdict on each", async () => (await page.eval("document.body.innerText")).includes("Donnez un avis sur chaque preuve"));
  await page.click("form.review .all");
  await look(page, "review-fr");
  await page.leads("the verdict", () => page.click("form.review .verdict"));
  await has(page, "preuves examinées");
}

/** Handed over, opened in the page, opened by the native program: the same bytes. */
async function openFirst({ dealer, brand, desk, follow, look, has }) {
  await follow(dealer);
  await look(dealer, "exchange-reviewed-fr");
  await dealer.leads("handed over", () => dealer.click("form[action*=hand-over] button"));
  await has(dealer, "remis, à ouvrir par le destinataire");
  const opened = await openInPage(brand, { desk, follow });
  await look(brand, "exchange-opened-fr");
  same(opened, desk.open(await brand.eval("document.querySelector('form.open').dataset.batch")), "what was opened, by page and by native program");
  await follow(brand);
  await has(brand, "ouvert par le destinataire");
  return opened;
}

async function openInPage(page, { desk, follow }) {
  await follow(page);
  await page.eval(CATCH);
  await page.choose("form.open .key", [join(desk.home, "brand/keys/party.key")]);
  await page.click("form.open button[type=submit]");
  await page.until("the records", () => page.eval("!document.querySelector('form.open .got').hidden"));
  return page.eval("window.saved.at(-1).text()");
}

/** A batch of the command line is opened in the page, and confirmed there. */
async function openSecond({ dealer, brand, desk, follow, has }) {
  await follow(dealer);
  await dealer.leads("handed over", () => dealer.click("form[action*=hand-over] button"));
  await openInPage(brand, { desk, follow });
  await brand.leads("fetched", () => brand.click("form.open .done"));
  check(!(await brand.eval("document.querySelector('form.open')")), "there is still something to open");
  for (let batch = 0; batch < 2; batch += 1) {
    await brand.leads("informed", () => brand.click("form[action*=informed] button"));
  }
  await has(brand, "Personnes informées");
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

  remote(words, who = "dealer_01") {
    return this.run([...words, "--to", this.url, "--credentials", join(this.home, who, "credentials.json")]);
  }

  at(name) {
    return join(this.home, "dealer_01", name);
  }

  key(name) {
    return join(this.folder, name, "party.key");
  }

  pub(name) {
    return join(this.folder, name, "party.pub");
  }

  /** The secrets of all keys that were chosen in the dealer's pages, in one file. */
  keys() {
    const all = [this.at("keys/party.key"), this.at("rights.key"), this.key("signatory-dealer")];
    const file = join(this.folder, "all.keys");
    writeFileSync(file, all.map((one) => readFileSync(one, "utf8")).join("\n"));
    return file;
  }

  fingerprint(who) {
    return this.run(["party", "show", join(this.home, who, "keys")]).fingerprint;
  }

  contacts() {
    return Array.from({ length: RECORDS }, (_, n) => `p${n}@exemple.example`);
  }

  /** The dealer's customers, who agreed on the form of the demonstration, and files of them. */
  customers() {
    const said = new Date(Date.now() - 40 * 86_400_000).toISOString().slice(0, 10);
    const rows = (end) => this.contacts().map((one) => `${one},${said}${end}\n`).join("");
    writeFileSync(this.at("many.csv"), `email,date,state,ticked\n${rows(",given,yes")}`);
    const stays = `p1@exemple.example,${said},FORM-7,Double\nq@exemple.example,${said},,Sans preuve\npersonne,${said},FORM-7,Petit\n`;
    const head = "email,collected,evidence,nom\n";
    writeFileSync(this.at("send.csv"), `${head}${rows(",FORM-7,Martin")}${stays}`);
    writeFileSync(this.at("few.csv"), `${head}${rows(",FORM-7,Martin").split("\n").slice(0, 20).join("\n")}\n`);
    const [{ form }] = this.remote(["consent", "form", "list"]).forms;
    const words = ["consent", "import", this.at("many.csv"), "--form", form, "--key", this.at("rights.key")];
    const imported = this.remote([...words, "--evidence", this.at("evidence.json")]);
    check(imported.events === RECORDS && imported.quarantined === 0, JSON.stringify(imported));
  }

  sending(out) {
    const words = ["exchange", "send", this.at("send.csv"), "--exchange", this.exchange, "--channel", "email"];
    return [...words, "--rights-key", this.at("rights.key"), "--party-key", this.at("keys"), "--out", join(this.folder, out)];
  }

  /** What the native program makes of the same file, without sending it. */
  preview() {
    this.remote([...this.sending("looked"), "--preview"]);
    return (name) => readFileSync(join(this.folder, "looked", name), "utf8");
  }

  send() {
    const sent = this.remote(this.sending("batch"));
    this.batch = sent.batch.batch ?? sent.batch;
  }

  open(batch) {
    const out = join(this.folder, "opened.csv");
    this.remote(["exchange", "open", batch, "--party-key", join(this.home, "brand/keys"), "--out", out], "brand");
    return readFileSync(out, "utf8");
  }

  /** The brand's data protection officer looks at a sample of the proofs, and finds them in order. */
  review() {
    const brand = (name) => join(this.home, "brand", name);
    const sample = join(this.folder, "sample.csv");
    const words = ["exchange", "review", this.batch, "--officer-key", join(this.folder, "officer-brand"), "--party-pub", brand("keys/party.pub")];
    this.remote([...words, "--out", sample], "brand");
    const [head, ...rows] = readFileSync(sample, "utf8").trimEnd().split("\n");
    check(rows.length === 30, `${rows.length} proofs were drawn`);
    writeFileSync(sample, [head, ...rows.map((row) => `${row}proven`), ""].join("\n"));
    this.remote([...words, "--verdicts", sample], "brand");
  }
}
