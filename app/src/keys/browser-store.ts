import type { Bytes } from '../messages/bytes.js';
import { done, openDatabase, request } from './database.js';
import { createSealKey, Damaged, type Sealed, seal, unseal } from './seal.js';
import { type DecisionRow, outcome, type Store, type StoredDecision, TABLES, type Table, type Write } from './store.js';

const NAME = 'harp';
const DECISIONS = 'decisions';
const KEYS = 'keys';

/** A row as it lies in the database. Only rows with `unsent` are in the index of that name. */
interface Row {
  readonly agentId: string;
  readonly requestId: string;
  readonly digest: Bytes;
  readonly expiresAt: number;
  readonly unsent?: 1;
  readonly sealed: Sealed;
}

interface SealedWrite {
  readonly write: Write;
  readonly sealed?: Sealed;
}

function create(database: IDBDatabase): void {
  for (const table of [KEYS, ...TABLES]) {
    database.createObjectStore(table);
  }
  const decisions = database.createObjectStore(DECISIONS, { keyPath: ['agentId', 'requestId'] });
  decisions.createIndex('unsent', 'unsent');
}

/** Opens the installation's storage. {@link Damaged} if there are records and no key for them. */
export async function openStore(): Promise<Store> {
  const database = await openDatabase(NAME, create);
  return new BrowserStore(database, await sealKey(database));
}

/** Deletes everything. Other tabs close their connections by themselves. */
export async function deleteStore(): Promise<void> {
  await request(indexedDB.deleteDatabase(NAME));
}

async function sealKey(database: IDBDatabase): Promise<CryptoKey> {
  const fresh = await createSealKey();
  const transaction = database.transaction(database.objectStoreNames, 'readwrite', { durability: 'strict' });
  const finished = done(transaction);
  const keys = transaction.objectStore(KEYS);
  const stored: unknown = await request(keys.get('seal'));
  if (stored instanceof CryptoKey) {
    await finished;
    return stored;
  }
  for (const table of [...TABLES, DECISIONS]) {
    if ((await request(transaction.objectStore(table).count())) > 0) {
      throw new Damaged('the key of the storage is missing');
    }
  }
  keys.put(fresh, 'seal');
  await finished;
  return fresh;
}

class BrowserStore implements Store {
  private readonly database: IDBDatabase;
  private readonly key: CryptoKey;

  constructor(database: IDBDatabase, key: CryptoKey) {
    this.database = database;
    this.key = key;
  }

  async readAll<T>(table: Table): Promise<ReadonlyMap<string, T>> {
    const store = this.database.transaction(table).objectStore(table);
    const [names, values] = await Promise.all([request(store.getAllKeys()), request<Sealed[]>(store.getAll())]);
    const opened = await Promise.all(
      values.map(async (sealed, i) => {
        const name = String(names[i]);
        return [name, await unseal<T>(this.key, `${table}/${name}`, sealed)] as const;
      }),
    );
    return new Map(opened);
  }

  async read<T>(table: Table, key: string): Promise<T | undefined> {
    const store = this.database.transaction(table).objectStore(table);
    const sealed = await request<Sealed | undefined>(store.get(key));
    return sealed === undefined ? undefined : unseal<T>(this.key, `${table}/${key}`, sealed);
  }

  async write(...writes: readonly Write[]): Promise<void> {
    const sealed = await this.seal(writes);
    const transaction = this.transaction();
    apply(transaction, sealed);
    await done(transaction);
  }

  async decide(fresh: DecisionRow, ...writes: readonly Write[]): Promise<DecisionRow | 'refused'> {
    const row = await this.sealRow(fresh);
    const sealed = await this.seal(writes);
    const transaction = this.transaction();
    const finished = done(transaction);
    const decisions = transaction.objectStore(DECISIONS);
    const stored = await request<Row | undefined>(decisions.get([fresh.agentId, fresh.requestId]));
    const result = outcome(stored, row);
    if (result === row) {
      decisions.add(row);
      apply(transaction, sealed);
    }
    await finished;
    return result === 'refused' ? result : this.openRow(result);
  }

  async decision(agentId: string, requestId: string): Promise<DecisionRow | undefined> {
    const decisions = this.database.transaction(DECISIONS).objectStore(DECISIONS);
    const row = await request<Row | undefined>(decisions.get([agentId, requestId]));
    return row === undefined ? undefined : this.openRow(row);
  }

  async unsent(): Promise<readonly DecisionRow[]> {
    const decisions = this.database.transaction(DECISIONS).objectStore(DECISIONS);
    const rows = await request<Row[]>(decisions.index('unsent').getAll());
    return Promise.all(rows.map((row) => this.openRow(row)));
  }

  async settle(row: DecisionRow, ...writes: readonly Write[]): Promise<void> {
    const settled = await this.sealRow(row);
    const sealed = await this.seal(writes);
    const transaction = this.transaction();
    const finished = done(transaction);
    const decisions = transaction.objectStore(DECISIONS);
    // The agent may have been removed in between.
    if ((await request(decisions.getKey([row.agentId, row.requestId]))) !== undefined) {
      decisions.put(settled);
    }
    apply(transaction, sealed);
    await finished;
  }

  async forget(agentId: string, filter: (requestId: string, expiresAt: number) => boolean): Promise<void> {
    const transaction = this.transaction();
    const finished = done(transaction);
    const decisions = transaction.objectStore(DECISIONS);
    const range = IDBKeyRange.bound([agentId, ''], [agentId, '\uffff']);
    const cursor = decisions.openCursor(range);
    cursor.onsuccess = () => {
      const found = cursor.result;
      if (found !== null) {
        const row = found.value as Row;
        if (filter(row.requestId, row.expiresAt)) {
          found.delete();
        }
        found.continue();
      }
    };
    await finished;
  }

  private transaction(): IDBTransaction {
    return this.database.transaction([...TABLES, DECISIONS], 'readwrite', { durability: 'strict' });
  }

  private seal(writes: readonly Write[]): Promise<readonly SealedWrite[]> {
    return Promise.all(
      writes.map(async (write) => {
        const { table, key, value } = write;
        return value === undefined ? { write } : { write, sealed: await seal(this.key, `${table}/${key}`, value) };
      }),
    );
  }

  private async sealRow({ agentId, requestId, digest, expiresAt, unsent, value }: DecisionRow): Promise<Row> {
    const sealed = await seal(this.key, placeOf(agentId, requestId), value);
    return { agentId, requestId, digest, expiresAt, ...(unsent ? { unsent: 1 } : {}), sealed };
  }

  private async openRow({ agentId, requestId, digest, expiresAt, unsent, sealed }: Row): Promise<DecisionRow> {
    const value = await unseal<StoredDecision>(this.key, placeOf(agentId, requestId), sealed);
    return { agentId, requestId, digest, expiresAt, unsent: unsent === 1, value };
  }
}

function placeOf(agentId: string, requestId: string): string {
  return `${DECISIONS}/${agentId}/${requestId}`;
}

function apply(transaction: IDBTransaction, writes: readonly SealedWrite[]): void {
  for (const { write, sealed } of writes) {
    const store = transaction.objectStore(write.table);
    if (sealed === undefined) {
      store.delete(write.key);
    } else {
      store.put(sealed, write.key);
    }
  }
}
