import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { BROWSER_MISSING, camera, launch, Phone } from './phone.js';
import { Agent, PROGRAMS_MISSING, type Program, Relay } from './programs.js';

/** The app as the relay serves it, used as a person does: by what is on the screen. */

/** Why these tests cannot run here, or `false`. */
export const skip = BROWSER_MISSING ?? PROGRAMS_MISSING ?? false;

/** Milliseconds in which no press counts after something has moved, and a little more. */
export const GUARD = 750;

export interface Installation {
  readonly phone: Phone;
  readonly page: Page;
}

export class Real {
  readonly relay: Relay;
  readonly agent: Agent;
  readonly browser: Browser;

  private constructor(relay: Relay, agent: Agent, browser: Browser) {
    this.relay = relay;
    this.agent = agent;
    this.browser = browser;
  }

  /**
   * @param options of the relay, by the names of docs/configure.md
   * @param seen what `harp` says that it runs on and in, instead of the truth
   */
  static async start(
    options: { readonly [name: string]: string } = {},
    seen: { readonly host?: string; readonly directory?: string } = {},
  ): Promise<Real> {
    const agent = await Agent.create(seen);
    // All tests call from one address.
    const relay = await Relay.start({ RATE_LIMIT_CLIENT: '0', ...options });
    return new Real(relay, agent, await launch(camera(filmOf(agent))));
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await this.relay.stop();
    await this.agent.remove();
  }

  /** What the camera of the browser's phones shows. */
  get film(): string {
    return filmOf(this.agent);
  }

  /** An installation of its own, with the app open. */
  async phone(options: BrowserContextOptions = {}): Promise<Installation> {
    const phone = await Phone.start(this.browser, this.relay.app, options);
    return { phone, page: await phone.open() };
  }

  /** An installation that is paired by a tap with an agent of this name. */
  async paired(name: string, options: BrowserContextOptions = {}): Promise<Installation> {
    const installation = await this.phone(options);
    await this.pair(installation.page, name);
    return installation;
  }

  /** An installation that is paired by a passkey. */
  async pairedByPasskey(name: string, kind: 'platform' | 'key', prf = false): Promise<Installation> {
    const installation = await this.phone();
    await installation.phone.addAuthenticator(installation.page, kind, prf);
    await this.pair(installation.page, name, true);
    return installation;
  }

  /** Pairs by link, up to the list of requests. */
  async pair(page: Page, name: string, passkey = false): Promise<void> {
    const { program, link } = await this.agent.pair(name, this.relay.url);
    await joinWith(page, link, passkey);
    program.type(await digitsOn(page));
    await program.find(/Now confirm on the phone/);
    await press(page.getByRole('button', { name: 'Yes' }));
    assert.equal(await program.ended, 0, program.output);
    await page.getByRole('heading', { name: `Paired with ${name}` }).waitFor();
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('heading', { name: 'Requests' }).waitFor();
  }

  ask(name: string, ...options: readonly string[]): Program {
    return this.agent.harp('request', '--name', name, ...options);
  }

  /** A file on the agent's machine. */
  async file(name: string, content: string): Promise<string> {
    const file = join(this.agent.home, name);
    await writeFile(file, content);
    return file;
  }
}

function filmOf(agent: Agent): string {
  return join(agent.home, 'film.y4m');
}

async function joinWith(page: Page, link: string, passkey: boolean): Promise<void> {
  await offer(page, link);
  await page.getByRole('checkbox', { name: 'Approve with a passkey' }).setChecked(passkey);
  await page.getByRole('button', { name: 'Pair', exact: true }).click();
}

/** Opens the link on the phone, as its camera or a message does. */
export async function offer(page: Page, link: string): Promise<void> {
  await page.goto(link);
  await page.getByRole('heading', { name: 'Pair by this relay?' }).waitFor();
}

/** Opens the link and joins by a tap. */
export function joinByTap(page: Page, link: string): Promise<void> {
  return joinWith(page, link, false);
}

/** Opens the link and joins with a passkey. */
export function joinByKey(page: Page, link: string): Promise<void> {
  return joinWith(page, link, true);
}

/** The six digits, when they are shown. */
export async function digitsOn(page: Page): Promise<string> {
  const label = await page.getByRole('img', { name: 'Six digits' }).getAttribute('aria-label');
  return (label ?? '').replace(/\D/g, '');
}

/** Presses once presses count: what is pressed has stood still for 0.7 s, and so have the words of its bar. */
export async function press(button: Locator): Promise<void> {
  await button.evaluate(standsStill, GUARD);
  await button.click();
}

/** Runs in the page. Resolves when the element has not changed for so many milliseconds. */
export function standsStill(element: Element, ms: number): Promise<void> {
  return new Promise<void>((resolve) => {
    let before = '';
    let since = 0;
    const look = (now: number) => {
      const { top, left, width, height } = element.getBoundingClientRect();
      const looks = [top, left, width, height, element.textContent, element.ariaDisabled].join();
      if (looks !== before) {
        before = looks;
        since = now;
      }
      if (now - since >= ms) {
        resolve();
      } else {
        requestAnimationFrame(look);
      }
    };
    requestAnimationFrame(look);
  });
}

/** Opens the card with this action. */
export async function openCard(page: Page, action: string): Promise<void> {
  await press(page.getByRole('link', { name: action }).first());
  await page.getByRole('heading', { level: 1, name: action }).waitFor();
}

/** Reads the question to its end, and presses this button of its bar. */
export async function decide(page: Page, name: string): Promise<void> {
  await page.locator('.end-of-question').scrollIntoViewIfNeeded();
  await press(page.locator('.bar').getByRole('button', { name, exact: true, disabled: false }));
}
