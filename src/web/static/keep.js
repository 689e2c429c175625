// The page on which a company's keys are made, taken from files, and kept in this browser. Keys are in the worker of
// the browser's program; what is stored is sealed there first. The company's own key leaves the worker on one way
// only: as a file for a safe place, when the person asks for it.

import { failure, forget, keep, kept, open, store } from "./keys.js";
import { load, offer } from "./upload.js";

const page = document.getElementById("keys");
const words = page?.dataset ?? {};
const { party = "" } = words;
const one = (selector) => page.querySelector(selector);
const status = page && one("[role=status]");

let tiers = null;
let record = null;
/** What the worker holds, as far as it may be shown. */
let contents = null;
/** Whether the storage has answered; whether something of the contents is stored nowhere yet, nor copied. */
let looked = false;
let unsaved = false;

async function program() {
  return (tiers ??= await load());
}

const WHY = {
  "keystore.secret": "whySecret", "keystore.weak": "whyWeak", "keystore.no_key": "whyFile", "keystore.full": "whyFull",
  "keystore.damaged": "whyDamaged", "keystore.changed": "whyChanged", "keystore.passkey": "whyPasskey", "keystore.no_prf": "whyPrf", browser: "whyBrowser",
  party_key: "whyFile", rights_key: "whyFile", programme_key: "whyFile",
};

function say(text, kind = "") {
  status.textContent = text;
  status.className = kind && `note ${kind}`;
}

/** Runs an act of a button or a form, and says how it ended. */
function on(element, event, act) {
  element.addEventListener(event, (happened) => {
    happened.preventDefault();
    say(words.working);
    Promise.resolve(act())
      .then((said) => say(said ?? "", said && "good"))
      .catch((error) => {
        const code = error.code ?? "";
        const why = WHY[code] ?? WHY[code.split(".")[0]];
        say(why ? words[why] : `${words.whyOther} ${code}`, "bad");
      })
      .finally(show);
  });
}

function show() {
  const held = contents ?? record?.contents;
  one(".nothing").hidden = Boolean(held);
  one(".there").hidden = !held;
  one(".locked").hidden = Boolean(contents) || !record;
  one(".open").hidden = !contents;
  one(".forgetting").hidden = !record;
  // Nothing is added to what is kept before that is open: what is stored next takes its place.
  const closed = !looked || (record && !contents);
  one(".taking").hidden = closed;
  one(".make").hidden = closed || Boolean(held?.party);
  one(".words-label").hidden = one("[name=by]:checked").value !== "passphrase";
  if (!held) return;
  const number = new Intl.NumberFormat(document.documentElement.lang);
  one(".print").textContent = held.party ?? words.none;
  one(".rights").textContent = held.rights ? words.yes : words.none;
  one(".programmes").textContent = number.format(held.programmes.length);
  one(".by").textContent = record && !unsaved ? words[record.by === "prf" ? "byPrf" : "byPassphrase"] : words.notKept;
  const known = words.known && held.party;
  one(".same").hidden = !known || words.known !== held.party;
  one(".differs").hidden = !known || words.known === held.party;
  one(".own").hidden = !contents?.party;
  // Who is enrolled under keys that were lost with the page has none.
  one(".public").hidden = unsaved;
  if (contents?.public) offer(one(".public"), contents.public, "application/json");
}

async function unlock() {
  contents = await open(await program(), record, one(".locked .phrase").value);
  one(".locked .phrase").value = "";
}

async function protect() {
  if (!contents) throw failure("browser.not_kept");
  const by = one("[name=by]:checked").value;
  const phrase = one(".words-label .phrase");
  record = await store(tiers, contents, { party, by, words: phrase.value, before: record });
  phrase.value = "";
  unsaved = false;
  return words.isKept;
}

/** Keys that were made before the company was enrolled are stored without its id; they are its, if they are known. */
async function found() {
  record = await kept(party);
  if (record || !party) return;
  const early = await kept("");
  if (!early || early.contents.party !== words.known) return;
  record = { ...early, party };
  await keep(record, null);
  await forget("");
}

function listen() {
  on(one(".make"), "click", async () => {
    contents = await (await program()).makeKeys();
    unsaved = true;
    return words.made;
  });
  on(one("form.take"), "submit", async () => {
    const held = await program();
    for (const file of one("form.take input").files) contents = await held.addKey(file);
    unsaved = true;
    one("form.take").reset();
    return words.taken;
  });
  on(one("form.unlock"), "submit", unlock);
  on(one("form.protect"), "submit", protect);
  for (const radio of page.querySelectorAll("[name=by]")) radio.addEventListener("change", show);
  on(one(".copy"), "click", async () => {
    const link = document.createElement("a");
    link.download = "party.key";
    offer(link, await tiers.copyOfKey(), "text/plain");
    link.click();
    URL.revokeObjectURL(link.href);
    unsaved = false;
    return words.copied;
  });
  on(one("form.forget"), "submit", async () => {
    await forget(party);
    record = contents = null;
    unsaved = false;
    tiers?.close();
    tiers = null;
    one("form.forget").reset();
    return words.forgotten;
  });
}

if (page) {
  listen();
  show();
  window.addEventListener("beforeunload", (event) => {
    if (unsaved) event.preventDefault();
  });
  found()
    .then(() => {
      looked = true;
      one(".locked .words-of").hidden = record?.by !== "passphrase";
      show();
    })
    .catch(() => {
      looked = true;
      show();
      say(words.whyStorage, "bad");
    });
}
