/** IndexedDB as promises, no more than is used here. */

export function request<T>(pending: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    pending.onsuccess = () => resolve(pending.result);
    pending.onerror = () => reject(pending.error);
  });
}

/** Resolves when the transaction is on its medium, if it is a strict one. */
export function done(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error('the transaction was aborted'));
  });
}

/** @param create called for a database that is not there yet */
export function openDatabase(name: string, create: (database: IDBDatabase) => void): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const pending = indexedDB.open(name, 1);
    pending.onupgradeneeded = () => create(pending.result);
    pending.onsuccess = () => {
      const database = pending.result;
      // Another tab deletes it: do not stand in its way.
      database.onversionchange = () => database.close();
      resolve(database);
    };
    pending.onerror = () => reject(pending.error);
    pending.onblocked = () => reject(new Error('the database is held by another tab'));
  });
}
