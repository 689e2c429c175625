// A brand founds a programme: the form becomes its document, its key is made in the page's worker, and both are read
// over before anything is sent. Nothing is registered before the key was saved as a file; who wants it keeps it in this
// browser too, with the company's keys. What is registered is the document and the tokens of public test contacts,
// never the key. An answer that was lost is asked for: a programme that is registered is not registered twice.

import { failure, kept, open, store } from "./keys.js";
import { bytes, facts, load, locale, offer, post, reason } from "./upload.js";

const page = document.getElementById("founding");
const words = page?.dataset ?? {};
const one = (selector) => page.querySelector(selector);
const form = page && one("#found");
const register = page && one("#register");
const rows = page && one(".rows");

const CAMPAIGNS_MAX = 64;
const LIST_MAX = 2 ** 20;
/** Some browsers read a file that is saved after the click only. */
const SAVING_MS = 10_000;

const euros = new Intl.NumberFormat(locale, { style: "currency", currency: "EUR" });
const days = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: "UTC" });

let loading = null;
/** What is kept for the company, if something is. */
let record = null;
/** The programme as it was read over, and the id of the key that was saved as a file. */
let draft = null;
let savedId = null;
/** Whether the key that was saved is kept in this browser too; whether the certifier may know of the programme. */
let isKept = false;
let asked = false;
let done = false;
let busy = false;

function program() {
  loading ??= load().catch((error) => {
    loading = null;
    throw error;
  });
  return loading;
}

const WHY = {
  "programme.campaigns": "whyCampaigns", "programme.cost": "whyAmount", "programme.models": "whyModels", "programme.text": "whyText",
  "programme.other": "whyOtherProgramme", "programme.unregistered": "whyOtherProgramme", "found.unsaved": "whyUnsaved",
  network: "whyNetwork", "keystore.changed": "whyChanged", "keystore.full": "whyFull", "keystore.damaged": "whyDamaged",
  "keystore.passkey": "whyPasskey", "keystore.no_prf": "whyPrf", keystore: "whyKeystore", "auth.unauthenticated": "whySession",
  "browser.not_kept": "whyKeystore", "browser.unsupported": "whyBrowser", "browser.load": "whyBrowser",
};

/** Where a refusal is: the number in its sentence. */
const place = (error) => Number(/\d+/.exec(error.message)?.[0] ?? 0);

function refusal(element, error) {
  const code = error.code ?? "";
  element.classList.add("note", "bad");
  if (code === "browser.cost") {
    element.textContent = `${words.whyCost} ${words.place.replace("{line}", place(error))}`;
    const cost = rows.children[place(error) - 1]?.querySelector(".cost");
    cost?.setAttribute("aria-invalid", "true");
    cost?.focus();
  } else if (code === "browser.campaigns") {
    element.textContent = `${words.whyList} ${words.line.replace("{line}", place(error))}`;
  } else element.textContent = reason(WHY, words, code);
  element.hidden = false;
}

/** One thing at a time; how it ended is said in `element`. */
async function act(element, does) {
  if (busy) return;
  busy = true;
  element.classList.remove("note", "bad");
  element.textContent = words.working;
  element.hidden = false;
  try {
    element.textContent = (await does()) ?? "";
    element.hidden = element.textContent === "";
  } catch (error) {
    refusal(element, error);
  } finally {
    busy = false;
  }
}

function addRow({ name = "", cost = "0" } = {}) {
  const row = one("#found template").content.firstElementChild.cloneNode(true);
  const named = row.querySelector(".name");
  const amount = row.querySelector(".cost");
  const remove = row.querySelector(".remove");
  named.value = name;
  amount.value = cost;
  const label = () => remove.setAttribute("aria-label", words.removeOf.replace("{name}", named.value || words.name));
  named.addEventListener("input", label);
  amount.addEventListener("input", () => amount.removeAttribute("aria-invalid"));
  label();
  remove.addEventListener("click", () => {
    const next = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    if (!rows.children.length) addRow();
    (next?.querySelector(".name") ?? one(".rows .name")).focus();
  });
  rows.append(row);
  return named;
}

async function listed(file) {
  if (file.size > LIST_MAX) throw failure("programme.campaigns");
  const found = await (await program()).readCampaigns(file);
  if (found.length > CAMPAIGNS_MAX) throw failure("programme.campaigns");
  rows.replaceChildren();
  found.forEach(addRow);
  return words.listTaken.replace("{count}", String(found.length));
}

function wanted() {
  const { name, purpose, models } = form.elements;
  return {
    name: name.value,
    purpose: purpose.value,
    campaigns: [...rows.children].map((row) => ({
      name: row.querySelector(".name").value,
      cost: row.querySelector(".cost").value,
    })),
    models: models.value.split("\n").map((line) => line.trim()).filter(Boolean),
    policy: JSON.parse(form.querySelector("[name=policy]:checked").dataset.policy),
    today: words.today,
  };
}

function shown(made) {
  const cost = made.campaigns.reduce((sum, campaign) => sum + campaign.cost_cents, 0);
  const each = made.campaigns.map((campaign) => `${campaign.name} (${euros.format(campaign.cost_cents / 100)})`);
  const filled = { count: made.campaigns.length, cost: euros.format(cost / 100), each: each.join(" · ") };
  const policy = form.querySelector(`[name=policy][value="${made.policy.name}"]`);
  facts(one("#preview dl"), [
    [words.name, made.name],
    [words.purpose, made.purpose],
    [words.campaigns, words.total.replace(/\{(\w+)\}/g, (_, name) => filled[name])],
    [words.models, made.models?.join(" · ") || words.noModels],
    [words.policy, policy.parentElement.textContent.trim()],
    [words.ends, days.format(new Date(made.epoch_ends))],
    [words.keyId, made.key_id],
  ]);
}

/** What is shown of the three parts of the page. */
function part(name) {
  form.hidden = name !== "form";
  one("#preview").hidden = name !== "preview";
  one("#done").hidden = name !== "done";
  if (name === "form") form.elements.name.focus();
  else one(`#${name} h2`).focus();
}

async function readOver() {
  const made = await (await program()).draftProgramme(wanted());
  // Another key than the one that was saved, after a fault: it has to be saved, too.
  if (made.key_id !== savedId) one(".saved").checked = false;
  draft = made;
  shown(made);
  const said = one("#register [role=status]");
  said.classList.remove("note", "bad");
  said.textContent = "";
  part("preview");
}

async function save() {
  const link = document.createElement("a");
  link.download = "programme.key";
  const { key_id: id } = draft;
  const file = await (await program()).programmeKey();
  offer(link, file, "text/plain");
  file.fill(0);
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), SAVING_MS);
  savedId = id;
}

/** Into what this browser keeps, before anything is sent: a wrong phrase is told in time, and a key too many harms nobody. */
async function keptToo(tiers) {
  if (isKept || one(".also").hidden || !one(".keep").checked) return;
  const { party } = words;
  const typed = one("#register .phrase");
  try {
    await open(tiers, record, typed.value);
    const { by, credential } = record;
    record = await store(tiers, await tiers.addProgrammeKey(), { party, by, credential, words: typed.value, before: record });
  } catch (error) {
    if (error.code === "keystore.changed") record = await kept(party);
    throw error;
  }
  typed.value = "";
  isKept = true;
}

/** Registers it; where no answer came, or one that says it is there, the certifier is asked what it has. */
async function answered(tiers) {
  const request = await tiers.registration();
  asked = true;
  try {
    return await (await post("/v1/programmes", request)).arrayBuffer();
  } catch (error) {
    let found;
    try {
      found = await bytes(`/v1/programmes/${draft.id}`);
    } catch (none) {
      asked = none.code !== "object.not_found";
      throw none instanceof TypeError ? failure("network") : error instanceof TypeError ? failure("network") : error;
    }
    return found;
  } finally {
    // What may be registered is changed no more.
    one(".change").hidden = asked;
  }
}

async function registered() {
  if (draft.key_id !== savedId) throw failure("found.unsaved");
  const tiers = await program();
  await keptToo(tiers);
  const told = await tiers.registered(new Uint8Array(await answered(tiers)));
  const said = one(".kept-said");
  said.hidden = !isKept;
  said.classList.add("good");
  said.textContent = isKept ? words.kept : "";
  facts(one(".prints"), told.fingerprints.map(([name, print]) => [words[name] ?? name, print]));
  one("#done .next").href = `/portal/programmes/${told.id}`;
  offer(one("#done .file"), told.file, "application/json");
  done = true;
  part("done");
}

function listen() {
  const status = one("#register [role=status]");
  one(".add").addEventListener("click", () => addRow().focus());
  one(".list").addEventListener("change", ({ target }) => {
    const [file] = target.files;
    if (file) act(one(".list-said"), () => listed(file)).finally(() => (target.value = ""));
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    act(one("#found .refused"), readOver);
  });
  one(".change").addEventListener("click", () => {
    if (!busy) part("form");
  });
  one(".save").addEventListener("click", () => act(status, save));
  one(".again").addEventListener("click", () => save().catch(() => {}));
  one(".keep").addEventListener("change", protection);
  register.addEventListener("submit", (event) => {
    event.preventDefault();
    act(status, registered);
  });
  window.addEventListener("beforeunload", (event) => {
    if (!done && draft && (busy || asked || draft.key_id !== savedId)) event.preventDefault();
  });
  window.addEventListener("pagehide", () => {
    loading?.then((tiers) => tiers.close());
  });
}

function protection() {
  const by = one(".keep").checked ? record.by : "";
  one("#register .by-passphrase").hidden = by !== "passphrase";
  one("#register .by-passkey").hidden = by !== "prf";
}

if (page) {
  listen();
  addRow();
  kept(words.party)
    .then((found) => {
      record = found ?? null;
      one(".also").hidden = !record;
      if (record) protection();
    })
    // A browser without storage keeps nothing; the file is enough.
    .catch(() => {});
}
