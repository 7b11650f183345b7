import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { build } from 'vite';
import type { Approver, Card, Choice, Snapshot } from '../src/approver/approver.js';
import { BROWSER_MISSING, launch, Phone, StaticHost } from './phone.js';
import { Agent, PROGRAMS_MISSING, type Program, Relay } from './programs.js';

/** The rules in a real browser without the views: a page whose `approver` the tests call. */

declare global {
  interface Window {
    readonly approver: Approver;
  }
}

/** Why these tests cannot run here, or `false`. */
export const skip = BROWSER_MISSING ?? PROGRAMS_MISSING ?? false;

/** A relay, an agent's machine, a browser, and a host of the page. */
export class World {
  readonly host: StaticHost;
  readonly relay: Relay;
  readonly agent: Agent;
  readonly browser: Browser;

  private constructor(host: StaticHost, relay: Relay, agent: Agent, browser: Browser) {
    this.host = host;
    this.relay = relay;
    this.agent = agent;
    this.browser = browser;
  }

  /** @param options of the relay, by the names of docs/configure.md */
  static async start(options: { readonly [name: string]: string } = {}): Promise<World> {
    const host = await StaticHost.start(await buildBare());
    // All tests call from one address.
    const relay = await Relay.start({ CORS_ORIGINS: host.origin, RATE_LIMIT_CLIENT: '0', ...options });
    return new World(host, relay, await Agent.create(), await launch());
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await this.relay.stop();
    await this.host.stop();
    await this.agent.remove();
  }

  async phone(): Promise<{ readonly phone: Phone; readonly page: Page }> {
    const phone = await Phone.start(this.browser, this.host.page);
    const page = await phone.open();
    await snapshotWhen(page, ({ storage }) => storage === 'ready');
    return { phone, page };
  }

  /** Pairs by link, with the digits typed at the agent. Gives the agent's id. */
  async pair(page: Page, name: string, passkey = false): Promise<string> {
    const { program, link } = await this.agent.pair(name, this.relay.url, this.host.page);
    await page.evaluate((text) => window.approver.offer(text), link);
    await snapshotWhen(page, ({ pairing }) => pairing?.step === 'offered');
    await page.evaluate((options) => window.approver.join(options), { passkey });
    const { pairing } = await snapshotWhen(
      page,
      ({ pairing: now }) => now?.step === 'digits' || now?.step === 'refused',
    );
    assert.ok(pairing?.step === 'digits', JSON.stringify(pairing));
    program.type(pairing.digits);
    await page.evaluate(() => window.approver.confirm());
    const paired = await snapshotWhen(page, ({ pairing: now }) => now?.step === 'paired');
    assert.equal(await program.ended, 0, program.output);
    await page.evaluate(() => window.approver.endPairing());
    return paired.pairing?.step === 'paired' ? paired.pairing.agentId : '';
  }

  ask(name: string, ...options: readonly string[]): Program {
    return this.agent.harp('request', '--name', name, ...options);
  }

  /** What `harp verify` says of the receipt. */
  async verify(receipt: string, transcript: string): Promise<string> {
    const file = join(this.agent.home, 'receipt.json');
    await writeFile(file, receipt);
    const verifying = this.agent.harp('verify', file, '--pairing', transcript);
    assert.equal(await verifying.ended, 0, verifying.output);
    return verifying.output;
  }
}

export function decide(page: Page, card: Card, choice: Choice): Promise<void> {
  return page.evaluate(([id, chosen]) => window.approver.decide(id, chosen), [card.id, choice] as const);
}

/** Builds the page. The result is its folder, for a static host. */
export async function buildBare(): Promise<string> {
  const outDir = join(process.cwd(), 'build/bare');
  await build({
    root: join(process.cwd(), 'e2e/bare'),
    base: './',
    configFile: false,
    logLevel: 'warn',
    build: { target: 'es2023', outDir, emptyOutDir: true },
  });
  // Only that there is a worker to subscribe with.
  await writeFile(join(outDir, 'sw.js'), '');
  return outDir;
}

/** Waits until the snapshot is as wanted, and gives it. `wanted` runs in the page. */
export async function snapshotWhen(page: Page, wanted: (snapshot: Snapshot) => unknown): Promise<Snapshot> {
  // As text: a function of the test's can refer to nothing outside itself.
  await page.waitForFunction(`(${wanted.toString()})(window.approver.snapshot)`, undefined, { polling: 50 });
  return page.evaluate(() => window.approver.snapshot);
}

/** The one open card, when it is there. */
export async function openCard(page: Page): Promise<Card> {
  const { cards } = await snapshotWhen(page, (snapshot) => snapshot.cards.some((card) => card.status === 'open'));
  const [card] = cards.filter(({ status }) => status === 'open');
  if (card === undefined) {
    throw new Error('the card is gone');
  }
  return card;
}
