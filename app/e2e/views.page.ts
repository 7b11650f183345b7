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
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync --use-fake-ui-for-media-stream --use-fake-device-for-media-stream';
const BUILT = 'build/fake';
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');
const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };

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

  /** Opens a state on a page of its own, whose clock stands until the test moves it. */
  async open(state: string, route: string, options: BrowserContextOptions = {}): Promise<Opened> {
    const context = await this.browser.newContext({
      viewport: { width: 390, height: 844 },
      locale: 'en-GB',
      timezoneId: 'UTC',
      ...options,
    });
    const page = await context.newPage();
    const troubles: string[] = [];
    page.on('pageerror', (error) => troubles.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') {
        troubles.push(message.text());
      }
    });
    await page.clock.install({ time: new Date('2026-11-29T14:00:00Z') });
    const { port } = this.server.address() as AddressInfo;
    await page.goto(`http://127.0.0.1:${port}/?state=${state}${route}`);
    await page.locator('.app').waitFor();
    return { page, troubles };
  }

  async close(): Promise<void> {
    await this.browser.close();
    this.server.close();
    this.server.closeAllConnections();
  }
}
