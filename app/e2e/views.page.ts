import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { build } from 'vite';

/** The views in a real browser, with an approver that only remembers, under the policy that the app is served with. */

export const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
/** Why the tests cannot run here, if they cannot. */
export const SKIP = existsSync(CHROMIUM) ? false : `no browser at ${CHROMIUM}; CHROMIUM names another`;

const FLAGS =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking ' +
  '--disable-component-update --disable-sync --use-fake-ui-for-media-stream ' +
  '--use-fake-device-for-media-stream';
const START = Date.UTC(2026, 10, 29, 14);
const BUILT = 'build/fake';
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
};

export interface Opened {
  readonly page: Page;
  /** Violations of the policy, errors and exceptions. */
  readonly troubles: string[];
}

export class Views {
  private readonly browser: Browser;
  private readonly server: Server;

  private constructor(browser: Browser, server: Server) {
    this.browser = browser;
    this.server = server;
  }

  static async start(): Promise<Views> {
    await mkdir(BUILT, { recursive: true });
    const root = join(process.cwd(), 'e2e/fake');
    await build({
      root,
      base: './',
      configFile: false,
      logLevel: 'warn',
      build: { target: 'es2023', outDir: join(process.cwd(), BUILT), emptyOutDir: true, assetsInlineLimit: 0 },
    });
    const server = createServer((request, response) => {
      const path = new URL(request.url ?? '/', 'http://localhost').pathname;
      const file = join(BUILT, path === '/' ? 'index.html' : path);
      readFile(file).then(
        (bytes) => {
          const type = TYPES[extname(file)] ?? 'application/octet-stream';
          response.writeHead(200, { 'content-type': type, 'content-security-policy': POLICY });
          response.end(bytes);
        },
        () => response.writeHead(404).end(),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS.split(' ') });
    return new Views(browser, server);
  }

  /** Opens a state on a page of its own. */
  async open(state: string, route: string, options: BrowserContextOptions = {}): Promise<Opened> {
    return (await this.visitor(options)).open(state, route);
  }

  /** One page for many states, with a script in it that does not come from the app. */
  async visitor(options: BrowserContextOptions = {}, script = ''): Promise<Visitor> {
    const context = await this.browser.newContext({
      viewport: { width: 390, height: 844 },
      locale: 'en-GB',
      timezoneId: 'UTC',
      ...options,
    });
    await context.addInitScript({ content: script });
    const { port } = this.server.address() as AddressInfo;
    return new Visitor(await context.newPage(), `http://127.0.0.1:${port}/`);
  }

  async close(): Promise<void> {
    await this.browser.close();
    this.server.close();
    this.server.closeAllConnections();
  }
}

export class Visitor {
  private readonly page: Page;
  private readonly address: string;
  private troubles: string[] = [];
  private opened = 0;

  constructor(page: Page, address: string) {
    this.page = page;
    this.address = address;
    page.on('pageerror', (error) => this.troubles.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') {
        this.troubles.push(message.text());
      }
    });
  }

  /** The clock stands until the test moves it; with `running`, timers run and only the date stands. */
  async open(state: string, route: string, running = false): Promise<Opened> {
    this.troubles = [];
    this.opened++;
    if (running) {
      await this.page.clock.setFixedTime(START);
    } else if (this.opened === 1) {
      await this.page.clock.install({ time: START });
      await this.page.clock.pauseAt(START + 1_000);
    }
    await this.page.goto(`${this.address}?state=${state}&visit=${this.opened}${route}`);
    await this.page.locator('.app').waitFor();
    return { page: this.page, troubles: this.troubles };
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}
