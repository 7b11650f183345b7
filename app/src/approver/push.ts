import { utf8 } from '../messages/bytes.js';
import { sha256 } from '../messages/crypto.js';
import { b64, fromB64 } from '../messages/index.js';
import { WAKE_UP } from '../worker/notification.js';
import type { Permission, WakeUpPlatform } from './hub.js';

/** Milliseconds for what the browser asks its push service: it may never answer. */
const TIMEOUT = 20_000;

interface ScriptUrlPolicy {
  createScriptURL(url: string): string;
}
declare global {
  interface Window {
    readonly trustedTypes?: {
      createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): ScriptUrlPolicy;
    };
  }
}

const WORKER = './sw.js';
/** In the scopes of the registrations that take pushes; the worker knows it, too. */
const WAKE_UPS = '/wake/';
let policy: ScriptUrlPolicy | undefined;

/** The worker's address and no other: the one thing that this page loads as a script by a text. */
function workerUrl(): string {
  policy ??= window.trustedTypes?.createPolicy('harp', {
    createScriptURL: (url) => {
      if (url !== WORKER) {
        throw new TypeError(`not the worker: ${url}`);
      }
      return url;
    },
  });
  return policy?.createScriptURL(WORKER) ?? WORKER;
}

export async function registerWorker(scope = './'): Promise<ServiceWorkerRegistration | undefined> {
  try {
    return await bounded(navigator.serviceWorker?.register(workerUrl(), { scope }));
  } catch {
    return undefined; // the app works without it, but is not woken and does not start offline
  }
}

/** Looks for a newer worker; some browsers do not by themselves. */
export async function updateWorker(): Promise<void> {
  const registrations = (await navigator.serviceWorker?.getRegistrations()) ?? [];
  await Promise.all(registrations.map((registration) => registration.update().catch(() => undefined)));
}

/** Ends every subscription: what a relay still sends leads to nobody. */
export async function forgetWakeUps(): Promise<void> {
  const registrations = (await navigator.serviceWorker?.getRegistrations()) ?? [];
  const wakeUps = registrations.filter(({ scope }) => scope.includes(WAKE_UPS));
  await Promise.all(wakeUps.map((registration) => bounded(registration.unregister())));
}

export class BrowserWakeUps implements WakeUpPlatform {
  readonly lastAt: () => Promise<number | undefined>;

  constructor(lastAt: () => Promise<number | undefined>) {
    this.lastAt = lastAt;
  }

  permission(): Permission {
    return 'Notification' in window && 'PushManager' in window ? Notification.permission : 'unsupported';
  }

  async ask(): Promise<Permission> {
    return this.permission() === 'unsupported' ? 'unsupported' : Notification.requestPermission();
  }

  async subscribe(relay: string, vapidKey: string): Promise<string | undefined> {
    try {
      const registration = await registerWorker(scopeOf(relay));
      if (registration === undefined || !(await bounded(active(registration)))) {
        return undefined;
      }
      const applicationServerKey = new Uint8Array(fromB64(vapidKey) ?? []);
      let subscription = await bounded(registration.pushManager.getSubscription());
      const key = subscription?.options.applicationServerKey;
      if (subscription && key && b64(new Uint8Array(key)) !== vapidKey) {
        await bounded(subscription.unsubscribe());
        subscription = null;
      }
      subscription ??=
        (await bounded(registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey }))) ?? null;
      const { endpoint, keys } = subscription?.toJSON() ?? {};
      const { p256dh, auth } = keys ?? {};
      return endpoint && p256dh && auth ? JSON.stringify({ endpoint, keys: { p256dh, auth } }) : undefined;
    } catch {
      return undefined;
    }
  }

  async unsubscribe(relay: string): Promise<void> {
    const registration = await navigator.serviceWorker?.getRegistration(scopeOf(relay));
    if (registration?.scope.includes(WAKE_UPS)) {
      await bounded(registration.unregister());
    }
  }

  async show(): Promise<void> {
    const registration = await registerWorker();
    await registration?.showNotification(WAKE_UP.title, WAKE_UP.options);
  }
}

/** Each relay has a registration of its own, because a registration has one subscription and that has one key. */
function scopeOf(relay: string): string {
  return `.${WAKE_UPS}${b64(sha256(utf8(relay)).subarray(0, 9))}/`;
}

/** A subscription needs a worker that is active. */
async function active(registration: ServiceWorkerRegistration): Promise<boolean> {
  const worker = registration.active ?? registration.waiting ?? registration.installing;
  if (worker === null || worker.state === 'activated') {
    return worker !== null;
  }
  return new Promise((resolve) => {
    worker.addEventListener('statechange', () => {
      if (worker.state === 'activated' || worker.state === 'redundant') {
        resolve(worker.state === 'activated');
      }
    });
  });
}

/** What the promise gives, or nothing if that takes too long. */
function bounded<T>(pending: Promise<T> | undefined): Promise<T | undefined> {
  const timeout = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), TIMEOUT));
  return Promise.race([pending ?? Promise.resolve(undefined), timeout]);
}
