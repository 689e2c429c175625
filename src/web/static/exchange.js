// A word about an exchange under one's own key, and the opening of a batch. Keys and records stay in the page
// and its worker; what is sent is a signed word, or that the batch was fetched. Nothing is stored: the
// records become a file that the reader saves.

import { keyOf } from "/static/keys.js";

const box = document.getElementById("exchange");
const { id, party } = box.dataset;
const csrf = document.querySelector("meta[name=csrf]")?.content ?? "";

async function api(path, options = {}) {
  const headers = { "x-tiers-csrf": csrf, "content-type": "application/json" };
  const answer = await fetch(path, { headers, ...options });
  if (answer.ok) return answer;
  const problem = await answer.json().catch(() => ({}));
  throw Object.assign(new Error(problem.title ?? ""), { code: problem.code ?? String(answer.status) });
}

async function bytes(path) {
  return new Uint8Array(await (await api(path)).arrayBuffer());
}

/** Runs something with the browser's program, which is wiped and ended afterwards. */
async function withTiers(act) {
  const { Tiers } = await import("/browser/tiers.js");
  const tiers = await Tiers.load("/browser/");
  try {
    return await act(tiers);
  } finally {
    tiers.close();
  }
}

const WHY = { "exchange.other_key": "whyKey", "exchange.other_agreement": "whyChanged", party_key: "whyKey", keystore: "whyKeystore", batch: "whyChanged" };

function tell(form, act) {
  const status = form.querySelector("[role=status]");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    status.className = "";
    status.textContent = box.dataset.working;
    act(status).catch((error) => {
      const code = error.code ?? "";
      const why = WHY[code] ?? WHY[code.split(".")[0]];
      status.className = "note bad";
      status.textContent = why ? box.dataset[why] : `${box.dataset.whyOther} ${code}`;
    });
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
    await api(`/v1/exchanges/${id}/acts`, { method: "POST", body });
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
    form.querySelector(".save").href = URL.createObjectURL(new Blob([opened.csv], { type: "text/csv" }));
    for (const part of form.querySelectorAll(".got")) part.hidden = false;
  });
  form.querySelector(".done").addEventListener("click", async () => {
    await api(`/v1/batches/${batch}/fetched`, { method: "POST", body: "{}" });
    location.reload();
  });
}
