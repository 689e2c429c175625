// A public form: a company opens it on the command line, somebody without an account chooses on it in the
// browser, and the company fetches what was sealed. Every byte that the browser sends is searched for the
// contact, with a decoy that the same search must find (`searched`).

import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { NATIVE, check, same } from "./support.mjs";

const ADDRESS = "zenobie.public@exemple.example";
const NUMBER = "06 98 76 54 32";

/** Plays it with the dealer of `tiers demo`; `look` takes pictures, `has` finds words, `sent` is what left. */
export async function formStory({ browser, proxy, origin, home, look, has, searched }) {
  const at = (name) => join(home, "dealer_01", name);
  const run = (words) => {
    const all = [...words, "--to", origin.replace("localhost", "127.0.0.1"), "--credentials", at("credentials.json"), "--json"];
    return JSON.parse(execFileSync(NATIVE, all, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }));
  };
  const form = JSON.parse(readFileSync(at("consent_form.json")));
  const publish = (change) => {
    const file = at("public_form.json");
    writeFileSync(file, JSON.stringify({ ...form, ...change }));
    return run(["consent", "form", "publish", file]).form;
  };
  const text = `${form.notice.text} Le démarchage téléphonique suppose votre consentement préalable.`;
  const calls = { channel: "phone", pii: ["email", "phone", "name"], notice: { ...form.notice, text } };
  const forms = [publish({ channel: "email", pii: ["email"] }), publish(calls)];
  const page = run(["consent", "form", "open", ...forms]);
  const address = `${origin}/consent/f/${page.collection}`;

  const visitor = await browser.page("fr");
  const before = proxy.sent.length;
  await visitor.goto(`${address}?lang=fr`);
  await visitor.until("the fields", () => visitor.eval("!document.querySelector('.script').hidden"));
  same(await visitor.eval("document.querySelectorAll('#collection :checked').length"), 0, "boxes ticked beforehand");
  await look(visitor, "form-fr");
  const status = () => visitor.eval("document.querySelector('#collection [role=status]').textContent");
  await visitor.click("#collection [type=submit]");
  await visitor.until("nothing ticked", async () => (await status()).includes("Cochez au moins un choix"));
  await visitor.click("section:nth-of-type(1) [type=checkbox]");
  await visitor.type("#collection .email", "personne");
  await visitor.click("#collection [type=submit]");
  await visitor.until("no address", async () => (await status()).includes("adresse électronique lisible"));
  await look(visitor, "form-refused-fr");
  await visitor.type("#collection .email", ADDRESS);
  await visitor.type("#collection .phone", NUMBER);
  await visitor.type("#collection .name", "Zénobie Publique");
  // The receipt is made in the page: what is offered for saving is kept aside.
  await visitor.eval("{ const make = URL.createObjectURL; URL.createObjectURL = (made) => { window.saved = made.text(); return make(made); }; }");
  await visitor.click("#collection [type=submit]");
  await visitor.until("the receipt", () => visitor.eval("!document.getElementById('done').hidden"));
  await look(visitor, "form-done-fr");
  const receipt = await visitor.eval("window.saved");
  const number = await visitor.eval("document.querySelector('.number-of').textContent");
  check(/^sbm_/.test(number), number);
  same(JSON.parse(receipt).submission, number, "the receipt's number");
  check(!receipt.includes("zenobie") && JSON.parse(receipt).choices.length === 1, receipt);
  await searched(visitor, () => proxy.sent.slice(before), { contacts: [ADDRESS], keyFile: at("rights.key"), origin });

  await visitor.goto(`${address}?lang=en`);
  await has(visitor, "Who receives");
  await look(visitor, "form-en");
  const words = ["consent", "form", "fetch", page.collection, "--party-key", at("keys"), "--key", at("rights.key"), "--dir", at("answers")];
  const fetched = run([...words, "--send"]);
  same([fetched.opened, fetched.rejected, fetched.events], [1, 0, 1], "what was fetched");
  const [batch] = readdirSync(at("answers/sent"));
  const contacts = readFileSync(join(at("answers/sent"), batch, "contacts.csv"), "utf8");
  check(contacts.includes(ADDRESS) && contacts.includes(number) && contacts.includes("Zénobie Publique"), contacts);

  run(["consent", "form", "close", page.collection]);
  await visitor.goto(`${address}?lang=fr`);
  await has(visitor, "Ce formulaire est fermé");
  await look(visitor, "form-closed-fr");
}
