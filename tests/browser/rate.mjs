// What the build costs in processor time and memory, under Node: rows from file to sealed body in one
// instance. `node tests/browser/rate.mjs [ROWS] [--bridges]`, with TIERS_WEB and TIERS_NATIVE as tests/wasm
// sets them; four key kinds unless bridges are asked for.

import { instance, workshop } from "./support.mjs";
import { contacts } from "./rows.mjs";

const rows = Number(process.argv[2] ?? 100_000);
const { bytes } = contacts(7, rows, true);
const shop = workshop();
const build = await instance();
const programme = shop.read(process.argv.includes("--bridges") ? "programme.json" : "keys.json");
const asked = JSON.stringify({ kind: "sales", today: new Date().toISOString().slice(0, 10), source: "rate.csv" });

const [begun, before] = [performance.now(), process.cpuUsage()];
const deposit = new build.Deposit(bytes, programme, shop.read("programme.key"), asked);
while (!deposit.step(1000));
deposit.tokenise();
const part = Math.max(1000, Math.ceil(deposit.total() / 32));
while (!deposit.step(part));
deposit.seal(shop.read("party/party.key"));
const { user, system } = process.cpuUsage(before);
const wall = performance.now() - begun;

const memory = build.initSync({ module: instance.compiled }).memory.buffer.byteLength;
const seconds = (ms) => `${(ms / 1000).toFixed(2)} s`;
console.log(`rate: ${rows} rows, ${(bytes.length / 1e6).toFixed(0)} MB: ${seconds(wall)} wall`);
console.log(`rate: ${seconds((user + system) / 1000)} of processor, the compiling of the build included`);
console.log(`rate: ${(memory / 1e6).toFixed(0)} MB of memory`);
