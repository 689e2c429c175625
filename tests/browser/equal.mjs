// Native and WebAssembly make the same of every file: the sample network, then files of invented rows
// from fixed seeds, with the mess that files have. Compared byte for byte: what would be sent, where
// each line comes from, what was left out and why; and refusals by their code.
//
// Beside it: what is sealed here opens with the certifier's key (RFC 9180, written out with Node's own
// primitives), signatures verify, wrong keys are refused first.

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { FULL, SAMPLES, browser, check, instance, native, same, scratch, workshop } from "./support.mjs";
import { deposits } from "./sealed.mjs";
import { contacts } from "./rows.mjs";

const COMPARED = ["preview.csv", "rows.csv", "rejects.csv", "trust.json"];
const build = await instance();
const shop = workshop();

function compare(name, kind, bytes, more = {}, words = []) {
  const expected = native(shop, scratch(shop, name, bytes), kind, ...words);
  const found = browser(build, shop, { name, bytes, kind, ...more });
  if (expected.refusal || found.refusal) {
    same(found.refusal?.code, expected.refusal?.code, `${name}: refusal`);
    return { rows: 0, refused: 1 };
  }
  for (const file of COMPARED) same(found.read(file), expected.read(file), `${name}: ${file}`);
  const { dir, sealed, signed, ...understood } = expected.understood;
  for (const [key, value] of Object.entries(understood)) {
    same(found.understood[key], value, `${name}: ${key}`);
  }
  manifests(name, found.read("manifest.json"), expected.read("manifest.json"));
  found.deposit.free();
  return { rows: understood.rows, refused: 0 };
}

/** Alike but for what must differ: the nonce, the program, and what the native one sealed. */
function manifests(name, found, expected) {
  const strip = (bytes) => {
    const { nonce, tool, ...rest } = JSON.parse(Buffer.from(bytes)).manifest;
    check(nonce.length === 22 && tool.startsWith("tiers "), `${name}: nonce and tool`);
    return rest;
  };
  same(strip(found), strip(expected), `${name}: manifest`);
}

let files = 0;
for (const name of readdirSync(SAMPLES).filter((name) => /^(dealer|brand)_/.test(name)).sort()) {
  const kind = name.startsWith("brand") ? "leads" : "sales";
  const { rows } = compare(name, kind, readFileSync(join(SAMPLES, name)));
  check(rows > 0, `${name}: no row`);
  files += 1;
}
check(files === 15, `${files} sample files`);
console.log(`equal: ${files} sample files, native and WebAssembly byte for byte`);

const seeds = FULL ? 400 : 40;
const total = { rows: 0, refused: 0 };
for (let seed = 1; seed <= seeds; seed += 1) {
  const { bytes, kind, separator } = contacts(seed, 60 + (seed % 7) * 40);
  const chunk = [1, 7, 100, 1000][seed % 4];
  const words = separator === ";" ? [] : ["--separator", separator];
  const more = { rows: chunk, ...(separator === ";" ? {} : { separator }) };
  const { rows, refused } = compare(`seed-${seed}.csv`, kind, bytes, more, words);
  total.rows += rows;
  total.refused += refused;
}
check(total.rows > seeds * 40 && total.refused < seeds / 4, JSON.stringify(total));
console.log(`equal: ${total.rows} invented rows of ${seeds} seeds (${total.refused} files refused by both)`);

await deposits(build, shop);
console.log("equal: sealed bodies open, manifests verify, wrong keys and turns are refused");
