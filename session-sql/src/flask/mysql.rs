//! MariaDB's words. Its texts compare without case: the index finds the row, and its bytes decide.

use super::Words;

pub(crate) const WORDS: Words = Words {
    create: "CREATE TABLE {table} ( id INTEGER NOT NULL AUTO_INCREMENT, session_id VARCHAR(255), data BLOB, \
             expiry DATETIME, PRIMARY KEY (id), UNIQUE (session_id) )",
    moment: "DATE '1970-01-01' + INTERVAL {ms} * 1000 MICROSECOND",
    // The column holds whole seconds.
    end: "DATE '1970-01-01' + INTERVAL ({ms} + 999) DIV 1000 SECOND",
    millis: "TIMESTAMPDIFF(MICROSECOND, DATE '1970-01-01', expiry) DIV 1000",
    later: "greatest",
    nothing: "x''",
    id: "CAST(session_id AS BINARY)",
    this: "session_id = :id AND {id} = :id",
    either: "session_id IN (:id, :marker) AND {id} IN (:id, :marker)",
    // A table in a table: MySQL does not let a statement read what it writes.
    unretired: "NOT EXISTS (SELECT 1 FROM (SELECT session_id FROM {table} \
                WHERE session_id = :marker AND {id} = :marker AND expiry > {now} LIMIT 1) AS marker)",
    free: "NOT EXISTS (SELECT 1 FROM (SELECT session_id FROM {table} \
           WHERE session_id = :newid AND expiry > {now} LIMIT 1) AS other)",
    same: "left(unhex(sha2(data, 256)), 16) = :seen",
    hashes: true,
    insert: "INSERT INTO {table} (session_id, data, expiry) SELECT :id, :payload, {deadline} FROM DUAL WHERE {unretired}",
    renew: Some(
        "UPDATE {table} SET data = :payload, expiry = {deadline} \
         WHERE {this} AND (expiry <= {now} OR expiry IS NULL) AND {unretired}",
    ),
    // Deleted and written anew, under another number: Flask writes by the number of a row that it has just read.
    retire: &[
        "DELETE FROM {table} WHERE {as_seen}",
        "INSERT INTO {table} (session_id, data, expiry) VALUES (:marker, :mark, {until}) \
         ON DUPLICATE KEY UPDATE data = VALUES(data), expiry = VALUES(expiry)",
    ],
    rename: &[
        "DELETE FROM {table} WHERE {as_seen} AND {free}",
        "INSERT INTO {table} (session_id, data, expiry) \
         VALUES (:newid, :payload, {deadline}), (:marker, :mark, {until}) \
         ON DUPLICATE KEY UPDATE data = VALUES(data), expiry = VALUES(expiry)",
    ],
    clear: None,
    sweep: "DELETE FROM {table} WHERE expiry <= {now} ORDER BY id LIMIT :limit",
    // A BLOB.
    max_payload: Some(65_535),
};
