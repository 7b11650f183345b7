import assert from 'node:assert/strict';
import { createECDH, type ECDH } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type CDPSession,
  chromium,
  type Page,
} from 'playwright-core';

/** The app as it is built, in a real browser. */

const DIST = process.env.HARP_APP ?? 'dist';
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Why the tests cannot run here, if they cannot. */
export const BROWSER_MISSING = !existsSync(CHROMIUM)
  ? `no browser at ${CHROMIUM}; CHROMIUM names another`
  : existsSync(join(DIST, 'index.html'))
    ? undefined
    : `no app is built in ${DIST}`;

const TYPES: { readonly [extension: string]: string } = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
};

/** A host of static files with the built app, at `/`. The relay has to list its origin in `CORS_ORIGINS`. */
export class StaticHost {
  readonly origin: string;
  private readonly server: Server;

  private constructor(server: Server) {
    this.server = server;
    this.origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  }

  /** @param folder what is served; by default the app as it is built */
  static async start(folder = DIST): Promise<StaticHost> {
    const server = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? '/', 'http://localhost');
      const file = join(folder, pathname.endsWith('/') ? `${pathname}index.html` : pathname);
      readFile(file).then(
        (content) => {
          response.setHeader('Content-Type', TYPES[extname(file)] ?? 'application/octet-stream');
          response.setHeader('Cache-Control', 'no-cache');
          response.end(content);
        },
        () => {
          response.statusCode = 404;
          response.end('not found');
        },
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new StaticHost(server);
  }

  /** The page of the app, for `harp pair --app`. */
  get page(): string {
    return `${this.origin}/`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

export interface Authenticator {
  readonly session: CDPSession;
  readonly authenticatorId: string;
}

/** Flags for a camera that shows this film, without asking for the permission. */
export function camera(y4m: string): readonly string[] {
  return [
    '--use-fake-ui-for-media-stream',
    '--use-fake-device-for-media-stream',
    `--use-file-for-fake-video-capture=${y4m}`,
  ];
}

/** @param extra further flags, such as those of a {@link camera} */
export function launch(extra: readonly string[] = []): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: [...FLAGS, ...extra] });
}

/** A browser of its own with this folder as its profile, which stays after it is closed. */
export function launchProfile(folder: string): Promise<BrowserContext> {
  return chromium.launchPersistentContext(folder, { executablePath: CHROMIUM, args: [...FLAGS], locale: 'en-GB' });
}

/** One installation of the app: a profile of its own, with one or more tabs. */
export class Phone {
  readonly context: BrowserContext;
  readonly app: string;
  /** Errors of the pages, exceptions and violations of the policy. A test wants none. */
  readonly troubles: string[] = [];

  private constructor(context: BrowserContext, app: string) {
    this.context = context;
    this.app = app;
  }

  /** @param app the page of the app */
  static async start(browser: Browser, app: string, options: BrowserContextOptions = {}): Promise<Phone> {
    const context = await browser.newContext({ viewport: { width: 390, height: 844 }, locale: 'en-GB', ...options });
    const phone = new Phone(context, app);
    await context.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) => {
        console.error(`policy violated: ${violatedDirective} by ${blockedURI} ${sample}`);
      });
    });
    context.on('weberror', (error) => phone.troubles.push(String(error.error())));
    context.on('console', (message) => {
      // The browser writes a line for each call that fails; the tests make calls fail.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
        phone.troubles.push(message.text());
      }
    });
    return phone;
  }

  /** Opens a tab, by default with the app's first page. */
  async open(link = this.app): Promise<Page> {
    const page = await this.context.newPage();
    page.setDefaultTimeout(30_000);
    await page.goto(link);
    return page;
  }

  /**
   * Gives the tab an authenticator that answers at once, as a phone whose owner always agrees.
   *
   * @param kind `platform`: a synced passkey of the phone; `key`: a security key, whose passkeys never leave it
   * @param prf whether it has a pseudo-random function for the page
   */
  async addAuthenticator(page: Page, kind: 'platform' | 'key', prf = false): Promise<Authenticator> {
    const session = await this.context.newCDPSession(page);
    await session.send('WebAuthn.enable');
    const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        ctap2Version: 'ctap2_1',
        transport: kind === 'platform' ? 'internal' : 'usb',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        hasPrf: prf,
        automaticPresenceSimulation: true,
        defaultBackupEligibility: kind === 'platform',
        defaultBackupState: kind === 'platform',
      },
    });
    return { session, authenticatorId };
  }

  /** Whether its user fails the verification from now on, as one does who cancels. */
  async refuse({ session, authenticatorId }: Authenticator, refuses: boolean): Promise<void> {
    await session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: !refuses });
  }

  /**
   * Gives the pages subscriptions that lead to this address. To be called before a tab is opened.
   *
   * @param auth the secret of the subscriptions, base64url
   * @returns the key of the subscriptions, with which a push service's messages are read
   */
  async fakeSubscriptions(endpoint: string, auth: string): Promise<ECDH> {
    const pair = createECDH('prime256v1');
    const key = pair.generateKeys('base64url', 'uncompressed');
    await this.context.addInitScript(
      ([address, p256dh, secret]) => {
        const subscriptions = new WeakMap<PushManager, object>();
        PushManager.prototype.getSubscription = async function () {
          return (subscriptions.get(this) ?? null) as PushSubscription | null;
        };
        PushManager.prototype.subscribe = async function (options) {
          const subscription = {
            options,
            unsubscribe: async () => subscriptions.delete(this),
            toJSON: () => ({ endpoint: address, keys: { p256dh, auth: secret } }),
          };
          subscriptions.set(this, subscription);
          return subscription as unknown as PushSubscription;
        };
      },
      [endpoint, key, auth] as const,
    );
    return pair;
  }

  /**
   * Delivers a push to the page's worker, as the browser does when its push service has one. Resolves when the worker
   * has shown a notification.
   *
   * @param wakeUps to the registration that is subscribed with a relay, instead of the app's own
   */
  async push(page: Page, data: string, wakeUps = false): Promise<void> {
    const session = await this.context.newCDPSession(page);
    const registered = new Promise<string>((resolve) => {
      session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
        const fits = (scope: string) => (wakeUps ? scope.startsWith(`${this.app}wake/`) : scope === this.app);
        const own = registrations.find(({ scopeURL, isDeleted }) => fits(scopeURL) && !isDeleted);
        if (own !== undefined) {
          resolve(own.registrationId);
        }
      });
    });
    await session.send('ServiceWorker.enable');
    // Asked again every few seconds: a test that waits for an event which it has missed never ends.
    const again = setInterval(() => {
      void session.send('ServiceWorker.disable').then(() => session.send('ServiceWorker.enable'));
    }, 3000);
    const registrationId = await registered;
    clearInterval(again);
    const deliver = () =>
      session.send('ServiceWorker.deliverPushMessage', { origin: new URL(this.app).origin, registrationId, data });
    await deliver();
    // Chromium drops one in some dozens that come soon after the worker's start. Each notification replaces the last.
    const repeated = setInterval(() => void deliver(), 3000);
    await page.evaluate(async () => {
      const shown = async () => {
        const all = await navigator.serviceWorker.getRegistrations();
        return (await Promise.all(all.map((registration) => registration.getNotifications()))).flat();
      };
      while ((await shown()).length === 0) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    });
    clearInterval(repeated);
    await session.detach();
  }

  /** Ends the installation. A test that caused a trouble takes it out of {@link troubles} before. */
  async close(): Promise<void> {
    await this.context.close();
    assert.deepEqual(this.troubles, []);
  }
}
