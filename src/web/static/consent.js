// The search of a person: address or number and the rights key go to the worker of the browser's program,
// and only the tokens that it makes are sent. The two fields have no name, so that no form sends them.

import { keyOf } from "./keys.js";
import { withTiers } from "./upload.js";

const form = document.getElementById("person");
const status = form?.querySelector("[role=status]");
const words = form?.dataset ?? {};

const ready = form && keyOf(form, (held) => held.rights);

const WHY = { "browser.contact": "whyContact", rights_key: "whyKey", keystore: "whyKeystore" };

async function tokens() {
  return withTiers(async (tiers) => {
    const rightsKey = await (await ready)(tiers);
    return tiers.personTokens({ rightsKey, contact: form.querySelector(".contact").value });
  });
}

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  status.className = "";
  status.textContent = words.working;
  tokens()
    .then((made) => {
      form.elements.tokens.value = made;
      form.submit();
    })
    .catch((error) => {
      const group = (error.code ?? "").split(".")[0];
      status.className = "note bad";
      status.textContent = words[WHY[error.code] ?? WHY[group] ?? "whyOther"];
    });
});
