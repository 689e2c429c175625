// The published vectors of the normalisation on the WebAssembly build: the same files as the native
// build (crates/contact/tests/it/vectors.rs), and as many.

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ROOT, check, instance } from "./support.mjs";

const folder = join(ROOT, "tests/vectors/v1");
/** Fields of a case that are its input; every other one but the reason is what must come out. */
const INPUT = {
  near: ["kind", "names", "birth", "postcode", "town", "street", "landline"],
  canaries: [],
  others: ["in", "first", "last", "full", "order", "purpose"],
};

const build = await instance();
const canaries = JSON.parse(build.canaries(new Uint8Array(32).fill(0x2a), "vectors"));

function found(rule, given, place) {
  if (rule === "canaries") return canaries[place];
  return JSON.parse(build.rule(rule, JSON.stringify(given)));
}

let count = 0;
const differences = [];
for (const name of readdirSync(folder).sort()) {
  const rule = name.replace(".json", "");
  const { cases } = JSON.parse(readFileSync(join(folder, name), "utf8"));
  for (const [place, { why, ...rest }] of cases.entries()) {
    const input = INPUT[rule] ?? INPUT.others;
    const given = Object.fromEntries(Object.entries(rest).filter(([key]) => input.includes(key)));
    const out = found(rule, given, place);
    const unknown = Object.keys(rest).filter((key) => !input.includes(key) && !(key in out));
    check(unknown.length === 0, `${name}: no answer for ${unknown}`);
    // As in the native reader, a field that a case leaves out is null.
    for (const [key, value] of Object.entries(out)) {
      const [is, expected] = [value, rest[key] ?? null].map((one) => JSON.stringify(one));
      if (is !== expected) differences.push(`${name}: ${why ?? place}: ${key} ${is}, not ${expected}`);
    }
    count += 1;
  }
}
check(differences.length === 0, differences.join("\n"));
check(count >= 500, `${count} cases`);
console.log(`vectors: ${count} cases pass on the WebAssembly build`);
