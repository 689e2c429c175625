"""Compares a decrypted export with the rows that it must hold, by PyArrow and by DuckDB.

    export.py FOLDER ROWS.json

FOLDER is what `tiers inspect --decrypt-to` wrote. Every row of every kind is compared, and that there
is no other file, row or column.
"""

import json
import pathlib
import sys

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

folder, rows = pathlib.Path(sys.argv[1]), json.loads(pathlib.Path(sys.argv[2]).read_text())
value = {"sales": "sale", "leads": "campaign", "customers": "known"}[rows["deposit"].removeprefix("frozen-")]
columns = ["token", "row", "first", "date", value]


def by_pyarrow(path):
    table = pq.read_table(path)
    assert table.column_names == columns, table.column_names
    assert table.schema.field("token").type == pa.binary(16), table.schema
    assert table.schema.field("date").type == pa.date32(), table.schema
    assert not any(field.nullable for field in table.schema), table.schema
    table = table.set_column(3, "date", table.column("date").cast(pa.int32()))
    found = [table.column(name).to_pylist() for name in columns]
    return [(token.hex(), *rest) for token, *rest in zip(*found)]


def by_duckdb(path):
    chosen = f"lower(hex(token)), row, first, date - DATE '1970-01-01', {value}"
    return duckdb.sql(f"SELECT {chosen} FROM read_parquet('{path}')").fetchall()


def footer(path, kind):
    metadata = pq.read_metadata(path).metadata
    expected = {
        b"format": b"tiers-segment/1",
        b"deposit": rows["deposit"].encode(),
        b"kind": kind.encode(),
        b"rows": str(len(rows["segments"][kind])).encode(),
    }
    assert {key: metadata[key] for key in expected} == expected, metadata


kinds = sorted(path.name.removesuffix(".parquet") for path in folder.iterdir())
assert kinds == sorted(rows["segments"]), kinds
count = 0
for kind in kinds:
    path = folder / f"{kind}.parquet"
    wanted = [tuple(row[name] for name in columns) for row in rows["segments"][kind]]
    assert wanted and wanted == sorted(wanted), kind
    assert by_pyarrow(path) == wanted, f"{kind}: PyArrow"
    assert by_duckdb(path) == wanted, f"{kind}: DuckDB"
    footer(path, kind)
    count += len(wanted)
print(f"{rows['deposit']}: {len(kinds)} kinds, {count} rows, the same by PyArrow and DuckDB")
