"""How long clkhash takes to encode the contacts of a CSV file (UTF-8, semicolons), on all processors.

The same columns as `tiers prepare` uses: names, birth date, e-mail, telephone, street line, postcode; each
gives the bits that clkhash's own examples give. Values are not validated, which is the faster way. Reading the
file and leaving out the other columns is not counted against it. Prints one JSON object.
"""

import csv
import io
import json
import sys
import time

from importlib.metadata import version

from clkhash import clk
from clkhash.schema import from_json_dict

COLUMNS = ["Nom", "Prénom", "Date de naissance", "E-mail", "Téléphone", "Adresse", "Code postal"]


def schema():
    def feature(name):
        return {
            "identifier": name,
            "format": {"type": "string", "encoding": "utf-8"},
            "hashing": {
                "comparison": {"type": "ngram", "n": 2},
                "strategy": {"bitsPerFeature": 100},
                "hash": {"type": "doubleHash"},
            },
        }

    return from_json_dict(
        {
            "version": 3,
            "clkConfig": {
                "l": 1024,
                "kdf": {"type": "HKDF", "hash": "SHA256", "salt": "AA==", "info": "", "keySize": 64},
            },
            "features": [feature(name) for name in COLUMNS],
        }
    )


def main():
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    with open(sys.argv[1], encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter=";")
        writer.writerow(COLUMNS)
        for row in rows:
            writer.writerow([row[name] for name in COLUMNS])
    text.seek(0)
    begun = time.perf_counter()
    encoded = clk.generate_clk_from_csv(
        text, "a secret of the bench", schema(), validate=False, progress_bar=False
    )
    seconds = time.perf_counter() - begun
    print(json.dumps({"rows": len(encoded), "seconds": seconds, "version": version("clkhash")}))


if __name__ == "__main__":
    main()
