import { rememberWakeUp } from '../keys/wake.js';
import { WAKE_UP } from './notification.js';

/**
 * The service worker: shows a notification for each push, opens the app, and keeps the app's own files for a start
 * without a network. It never sees a key, and reads nothing of what a push carries.
 */

declare const self: ServiceWorkerGlobalScope;
/** The files of this build, and a name that changes with them. Set by the build. */
declare const __FILES__: readonly string[];
declare const __BUILD__: string;

const CACHE = `harp-${__BUILD__}`;
/** A registration that only takes the pushes of one relay keeps no files. */
const keepsFiles = !self.registration.scope.includes('/wake/');
/** The folder of the app, whatever the scope is. */
const home = new URL('./', self.location.href);

self.addEventListener('install', (event) => {
  event.waitUntil(install());
});

async function install(): Promise<void> {
  if (keepsFiles) {
    const cache = await caches.open(CACHE);
    // From the network: what the browser has cached may be of another build.
    await cache.addAll(__FILES__.map((file) => new Request(new URL(file, home), { cache: 'reload' })));
  }
  await self.skipWaiting();
}

self.addEventListener('activate', (event) => {
  event.waitUntil(activate());
});

/** Keeps the files of the build before, too: a page that is open may still load a part of it. */
async function activate(): Promise<void> {
  if (keepsFiles) {
    const old = (await caches.keys()).filter((name) => name.startsWith('harp-') && name !== CACHE);
    await Promise.all(old.slice(0, -1).map((name) => caches.delete(name)));
    await self.clients.claim();
  }
}

self.addEventListener('fetch', (event) => {
  const file = ownFile(new URL(event.request.url));
  if (event.request.method === 'GET' && (__FILES__.includes(file ?? '') || file?.startsWith('assets/'))) {
    event.respondWith(answer(event.request));
  }
});

/** The file of the app that the address names; nothing, if it is none below the app. */
function ownFile(url: URL): string | undefined {
  const below = url.origin === home.origin && url.pathname.startsWith(home.pathname);
  return below ? url.pathname.slice(home.pathname.length) || './' : undefined;
}

async function answer(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  const matching = { ignoreSearch: true, ignoreVary: true };
  return (await cache.match(request, matching)) ?? (await caches.match(request, matching)) ?? fetch(request);
}

self.addEventListener('push', (event) => {
  event.waitUntil(wake());
});

/** A push without a notification that is seen costs the subscription on some platforms, so nothing comes before it. */
async function wake(): Promise<void> {
  await self.registration.showNotification(WAKE_UP.title, WAKE_UP.options);
  await rememberWakeUp(Math.floor(Date.now() / 1_000)).catch(() => undefined);
  for (const client of await windows()) {
    client.postMessage('wake');
  }
}

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(open());
});

async function open(): Promise<void> {
  const [first] = await windows();
  const focused = await first?.focus().catch(() => undefined);
  focused?.postMessage('opened');
  if (focused === undefined) {
    await self.clients.openWindow(new URL('#/requests/next', home));
  }
}

async function windows(): Promise<readonly WindowClient[]> {
  const all = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  return all.filter((client) => client.url.startsWith(home.href));
}
