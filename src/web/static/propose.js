// An exchange is proposed: the form becomes the agreement of `tiers exchange template`, is checked and signed by
// the browser's program with the company's key, and sent. A draft is a file that the reader saves and opens, the
// same as the command line's. Nothing is stored; the key stays in the page and its worker.

import { keyOf } from "./keys.js";
import { facts, locale, offer, post, reason, withTiers } from "./upload.js";

const box = document.getElementById("propose");
const words = box?.dataset ?? {};
const form = document.getElementById("agreement");
const preview = document.getElementById("preview");
const sign = document.getElementById("sign");
const company = form?.querySelector(".company");

const days = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: "UTC" });
const ready = sign && keyOf(sign, (held) => held.party);

/** What was read over, as it is signed; and the number of the newest choice, so that an older answer changes nothing. */
let agreed = null;
let choice = 0;

/** The document that is being written; what the form has no field for stays in it. */
let draft = null;

const get = (document, path) => path.split(".").reduce((at, name) => at?.[name], document);

function put(document, path, value) {
  const names = path.split(".");
  const last = names.pop();
  const at = names.reduce((at, name) => (at[name] ??= {}), document);
  if (value === undefined) delete at[last];
  else at[last] = value;
}

/** Cents of an amount of euros as people write it; what is none is no number, and is refused later. */
function cents(text) {
  const plain = text.replace(/[\s€]/g, "").replace(",", ".");
  return /^\d+(\.\d{1,2})?$/.test(plain) ? Math.round(Number(plain) * 100) : text;
}

const euros = (amount) => (Number.isInteger(amount) && amount > 0 ? (amount / 100).toFixed(2) : "");

/** What stands between < and > in a draft is for people to fill in. */
const filled = (value) => (typeof value === "string" && value.startsWith("<") ? undefined : value);

async function publicKeys(file) {
  try {
    const { format, signing, sealing } = JSON.parse(await file.text());
    if (format === "tiers-party/1" && signing && sealing) return { format, signing, sealing };
  } catch {
    // Said below.
  }
  throw Object.assign(new Error("keys"), { code: "browser.public_key" });
}

/** Writes a field of the form into the document. */
async function write(document, field) {
  const { path, type } = field.dataset;
  const file = field.files?.[0];
  if (type === "signatory" || type === "officer") {
    if (!file) return;
    const { signing, sealing } = await publicKeys(file);
    put(document, `${path}.key`, signing);
    if (type === "officer") put(document, `${path}.sealing`, sealing);
  } else if (type === "list") {
    const ticked = [...field.querySelectorAll("input:checked")];
    put(document, path, ticked.map((one) => one.value));
  } else if (field.type === "checkbox") put(document, path, field.checked);
  else if (type === "basis") put(document, path, field.value || undefined);
  else if (type === "integer") put(document, path, Number(field.value));
  else if (type === "cents") put(document, path, cents(field.value));
  else if (type === "siren") put(document, path, field.value.replace(/\s/g, ""));
  else put(document, path, field.value.trim());
}

/** Shows a value of the document in its field. */
function read(document, field) {
  const { path, type } = field.dataset;
  if (type === "signatory" || type === "officer") {
    const key = filled(get(document, `${path}.key`));
    const known = field.closest("div").querySelector(".known");
    known.hidden = !key;
    known.textContent = key ? words.keysKnown.replace("{key}", `${key.slice(0, 12)}…`) : "";
    field.required = !key;
    return;
  }
  const value = filled(get(document, path));
  if (type === "list") {
    for (const one of field.querySelectorAll("input")) one.checked = Boolean(value?.includes(one.value));
  } else if (field.type === "checkbox") field.checked = value === true;
  else if (type === "basis") field.value = value ?? "";
  else if (type === "cents") field.value = euros(value);
  else if (value !== undefined) field.value = String(value);
}

const fields = (part = form) => [...part.querySelectorAll("[data-path]")];
const partOf = (name) => form.querySelector(`[data-part=${name}]`);

/** A side gives records or something else: only one of the two is asked for. */
function sidesFit() {
  for (const name of ["proposer", "other"]) {
    const part = partOf(name);
    const records = part.querySelector(".gives").value === "records";
    part.querySelector(".records").hidden = !records;
    part.querySelector(".service").hidden = records;
    for (const field of part.querySelectorAll(".records [data-type=cents]")) field.required = records;
    for (const field of part.querySelectorAll(".service [data-path]")) field.required = !records;
  }
}

/** Puts what is known of a company into its side of the document. */
function known(document, side, { party, siren, name, keys, side: before }) {
  const gives = document[side].gives;
  Object.assign(document[side], before ?? {}, { party, siren, name, keys });
  // What it gave before is agreed anew.
  if (!before) document[side].gives = gives;
}

async function fingerprintIs(keys) {
  const shown = form.querySelector(".fingerprint");
  shown.hidden = !keys;
  if (!keys) return;
  const bytes = new TextEncoder().encode(JSON.stringify(keys));
  shown.querySelector("code").textContent = await withTiers((tiers) => tiers.keyFingerprint(bytes));
}

const encoded = (value) => new TextEncoder().encode(JSON.stringify(value));

/** A company is chosen: the document begins anew where none is there, with what is known of both. */
async function chosen() {
  const mine = (choice += 1);
  form.querySelector(".stranger").hidden = company.value !== "";
  for (const name of [".other-keys", ".other-party"]) form.querySelector(name).required = company.value === "";
  const own = JSON.parse(words.own);
  let other = null;
  if (company.value !== "") other = JSON.parse(company.value);
  else if (form.querySelector(".other-keys").files[0]) {
    const keys = await publicKeys(form.querySelector(".other-keys").files[0]);
    other = { keys, party: form.querySelector(".other-party").value.trim(), siren: "", name: "" };
  }
  if (!other) return fingerprintIs(null);
  const keys = { own: encoded(own.keys), other: encoded(other.keys) };
  const fresh = await withTiers((tiers) => tiers.beginAgreement(keys));
  if (mine !== choice) return undefined;
  if (draft) draft.other = fresh.other;
  else {
    draft = fresh;
    known(draft, "proposer", own);
    fields(partOf("proposer")).forEach((field) => read(draft, field));
  }
  known(draft, "other", other);
  fields(partOf("other")).forEach((field) => read(draft, field));
  defaults();
  sidesFit();
  return fingerprintIs(other.keys);
}

/** Words of the draft that are written in the reader's language stay as the page has them. */
function defaults() {
  for (const field of fields()) {
    if (field.dataset.type === undefined && field.value === "" && field.defaultValue) field.value = field.defaultValue;
  }
}

/** The document as the form has it. */
async function written() {
  const document = structuredClone(draft ?? {});
  for (const side of ["proposer", "other"]) put(document, `${side}.gives`, {});
  for (const field of fields()) {
    if (!field.closest("[hidden]")) await write(document, field);
  }
  if (company.value === "") put(document, "other.party", form.querySelector(".other-party").value.trim());
  return document;
}

const WHY = {
  "agreement.text": "whyText", "agreement.parties": "whyParties", "agreement.signatory": "whySignatory",
  "agreement.fields": "whyFields", "agreement.channels": "whyFields", "agreement.basis": "whyBasis",
  "agreement.not_transferable": "whyBasis", "agreement.duration": "whyDuration", "agreement.price": "whyPrice",
  "agreement.message": "whyMessage", "agreement.no_records": "whyNoRecords", "agreement.special_category": "whySpecial",
  "browser.agreement": "whyShape", "browser.public_key": "whyPublic", "exchange.keys": "whyEnrolled",
  "exchange.other_key": "whyKey", party_key: "whyKey", keystore: "whyKeystore", draft: "draftBad",
};

function refusal(element, error) {
  const code = error.code ?? "";
  element.className = `${element.classList.contains("refused") ? "refused " : ""}note bad`;
  element.textContent = reason(WHY, words, code);
  element.hidden = false;
}

const refused = (error) => refusal(form.querySelector(".refused"), error);

/** What a field says, in words. */
function said(field) {
  const { type } = field.dataset;
  const label = (of) => [...of.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.textContent.trim()).join(" ").trim();
  if (type === "list") {
    const ticked = [...field.querySelectorAll("input:checked")];
    return [field.dataset.label, ticked.map((one) => label(one.parentElement)).join(", ")];
  }
  const name = label(field.closest("label"));
  if (field.type === "checkbox") return [name, field.checked ? words.yes : words.no];
  // The keys themselves: a draft may come from the other company.
  if (type === "signatory") return [name, get(draft, `${field.dataset.path}.key`)];
  if (type === "officer") return [name, ["key", "sealing"].map((one) => get(draft, `${field.dataset.path}.${one}`)).join(" ")];
  if (field.type === "date") return [name, days.format(new Date(field.value))];
  if (field.tagName === "SELECT") return field.value === "" ? null : [name, field.selectedOptions[0].textContent];
  return [name, field.value];
}

/** The agreement in the words of the form, part by part. */
function show() {
  const parts = preview.querySelector(".parts");
  parts.replaceChildren();
  for (const part of form.querySelectorAll("[data-part]")) {
    const title = document.createElement("h3");
    title.textContent = part.querySelector("legend").textContent;
    const list = document.createElement("dl");
    list.className = "facts";
    const visible = fields(part).filter((field) => !field.closest("[hidden]"));
    facts(list, visible.map(said).filter((pair) => pair && pair[1] !== ""));
    parts.append(title, list);
  }
}

async function readOver() {
  form.querySelector(".refused").hidden = true;
  if (!draft) await chosen();
  const agreement = await written();
  const mine = choice;
  const checked = await withTiers((tiers) => tiers.checkAgreement(agreement));
  // Somebody else was chosen meanwhile: what was checked is not what the form says.
  if (mine !== choice) throw Object.assign(new Error("draft"), { code: "draft" });
  draft = agreement;
  agreed = structuredClone(agreement);
  show();
  preview.querySelector(".fingerprint-other").textContent = checked.other;
  preview.querySelector(".digest").textContent = checked.digest;
  form.hidden = true;
  preview.hidden = false;
  preview.querySelector("h2").focus();
}

async function open(file) {
  let opened;
  try {
    opened = JSON.parse(await file.text());
  } catch {
    opened = null;
  }
  if (opened?.format !== "tiers-exchange-agreement/1") throw Object.assign(new Error("draft"), { code: "draft" });
  const own = JSON.parse(words.own);
  // Whoever opens it proposes it: the sides change places where the other company wrote it.
  if (opened.other?.party === own.party) [opened.proposer, opened.other] = [opened.other, opened.proposer];
  known(opened, "proposer", { ...own, side: null });
  choice += 1;
  draft = opened;
  const listed = [...company.options].find((one) => one.value && JSON.parse(one.value).party === opened.other?.party);
  company.value = listed?.value ?? "";
  form.querySelector(".stranger").hidden = company.value !== "";
  if (listed) draft.other.keys = JSON.parse(listed.value).keys;
  else form.querySelector(".other-party").value = filled(opened.other?.party) ?? "";
  fields().forEach((field) => read(draft, field));
  defaults();
  sidesFit();
  await fingerprintIs(draft.other?.keys);
}

async function save() {
  const link = document.createElement("a");
  link.download = "agreement.json";
  if (!draft) await chosen();
  offer(link, `${JSON.stringify(await written(), null, 2)}\n`, "application/json");
  link.click();
}

if (form) {
  for (const one of [company, form.querySelector(".other-keys"), form.querySelector(".other-party")]) {
    one.addEventListener("change", () => chosen().catch(refused));
  }
  for (const one of form.querySelectorAll(".gives")) one.addEventListener("change", sidesFit);
  form.querySelector(".draft").addEventListener("change", ({ target }) => {
    if (target.files[0]) open(target.files[0]).catch(refused);
  });
  form.querySelector(".save").addEventListener("click", () => save().catch(refused));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    readOver().catch(refused);
  });
  preview.querySelector(".change").addEventListener("click", () => {
    preview.hidden = true;
    form.hidden = false;
  });
  sign.addEventListener("submit", (event) => {
    event.preventDefault();
    const status = sign.querySelector("[role=status]");
    status.className = "";
    status.textContent = words.working;
    (async () => {
      const signed = await withTiers(async (tiers) => {
        return tiers.signAgreement({ agreement: agreed, partyKey: await (await ready)(tiers) });
      });
      const { exchange } = await (await post("/v1/exchanges", signed)).json();
      location.assign(`/portal/exchanges/${exchange}`);
    })().catch((error) => refusal(status, error));
  });
  sidesFit();
  chosen().catch(refused);
}
