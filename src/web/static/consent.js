// The search of a person: address or number and the rights key go to the worker of the browser's program,
// and only the tokens that it makes are sent. The two fields have no name, so that no form sends them.

const form = document.getElementById("person");
const status = form?.querySelector("[role=status]");
const words = form?.dataset ?? {};

const WHY = { "browser.contact": "whyContact", rights_key: "whyKey" };

async function tokens() {
  const { Tiers } = await import("/browser/tiers.js");
  const tiers = await Tiers.load("/browser/");
  try {
    const rightsKey = form.querySelector(".key").files[0];
    return await tiers.personTokens({ rightsKey, contact: form.querySelector(".contact").value });
  } finally {
    tiers.close();
  }
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
