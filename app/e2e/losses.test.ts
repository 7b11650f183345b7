import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { decide, openCard, skip, snapshotWhen, World } from './bare.js';
import { Phone } from './phone.js';

/** A relay that is restarted or loses its store, and a browser that loses its storage. */

const options = { skip, timeout: 120_000 };
let folder: string;
let world: World;

before(async () => {
  if (skip === false) {
    folder = await mkdtemp(join(tmpdir(), 'harp-e2e-store-'));
    world = await World.start({ STORE: `file:${folder}` });
  }
});

after(async () => {
  await world?.stop();
  if (folder !== undefined) {
    await rm(folder, { recursive: true, force: true });
  }
});

test('a relay that is restarted with its store: the card stays, and is answered', options, async () => {
  const { phone, page } = await world.phone();
  await world.pair(page, 'restarted');
  const asked = world.ask('restarted', '--action', 'Survive');
  const card = await openCard(page);
  await world.relay.stop();
  await snapshotWhen(page, ({ relays }) => ['offline', 'draining'].includes(relays[0]?.connection ?? ''));
  await decide(page, card, { decision: 'approved' });
  await snapshotWhen(page, ({ cards }) => cards[0]?.status === 'queued');
  await world.relay.startAgain();
  assert.equal(await asked.ended, 0, asked.output);
  await snapshotWhen(page, ({ cards }) => cards[0]?.status === 'sent');
  await phone.close();
});

test('a relay that has lost its store ends the agent, and pairing anew works', options, async () => {
  const { phone, page } = await world.phone();
  await world.pair(page, 'lost');
  await world.relay.kill();
  await rm(folder, { recursive: true, force: true });
  await world.relay.startAgain();
  await page.evaluate(() => window.dispatchEvent(new Event('online')));
  await snapshotWhen(page, ({ agents }) => agents[0]?.state === 'ended');
  await world.pair(page, 'again');
  const asked = world.ask('again', '--action', 'Go on');
  await decide(page, await openCard(page), { decision: 'approved' });
  assert.equal(await asked.ended, 0, asked.output);
  await phone.close();
});

test('a storage whose key is lost is told, and can be begun anew', options, async () => {
  const { phone, page } = await world.phone();
  await world.pair(page, 'damaged');
  await page.evaluate(
    () =>
      new Promise<void>((resolve) => {
        const opening = indexedDB.open('harp', 1);
        opening.onsuccess = () => {
          const transaction = opening.result.transaction('keys', 'readwrite');
          transaction.objectStore('keys').clear();
          transaction.oncomplete = () => resolve();
        };
      }),
  );
  await page.reload();
  await snapshotWhen(page, ({ storage }) => storage === 'damaged');
  await page.evaluate(() => window.approver.reset());
  await snapshotWhen(page, ({ storage, agents }) => storage === 'ready' && agents.length === 0);
  await phone.close();
});

test('a browser that gives no storage', options, async () => {
  const phone = await Phone.start(world.browser, world.host.page);
  await phone.context.addInitScript(() => {
    IDBFactory.prototype.open = () => {
      throw new DOMException('denied', 'SecurityError');
    };
  });
  const page = await phone.open();
  const { phone: state } = await snapshotWhen(page, ({ storage }) => storage === 'unavailable');
  assert.equal(state.persisted, false);
  assert.deepEqual(phone.troubles, []);
  await phone.close();
});

test('what is stored shows no secret to whoever reads the database', options, async () => {
  const { phone, page } = await world.phone();
  await world.pair(page, 'sealed');
  const asked = world.ask('sealed', '--action', 'Find this text');
  await decide(page, await openCard(page), { decision: 'denied' });
  await asked.ended;
  const stored = await page.evaluate(async () => {
    const database = await new Promise<IDBDatabase>((resolve) => {
      const opening = indexedDB.open('harp', 1);
      opening.onsuccess = () => resolve(opening.result);
    });
    let text = '';
    for (const name of database.objectStoreNames) {
      const values = await new Promise<unknown[]>((resolve) => {
        const reading = database.transaction(name).objectStore(name).getAll();
        reading.onsuccess = () => resolve(reading.result);
      });
      for (const value of values) {
        const parts = value instanceof CryptoKey ? { extractable: value.extractable } : value;
        text += JSON.stringify(parts, (_, part: unknown) =>
          part instanceof Uint8Array ? String.fromCharCode(...part) : part,
        );
      }
    }
    return text;
  });
  assert.match(stored, /"extractable":false/);
  assert.doesNotMatch(stored, /Find this text|sealed host|denied|hdt_|ed25519Seed/);
  await phone.close();
});
