// The page on which a file becomes a batch of an exchange. The file, the lists and the keys go to the worker of
// the browser's program and nowhere else; what is sent is what the worker sealed to the recipient. Nothing is
// stored: after a lost connection the upload goes on, after a closed page the file is read again.

import { KEPT, keyOf } from "./keys.js";
import { beginning, bytes, cell, droppable, load, offer, post, progress as tell, show, upload, word } from "./upload.js";

const form = document.getElementById("batch");
const by = (id) => document.getElementById(id);
const words = form?.dataset ?? {};
const PREVIEW_LINES = 8;
const number = new Intl.NumberFormat(document.documentElement.lang);
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
const progress = (text, done, total) => tell(by("progress"), text, done, total);

const ready = form && keyOf(form, (held) => held.party && held.rights);

/** What was sealed and waits to be sent. */
let sealed = null;

/** What to say of a refusal: by its code, or by what that begins with. */
const WHY = {
  "file.headings_missing": "whyColumns", "file.no_headings": "whyColumns", "file.heading_twice": "whyColumns",
  "exchange.other_key": "whyKey", "exchange.other_agreement": "whyChanged", "exchange.special_category": "whySpecial",
  "exchange.column": "whyColumn", lists: "listsWhole", file: "whyFile", party_key: "whyKey", rights_key: "whyRights",
  keystore: "whyKeystore",
  record: "whyRecord", browser: "whyBrowser", batch: "whyBatch", exchange: "whyBatch",
};

function refused(error) {
  const code = error.code ?? "";
  show(by("progress"), false);
  show(by("refused"));
  by("refused").querySelector(".message").textContent = words[WHY[code] ?? WHY[code.split(".")[0]] ?? "whyOther"];
  by("refused").querySelector(".code").textContent = code;
}

const file = (name) => form.querySelector(name).files[0];
const typed = (name) => form.querySelector(name).value.trim();

/** What is stated of a list of objections: all three, or none. */
function scrubbed() {
  const [list, certificate, on] = [typed(".list"), typed(".certificate"), typed(".list-date")];
  const said = [list, certificate, on].filter(Boolean).length;
  if (said === 0 && !file(".suppress")) return null;
  if (said < 3) throw Object.assign(new Error("list"), { code: "lists" });
  return { list, certificate, on };
}

function tableOf(body, rows) {
  body.replaceChildren();
  for (const [first, second, isNumber] of rows) {
    const row = document.createElement("tr");
    cell(row, first, "th");
    cell(row, second, "td", isNumber);
    body.append(row);
  }
}

function understoodIs({ understood, leftOut, preview }) {
  const section = by("understood");
  const part = (name) => section.querySelector(name);
  const out = Object.entries(understood.left_out);
  const channel = form.querySelector(".channel").selectedOptions[0].dataset.name;
  const records = number.format(understood.records);
  part(".goes").textContent = fill(words.goes, { records, to: understood.to, channel });
  part(".rows").textContent = number.format(understood.rows);
  part(".records").textContent = records;
  part(".left-out").textContent = number.format(out.reduce((sum, [, count]) => sum + count, 0));
  part(".fields").textContent = understood.fields.map((name) => word(words, "col", name)).join(", ");
  const columns = understood.columns.map(({ heading, means }) => [heading, means ? word(words, "col", means) : "–"]);
  tableOf(part(".columns tbody"), columns);
  tableOf(part(".reasons tbody"), out.map(([why, count]) => [word(words, "left", why), number.format(count), true]));
  show(part(".why"), out.length > 0);
  offer(part(".left-out-file"), leftOut, "text/csv");
  show(part(".goes"), Boolean(preview));
  show(part(".too-few"), !preview);
  show(part(".ready"), Boolean(preview));
  if (preview) {
    part(".preview pre").textContent = beginning(preview, PREVIEW_LINES);
    offer(part(".whole"), preview, "text/csv");
  }
  show(section);
  part("h2").focus();
}

async function read() {
  show(by("refused"), false);
  show(by("understood"), false);
  sealed = null;
  const wanted = { channel: form.querySelector(".channel").value, scrubbed: scrubbed() };
  if (typed(".collected")) wanted.collected = typed(".collected");
  progress(words.opening);
  const [view, trust] = await Promise.all([bytes(`/v1/exchanges/${words.id}`), bytes("/v1/trust")]);
  const tiers = await load();
  try {
    const onProgress = ({ stage, done, total }) => progress(words[stage] ?? words.reading, done, total);
    const partyKey = await (await ready)(tiers);
    const rightsKey = partyKey === KEPT ? KEPT : file(".rights");
    const files = { file: file(".file"), partyKey, rightsKey, suppress: file(".suppress") };
    const made = await tiers.sealBatch({ ...files, view, trust, party: words.party, onProgress, ...wanted });
    if (made.statement) sealed = made;
    show(by("progress"), false);
    understoodIs(made);
  } finally {
    tiers.close();
  }
}

async function send() {
  show(by("understood"), false);
  progress(words.sending);
  const { batch } = await (await post("/v1/batches", sealed.statement)).json();
  const state = await upload(`/v1/batches/${batch}`, sealed.body, {
    sending: (offset, total) => progress(words.sending, offset, total),
    waiting: () => progress(words.waiting),
  });
  if (state === "refused") throw Object.assign(new Error(state), { code: "batch.refused" });
  sealed = null;
  show(by("progress"), false);
  show(form, false);
  show(by("done"));
  by("done").querySelector("h2").focus();
}

if (form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    read().catch(refused);
  });
  const again = (error) => {
    refused(error);
    // The same sealed bytes go on from where the certifier has them.
    show(by("understood"), Boolean(sealed));
  };
  by("understood").querySelector(".send").addEventListener("click", () => send().catch(again));
  droppable(form.querySelector(".target"), form.querySelector(".file"));
}
