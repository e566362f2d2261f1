import type { Database } from 'bun:sqlite'

/**
 * The table's history. Ids sort by time, so the key alone serves every question about time, and new rows go to its
 * end. The table keeps its rowid: rows of a kilobyte cost three times as much to write inside the key's own tree. Step n brings a file of version n-1 to n; the version stands in `PRAGMA user_version`. Steps are only ever
 * added: a file in somebody's data folder has been through the ones that are here.
 *
 * No column but the key has a constraint: an odd row is better kept than refused, and the receipt beside it says the same.
 */
const STEPS: readonly string[] = [
  `CREATE TABLE calls (
     id TEXT PRIMARY KEY NOT NULL,
     at INTEGER,
     ending TEXT,
     requested_model TEXT,
     served_model TEXT,
     provider TEXT,
     client_protocol TEXT,
     status INTEGER,
     problem TEXT,
     billing TEXT,
     input_tokens INTEGER,
     cache_read_tokens INTEGER,
     cache_write_tokens INTEGER,
     output_tokens INTEGER,
     reasoning_tokens INTEGER,
     cost TEXT,
     cost_nano_usd INTEGER,
     total_ms REAL,
     first_byte_ms REAL,
     receipt TEXT
   );
   CREATE INDEX calls_in_flight ON calls (id) WHERE ending = 'in-flight';`,
  // What a call counts against budgets stands beside its cost: the reservation, where usage stayed unknown.
  `ALTER TABLE calls ADD COLUMN key_id TEXT;
   ALTER TABLE calls ADD COLUMN client TEXT;
   ALTER TABLE calls ADD COLUMN route TEXT;
   ALTER TABLE calls ADD COLUMN fallback_reason TEXT;
   ALTER TABLE calls ADD COLUMN cache TEXT;
   ALTER TABLE calls ADD COLUMN charged_nano_usd INTEGER;
   ALTER TABLE calls ADD COLUMN charged_tokens INTEGER;
   CREATE INDEX calls_by_key ON calls (key_id, id) WHERE key_id IS NOT NULL;
   CREATE TABLE usage_days (
     day TEXT NOT NULL,
     key_id TEXT NOT NULL,
     client TEXT NOT NULL,
     provider TEXT NOT NULL,
     model TEXT NOT NULL,
     billing TEXT NOT NULL,
     calls INTEGER NOT NULL,
     failed INTEGER NOT NULL,
     fallbacks INTEGER NOT NULL,
     input_tokens INTEGER NOT NULL,
     cache_read_tokens INTEGER NOT NULL,
     cache_write_tokens INTEGER NOT NULL,
     output_tokens INTEGER NOT NULL,
     reasoning_tokens INTEGER NOT NULL,
     cost_nano_usd INTEGER NOT NULL,
     unpriced INTEGER NOT NULL,
     usage_unknown INTEGER NOT NULL,
     charged_nano_usd INTEGER NOT NULL,
     charged_tokens INTEGER NOT NULL,
     PRIMARY KEY (day, key_id, client, provider, model, billing)
   ) WITHOUT ROWID;`,
  `CREATE TABLE keys (
     id TEXT PRIMARY KEY NOT NULL,
     digest BLOB NOT NULL UNIQUE,
     hint TEXT NOT NULL,
     settings TEXT NOT NULL,
     created_at INTEGER NOT NULL,
     revoked_at INTEGER
   );`,
  // Usage is summed up from an index alone: the rows themselves are ten times as large. So is what a key is charged. Nothing has filled the sums of
  // days before.
  `CREATE INDEX calls_usage ON calls (
     at, provider, served_model, key_id, client, route, billing, ending, fallback_reason, cache, cost, cost_nano_usd, input_tokens,
     cache_read_tokens, cache_write_tokens, output_tokens, reasoning_tokens, charged_nano_usd, charged_tokens
   ) WHERE ending <> 'in-flight';
   DROP INDEX calls_by_key;
   CREATE INDEX calls_by_key ON calls (key_id, id, charged_nano_usd, charged_tokens) WHERE key_id IS NOT NULL;
   DROP TABLE usage_days;
   CREATE TABLE usage_days (
     day TEXT NOT NULL,
     key_id TEXT NOT NULL,
     client TEXT NOT NULL,
     route TEXT NOT NULL,
     provider TEXT NOT NULL,
     model TEXT NOT NULL,
     billing TEXT NOT NULL,
     calls INTEGER NOT NULL,
     failed INTEGER NOT NULL,
     fallbacks INTEGER NOT NULL,
     cache_hits INTEGER NOT NULL,
     input_tokens INTEGER NOT NULL,
     cache_read_tokens INTEGER NOT NULL,
     cache_write_tokens INTEGER NOT NULL,
     output_tokens INTEGER NOT NULL,
     reasoning_tokens INTEGER NOT NULL,
     cost_nano_usd INTEGER NOT NULL,
     unpriced INTEGER NOT NULL,
     usage_unknown INTEGER NOT NULL,
     charged_nano_usd INTEGER NOT NULL,
     charged_tokens INTEGER NOT NULL,
     PRIMARY KEY (day, key_id, client, route, provider, model, billing)
   ) WITHOUT ROWID;`,
  // What calls can be searched by stands in the index that sums them up: a search for what a million calls do not have takes a tenth of a second there,
  // and reads every receipt without it.
  `DROP INDEX calls_usage;
   CREATE INDEX calls_usage ON calls (
     at, provider, served_model, key_id, client, route, billing, ending, fallback_reason, cache, cost, cost_nano_usd, input_tokens,
     cache_read_tokens, cache_write_tokens, output_tokens, reasoning_tokens, charged_nano_usd, charged_tokens, requested_model, problem
   ) WHERE ending <> 'in-flight';`,
  // Sums of hours and quarters of an hour, filled after the start: `usage-pieces.ts`. Nothing is summed up yet.
  `CREATE TABLE usage_sums (
     facet TEXT NOT NULL,
     length_ms INTEGER NOT NULL,
     start_ms INTEGER NOT NULL,
     provider TEXT NOT NULL,
     served_model TEXT NOT NULL,
     billing TEXT NOT NULL,
     route TEXT NOT NULL,
     key_id TEXT NOT NULL,
     client TEXT NOT NULL,
     requested_model TEXT NOT NULL,
     problem TEXT NOT NULL,
     calls INTEGER NOT NULL,
     failed INTEGER NOT NULL,
     fallbacks INTEGER NOT NULL,
     cache_hits INTEGER NOT NULL,
     input_tokens INTEGER NOT NULL,
     cache_read_tokens INTEGER NOT NULL,
     cache_write_tokens INTEGER NOT NULL,
     output_tokens INTEGER NOT NULL,
     reasoning_tokens INTEGER NOT NULL,
     cost_nano_usd INTEGER NOT NULL,
     unpriced INTEGER NOT NULL,
     usage_unknown INTEGER NOT NULL,
     charged_nano_usd INTEGER NOT NULL,
     charged_tokens INTEGER NOT NULL,
     plan INTEGER NOT NULL,
     metered INTEGER NOT NULL,
     free INTEGER NOT NULL,
     local INTEGER NOT NULL,
     ended_complete INTEGER NOT NULL,
     ended_failed INTEGER NOT NULL,
     ended_truncated INTEGER NOT NULL,
     ended_abandoned INTEGER NOT NULL,
     ended_interrupted INTEGER NOT NULL,
     PRIMARY KEY (
       facet, length_ms, start_ms, provider, served_model, billing, route, key_id, client, requested_model, problem
     )
   ) WITHOUT ROWID;
   CREATE TABLE usage_crowded (
     facet TEXT NOT NULL,
     length_ms INTEGER NOT NULL,
     start_ms INTEGER NOT NULL,
     PRIMARY KEY (facet, length_ms, start_ms)
   ) WITHOUT ROWID;
   CREATE TABLE usage_summed (since_ms INTEGER NOT NULL, quarters_since_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL);
   INSERT INTO usage_summed VALUES (0, 0, 0);`,
]

/** The version this program writes. */
export const SCHEMA_VERSION = STEPS.length

/** The version of an open file, 0 for an empty one; undefined if it holds tables and Candor made none of them. */
export function schemaVersion(db: Database): number | undefined {
  const version = Number(Object.values(db.query('PRAGMA user_version').get() ?? {})[0])
  if (version > 0) return version
  return db.query('SELECT 1 FROM sqlite_master LIMIT 1').get() === null ? 0 : undefined
}

/** Brings the file to {@link SCHEMA_VERSION}, each step in one transaction. Throws SQLiteError; the file then stands at the last whole step. */
export function migrate(db: Database, from: number): void {
  for (const [index, step] of STEPS.entries()) {
    if (index < from) continue
    db.transaction(() => {
      db.run(step)
      db.run(`PRAGMA user_version = ${index + 1}`)
    }).immediate()
  }
}
