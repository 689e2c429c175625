// A brand founds a programme: the form becomes its document, its key is made in the page's worker, and both are read
// over before anything is sent. The key is saved as a file first; who wants it keeps it in this browser too, with the
// company's keys. What is registered is the document and the tokens of public test contacts, never the key.

import { failure, kept, open, store } from "./keys.js";
import { load, locale, offer, post } from "./upload.js";

const page = document.getElementById("founding");
const words = page?.dataset ?? {};
const one = (selector) => page.querySelector(selector);
const form = page && one("#found");
const preview = page && one("#preview");
const register = page && one("#register");
const rows = page && one(".rows");

const euros = new Intl.NumberFormat(locale, { style: "currency", currency: "EUR" });
const days = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: "UTC" });

let tiers = null;
/** What is kept for the company, if something is. */
let record = null;
/** Whether there is a key that stands in no file and nowhere else. */
let unsaved = false;

const program = async () => (tiers ??= await load());

const WHY = {
  "programme.campaigns": "whyCampaigns", "programme.cost": "whyCampaigns", "programme.models": "whyModels", "programme.text": "whyText",
  "programme.other": "whyOtherProgramme", "programme.unregistered": "whyOtherProgramme", keystore: "whyKeystore",
  "browser.not_kept": "whyKeystore", "browser.unsupported": "whyBrowser", "browser.load": "whyBrowser",
};

/** The number in a refusal that names a line or a place. */
const placed = (error, as) => as.replace("{line}", /\d+/.exec(error.message)?.[0] ?? "");

function refusal(element, error) {
  const code = error.code ?? "";
  const why = WHY[code] ?? WHY[code.split(".")[0]];
  element.classList.add("note", "bad");
  if (code === "browser.cost") element.textContent = `${words.whyCost} ${placed(error, words.place)}`;
  else if (code === "browser.campaigns") element.textContent = `${words.whyList} ${placed(error, words.line)}`;
  else element.textContent = why ? `${words[why]} (${code})` : `${words.whyOther} ${code}`;
  element.hidden = false;
}

function addRow({ name = "", cost = "0" } = {}) {
  const row = one("#found template").content.firstElementChild.cloneNode(true);
  const named = row.querySelector(".name");
  const remove = row.querySelector(".remove");
  named.value = name;
  row.querySelector(".cost").value = cost;
  const label = () => remove.setAttribute("aria-label", words.removeOf.replace("{name}", named.value || words.name));
  named.addEventListener("input", label);
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

/** A list as spreadsheets save it: UTF-8, or what Windows writes where it is not. */
async function listed(file) {
  const content = await file.arrayBuffer();
  let text;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(content);
  } catch {
    text = new TextDecoder("windows-1252").decode(content);
  }
  const found = await (await program()).readCampaigns(text);
  rows.replaceChildren();
  found.forEach(addRow);
  const said = one(".list-said");
  said.classList.remove("note", "bad");
  said.textContent = words.listTaken.replace("{count}", String(found.length));
}

function asked() {
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

function facts(list, pairs) {
  const group = ([label, value]) => {
    const made = document.createElement("div");
    for (const [tag, text] of [["dt", label], ["dd", value]]) {
      const part = document.createElement(tag);
      part.textContent = text;
      made.append(part);
    }
    return made;
  };
  list.replaceChildren(...pairs.map(group));
}

async function readOver() {
  one("#found .refused").hidden = true;
  const made = await (await program()).draftProgramme(asked());
  // The same key is made once: what was saved of it holds, whatever is changed then.
  unsaved ||= !one(".saved").checked;
  const cost = made.campaigns.reduce((sum, campaign) => sum + campaign.cost_cents, 0);
  const each = made.campaigns.map((campaign) => `${campaign.name} (${euros.format(campaign.cost_cents / 100)})`);
  const total = words.total.replace("{count}", String(made.campaigns.length)).replace("{cost}", euros.format(cost / 100)).replace("{each}", each.join(" · "));
  facts(one("#preview dl"), [
    [words.name, made.name],
    [words.purpose, made.purpose],
    [words.campaigns, total],
    [words.models, made.models?.join(" · ") || words.noModels],
    [words.policy, form.querySelector("[name=policy]:checked").parentElement.textContent.trim()],
    [words.ends, days.format(new Date(made.epoch_ends))],
    [words.keyId, made.key_id],
  ]);
  form.hidden = true;
  preview.hidden = false;
  one("#preview h2").focus();
}

async function save() {
  const link = document.createElement("a");
  link.download = "programme.key";
  const file = await (await program()).programmeKey();
  offer(link, file, "text/plain");
  file.fill(0);
  link.click();
  URL.revokeObjectURL(link.href);
  unsaved = false;
}

/** Opens what is kept before anything is sent: a wrong phrase is told in time. */
async function unlocked() {
  if (one(".also").hidden || !one(".keep").checked) return null;
  const phrase = one("#register .phrase").value;
  if ((await kept(words.party))?.sealed !== record.sealed) throw failure("keystore.changed");
  await open(tiers, record, phrase);
  one("#register .phrase").value = "";
  return { party: words.party, by: record.by, credential: record.credential, words: phrase };
}

async function registered() {
  const under = await unlocked();
  const answer = await (await post("/v1/programmes", await tiers.registration())).arrayBuffer();
  const told = await tiers.registered(new Uint8Array(answer));
  const said = one(".kept-said");
  if (under) {
    said.hidden = false;
    try {
      record = await store(tiers, await tiers.addProgrammeKey(), under);
      [said.className, said.textContent] = ["note good kept-said", words.kept];
    } catch {
      [said.className, said.textContent] = ["note bad kept-said", words.notKept];
    }
  }
  facts(one(".prints"), told.fingerprints.map(([name, print]) => [words[name] ?? name, print]));
  one("#done .next").href = `/portal/programmes/${told.id}`;
  offer(one("#done .file"), told.file, "application/json");
  preview.hidden = true;
  one("#done").hidden = false;
  one("#done h2").focus();
  tiers.close();
  tiers = null;
}

function listen() {
  one(".add").addEventListener("click", () => addRow().focus());
  one(".list").addEventListener("change", ({ target }) => {
    if (!target.files[0]) return;
    listed(target.files[0]).catch((error) => refusal(one(".list-said"), error)).finally(() => (target.value = ""));
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    readOver().catch((error) => refusal(one("#found .refused"), error));
  });
  one(".change").addEventListener("click", () => {
    preview.hidden = true;
    form.hidden = false;
  });
  const status = one("#register [role=status]");
  one(".save").addEventListener("click", () => save().catch((error) => refusal(status, error)));
  one(".keep").addEventListener("change", ({ target }) => (one("#register .by-passphrase").hidden = !target.checked || record.by !== "passphrase"));
  register.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = event.submitter;
    status.classList.remove("note", "bad");
    status.textContent = words.working;
    button.disabled = true;
    registered()
      .catch((error) => refusal(status, error))
      .finally(() => (button.disabled = false));
  });
  window.addEventListener("beforeunload", (event) => {
    if (unsaved) event.preventDefault();
  });
}

if (page) {
  listen();
  addRow();
  kept(words.party)
    .then((found) => {
      record = found ?? null;
      one(".also").hidden = !record;
      if (!record) return;
      one("#register .by-passphrase").hidden = record.by !== "passphrase";
      one("#register .by-passkey").hidden = record.by !== "prf";
    })
    // A browser without storage keeps nothing; the file is enough.
    .catch(() => {});
}
