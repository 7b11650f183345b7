import type { Card, CardStatus, Pairing, PastDecision, Snapshot } from '../../src/approver/approver.js';
import { agent, CLAUDE, COMMAND, card, DEPLOY, DIFF, DROP, FORM, HOSTILE, NOTICE, NOW, UNKNOWN } from './cards.js';

const RELAY = 'https://relay.example.org';

const READY: Snapshot = {
  storage: 'ready',
  agents: [CLAUDE, DEPLOY],
  cards: [],
  past: [],
  relays: [{ relay: RELAY, connection: 'connected', since: NOW - 600, push: 'offered' }],
  phone: {
    passkey: 'synced',
    wakeUps: { permission: 'granted', state: 'on', lastAt: NOW - 12 },
    persisted: true,
    installed: true,
    ios: false,
    online: true,
    version: '0.1.0',
  },
};

const FIRST: Snapshot = { ...READY, agents: [], relays: [] };

const with_ = (part: Partial<Snapshot>) => () => ({ ...READY, ...part });
const cards = (...list: readonly Card[]) => with_({ cards: list });
const phone = (part: Partial<Snapshot['phone']>) => with_({ phone: { ...READY.phone, ...part } });
const wakeUps = (part: Partial<Snapshot['phone']['wakeUps']>) =>
  phone({ wakeUps: { ...READY.phone.wakeUps, ...part } });
const pairing = (step: Pairing) => () => ({
  ...FIRST,
  phone: { ...FIRST.phone, passkey: 'none' as const },
  pairing: step,
});
const ended = (status: CardStatus, more: Partial<Card> = {}) =>
  card(status, { action: `A request that is ${status}` }, { status, endedAt: NOW - 60, ...more });

const past = (id: string, part: Partial<PastDecision>): PastDecision => ({
  id,
  agentName: 'claude on laptop',
  action: 'Run a command',
  decision: 'approved',
  decidedAt: NOW - 3_600,
  status: 'sent',
  assurance: 'biometric',
  ...part,
});

const DIGITS = {
  step: 'digits',
  relay: RELAY,
  name: 'deploy-bot',
  host: 'build-7',
  digits: '402918',
  until: NOW + 252,
  confirming: false,
  offline: false,
} as const;

/** Every screen, by name. */
export const STATES: Readonly<Record<string, () => Snapshot>> = {
  opening: with_({ storage: 'opening' }),
  unavailable: with_({ storage: 'unavailable' }),
  damaged: with_({ storage: 'damaged' }),
  first: () => FIRST,
  ios: () => ({ ...FIRST, phone: { ...FIRST.phone, ios: true, installed: false } }),
  empty: with_({}),
  silent: wakeUps({ permission: 'default', state: 'off' }),
  paused: with_({ agents: [agent({ paused: true })] }),
  offline: () => ({
    ...READY,
    cards: [COMMAND, ended('queued', { decision: 'approved' })],
    phone: { ...READY.phone, online: false },
    relays: [{ relay: RELAY, connection: 'offline', since: NOW - 40, push: 'offered' }],
  }),
  requests: cards(DROP, COMMAND),
  all: cards(DROP, DIFF, HOSTILE, COMMAND, FORM, UNKNOWN, NOTICE),
  ended: cards(
    COMMAND,
    ended('sending', { decision: 'approved' }),
    ended('queued', { decision: 'denied' }),
    ended('sent', { decision: 'approved' }),
    ended('late', { decision: 'approved' }),
    ended('expired'),
    ended('withdrawn'),
    ended('elsewhere'),
    ended('revoked'),
    ended('refused', { decision: 'approved' }),
  ),
  hindered: cards(
    card('clock', {}, { hindrance: 'clock_behind', decisions: ['denied'] }),
    card('missing', { assurance: 'biometric' }, { hindrance: 'passkey_missing', decisions: ['denied'] }),
    card('bound', { assurance: 'elevated' }, { hindrance: 'passkey_not_bound', decisions: ['denied'] }),
    card('cancelled', { assurance: 'biometric' }, { problem: 'passkey_cancelled' }),
    card('full', {}, { problem: 'storage_failed' }),
    card('unnoted', {}, { problem: 'not_noted' }),
  ),
  agents: with_({
    agents: [
      CLAUDE,
      DEPLOY,
      agent({ id: 'nightly', name: 'nightly', paused: true }),
      agent({ id: 'old', name: 'old laptop', state: 'ended' }),
      agent({ id: 'leaving', name: 'test rig', state: 'removing' }),
    ],
  }),
  blocked: wakeUps({ permission: 'denied', state: 'off' }),
  phone: () => ({
    ...READY,
    relays: [
      { relay: RELAY, connection: 'connected', since: NOW - 600, push: 'not_offered', clockAhead: 310 },
      { relay: 'https://other.example.net/harp', connection: 'nonsense', since: NOW - 30, push: 'unknown' },
    ],
    phone: {
      ...READY.phone,
      passkey: 'none',
      passkeyProblem: 'cancelled',
      persisted: false,
      installed: false,
      wakeUps: { permission: 'granted', state: 'no_relay' },
    },
  }),
  past: with_({
    past: [
      past('1', { action: 'Drop table orders_2019 in production', agentName: 'deploy-bot', decision: 'denied' }),
      past('2', { assurance: 'tap' }),
      past('3', { status: 'late', decidedAt: NOW - 90_000 }),
      past('gone', { decision: 'seen', action: 'The nightly backup is done', decidedAt: NOW - 200_000 }),
    ],
  }),
  refused: pairing({ step: 'refused', reason: 'commitment' }),
  offered: pairing({ step: 'offered', relay: RELAY, installFirst: false, passkey: 'none' }),
  'offered-tap': pairing({ step: 'offered', relay: RELAY, installFirst: false, passkey: 'impossible' }),
  install: pairing({ step: 'offered', relay: RELAY, installFirst: true, passkey: 'none' }),
  joining: pairing({ step: 'joining', relay: RELAY }),
  waiting: pairing({ step: 'waiting', relay: RELAY, until: NOW + 280 }),
  digits: pairing(DIGITS),
  resembles: pairing({ ...DIGITS, resembles: 'deploy_bot' }),
  confirming: pairing({ ...DIGITS, confirming: true, offline: true }),
  paired: () => ({
    ...READY,
    phone: { ...READY.phone, wakeUps: { permission: 'default', state: 'off' } },
    pairing: { step: 'paired', agentId: 'deploy' },
  }),
};
