"""One question of benches/matching.rs, answered by one peer from plain Parquet files.

FOLDER holds `tickets.parquet` (token, dealer, day, amount) and `cards.parquet` (token). Time runs from
before the files are opened to the answer in this process; starting Python and importing the library
are not counted against a peer. Each question is written in the way that was found fastest for the peer:
two levels of grouping beat a distinct count in all of them. Prints one JSON object: seconds, peak
resident memory of the process, the digest of the answer as lines of text, version.
"""

import hashlib
import json
import resource
import sys
import time

from importlib.metadata import version

# Persons, rows and revenue by dealer and month: a person counts once in each dealer and month.
SALES = """
SELECT dealer, month, count(*) AS persons, sum(n) AS n, sum(cents) AS cents FROM (
  SELECT dealer, {month} AS month, token, count(*) AS n, sum(amount) AS cents
  FROM tickets {semi} GROUP BY dealer, {month}, token
) AS persons GROUP BY dealer, month
"""
OVERLAP = "SELECT count(*) FROM (SELECT DISTINCT token FROM tickets {semi}) AS persons"


def duckdb_answer(question, folder, threads):
    import duckdb

    connection = duckdb.connect(config={"threads": threads})
    for name in ("tickets", "cards"):
        connection.execute(f"CREATE VIEW {name} AS SELECT * FROM '{folder}/{name}.parquet'")
    month = "(year(day) * 12 + month(day) - 1)"
    semi = "SEMI JOIN cards USING (token)"
    query = (SALES if question == "sales" else OVERLAP).format(month=month, semi=semi)
    return connection.execute(query).fetchall()


def polars_answer(question, folder, threads):
    import polars as pl

    assert pl.thread_pool_size() == threads
    tickets = pl.scan_parquet(f"{folder}/tickets.parquet")
    cards = pl.scan_parquet(f"{folder}/cards.parquet")
    if question == "overlap":
        token = tickets.select("token").join(cards, on="token", how="semi").unique()
        return token.select(pl.len()).collect(engine="streaming").rows()
    day = pl.col("day").dt
    month = (day.year() * 12 + day.month().cast(pl.Int32) - 1).alias("month")
    found = tickets.join(cards, on="token", how="semi").with_columns(month)
    persons = found.group_by("dealer", "month", "token").agg(
        pl.len().alias("n"), pl.col("amount").sum()
    )
    table = persons.group_by("dealer", "month").agg(
        pl.len().alias("persons"), pl.col("n").sum(), pl.col("amount").sum()
    )
    return table.collect(engine="streaming").rows()


def datafusion_answer(question, folder, threads):
    from datafusion import SessionConfig, SessionContext

    context = SessionContext(SessionConfig().with_target_partitions(threads))
    for name in ("tickets", "cards"):
        context.register_parquet(name, f"{folder}/{name}.parquet")
    month = "(CAST(date_part('year', day) * 12 + date_part('month', day) - 1 AS INT))"
    semi = "LEFT SEMI JOIN cards ON tickets.token = cards.token"
    query = (SALES if question == "sales" else OVERLAP).format(month=month, semi=semi)
    rows = []
    for batch in context.sql(query).collect():
        rows.extend(zip(*(column.to_pylist() for column in batch.columns)))
    return rows


def main():
    peer, question, folder, threads = sys.argv[1:]
    module = __import__(peer)
    answer = globals()[f"{peer}_answer"]
    begun = time.perf_counter()
    rows = answer(question, folder, int(threads))
    seconds = time.perf_counter() - begun
    lines = sorted(" ".join(str(int(value)) for value in row) + "\n" for row in rows)
    print(
        json.dumps(
            {
                "seconds": seconds,
                "peak_kib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
                "answer": hashlib.sha256("".join(lines).encode()).hexdigest(),
                "lines": len(lines),
                "version": version(module.__name__),
            }
        )
    )


if __name__ == "__main__":
    main()
