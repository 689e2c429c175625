// The programme's key is sealed in the page's worker to one dealer, if the fingerprint that its people read out is that
// of the keys enrolled for it. What is sent is what only that dealer can open.

import { keyOf } from "./keys.js";
import { api, bytes, withTiers } from "./upload.js";

const form = document.getElementById("wrap");
const words = form?.dataset ?? {};
const status = form?.querySelector("[role=status]");
const ready = form && keyOf(form, (held) => held.programmes.length > 0);

const WHY = {
  "browser.other_keys": "whyPrint", "party_key.fingerprint": "whyForm", programme_key: "whyKey", keystore: "whyKeystore",
  "browser.not_kept": "whyKept",
};

async function wrapped(party) {
  const base = `/v1/programmes/${words.programme}`;
  const programme = await bytes(base);
  const partners = await (await api(`${base}/partners`)).json();
  const partner = new TextEncoder().encode(JSON.stringify(partners.find((one) => one.party === party)));
  const confirmed = form.querySelector(".confirmed").value;
  return withTiers(async (tiers) => {
    return tiers.wrapKey({ key: await (await ready)(tiers), programme, partner, confirmed });
  });
}

async function pass() {
  const to = form.querySelector(".to");
  const chosen = to.selectedOptions[0];
  const body = JSON.stringify({ wrapped: await wrapped(to.value) });
  const headers = { "content-type": "application/json" };
  await api(`/v1/programmes/${words.programme}/keys/${to.value}`, { method: "PUT", body, headers });
  status.className = "note good";
  status.textContent = words.done.replace("{name}", chosen.dataset.name);
  form.querySelector(".confirmed").value = "";
}

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  status.className = "";
  status.textContent = words.working;
  pass().catch((error) => {
    const code = error.code ?? "";
    const why = WHY[code] ?? WHY[code.split(".")[0]];
    status.className = "note bad";
    status.textContent = why ? words[why] : `${words.whyOther} ${code}`;
  });
});
