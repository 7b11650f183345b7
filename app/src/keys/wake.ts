import { done, openDatabase, request } from './database.js';

/**
 * When the last push came, in Unix seconds. The service worker writes it and the page reads it. It stands in a database
 * of its own, in the clear: the worker never sees a key.
 */

const open = () => openDatabase('harp-wake', (database) => database.createObjectStore('wake'));

export async function rememberWakeUp(at: number): Promise<void> {
  const database = await open();
  const transaction = database.transaction('wake', 'readwrite');
  transaction.objectStore('wake').put(at, 'last');
  await done(transaction);
  database.close();
}

export async function lastWakeUp(): Promise<number | undefined> {
  const database = await open();
  const at: unknown = await request(database.transaction('wake').objectStore('wake').get('last'));
  database.close();
  return typeof at === 'number' ? at : undefined;
}
