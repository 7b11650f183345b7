import { deleteStore, openStore } from '../keys/browser-store.js';
import { BrowserPasskeys } from '../keys/passkeys.js';
import { lastWakeUp } from '../keys/wake.js';
import type { Bytes } from '../messages/index.js';
import { Core } from './core.js';
import type { Environment, TabMessage, Tabs } from './hub.js';
import { BrowserWakeUps, forgetWakeUps, updateWorker } from './push.js';

/** The approver of this page, with what a browser gives. Its storage is being opened. */
export function createApprover(version: string): Core {
  const core = new Core(environment(version));
  void core.start();
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') {
      core.wake(false);
      void updateWorker();
    }
  });
  window.addEventListener('online', () => core.wake(true));
  window.addEventListener('offline', () => core.wake(true));
  window.addEventListener('pageshow', (event) => {
    if (event.persisted) {
      core.wake(true);
    }
  });
  navigator.serviceWorker?.addEventListener('message', (event: MessageEvent<unknown>) => {
    if (event.data === 'opened') {
      location.hash = '#/requests/next';
    }
    core.wake(false);
  });
  return core;
}

function environment(version: string): Environment {
  const agent = navigator.userAgent;
  // An iPad calls itself a Mac, and is the only one with touch.
  const ios = /iPhone|iPad|iPod/.test(agent) || (/Macintosh/.test(agent) && navigator.maxTouchPoints > 1);
  return {
    now: () => Math.floor(Date.now() / 1_000),
    random: (length): Bytes => crypto.getRandomValues(new Uint8Array(length)),
    fetch: (input, init) => fetch(input, init),
    page: {
      origin: location.origin,
      ios,
      installed: matchMedia('(display-mode: standalone)').matches,
      deviceName: deviceName(agent, ios),
      version,
      online: () => navigator.onLine,
    },
    passkeys: new BrowserPasskeys(location.hostname),
    storage: {
      open: openStore,
      delete: async () => {
        await forgetWakeUps();
        await deleteStore();
      },
      persisted: async () => (await navigator.storage?.persisted()) ?? false,
      persist: async () => (await navigator.storage?.persist()) ?? false,
    },
    tabs: new BrowserTabs(),
    wakeUps: new BrowserWakeUps(lastWakeUp),
    reload: () => location.reload(),
  };
}

function deviceName(agent: string, ios: boolean): string {
  if (ios) {
    return agent.includes('iPhone') ? 'iPhone' : 'iPad';
  }
  const system = /Android|Windows|Macintosh|CrOS|Linux/.exec(agent)?.[0] ?? 'Browser';
  return system === 'Macintosh' ? 'Mac' : system === 'CrOS' ? 'Chromebook' : system;
}

class BrowserTabs implements Tabs {
  private readonly channel = new BroadcastChannel('harp');

  post(message: TabMessage): void {
    this.channel.postMessage(message);
  }

  listen(handler: (message: TabMessage) => void): void {
    this.channel.onmessage = (event: MessageEvent<TabMessage>) => handler(event.data);
  }

  lead(): Promise<void> {
    return new Promise((resolve) => {
      // Held until the page is gone: the inner promise never resolves.
      void navigator.locks.request('harp', () => new Promise<never>(() => resolve()));
    });
  }
}
