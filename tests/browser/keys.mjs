// A company that never opens a terminal: its keys are made and kept in the page, the operator enrols it, its first
// person signs in with the credentials file and a passkey, whose secret then protects the keys; the brand passes the
// programme's key on; and a deposit is made with the keys that are kept. Every byte that the browser sends is searched.

import { spawnSync } from "node:child_process";
import { appendFileSync, cpSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NATIVE, WEB, check } from "./support.mjs";

const PHRASE = "un deux trois quatre soleils bleus derrière la grange";

export async function keysStory({ browser, proxy, operator, brand, origin, home, salesFile, look, has, searched }) {
  const folder = mkdtempSync(join(tmpdir(), "tiers-keys-"));
  const page = await browser.page("fr");
  for (const one of [page, operator]) await one.downloads(folder);
  const before = proxy.sent.length;
  try {
    const print = await made({ page, origin, folder, look, has });
    const party = await enrolled({ operator, origin, folder, print, look, has });
    await firstSignIn({ page, origin, folder, look, has });
    await underPasskey({ page, origin, look, has });
    await passedOn({ brand, origin, home, party, print, look, has });
    await deposited({ page, origin, salesFile, look });
    const contacts = readFileSync(salesFile, "latin1").match(/[\w.+-]+@[\w.-]+\.\w+/g);
    const recorded = () => proxy.sent.slice(before);
    await searched(page, recorded, { contacts, keyFile: join(folder, "party.key"), origin });
    await forgotten({ page, origin, has });
    served({ origin, folder });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What is served is what was built, and the ledger names it; another build is told from it. */
function served({ origin, folder }) {
  const told = (web) => {
    const words = ["pages", "check", origin.replace("localhost", "127.0.0.1"), "--browser", web];
    const { status, stdout, stderr } = spawnSync(NATIVE, words, { encoding: "utf8" });
    return { status, said: stdout + stderr };
  };
  const same = told(WEB);
  check(same.status === 0 && same.said.includes("pgs_"), same.said);
  const other = join(folder, "web");
  cpSync(WEB, other, { recursive: true });
  appendFileSync(join(other, "worker.js"), "// one line more\n");
  const differs = told(other);
  check(differs.status !== 0 && differs.said.includes("/browser/worker.js is not that of this program"), differs.said);
}

async function arrived(page, folder, name) {
  await page.until(`the file ${name}`, async () => readdirSync(folder).includes(name));
  return readFileSync(join(folder, name), "utf8");
}

const says = (page, what) => page.until(what, () => page.eval(`document.body.innerText.includes(${JSON.stringify(what)})`));

/** Keys made before the company is known here, kept under a passphrase; gives their fingerprint. */
async function made({ page, origin, folder, look, has }) {
  await page.goto(`${origin}/keys?lang=fr`);
  await has(page, "Ce navigateur ne garde encore aucune clé.");
  await look(page, "keys-none-fr");
  await page.click("button.make");
  await says(page, "Les clés sont créées.");
  await look(page, "keys-made-fr");
  check(await page.eval("document.querySelector('a.public').hidden"), "party.pub before the keys are safe");
  await page.click("button.copy");
  check((await arrived(page, folder, "party.key")).startsWith("TIERS-PARTY-KEY-1 "), "the copy for the safe");
  await page.until("party.pub", () => page.eval("!document.querySelector('a.public').hidden"));
  await page.click("a.public");
  await arrived(page, folder, "party.pub");
  await page.type(".protect .phrase", "azerty");
  await page.click(".protect button");
  await says(page, "Phrase trop facile à deviner");
  await page.type(".protect .phrase", PHRASE);
  await page.click(".protect button");
  await says(page, "C’est gardé.");
  await page.goto(`${origin}/keys?lang=fr`);
  await says(page, "Déverrouiller");
  await page.type(".unlock .phrase", `${PHRASE} !`);
  await page.click(".unlock button");
  await says(page, "Cela ne déverrouille pas");
  await look(page, "keys-locked-fr");
  await page.type(".unlock .phrase", PHRASE);
  await page.click(".unlock button");
  await page.until("the open keys", () => page.eval("!document.querySelector('.open').hidden"));
  return page.eval("document.querySelector('#keys .print').textContent");
}

/** Enrolled by the operator, who has the fingerprint by telephone; gives the company's id. */
async function enrolled({ operator, origin, folder, print, look, has }) {
  await operator.goto(`${origin}/portal?lang=fr`);
  await operator.choose("#enrol-company .file", [join(folder, "party.pub")]);
  await operator.until("the public keys", () => operator.eval("document.querySelector('[name=keys]').value.includes('tiers-party/1')"));
  await operator.type("[name=name]", "Garage du Nouveau Venu");
  await operator.type("[name=siren]", "552 100 554");
  await operator.type("[name=fingerprint]", print.replace(/^..../, print.startsWith("0000") ? "1111" : "0000"));
  await operator.leads("the refusal", () => operator.click("#enrol-company button"));
  await has(operator, "L’empreinte n’est pas celle de ces clés.");
  await look(operator, "enrol-refused-fr");
  await operator.type("[name=fingerprint]", print);
  await operator.click("#enrol-company button");
  const credentials = JSON.parse(await arrived(operator, folder, "credentials.json"));
  await operator.goto(`${origin}/portal?lang=fr`);
  await has(operator, "Garage du Nouveau Venu");
  return credentials.party;
}

async function firstSignIn({ page, origin, folder, look, has }) {
  await page.authenticator({ prf: true });
  await page.goto(`${origin}/sign-in?lang=fr`);
  await page.click("details.first summary");
  await look(page, "first-sign-in-fr");
  await page.type("#first .name", "Nadia Nouveau");
  await page.choose("#first .file", [join(folder, "party.pub")]);
  await page.click("#first button");
  await says(page, "Cet accès n’est pas connu");
  await page.choose("#first .file", [join(folder, "credentials.json")]);
  await page.leads("the invitation", () => page.click("#first button"));
  await page.leads("home", () => page.click("#passkey button"));
  await has(page, "Nadia Nouveau");
  page.errors.length = 0;
}

/** The keys that were made before are the company's; its person's passkey protects them from now on. */
async function underPasskey({ page, origin, look, has }) {
  const databases = "indexedDB.databases().then((all) => all.map(({ name }) => name))";
  check((await page.eval("location.origin")) === origin, "the first page is elsewhere");
  check(!(await page.eval(databases)).includes("tiers-keys"), "other pages see the kept keys");
  await page.goto(`${origin}/portal/keys?lang=fr`);
  check((await page.eval("location.origin")) !== origin, "the keys have no origin of their own");
  check((await page.eval(databases)).includes("tiers-keys"), "the keys are not kept where they are used");
  await says(page, "Ce sont bien les clés sous lesquelles votre société est inscrite.");
  await page.type(".unlock .phrase", PHRASE);
  await page.click(".unlock button");
  await page.until("the open keys", () => page.eval("!document.querySelector('.open').hidden"));
  await page.click("[name=by][value=prf]");
  await page.click(".protect button");
  await says(page, "C’est gardé.");
  await look(page, "keys-kept-fr");
  await page.goto(`${origin}/portal/keys?lang=en`);
  await page.until("the kept keys", () => page.eval("document.querySelector('#keys .by').textContent === 'passkey'"));
  check(await page.eval("document.querySelector('.taking').hidden"), "keys may be added to what is locked");
  await page.click(".unlock button");
  await page.until("the open keys", () => page.eval("!document.querySelector('.open').hidden"));
  await look(page, "keys-open-en");
}

async function passedOn({ brand, origin, home, party, print, look, has }) {
  await brand.goto(`${origin}/portal?lang=fr`);
  await brand.leads("the programme", () => brand.click(".cards a[role=button]"));
  await brand.type("[name=party]", party);
  await brand.type("[name=size]", "400");
  await brand.leads("the dealer", () => brand.click("form[action$=partners] button"));
  await has(brand, "Transmettez-lui maintenant la clé");
  await brand.leads("the page of the key", () => brand.click("main a[href$='/key']"));
  const chosen = await brand.eval("document.querySelector('#wrap .to').value");
  check(chosen === party, "the dealer without a key is not the first choice");
  await brand.choose("#wrap .key", [join(home, "brand", "programme.key")]);
  await brand.type("#wrap .confirmed", "1c0e-88a1-03fe-4b7d-92c4-aa10-6e3f-5d02");
  await brand.click("#wrap button[type=submit]");
  await says(brand, "Ce n’est pas l’empreinte des clés inscrites");
  await look(brand, "wrap-refused-fr");
  await brand.type("#wrap .confirmed", print);
  await brand.click("#wrap button[type=submit]");
  await says(brand, "Garage du Nouveau Venu peut déposer.");
}

async function deposited({ page, origin, salesFile, look }) {
  await page.goto(`${origin}/portal/drop?lang=fr`);
  await says(page, "Avec les clés gardées dans ce navigateur");
  await look(page, "drop-kept-fr");
  await page.choose("[name=file]", [salesFile]);
  await page.click("#drop button[type=submit]");
  await page.until("what was understood", () => page.eval("!document.getElementById('understood').hidden"));
  await page.click("#understood .send");
  await page.until("the deposit", () => page.eval("!document.getElementById('done').hidden"));
}

async function forgotten({ page, origin, has }) {
  await page.goto(`${origin}/portal/keys?lang=fr`);
  await page.until("what is kept", () => page.eval("!document.querySelector('.forgetting').hidden"));
  await page.click(".forget [type=checkbox]");
  await page.click(".forget button");
  await says(page, "Ce navigateur ne garde plus rien.");
  await page.goto(`${origin}/portal/drop?lang=fr`);
  await has(page, "party.key");
  const rows = `new Promise((resolve, reject) => {
    const asked = indexedDB.open("tiers-keys", 1);
    asked.onerror = reject;
    asked.onsuccess = () => { const all = asked.result.transaction("kept").objectStore("kept").getAll(); all.onsuccess = () => resolve(JSON.stringify(all.result)); };
  })`;
  check((await page.eval(rows)) === "[]", "something is kept after it was forgotten");
}
