//! SQLite's words. It compares ids as bytes, keeps `expiry` as text that compares as time does, and knows no hash.

use super::Words;

pub(crate) const WORDS: Words = Words {
    create: "CREATE TABLE {table} ( id INTEGER NOT NULL, session_id VARCHAR(255), data BLOB, expiry DATETIME, \
             PRIMARY KEY (id), UNIQUE (session_id) )",
    // As SQLAlchemy writes it: always with microseconds.
    moment: "datetime({ms} / 1000, 'unixepoch') || printf('.%03d000', {ms} % 1000)",
    end: "datetime({ms} / 1000, 'unixepoch') || printf('.%03d000', {ms} % 1000)",
    millis: "coalesce(CAST(strftime('%s', expiry) AS INTEGER), 0) * 1000 + CAST(substr(expiry, 21, 3) AS INTEGER)",
    later: "max",
    nothing: "x''",
    id: "session_id",
    this: "session_id = :id",
    either: "session_id IN (:id, :marker)",
    unretired: "NOT EXISTS (SELECT 1 FROM {table} AS other WHERE other.session_id = :marker AND other.expiry > {now})",
    free: "NOT EXISTS (SELECT 1 FROM {table} AS other WHERE other.session_id = :newid AND other.expiry > {now})",
    same: "CAST(data AS BLOB) = :seen",
    hashes: false,
    insert: "INSERT INTO {table} (session_id, data, expiry) SELECT :id, :payload, {deadline} WHERE {unretired} \
             ON CONFLICT (session_id) DO UPDATE SET data = excluded.data, expiry = excluded.expiry \
             WHERE {table}.expiry <= {now} OR {table}.expiry IS NULL",
    renew: None,
    // The row gets another number: Flask writes by the number of a row that it has just read, and must not find this one.
    // A number that was the highest is given again, so a row that is deleted and another one written would not do.
    retire: &[
        "UPDATE OR REPLACE {table} SET id = (SELECT max(id) + 1 FROM {table}), session_id = :marker, data = :mark, \
               expiry = {until} WHERE {as_seen}",
    ],
    rename: &["WITH seen AS (SELECT id FROM {table} WHERE {as_seen} AND {free}) \
               INSERT INTO {table} (id, session_id, data, expiry) \
               SELECT NULL, :newid, :payload, {deadline} FROM seen \
               UNION ALL SELECT id, :marker, :mark, {until} FROM seen WHERE true \
               ON CONFLICT (id) DO UPDATE SET id = (SELECT max(id) + 1 FROM {table}), \
               session_id = excluded.session_id, data = excluded.data, expiry = excluded.expiry"],
    clear: Some("DELETE FROM {table} WHERE session_id IN (:newid, :marker) AND expiry <= {now}"),
    sweep: "DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE expiry <= {now} LIMIT :limit)",
    max_payload: None,
};
