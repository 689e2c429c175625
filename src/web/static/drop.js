// The page on which a file becomes a deposit. The file and the keys go to the worker of the browser's
// program and nowhere else; what is sent is what the worker sealed. Nothing is stored.

import { api, beginning, cell, droppable, load, offer, progress as tell, show as showElement, upload, word } from "./upload.js";
import { KEPT, keyOf } from "./keys.js";

const form = document.getElementById("drop");
const by = (id) => document.getElementById(id);
const words = form?.dataset ?? {};

const PREVIEW_LINES = 8;

let tiers = null;
let keyToUse = null;
let sealedBy = null;

const show = (id, yes = true) => showElement(by(id), yes);
const progress = (text, done, total) => tell(by("progress"), text, done, total);

/** What to say of a refusal: by what its code begins with, in the page's language. */
const WHY = {
  "file.headings_missing": "whyColumns", "file.no_headings": "whyColumns", "file.heading_twice": "whyColumns",
  "file.no_identifier_column": "whyColumns", "file.only_rejects": "whyColumns", "file.too_many_rejects": "whyColumns",
  file: "whyFile", party_key: "whyParty", programme_key: "whyKey", browser: "whyBrowser",
  keystore: "whyKeystore", "browser.not_kept": "whyKept",
};

function refused(error) {
  show("progress", false);
  show("refused");
  const group = (error.code ?? "").split(".")[0];
  by("refused").querySelector(".message").textContent = words[WHY[error.code] ?? WHY[group] ?? "whyOther"];
  by("refused").querySelector(".code").textContent = error.code ?? "";
}

function understoodIs(understood, preview) {
  const number = new Intl.NumberFormat(document.documentElement.lang);
  const section = by("understood");
  section.querySelector(".rows").textContent = number.format(understood.rows);
  section.querySelector(".rejects").textContent = number.format(understood.rejects);
  const separator = understood.separator === "\t" ? "TAB" : understood.separator;
  const shape = [understood.encoding, separator, understood.sheet].filter(Boolean);
  section.querySelector(".encoding").textContent = shape.join(", ");
  const body = section.querySelector(".columns tbody");
  body.replaceChildren();
  for (const column of understood.columns) {
    const row = document.createElement("tr");
    cell(row, column.heading, "th");
    cell(row, column.field ? word(words, "field", column.field) : "–");
    const { good = 0, repaired = 0, missing = 0, refused = 0 } = column.account ?? {};
    cell(row, column.account ? number.format(good + repaired) : "–", "td", true);
    cell(row, column.account ? number.format(missing + refused) : "–", "td", true);
    body.append(row);
  }
  section.querySelector(".preview pre").textContent = beginning(preview, PREVIEW_LINES);
  offer(section.querySelector(".whole"), preview, "text/csv");
  show("understood");
  section.querySelector("h2").focus();
}

async function programmeKey(id, programme, partyKey) {
  if (words.own === "true") return partyKey === KEPT ? KEPT : form.elements.programme_key.files[0];
  const { wrapped } = await (await api(`/v1/programmes/${id}/key`)).json();
  return tiers.unwrapKey({ wrapped, partyKey, party: words.party, programme });
}

async function read() {
  show("refused", false);
  show("understood", false);
  const id = form.elements.programme.value;
  progress(words.opening);
  tiers ??= await load();
  const programme = new Uint8Array(await (await api(`/v1/programmes/${id}`)).arrayBuffer());
  const partyKey = await keyToUse(tiers);
  const key = await programmeKey(id, programme, partyKey);
  const kind = form.elements.kind.value;
  const onProgress = ({ stage, done, total }) => progress(words[stage] ?? words.reading, done, total);
  const { understood, files } = await tiers.prepare(form.elements.file.files[0], { programme, key, kind, onProgress });
  sealedBy = partyKey;
  show("progress", false);
  understoodIs(understood, files["preview.csv"]);
}

async function send() {
  show("understood", false);
  progress(words.sealing);
  const { files } = await tiers.seal(sealedBy);
  progress(words.sending);
  const opened = await api("/v1/deposits", { method: "POST", body: files["manifest.json"] });
  const { deposit } = await opened.json();
  const state = await upload(`/v1/deposits/${deposit}`, files["body.sealed"], {
    sending: (offset, total) => progress(words.sending, offset, total),
    waiting: () => progress(words.waiting),
  });
  if (state !== "accepted") throw Object.assign(new Error(state), { code: state });
  await api(`/v1/deposits/${deposit}/receipt`);
  tiers.close();
  show("progress", false);
  form.hidden = true;
  show("done");
  by("done").querySelector(".see").href = `/portal/deposits/${deposit}`;
  by("done").querySelector("h2").focus();
}

if (form) {
  const has = (held) => held.party && (words.own !== "true" || held.programmes.length > 0);
  keyToUse = (tiers) => ready.then((bring) => bring(tiers));
  const ready = keyOf(form, has);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    read().catch(refused);
  });
  by("understood").querySelector(".send").addEventListener("click", () => send().catch(refused));
  droppable(form.querySelector(".target"), form.elements.file);
}
