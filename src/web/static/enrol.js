// What a company sent as party.pub goes into the field of the form; it holds public keys only.

const form = document.getElementById("enrol-company");
form?.querySelector(".file").addEventListener("change", async ({ target }) => {
  const [file] = target.files;
  if (file && file.size < 10_000) form.elements.keys.value = await file.text();
});
