// Invented rows from a seed, as messy as files are: accents, titles, two numbers in a cell, exponents,
// placeholders, dates in several forms, blanks and broken values. Nothing here is anybody's.

/** The generator of Knuth's MMIX, as in crates/contact/examples/rate.rs. */
function generator(seed) {
  let state = BigInt(seed);
  const below = (bound) => {
    state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
    return Number((state >> 33n) % BigInt(bound));
  };
  return { below, of: (list) => list[below(list.length)] };
}

const FIRST = ["Zoé", "Jean-Pierre", "MARIE", "Anaïs", "françois", "Luc", "B.", "Mohamed ", "Chloé", "Jean Pierre", "", "nc"];
const LAST = ["Lefèvre", "LE ROUX", "Martin", "d'Aubigné", "DE LA TOUR", "Müller", "Garçon", "Petit ép. Roy", "O’Brien", "Œuf", ""];
const STREET = ["rue de l'Église", "av. Jean Jaurès", "bd du Gal de Gaulle", "CHE DES ECOLES", "place du 8 Mai 1945", "lieu-dit Les Ormes"];
const DOMAIN = ["orange.fr", "GMAIL.com", "free.fr", "bücher.example", "wanadoo.fr ", "x"];
const TAIL = ["", " bis", "ter,", " B", " apt 12"];
const HEADINGS = ["Civilité", "Nom", "Prénom", "Date de naissance", "E-mail", "Téléphone", "Adresse", "Code postal", "Ville"];

function two(number) {
  return String(number).padStart(2, "0");
}

function phone({ below, of }) {
  const digits = String(10_000_000 + below(89_999_999));
  const pairs = digits.match(/../g);
  const lead = of(["6", "7", "6", "1", "4", "9", "8"]);
  return of([
    () => `0${lead} ${pairs.join(" ")}`,
    () => `+33 (0)${lead}${digits}`,
    () => `0033${lead}.${pairs.join(".")}`,
    () => `${lead}${digits}`,
    () => `33${lead}${digits}`,
    () => `${lead},${digits}E+08`,
    () => `0${lead}${digits} / 01 ${pairs.join(" ")}`,
    () => "0000000000",
    () => "",
    () => `+262 692 ${pairs[0]} ${pairs[1]} ${pairs[2]}`,
    () => `+44 7${digits}1`,
  ])();
}

function date({ below, of }, from, years) {
  const [day, month, year] = [1 + below(30), 1 + below(12), from + below(years)];
  return of([
    () => `${two(day)}/${two(month)}/${year}`,
    () => `${two(day)}/${two(month)}/${year}`,
    () => `${year}-${two(month)}-${two(day)}`,
    () => `${day}.${month}.${two(year % 100)}`,
    () => `${two(day)}-${two(month)}-${year} 00:00:00`,
  ])();
}

function email({ below, of }, row) {
  return of([
    () => `Contact.${row}@${of(DOMAIN)}`,
    () => ` mailto:c${row}@${of(DOMAIN)}`,
    () => `"c.${below(50)}"@free.fr`,
    () => `prénom${row}@free.fr`,
    () => ["", "nc", "x@x", "non communiqué", "a@@b.fr"][below(5)],
    () => `un${row}@free.fr; deux${row}@orange.fr`,
  ])();
}

function row(draw, number, kind) {
  const { below, of } = draw;
  const cells = [of(["M.", "Mme", "", "MONSIEUR"]), of(LAST), of(FIRST)];
  cells.push(below(5) ? date(draw, 1930, 75) : of(["", "01/01/1900", "31/02/1980"]));
  cells.push(email(draw, number), phone(draw));
  cells.push(`${1 + below(200)}${of(TAIL)} ${of(STREET)}`);
  cells.push(String(1000 + below(94_000)), "VILLE");
  cells.push(`${two(1 + below(28))}/${two(1 + below(12))}/2024`);
  if (kind === "sales") cells.push(`${10 + below(30)} ${String(below(1000)).padStart(3, "0")},${two(below(100))} €`);
  // Once in a while a row without anybody in it: it is rejected.
  if (below(60) === 0) for (const at of [1, 2, 4, 5]) cells[at] = "";
  return cells;
}

/** A file of `rows` rows. */
export function contacts(seed, rows, plain = false) {
  const draw = generator(seed);
  const kind = plain ? "sales" : draw.of(["sales", "customers"]);
  const separator = plain ? ";" : draw.of([";", ";", "|"]);
  const headings = [...HEADINGS, "Date de vente", ...(kind === "sales" ? ["Montant TTC"] : [])];
  const lines = [headings.join(separator)];
  const quote = (cell) => (/[";|\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
  for (let number = 1; number <= rows; number += 1) {
    lines.push(row(draw, number, kind).map(quote).join(separator));
  }
  const text = lines.join(draw.of(["\n", "\r\n"])) + "\n";
  return { bytes: encode(text, plain ? 0 : draw.below(4)), kind, separator };
}

function encode(text, how) {
  // Western texts of one byte a character, where the text allows it.
  if (how === 1 && [...text].every((c) => c.codePointAt(0) < 256)) return Buffer.from(text, "latin1");
  if (how === 2) return Buffer.from(`\ufeff${text}`, "utf16le");
  return Buffer.from(text);
}
