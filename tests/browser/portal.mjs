// The portals in headless Chromium, on the sample network that `tiers demo` serves: each role's story, by
// the links that it prints and by real passkeys of a virtual authenticator; both languages; the keyboard
// alone; axe-core on every page; pictures at 360 and 1,920 pixels. Beside that, every byte that the browser
// sends in a dealer's story is kept and searched for contacts and keys, with decoys that the same search
// must find.

import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { NATIVE, ROOT, check, same } from "./support.mjs";
import { chromium, recorder } from "./chromium.mjs";
import { exchangeStory } from "./exchange.mjs";
import { formStory } from "./form.mjs";
import { foundingStory } from "./founding.mjs";
import { keysStory } from "./keys.mjs";

const AXE = readFileSync(join(ROOT, "target/tools/node_modules/axe-core/axe.min.js"), "utf8");
const PICTURES = join(ROOT, "target/pictures");
const STORY_MS = 600_000;
/** The first page may take this long on loopback. */
const FIRST_PAGE_MS = 1000;
/** Clicks from the start page to a sent deposit, and how long it may take. */
const CLICKS_MAX = 5;
const DEPOSIT_MS = 120_000;
/** Clicks from a programme to a report's certificate, and from an address to its chain of consent. */
const CERTIFICATE_CLICKS_MAX = 3;
const CHAIN_CLICKS_MAX = 3;
/** Stops of the keyboard on a page, at most. */
const STOPS_MAX = 80;

mkdirSync(PICTURES, { recursive: true });

/** `tiers demo` at a terminal of its own; gives its links by role, and the paths that it names. */
function demo(out) {
  const command = `exec '${NATIVE}' demo --out '${out}'`;
  const child = spawn("script", ["-qfec", command, "/dev/null"], { stdio: ["pipe", "pipe", "inherit"], detached: true });
  let said = "";
  const ready = new Promise((resolve, reject) => {
    child.stdout.on("data", (chunk) => {
      said += chunk;
      if (said.includes("until you press Ctrl-C.") && said.includes("Serving at")) resolve();
    });
    child.on("exit", (code) => reject(new Error(`tiers demo ended (${code})\n${said}`)));
    setTimeout(() => reject(new Error(`tiers demo took too long\n${said}`)), STORY_MS).unref();
  });
  const end = () =>
    new Promise((resolve) => {
      child.removeAllListeners("exit");
      child.once("exit", resolve);
      child.stdin.write("\u0003");
    });
  return { ready, end, said: () => said.replace(/\u001b\[[0-9;]*m/g, "") };
}

const pages = [];

/** Looks at the page that is open: no fault of its own, no violation of axe, pictures in three sizes. */
async function look(page, name) {
  same(page.errors, [], `${name}: faults of the page`);
  await page.eval(`if (!window.axe) { ${AXE} }; true`);
  const run = `axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })
    .then((r) => r.violations.map((v) => v.id + ": " + v.nodes.map((n) => n.html.slice(0, 160) + " | " + n.failureSummary).join(" || ")))`;
  for (const [width, dark] of [[1920, false], [360, false], [1280, true]]) {
    await page.size(width, 900, dark);
    same(await page.eval(run), [], `${name} at ${width}${dark ? ", dark" : ""}: axe`);
    const over = await page.eval("document.documentElement.scrollWidth - document.documentElement.clientWidth");
    check(over <= 0, `${name} at ${width}: ${over} pixels wider than the window`);
    await page.screenshot(join(PICTURES, `${name}-${width}${dark ? "-dark" : ""}.png`));
  }
  await page.size(1280, 900);
  pages.push(name);
}

const text = (page) => page.eval("document.body.innerText");
const has = async (page, word) => check((await text(page)).includes(word), `no "${word}" in:\n${await text(page)}`);

async function publicPages(browser, origin) {
  const page = await browser.page("fr");
  const begun = performance.now();
  await page.goto(`${origin}/`);
  const first = performance.now() - begun;
  check(first < FIRST_PAGE_MS, `the first page took ${Math.round(first)} ms`);
  await has(page, "Mesurer ensemble");
  await look(page, "start-fr");
  await page.leads("the other language", () => page.click(".who a[hreflang=en]"));
  await has(page, "Measure together");
  await look(page, "start-en");
  for (const path of ["rights", "verify", "sign-in"]) {
    await page.goto(`${origin}/${path}?lang=en`);
    await look(page, `${path}-en`);
    await page.goto(`${origin}/${path}?lang=fr`);
    await look(page, `${path}-fr`);
  }
  await page.goto(origin.replace("localhost", "127.0.0.1"));
  check((await page.eval("location.origin")) === origin, "another name of this machine is sent to ours");
  return page;
}

async function verifying(page, origin, out) {
  await page.goto(`${origin}/verify?lang=fr`);
  await page.choose("[name=certificate]", [join(out, "certificate.json")]);
  await page.choose("[name=report]", [join(out, "report.json")]);
  await page.click("#verify button");
  await page.until("the verdict", async () => (await text(page)).includes("est authentique, et ce rapport"));
  await has(page, "Vérifié dans cette page.");
  await look(page, "verified-fr");
  const other = readdirSync(join(out, "reports")).map((month) => join(out, "reports", month, "report.json"));
  const foreign = other.find((path) => !readFileSync(path).equals(readFileSync(join(out, "report.json"))));
  await page.choose("[name=report]", [foreign]);
  await page.click("#verify button");
  await page.until("the other verdict", async () => (await text(page)).includes("mais ce rapport n’est pas"));
}

/** By the demonstration's link; gives the page at the person's home. */
async function enter(browser, link, language = "fr") {
  const page = await browser.page(language);
  await page.goto(link);
  await page.leads("home", () => page.click("form[action$=enter] button"));
  const cookies = await page.cookies();
  const session = cookies.find(({ name }) => name === "tiers-session");
  check(session?.httpOnly && session.sameSite === "Lax", "the session's cookie is not guarded");
  return page;
}

/** Counts what a person does. */
function counted() {
  let done = 0;
  return { act: (promise) => ((done += 1), promise), clicks: () => done };
}

/** From the start page, signed in, to a sent deposit; what the browser sends is searched. */
async function dealerStory(browser, proxy, link, keyFile, salesFile) {
  const page = await enter(browser, link);
  await has(page, "Vos programmes et vos dépôts");
  await look(page, "dealer-home-fr");
  const origin = new URL(link).origin;
  const before = proxy.sent.length;
  await page.goto(`${origin}/`);
  const { act, clicks } = counted();
  const begun = performance.now();
  await act(page.leads("home", () => page.click("main a[role=button]")));
  await act(page.leads("the drop page", () => page.click(".cards a[role=button]")));
  await look(page, "drop-fr");
  await page.choose("[name=key]", [keyFile]);
  await page.choose("[name=file]", [salesFile]);
  await act(page.click("#drop button[type=submit]"));
  await page.until("what was understood", () => page.eval("!document.getElementById('understood').hidden"));
  await look(page, "understood-fr");
  // The connection is lost in the middle of the upload, and comes back.
  proxy.breakPuts(1);
  await act(page.click("#understood .send"));
  await page.until("the deposit", () => page.eval("!document.getElementById('done').hidden"));
  check(clicks() <= CLICKS_MAX, `${clicks()} clicks to a sent deposit`);
  const took = Math.round(performance.now() - begun);
  check(took < DEPOSIT_MS, `${took} ms to a sent deposit`);
  await look(page, "deposited-fr");
  await search(page, () => proxy.sent.slice(before), keyFile, salesFile, origin);
  await page.leads("the deposit's page", () => page.click("#done .see"));
  await has(page, "Télécharger le reçu");
  await look(page, "deposit-fr");
  const receipt = await page.eval("fetch(document.querySelector('a[download]').href).then((r) => r.json())");
  check(receipt.signature && receipt.evidence.proof, "the receipt has no proof");
  const number = await page.eval("document.querySelector('main a[href*=\"about=\"]').href.split('=').at(-1)");
  await page.leads("the acts about it", () => page.click("main a[href*='about=']"));
  check((await page.eval("document.querySelector('[name=about]').value")) === number, "the deposit is not asked for");
  await page.type("[name=reason]", "qui s’en est servi");
  await page.leads("who used it", () => page.click("main form button"));
  await has(page, "deposit.received");
  await page.goto(`${origin}/portal/deposits/${number}`);
  await page.type("[name=reason]", "déposé par erreur");
  await page.leads("the deletion", () => page.click("button.danger"));
  await has(page, "Effacement ordonné");
  await page.leads("home", () => page.click("nav a"));
  await page.leads("the rules", () => page.click(".cards a:not([role])"));
  await look(page, "agreement-fr");
  await page.click("[name=named]");
  await page.leads("the agreement", () => page.click("main form button"));
  await has(page, "C’est enregistré");
  check(await page.eval("document.querySelector('[name=named]').checked"), "the agreement was not kept");
  await ownCounts(page, origin);
  return page;
}

/** What the dealer is told of itself: what it would get, the figure with its interval, its file. */
async function ownCounts(page, origin) {
  await page.leads("its own counts", () => page.click("main .acts a[href$=own]"));
  await look(page, "own-none-fr");
  const address = await page.eval("location.pathname");
  for (const month of ["2024-02", "2024-03"]) {
    await page.eval(`document.querySelector("[name=month]").value = ${JSON.stringify(month)}`);
    await page.leads("the plan", () => page.click("form.line button"));
    await has(page, "95\u00a0fois sur\u00a0100");
    await look(page, "own-plan-fr");
    await page.leads("the figure", () => page.click(".plan form button"));
  }
  await has(page, "Intervalle à 95\u00a0%");
  await look(page, "own-fr");
  const told = await page.eval("fetch(document.querySelector('a[download]').href).then((r) => r.json())");
  check(told.signature && told.evidence.proof && told.document.half_width > 0, "the figure has no proof");
  await page.goto(`${origin}${address}?month=2031-01&lang=fr`);
  await has(page, "own_count.month");
  await look(page, "own-refused-fr");
}

/** Contacts of the file and the key's secret, in what was sent; the same search finds its decoys. */
async function search(page, recorded, keyFile, salesFile, origin) {
  const contacts = readFileSync(salesFile, "latin1").match(/[\w.+-]+@[\w.-]+\.\w+|\b0[1-9](?:[ .-]?\d\d){4}\b/g);
  check(contacts?.length > 20, "the file has no contacts to search for");
  await searched(page, recorded, { contacts, keyFile, origin });
}

/** No contact and no secret of a key file in what was sent; the same search finds its decoys. */
async function searched(page, recorded, { contacts, keyFile, origin }) {
  const sent = recorded();
  const planted = new Set(contacts.map((contact) => contact.toLowerCase()));
  const secrets = readFileSync(keyFile, "utf8").match(/[A-Za-z0-9_-]{40,}/g);
  check(secrets?.length > 0, "the key file has no secret to search for");
  const found = (buffers) => {
    const all = Buffer.concat(buffers).toString("latin1");
    // What a form sends is written otherwise.
    const lower = [all, all.replace(/\+/g, " ").replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)))]
      .join("\n")
      .toLowerCase();
    return [...planted].filter((one) => lower.includes(one)).concat(secrets.filter((one) => all.includes(one)));
  };
  check(sent.length > 3, "nothing was recorded");
  same(found(sent), [], "contacts and keys that were sent");
  const decoys = [[...planted].at(-1), secrets[0]];
  const body = JSON.stringify({ certificate: decoys.join(" ") });
  await page.eval(`fetch("/verify", { method: "POST", body: ${JSON.stringify(body)} }).then(() => true)`);
  same(found(recorded()).length, 2, "the search finds its decoys");
}

/** From an address to its chain of consent, to the proof, to what the rules say. */
async function consentStory(page, proxy, origin, { rightsKey, address }) {
  const before = proxy.sent.length;
  await page.goto(`${origin}/portal?lang=fr`);
  const { act, clicks } = counted();
  await act(page.leads("the consents", () => page.click("nav a[href$=consents]")));
  await look(page, "consents-fr");
  await page.type("#person .contact", address);
  await page.choose("#person .key", [rightsKey]);
  await page.type("#person [name=reason]", "sa lettre du 3 mars");
  await act(page.leads("the chain", () => page.click("#person button[type=submit]")));
  check(clicks() <= CHAIN_CLICKS_MAX, `${clicks()} clicks to a chain of consent`);
  await has(page, "confirmé de nouveau");
  await look(page, "chain-fr");
  await page.leads("the decision", () => page.click("form[action*=decision] button"));
  await has(page, "Oui, il peut passer.");
  await look(page, "decision-fr");
  await page.leads("the proof", () => page.click("td a[href*=rec_]"));
  await has(page, "case d’un formulaire");
  await page.click("details summary");
  await look(page, "record-fr");
  await searched(page, () => proxy.sent.slice(before), { contacts: [address], keyFile: rightsKey, origin });
  await page.goto(`${origin}/portal/consents?lang=en`);
  await page.type("#person .contact", "nobody at all");
  await page.choose("#person .key", [rightsKey]);
  await page.type("#person [name=reason]", "a slip");
  await page.click("#person button[type=submit]");
  await page.until("the refusal", async () => (await text(page)).includes("There is no e-mail address"));
  await look(page, "no-contact-en");
  for (const name of ["requests", "register", "exchanges", "search"]) {
    await page.goto(`${origin}/portal/${name}?lang=fr`);
    await look(page, `dealer-${name}-fr`);
  }
}

async function wrongKey(page, origin, keyFile, salesFile) {
  await page.goto(`${origin}/portal/drop`);
  await page.choose("[name=key]", [salesFile]);
  await page.choose("[name=file]", [salesFile]);
  await page.click("#drop button[type=submit]");
  await page.until("the refusal", () => page.eval("!document.getElementById('refused').hidden"));
  await has(page, "Rien n’a été envoyé");
  await look(page, "wrong-key-fr");
  await page.choose("[name=key]", [keyFile]);
}

/** From the programme to a certificate in three clicks; exports; a refusal in words. */
async function brandStory(browser, link) {
  const page = await enter(browser, link);
  await look(page, "brand-home-fr");
  const { act, clicks } = counted();
  await act(page.leads("the programme", () => page.click(".cards a[role=button]")));
  await look(page, "programme-fr");
  const address = await page.eval("location.pathname");
  const origin = new URL(link).origin;
  await page.eval(`document.querySelector("[name=month]").value = "2024-03"`);
  await act(page.leads("the plan", () => page.click("form.line button")));
  await has(page, "Précision attendue");
  await look(page, "plan-fr");
  await act(page.leads("the report", () => page.click(".plan form button")));
  await has(page, "Attestation");
  check(clicks() <= CERTIFICATE_CLICKS_MAX, `${clicks()} clicks to a certificate`);
  await look(page, "report-fr");
  const release = await page.eval("location.pathname");
  // The page of a report may fetch nothing: its files are reached from the programme's.
  await page.goto(`${origin}${address}`);
  const csv = await page.eval(`fetch("${release}/report.csv").then((r) => r.text())`);
  check(csv.startsWith("section,campaign") && csv.split("\r\n").length > 5, "the table");
  const certificate = await page.eval(`fetch("${release}/certificate.json").then((r) => r.json())`);
  check(certificate.evidence.proof.length > 100, "the certificate");
  await pictures(page, `${origin}${release}`);
  // Tables beside those that every report has: the plan says what each tells and costs, and the report has them.
  await page.goto(`${origin}${address}?month=2024-04&lang=fr`);
  await page.click("details.choices summary");
  for (const table of ["delay/1@all", "network/1@all"]) await page.click(`[name="with.${table}"]`);
  await page.leads("the plan with tables", () => page.click("form.line button"));
  await has(page, "Tableaux de ce rapport");
  await look(page, "plan-tables-fr");
  await page.leads("the report with tables", () => page.click(".plan form button"));
  await look(page, "report-tables-fr");
  const asked = await page.eval("location.pathname");
  await page.goto(`${origin}${address}`);
  const named = await page.eval(`fetch("${asked}/certificate.json").then((r) => r.json())`);
  check(named.document.question.templates.includes("network/1@all"), "the tables that were chosen");
  await page.goto(`${origin}${address}?lang=fr`);
  await page.leads("month by month", () => page.click("main a[href$='/trend']"));
  check(await page.eval("document.querySelectorAll('.drawn svg rect').length > 2"), "no month is drawn");
  await look(page, "trend-fr");
  await page.eval(`document.querySelector("[name=section]").value = "delay/1@all"`);
  await page.leads("another table", () => page.click("form.line button"));
  await has(page, "délai du lead à la vente");
  await look(page, "trend-delay-fr");
  await page.goto(`${origin}${address}?month=2031-01&lang=en`);
  await has(page, "report.bad_period");
  await look(page, "no-plan-en");
  return page;
}

/** The plots of a report as pictures: SVG that stands by itself, PNG that is drawn in the page. */
async function pictures(page, release) {
  await page.goto(`${release}/pictures?lang=fr`);
  await page.until("the pictures", () => page.eval("[...document.images].every((one) => one.complete && one.naturalWidth > 700)"));
  check((await page.eval("document.images.length")) >= 2, "two plots at least");
  await look(page, "pictures-fr");
  const svg = await page.eval(`fetch("${release}/plot-1.svg").then((r) => r.text())`);
  const id = release.split("/").at(-1);
  check(svg.includes(`Attestation ${id}`) && svg.includes("Rapport de") && svg.includes("<desc>"), svg);
  check(!/<style|class=|href|url\(/.test(svg), "the picture needs something beside itself");
  await page.eval("{ const make = URL.createObjectURL; URL.createObjectURL = (made) => { window.saved = made; return make(made); }; true; }");
  await page.click(".png");
  await page.until("the picture", () => page.eval("window.saved?.type === 'image/png'"));
  // Read by the browser's decoder: the size of the drawing, ink of several colours, on white.
  const seen = await page.eval(`(async () => {
    const picture = await createImageBitmap(window.saved);
    const canvas = new OffscreenCanvas(picture.width, picture.height);
    const context = canvas.getContext("2d");
    context.drawImage(picture, 0, 0);
    const { data } = context.getImageData(0, 0, picture.width, picture.height);
    const colours = new Map();
    for (let at = 0; at < data.length; at += 4) {
      const colour = [data[at], data[at + 1], data[at + 2]].join();
      colours.set(colour, (colours.get(colour) ?? 0) + 1);
    }
    const of = (colour) => (colours.get(colour) ?? 0) / (data.length / 4);
    // The heading is drawn: ink in the band of its line.
    let ink = 0;
    for (let y = 22; y < 60; y += 1) for (let x = 36; x < picture.width; x += 1) ink += data[4 * (y * picture.width + x)] < 90 ? 1 : 0;
    return { width: picture.width, height: picture.height, white: of("255,255,255"), bars: of("79,138,179"), ink };
  })()`);
  const size = svg.match(/width="(\d+)" height="(\d+)"/).slice(1).map(Number);
  same([seen.width, seen.height], size, "the size of the picture");
  check(seen.white > 0.3 && seen.white < 0.97 && seen.bars > 0.005 && seen.ink > 300, JSON.stringify(seen));
  const english = await page.eval(`fetch("${release}/plot-1.svg?lang=en").then((r) => r.text())`);
  check(english.includes(`Certificate ${id}`) && english.includes('lang="en"'), english);
  await page.goto(`${release}/pictures?lang=fr`);
  check((await page.eval(`fetch("${release}/plot-99.svg").then((r) => r.status)`)) === 404, "a plot that is none");
}

async function officerStory(browser, proxy, link) {
  const page = await enter(browser, link, "en");
  await has(page, "Oversight");
  await look(page, "officer-home-en");
  await page.leads("the programme", () => page.click(".cards a"));
  await has(page, "Digest of the rules");
  await look(page, "officer-programme-en");
  await page.leads("the ledger", () => page.click("nav li:nth-child(2) a"));
  await look(page, "acts-form-en");
  await page.type("[name=reason]", "review of the demonstration");
  await page.leads("the acts", () => page.click("main form button"));
  await has(page, "release.published");
  await page.click("table details summary");
  await proven(page);
  await has(page, "sees the ledger for the first time");
  await look(page, "acts-en");
  await alteredActs(page, proxy);
  await page.type("[name=search]", "officer.viewed");
  await page.leads("fewer acts", () => page.click("main form button"));
  await proven(page);
  await has(page, "nothing in it was rewritten since");
  check(!(await text(page)).includes("release.published"), "the search shows other acts");
  await dossierStory(page, new URL(link).origin);
  for (const name of ["requests", "retention", "breaches", "register", "conformity"]) {
    await page.goto(`${new URL(link).origin}/portal/${name}?lang=en`);
    await look(page, `officer-${name}-en`);
  }
  return page;
}

const status = (page) => page.eval("document.querySelector('#timeline [role=status]').textContent");

/** Every act that is shown is checked in the page and stands in the ledger. */
async function proven(page) {
  await page.until("the acts are checked", async () => (await status(page)).includes("stand in the ledger as they are"));
  const signs = await page.eval("[...document.querySelectorAll('td.proof')].map((one) => one.textContent)");
  check(signs.length > 0 && signs.every((one) => one === "✓ proven"), signs.join());
}

/** Answers that somebody changes on their way: each is found, and said beside the act. */
async function alteredActs(page, proxy) {
  const again = () => page.leads("the acts", () => page.click("main form button"));
  const html = (change) => (path) => (path === "/portal/acts" ? (bytes) => Buffer.from(change(bytes.toString())) : null);
  const signs = () => page.eval("[...document.querySelectorAll('td.proof.bad')].map((one) => one.textContent)");
  const some = () => page.until("the acts are checked", async () => (await status(page)).includes("cannot be found so in the ledger"));
  // What is shown is another object than the one that stands in the ledger.
  proxy.alter(html((text) => text.replace(/(<code class="object">.{6})./, (_, before) => `${before}X`)));
  await again();
  await some();
  same(await signs(), ["✗ not proventhe page shows something else"], "an object that was changed");
  await look(page, "acts-altered-en");
  // The entry is changed with it: no digest of it leads to the signed root.
  const object = await page.eval("[...document.querySelectorAll('tr')].find((row) => row.querySelector('.type')?.textContent === 'release.published').querySelector('.object').textContent");
  proxy.alter(html((text) => text.replaceAll(object, `${object.slice(0, -1)}${object.endsWith("A") ? "Q" : "A"}`)));
  await again();
  await some();
  const why = await signs();
  check(why.some((one) => one.includes("ledger.proof.path")) && why.every((one) => /path|commitment/.test(one)), why.join());
  // A detail, in the words that are shown and in what they are checked by.
  proxy.alter(html((text) => text.replaceAll("review of the demonstration", "review of the demonstratiom")));
  await again();
  await some();
  check((await signs()).every((one) => one.includes("dossier.commitment")), (await signs()).join());
  // A tile of the tree: nothing is proven by it.
  const flipped = (bytes) => Buffer.from(bytes.map((byte, place) => (place === 40 ? byte ^ 1 : byte)));
  proxy.alter((path) => (path.startsWith("/ledger/tile/0/") ? flipped : null));
  await again();
  await page.until("no act is proven", async () => (await status(page)).includes("no act is proven"));
  proxy.alter(null);
  await page.eval("document.querySelector('#timeline button').click()");
  await page.until("the acts are checked again", async () => (await status(page)).length > 0 && !(await status(page)).includes("Checking"));
}

/** Acts about a programme, and its dossier checked in the page. */
async function dossierStory(page, origin) {
  await page.goto(`${origin}/portal?lang=en`);
  const programme = (await page.eval("document.querySelector('.cards a').href")).split("/").at(-1);
  await page.goto(`${origin}/portal/search?lang=en`);
  await look(page, "search-en");
  await page.type("[name=about]", programme);
  await page.type("[name=reason]", "review of the demonstration");
  await page.leads("what is about it", () => page.click("main form button"));
  await has(page, "programme.registered");
  await page.click("#dossier button[type=button]");
  await page.until("the proofs", async () => (await text(page)).includes("They were checked in this page"));
  await look(page, "dossier-en");
}

/** A colleague is invited, makes a passkey, signs out and in again; then is removed. */
async function passkeys(browser, page, origin) {
  await page.goto(`${origin}/portal/people?lang=fr`);
  await page.type("form.line [name=name]", "Jean Petit");
  await page.leads("the invitation", () => page.click("form.line button"));
  await look(page, "people-fr");
  const link = await page.eval("document.querySelector('code.copy').textContent");
  const other = await browser.page("fr");
  const device = await other.authenticator();
  await other.goto(link);
  await has(other, "Bienvenue, Jean Petit");
  await look(other, "invitation-fr");
  await other.leads("home", () => other.click("#passkey button"));
  await has(other, "Jean Petit");
  await other.leads("signed out", () => other.click(".who form button"));
  check(!(await other.cookies()).some(({ name }) => name === "tiers-session"), "still a cookie");
  await other.goto(`${origin}/portal`);
  check((await other.eval("location.pathname")) === "/sign-in", "let in without a session");
  await device.verified(false);
  await other.click("#passkey button");
  await other.until("a refusal", async () => (await text(other)).includes("n’a pas confirmé"));
  await device.verified(true);
  await keyboardOnly(other);
  await has(other, "Jean Petit");
  await other.goto(link);
  await has(other, "portal.invitation");
  await look(other, "used-invitation-fr");
  await page.goto(`${origin}/portal/people`);
  await has(page, "Jean Petit");
  await page.leads("removed", () => page.click("tbody tr:last-child form[action$=revoke] button"));
  await has(page, "retirée");
  await other.goto(`${origin}/portal`);
  check((await other.eval("location.pathname")) === "/sign-in", "a removed person is let in");
  other.errors.length = 0;
}

/** Signs in by Tab and Enter alone: the skip link comes first, and every stop can be seen. */
async function keyboardOnly(page) {
  await page.goto(`${await page.eval("location.origin")}/sign-in`);
  for (let stop = 0; stop < 12; stop += 1) {
    await page.key("Tab");
    const at = await page.eval(`(() => { const e = document.activeElement; const s = getComputedStyle(e);
      return { skip: e.className === "skip", button: e.closest("#passkey") !== null,
        seen: s.outlineStyle !== "none" || s.boxShadow !== "none" }; })()`);
    check(stop > 0 || at.skip, "the skip link is not first");
    check(at.seen, `stop ${stop} of the keyboard cannot be seen`);
    if (at.button) {
      await page.leads("home", () => page.key("Enter", "Enter", "\r"));
      return;
    }
  }
  throw new Error("the keyboard does not reach the button");
}

/** Moves the focus by Tab until it is on what is wanted; every stop on the way can be seen. */
async function tabTo(page, selector) {
  for (let stop = 0; stop < STOPS_MAX; stop += 1) {
    await page.key("Tab");
    const at = await page.eval(`(() => { const e = document.activeElement; const s = getComputedStyle(e);
      return { there: e.matches(${JSON.stringify(selector)}), what: e.outerHTML.slice(0, 120),
        seen: s.outlineStyle !== "none" || s.boxShadow !== "none" }; })()`);
    check(at.seen, `a stop of the keyboard cannot be seen: ${at.what}`);
    if (at.there) return;
  }
  throw new Error(`the keyboard does not reach ${selector}`);
}

/** A deposit and an agreement without a mouse; only the files themselves are chosen for the browser, which draws that window. */
async function withoutMouse(page, origin, keyFile, salesFile) {
  const enter = () => page.key("Enter", "Enter", "\r");
  await page.goto(`${origin}/portal?lang=fr`);
  await tabTo(page, ".cards a[role=button]");
  await page.leads("the drop page", enter);
  await page.choose("[name=key]", [keyFile]);
  await page.choose("[name=file]", [salesFile]);
  await tabTo(page, "#drop button[type=submit]");
  await enter();
  await page.until("what was understood", () => page.eval("!document.getElementById('understood').hidden"));
  await tabTo(page, "#understood .send");
  await enter();
  await page.until("the deposit", () => page.eval("!document.getElementById('done').hidden"));
  await tabTo(page, "#done .see");
  await page.leads("the deposit's page", enter);
  await page.goto(`${origin}/portal?lang=fr`);
  await tabTo(page, ".cards a:not([role])");
  await page.leads("the rules", enter);
  const named = await page.eval("document.querySelector('[name=named]').checked");
  await tabTo(page, "[name=named]");
  await page.key(" ", "Space", " ");
  await tabTo(page, "main form button");
  await page.leads("the agreement", enter);
  await has(page, "C’est enregistré");
  check((await page.eval("document.querySelector('[name=named]').checked")) !== named, "the keyboard changed nothing");
}

/** What another site's page or a forged form would send. */
async function forged(page, origin) {
  const post = `fetch("/portal/people", { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" },
    body: "name=x&csrf=AAAA" }).then((r) => r.status)`;
  same(await page.eval(post), 403, "a form with another token");
  same(await page.eval(`fetch("/v1/people").then((r) => r.status)`), 403, "the API without the token");
  const strange = await fetch(`${origin}/sign-in/begin`, { method: "POST", headers: { origin: "https://evil.example" } });
  same(strange.status, 403, "another site's page");
  const none = await fetch(`${origin}/portal`, { redirect: "manual", headers: { accept: "text/html" } });
  same(none.headers.get("location"), "/sign-in", "nobody");
  const policy = none.headers.get("content-security-policy");
  check(policy.includes("default-src 'none'") && !policy.includes("unsafe-inline"), policy);
}

/** The stories in their order; words on the command line choose some of them. */
const STORIES = {
  async public({ browser, origin, out }) {
    const visitor = await publicPages(browser, origin);
    await verifying(visitor, origin, out);
  },
  async dealer({ browser, proxy, origin, links, keyFile, salesFile, person, people }) {
    const dealer = people.dealer = await dealerStory(browser, proxy, links[0], keyFile, salesFile);
    await wrongKey(dealer, origin, keyFile, salesFile);
    await consentStory(dealer, proxy, origin, person);
    await withoutMouse(dealer, origin, keyFile, salesFile);
    await forged(dealer, origin);
  },
  async brand({ browser, origin, links, people }) {
    const brand = people.brand = await brandStory(browser, links[1]);
    await passkeys(browser, brand, origin);
  },
  async exchange({ browser, proxy, origin, links, keyFile, people }) {
    const dealer = people.dealer ?? (await enter(browser, links[0]));
    const brand = people.brand ?? (await enter(browser, links[1]));
    const home = dirname(dirname(dirname(keyFile)));
    await exchangeStory({ dealer, brand, home, origin, proxy, look, has, searched });
  },
  async form({ browser, proxy, origin, keyFile }) {
    const home = dirname(dirname(dirname(keyFile)));
    await formStory({ browser, proxy, origin, home, look, has, searched });
  },
  async officer({ browser, proxy, links }) {
    await officerStory(browser, proxy, links[2]);
  },
  async operator({ browser, links, people }) {
    people.operator = await enter(browser, links[3]);
    await look(people.operator, "operator-fr");
  },
  async keys({ browser, proxy, origin, links, keyFile, salesFile, people }) {
    const operator = people.operator ?? (await enter(browser, links[3]));
    const brand = (people.brand ??= await enter(browser, links[1]));
    const home = dirname(dirname(dirname(keyFile)));
    await keysStory({ browser, proxy, operator, brand, origin, home, salesFile, look, has, searched });
  },
  async founding({ browser, proxy, origin, links, keyFile, people }) {
    const brand = people.brand ?? (await enter(browser, links[1]));
    const home = dirname(dirname(dirname(keyFile)));
    await foundingStory({ brand, proxy, origin, home, look, has, searched });
  },
};

const chosen = process.argv.slice(2);
check(chosen.every((name) => STORIES[name]), `stories are ${Object.keys(STORIES).join(", ")}`);
const out = join(mkdtempSync(join(tmpdir(), "tiers-portal-")), "out");
process.on("exit", () => rmSync(dirname(out), { recursive: true, force: true }));
const playing = demo(out);
await playing.ready;
const said = playing.said();
const links = said.match(/http:\/\/localhost:\d+\/invitation\/[A-Za-z0-9_-]+/g);
check(links?.length === 4, `four links\n${said}`);
const [, keyFile, salesFile] = said.match(/to deposit as the dealer, choose (\S+) and (\S+)/) ?? [];
check(keyFile && statSync(salesFile).size > 0, "the dealer's files");
const [, rightsKey, address] = said.match(/choose (\S+) and type (\S+)/) ?? [];
check(rightsKey && address, "whom to look for");
const person = { rightsKey, address };
const origin = new URL(links[0]).origin;

const proxy = await recorder();
const browser = await chromium(proxy.port);
/** Pages of those who are signed in already: a link lets in once. */
const people = {};
let failed = null;
try {
  for (const [name, story] of Object.entries(STORIES)) {
    if (chosen.length > 0 && !chosen.includes(name)) continue;
    const begun = performance.now();
    await story({ browser, proxy, origin, out, links, keyFile, salesFile, person, people });
    console.log(`portal: ${name}, ${Math.round((performance.now() - begun) / 1000)} s`);
  }
} catch (error) {
  failed = error;
} finally {
  await browser.close();
  proxy.close();
  await playing.end();
}
if (failed) throw failed;
console.log(`portal: ${pages.length} pages without a violation, in both languages, at three sizes; pictures in target/pictures`);
process.exit(0);
