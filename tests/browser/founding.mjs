// A brand that never opens a terminal founds a programme: its list of campaigns as a spreadsheet saves it, rules that it
// chooses, a key that is made in the page, saved as a file and kept with the company's keys; then a dealer gets the key
// out of what is kept, and has the same. Every byte that the browser sends is searched for the key.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NATIVE, check, same } from "./support.mjs";

const PHRASE = "sept lanternes vertes brillent près du vieux canal gelé";

export async function foundingStory({ brand, proxy, origin, home, look, has, searched }) {
  const folder = mkdtempSync(join(tmpdir(), "tiers-founding-"));
  await brand.downloads(folder);
  const before = proxy.sent.length;
  try {
    await keysAreKept({ brand, origin, home });
    await written({ brand, origin, folder, look });
    const programme = await registered({ brand, proxy, folder, look, has });
    await passedOn({ brand, origin, home, folder, programme });
    const keyFile = join(folder, "programme.key");
    const own = readFileSync(join(home, "brand/keys/party.key"), "utf8").match(/[A-Za-z0-9_-]{40,}/g);
    await searched(brand, () => proxy.sent.slice(before), { contacts: own, keyFile, origin });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const says = (page, what) => page.until(what, () => page.eval(`document.body.innerText.includes(${JSON.stringify(what)})`));

async function arrived(page, folder, name) {
  await page.until(`the file ${name}`, async () => readdirSync(folder).includes(name));
  return readFileSync(join(folder, name), "utf8");
}

/** The company's own keys, in this browser under a passphrase. */
async function keysAreKept({ brand, origin, home }) {
  await brand.goto(`${origin}/portal/keys?lang=fr`);
  await brand.until("the page of keys", () => brand.eval("!document.querySelector('.taking').hidden"));
  await brand.choose("form.take input", [join(home, "brand/keys/party.key")]);
  await brand.click("form.take button");
  await brand.until("the open keys", () => brand.eval("!document.querySelector('.open').hidden"));
  await brand.click("[name=by][value=passphrase]");
  await brand.type(".protect .phrase", PHRASE);
  await brand.click(".protect button");
  await says(brand, "C’est gardé.");
}

/** As a spreadsheet under Windows writes it. */
const windows = (text) => Buffer.from(text.replaceAll("€", "\u0080"), "latin1");

/** From the brand's page to what is read over; what cannot be a programme is refused in words. */
async function written({ brand, origin, folder, look }) {
  await brand.goto(`${origin}/portal?lang=fr`);
  await brand.leads("the new programme", () => brand.click("main a[href$='/programmes/new']"));
  check((await brand.eval("location.origin")) !== origin, "the programme's key has no origin of its own");
  await brand.until("a first row", () => brand.eval("document.querySelectorAll('.rows .row').length === 1"));
  const list = join(folder, "campagnes.csv");
  const saved = (rows) => writeFileSync(list, windows(`Campagne;Coût\n${rows}`));
  saved("Été;1 234,50 €\nSMS;viel\n");
  await brand.choose("#found .list", [list]);
  await says(brand, "ligne 3");
  saved("Été;1 234,50 €\nSMS;0\n");
  await brand.choose("#found .list", [list]);
  await says(brand, "2 campagnes reprises de la liste.");
  const rows = "[...document.querySelectorAll('.rows .row')].map((row) => [...row.querySelectorAll('input')].map((one) => one.value).join('='))";
  same(await brand.eval(rows), ["Été=1234.50", "SMS=0.00"], "the list");
  await brand.type("[name=name]", "Salon d’été");
  await brand.type("[name=purpose]", "Mesurer quelles campagnes ont mené à des ventes");
  await brand.type("[name=models]", "Clio\nMégane");
  await brand.click(".add");
  await brand.type(".rows li:last-child .name", "SMS");
  await brand.click(".choice:nth-of-type(2) summary");
  await look(brand, "founding-fr");
  await brand.click("#found button[type=submit]");
  await says(brand, "(programme.campaigns)");
  await brand.click(".rows li:last-child .remove");
  await brand.type(".rows li:first-child .cost", "douze");
  await brand.click("#found button[type=submit]");
  await says(brand, "n’est pas un montant en euros");
  await look(brand, "founding-refused-fr");
  await brand.type(".rows li:first-child .cost", "1 234,50");
  await brand.click("[name=policy][value=strict]");
  await brand.click("#found button[type=submit]");
  await brand.until("what is read over", () => brand.eval("!document.getElementById('preview').hidden"));
}

/** Nothing is registered before the key is safe and what is kept has opened; gives the programme's id. */
async function registered({ brand, proxy, folder, look, has }) {
  await has(brand, "1\u202f234,50\u00a0€");
  await look(brand, "founding-preview-fr");
  const print = "document.querySelector('#preview dl div:last-child dd').textContent";
  const made = await brand.eval(print);
  await brand.click("#preview .change");
  await brand.click("#found button[type=submit]");
  await brand.until("what is read over again", () => brand.eval("!document.getElementById('preview').hidden"));
  same(await brand.eval(print), made, "the key after a change");
  await brand.click("#register button[type=submit]");
  check(await brand.eval("document.getElementById('done').hidden"), "registered without its key in a file");
  // The box alone is not enough: a key that stands in no file would be lost with the page.
  await brand.click("#register .saved");
  await brand.type("#register .phrase", PHRASE);
  await brand.click("#register button[type=submit]");
  await says(brand, "Téléchargez d’abord la clé");
  await brand.click("#register .saved");
  await brand.click("#register .save");
  check((await arrived(brand, folder, "programme.key")).startsWith("TIERS-PROGRAMME-KEY-1 "), "the key's file");
  await brand.click("#register .saved");
  await brand.type("#register .phrase", "autre chose");
  await brand.click("#register button[type=submit]");
  await says(brand, "Rien n’a été enregistré\u00a0: réessayez");
  await brand.type("#register .phrase", PHRASE);
  // The answer is lost on its way: the programme is registered, and asked for.
  proxy.lose("/v1/programmes");
  await brand.click("#register button[type=submit]");
  await says(brand, "La clé est gardée dans ce navigateur.");
  await look(brand, "founding-done-fr");
  await brand.click("#done .file");
  const programme = JSON.parse(await arrived(brand, folder, "programme.json"));
  same([programme.name, programme.policy.name, programme.key_id], ["Salon d’été", "strict", made], "the programme's file");
  same(programme.campaigns, [{ name: "Été", cost_cents: 123_450 }, { name: "SMS", cost_cents: 0 }], "its campaigns");
  await brand.leads("the programme's page", () => brand.click("#done .next"));
  await has(brand, "Salon d’été");
  await has(brand, "Aucun distributeur encore.");
  return programme.id;
}

/** The kept key goes to a dealer, who unwraps the one that was saved. */
async function passedOn({ brand, origin, home, folder, programme }) {
  const dealer = (name) => join(home, "dealer_01", name);
  const run = (words) => JSON.parse(execFileSync(NATIVE, [...words, "--json"], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }));
  await brand.type("[name=party]", JSON.parse(readFileSync(dealer("credentials.json"), "utf8")).party);
  await brand.type("[name=size]", "400");
  await brand.leads("the dealer", () => brand.click("form[action$=partners] button"));
  await brand.leads("the page of the key", () => brand.click("main a[href$='/key']"));
  await brand.until("the kept keys", () => brand.eval("!document.querySelector('#wrap .kept').hidden"));
  await brand.type("#wrap .phrase", PHRASE);
  await brand.type("#wrap .confirmed", run(["party", "show", dealer("keys")]).fingerprint);
  await brand.click("#wrap button[type=submit]");
  await says(brand, "peut déposer.");
  const remote = ["--from", origin.replace("localhost", "127.0.0.1"), "--credentials", dealer("credentials.json")];
  const [file, key] = [join(folder, "fetched.json"), join(folder, "unwrapped.key")];
  run(["programme", "fetch", programme, ...remote, "--out", file]);
  run(["programme", "key", "unwrap", file, "--party-key", dealer("keys"), ...remote, "--out", key]);
  same(readFileSync(key, "utf8"), readFileSync(join(folder, "programme.key"), "utf8"), "the dealer's key");
}
