//! PostgreSQL's words. It compares ids as bytes, unless the column was made with a collation that does not.

use super::Words;

pub(crate) const WORDS: Words = Words {
    create: "CREATE TABLE {table} ( id SERIAL NOT NULL, session_id VARCHAR(255), data BYTEA, \
             expiry TIMESTAMP WITHOUT TIME ZONE, PRIMARY KEY (id), UNIQUE (session_id) )",
    moment: "timestamp 'epoch' + {ms} * interval '1 millisecond'",
    end: "timestamp 'epoch' + {ms} * interval '1 millisecond'",
    // Cut before it is multiplied, and nothing beyond what a date can be for Python.
    millis: "CAST(round(extract(epoch FROM date_trunc('milliseconds', least(expiry, timestamp '9999-12-31'))) * 1000) \
             AS bigint)",
    later: "greatest",
    nothing: "CAST('' AS bytea)",
    id: "session_id",
    this: "session_id = :id",
    either: "session_id IN (:id, :marker)",
    unretired: "NOT EXISTS (SELECT 1 FROM {table} AS other WHERE other.session_id = :marker AND other.expiry > {now})",
    free: "NOT EXISTS (SELECT 1 FROM {table} AS other WHERE other.session_id = :newid AND other.expiry > {now})",
    same: "substring(sha256(data) FROM 1 FOR 16) = :seen",
    hashes: true,
    insert: "INSERT INTO {table} (session_id, data, expiry) SELECT :id, :payload, {deadline} WHERE {unretired} \
             ON CONFLICT (session_id) DO UPDATE SET data = excluded.data, expiry = excluded.expiry \
             WHERE {table}.expiry <= {now} OR {table}.expiry IS NULL",
    renew: None,
    // Deleted and written anew, under another number: Flask writes by the number of a row that it has just read.
    retire: &["WITH gone AS (DELETE FROM {table} WHERE {as_seen} RETURNING 1) \
               INSERT INTO {table} (session_id, data, expiry) SELECT :marker, :mark, {until} FROM gone \
               ON CONFLICT (session_id) DO UPDATE SET data = excluded.data, expiry = excluded.expiry"],
    rename: &["WITH gone AS (DELETE FROM {table} WHERE {as_seen} AND {free} RETURNING 1) \
               INSERT INTO {table} (session_id, data, expiry) SELECT :newid, :payload, {deadline} FROM gone \
               UNION ALL SELECT :marker, :mark, {until} FROM gone \
               ON CONFLICT (session_id) DO UPDATE SET data = excluded.data, expiry = excluded.expiry"],
    clear: None,
    // By place, and past what another process is sweeping.
    sweep: "DELETE FROM {table} WHERE ctid = ANY (ARRAY(SELECT ctid FROM {table} WHERE expiry <= {now} \
            LIMIT :limit FOR UPDATE SKIP LOCKED))",
    max_payload: None,
};
