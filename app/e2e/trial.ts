import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults, RunOptions } from 'axe-core';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { BROWSER_MISSING, launch, Phone } from './phone.js';
import { Agent, PROGRAMS_MISSING, Relay } from './programs.js';
import { LyingProxy } from './proxy.js';
import { RawAgent } from './raw-agent.js';

/** The app as the relay serves it, with a proxy in between that can lie, and used by what is on the screen. */

/** Why these tests cannot run here, or `false`. */
export const skip = BROWSER_MISSING ?? PROGRAMS_MISSING ?? false;

/** Milliseconds: more than those in which no press counts after something has moved. */
const GUARD = 800;
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export interface Installation {
  readonly phone: Phone;
  readonly page: Page;
}

export class Trial {
  readonly relay: Relay;
  readonly proxy: LyingProxy;
  readonly machine: Agent;
  readonly browser: Browser;

  private constructor(relay: Relay, proxy: LyingProxy, machine: Agent, browser: Browser) {
    this.relay = relay;
    this.proxy = proxy;
    this.machine = machine;
    this.browser = browser;
  }

  /** @param options of the relay, by the names of docs/configure.md */
  static async start(options: { readonly [name: string]: string } = {}): Promise<Trial> {
    const proxy = await LyingProxy.start();
    // All tests call from one address.
    const relay = await Relay.start({ RATE_LIMIT_CLIENT: '0', CORS_ORIGINS: proxy.url, ...options });
    proxy.leadTo(relay.url);
    return new Trial(relay, proxy, await Agent.create(), await launch());
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await this.proxy.stop();
    await this.relay.stop();
    await this.machine.remove();
  }

  get app(): string {
    return `${this.proxy.url}/app/`;
  }

  /** An installation of its own. Its clock runs, and {@link press} moves it on. */
  async phone(options: BrowserContextOptions = {}): Promise<Installation> {
    const phone = await Phone.start(this.browser, this.app, options);
    await phone.context.clock.install();
    return { phone, page: await phone.open() };
  }

  /** Pairs the page with an agent that does what the test says. */
  async pair(page: Page, name: string, relay = this.proxy.url): Promise<RawAgent> {
    const agent = await RawAgent.open(this.relay.url, name, relay, this.app);
    await join(page, agent.link);
    const { digits, requestId } = await agent.hello();
    await page.getByRole('img', { name: `Six digits: ${[...digits].join(' ')}` }).waitFor();
    await press(page, page.getByRole('button', { name: 'Yes' }));
    await agent.complete(requestId);
    await paired(page, name);
    return agent;
  }

  /** Pairs the page with `harp`. */
  async pairHarp(page: Page, name: string): Promise<void> {
    const { program, link } = await this.machine.pair(name, this.proxy.url);
    await join(page, link);
    const label = await page.getByRole('img', { name: /^Six digits/ }).getAttribute('aria-label');
    program.type((label ?? '').replace(/\D/g, ''));
    await program.find(/confirm/i);
    await press(page, page.getByRole('button', { name: 'Yes' }));
    await program.ended;
    await paired(page, name);
  }
}

async function join(page: Page, link: string): Promise<void> {
  // The second part of an address alone begins no new page.
  await page.goto(link);
  await page.getByRole('checkbox').uncheck();
  await press(page, page.getByRole('button', { name: 'Pair', exact: true }));
}

async function paired(page: Page, name: string): Promise<void> {
  await page.getByRole('heading', { name: `Paired with ${name}` }).waitFor();
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('heading', { name: 'Requests' }).waitFor();
}

/** Presses once presses count, by moving the page's clock. */
export async function press(page: Page, button: Locator): Promise<void> {
  await button.waitFor();
  await settled(page);
  await button.click();
}

/** Everything is drawn, and has stood still for longer than it has to. */
export async function settled(page: Page): Promise<void> {
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  await page.clock.fastForward(GUARD);
}

/** The link of a card in the list. */
export function cardOf(page: Page, action: string | RegExp): Locator {
  return page.getByRole('link', { name: action }).first();
}

/** A tap that does not count, because the list has just moved, is made again. */
export async function openCard(page: Page, action: string): Promise<void> {
  const question = page.locator('.question');
  for (let tries = 0; tries < 10 && !(await question.isVisible()); tries++) {
    await press(page, cardOf(page, action));
    await question.waitFor({ timeout: 1_000 }).catch(() => undefined);
  }
  await question.waitFor();
}

/** A button below the question, once it may be pressed. */
export function barButton(page: Page, name: string): Locator {
  return page.locator('.bar button:not([aria-disabled="true"])').filter({ hasText: new RegExp(`^${name}$`) });
}

/** Lets the app connect now, as when the network is back. */
export function reconnect(page: Page): Promise<void> {
  return page.evaluate(() => {
    window.dispatchEvent(new Event('online'));
  });
}

/** What axe finds on the screen. */
export async function axe(page: Page): Promise<readonly string[]> {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => {
    const { axe: found } = globalThis as unknown as { axe: { run(options: RunOptions): Promise<AxeResults> } };
    return found.run({ resultTypes: ['violations'] });
  });
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}
