import type { StoredPasskey } from '../keys/passkeys.js';
import { equal } from '../messages/bytes.js';
import { type Assurance, type Decision, decisionsOf, isBehind, type ReceivedQuestion } from '../messages/index.js';
import type { Card, PasskeyState } from './approver.js';
import { type AgentState, bytes } from './records.js';

/** What an agent can be given, and what a card may offer: docs/messages.md, sections 7.3, 8.2 and 9.1. */

export interface Offer {
  readonly decisions: readonly Decision[];
  readonly hindrance?: NonNullable<Card['hindrance']>;
  /** The passkeys that may sign, if one has to. */
  readonly passkeys: readonly StoredPasskey[];
}

/** The passkeys of this installation that the pairing names. */
export function passkeysOf(agent: AgentState, own: readonly StoredPasskey[]): readonly StoredPasskey[] {
  const named = agent.pairing.join.passkeys;
  return own.filter(({ key, be }) => named.some((passkey) => passkey.be === be && equal(passkey.key, bytes(key))));
}

export function assuranceOf(passkeys: readonly StoredPasskey[]): Assurance {
  if (passkeys.length === 0) {
    return 'tap';
  }
  return passkeys.some(({ be }) => !be) ? 'elevated' : 'biometric';
}

export function passkeyState(possible: boolean, passkey: StoredPasskey | undefined): PasskeyState {
  if (!possible) {
    return 'impossible';
  }
  return passkey === undefined ? 'none' : passkey.be ? 'synced' : 'bound';
}

export function offerFor(
  received: ReceivedQuestion,
  agentPasskeys: readonly StoredPasskey[],
  now: number,
  newestIssuedAt: number,
): Offer {
  const decisions = decisionsOf(received);
  if (!received.understood) {
    return { decisions, hindrance: 'not_understood', passkeys: [] };
  }
  const consents = decisions.some(isConsent);
  const denials = decisions.filter((decision) => !isConsent(decision));
  if (consents && isBehind(now, newestIssuedAt)) {
    return { decisions: denials, hindrance: 'clock_behind', passkeys: [] };
  }
  const { assurance } = received.question;
  if (!consents || assurance === 'tap') {
    return { decisions, passkeys: [] };
  }
  const passkeys = assurance === 'elevated' ? agentPasskeys.filter(({ be }) => !be) : agentPasskeys;
  if (passkeys.length > 0) {
    return { decisions, passkeys };
  }
  return {
    decisions: denials,
    hindrance: agentPasskeys.length === 0 ? 'passkey_missing' : 'passkey_not_bound',
    passkeys: [],
  };
}

export function isConsent(decision: Decision): boolean {
  return decision === 'approved' || decision === 'answered';
}
