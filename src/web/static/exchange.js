// A word about an exchange under one's own key, and the opening of a batch. Keys and records stay in the page
// and its worker; what is sent is a signed word, or that the batch was fetched. Nothing is stored: the
// records become a file that the reader saves.

import { keyOf } from "./keys.js";
import { bytes, cell, locale, offer, post, withTiers, word } from "./upload.js";

const box = document.getElementById("exchange");
const { id, party } = box.dataset;

const WHY = {
  missing: "whyMissing", "browser.public_key": "whyKey",
  "exchange.other_key": "whyKey", "exchange.other_agreement": "whyChanged", party_key: "whyKey", keystore: "whyKeystore", batch: "whyChanged" };

/** Does something of a form and says how it went. */
function run(form, act) {
  const status = form.querySelector("[role=status]");
  status.className = "";
  status.textContent = box.dataset.working;
  act(status).catch((error) => {
    const code = error.code ?? "";
    const why = WHY[code] ?? WHY[code.split(".")[0]];
    status.className = "note bad";
    status.textContent = why ? box.dataset[why] : `${box.dataset.whyOther} ${code}`;
  });
}

function tell(form, act) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run(form, act);
  });
}

const say = document.getElementById("say");
if (say) {
  const key = keyOf(say, (held) => held.party);
  tell(say, async () => {
    const view = await bytes(`/v1/exchanges/${id}`);
    const [says, words] = [say.querySelector(".says").value, say.querySelector(".words").value];
    const body = await withTiers(async (tiers) => {
      return tiers.sayOfExchange({ view, party, partyKey: await (await key)(tiers), says, words });
    });
    await post(`/v1/exchanges/${id}/acts`, body);
    location.reload();
  });
}

for (const form of document.querySelectorAll("form.open")) {
  const { batch } = form.dataset;
  const key = keyOf(form, (held) => held.party);
  tell(form, async (status) => {
    const view = await bytes(`/v1/exchanges/${id}`);
    const packed = await bytes(`/v1/batches/${batch}/records`);
    const opened = await withTiers(async (tiers) => {
      return tiers.openPackage({ view, party, partyKey: await (await key)(tiers), batch, package: packed });
    });
    const number = new Intl.NumberFormat(document.documentElement.lang);
    status.className = "note good";
    status.textContent = box.dataset.good
      .replace("{written}", number.format(opened.written))
      .replace("{held}", number.format(opened.held_back));
    offer(form.querySelector(".save"), opened.csv, "text/csv");
    for (const part of form.querySelectorAll(".got")) part.hidden = false;
  });
  form.querySelector(".done").addEventListener("click", async () => {
    await post(`/v1/batches/${batch}/fetched`, "{}");
    location.reload();
  });
}

const days = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" });

/** A row of the sample: what the sender shows, and the officer's verdict on it. */
function proof(form, { position, certified, evidence }) {
  const row = document.createElement("tr");
  const method = evidence.method ? word(form.dataset, "method", evidence.method) : "–";
  cell(row, String(position), "th", true);
  const on = days.format(new Date(evidence.on));
  for (const text of [evidence.reference || "–", evidence.record ?? certified ?? "–", method, on]) cell(row, text);
  const choice = document.createElement("select");
  choice.dataset.position = position;
  choice.setAttribute("aria-label", form.dataset.of.replace("{position}", position));
  for (const [value, text] of [["", "–"], ["proven", form.dataset.proven], ["unproven", form.dataset.unproven]]) {
    choice.add(new Option(text, value));
  }
  const last = cell(row, "");
  last.append(choice);
  // On a narrow screen each cell stands under its own heading.
  const headings = form.querySelectorAll(".sample thead th");
  [...row.cells].forEach((one, place) => place > 0 && (one.dataset.label = headings[place].textContent));
  return row;
}

for (const form of document.querySelectorAll("form.review")) {
  const { batch } = form.dataset;
  const part = (name) => form.querySelector(name);
  const choices = () => [...form.querySelectorAll(".sample select")];
  let about = null;
  tell(form, async (status) => {
    if (form.dataset.drawn === "false") await post(`/v1/batches/${batch}/sample`, "{}");
    form.dataset.drawn = "true";
    const view = await bytes(`/v1/exchanges/${id}`);
    const sample = await bytes(`/v1/batches/${batch}/sample`);
    about = { view, party, batch, sample, company: part(".pub").files[0], officerKey: part(".key").files[0] };
    const shown = await withTiers((tiers) => tiers.showSample(about));
    part("tbody").replaceChildren(...shown.map((one) => proof(form, one)));
    part(".sample").hidden = false;
    status.textContent = form.dataset.drawnWords.replace("{count}", shown.length);
  });
  part(".all").addEventListener("click", () => {
    for (const choice of choices()) choice.value ||= "proven";
  });
  part(".verdict").addEventListener("click", () =>
    run(form, async () => {
      const words = part(".words").value.trim();
      const unproven = choices().filter(({ value }) => value === "unproven");
      if (choices().some(({ value }) => value === "") || (unproven.length > 0 && words === "")) {
        throw Object.assign(new Error("missing"), { code: "missing" });
      }
      const said = { unproven: unproven.map(({ dataset }) => Number(dataset.position)), words };
      await post(`/v1/batches/${batch}/review`, await withTiers((tiers) => tiers.signVerdict({ ...about, ...said })));
      location.reload();
    }),
  );
}
