import type { StoredPasskey } from '../keys/passkeys.js';
import { judgeTimes } from '../messages/index.js';
import type { Agent, Card, PastDecision } from './approver.js';
import { type CardEntry, hasEnded, isOpen } from './cards.js';
import { assuranceOf, isConsent, offerFor, passkeysOf } from './offers.js';
import type { AgentState, RemovalRecord, State } from './records.js';

/** The parts of a snapshot that follow from what is stored and from the cards. Pure. */

const SEVERITIES = ['critical', 'high', 'medium', 'low'];
const PAST_SHOWN = 50;

export function agentsOf(state: State, passkeys: readonly StoredPasskey[]): readonly Agent[] {
  const paired = [...state.agents.values()].filter(({ record }) => record.unconfirmed === undefined);
  const agents = paired.map((agent) => agentOf(agent, state, passkeys));
  const removed = [...state.removals.values()].flatMap(removedAgent);
  return [...agents, ...removed].sort((a, b) => a.name.localeCompare(b.name));
}

function agentOf(agent: AgentState, state: State, passkeys: readonly StoredPasskey[]): Agent {
  const { id, record, pairing } = agent;
  const lastAskedAt = state.marks.get(id)?.lastAskedAt;
  return {
    id,
    name: record.name,
    ownName: pairing.hello.name,
    host: pairing.hello.host,
    relay: record.relay,
    transcript: id,
    pairedAt: record.pairedAt,
    ...(lastAskedAt === undefined ? {} : { lastAskedAt }),
    paused: record.paused,
    state: record.ended ? 'ended' : 'active',
    assurance: assuranceOf(passkeysOf(agent, passkeys)),
  };
}

function removedAgent({ relay, agent }: RemovalRecord): readonly Agent[] {
  return agent === undefined
    ? []
    : [{ ...agent, relay, transcript: agent.id, paused: false, state: 'removing', assurance: 'tap' }];
}

export function cardsOf(
  entries: readonly CardEntry[],
  state: State,
  passkeys: readonly StoredPasskey[],
  now: number,
  isConnected: (relay: string) => boolean,
): readonly Card[] {
  const cards = entries.flatMap((entry) => {
    const agent = state.agents.get(entry.agentId);
    const { issuedAt, expiresAt } = entry.received;
    const early = isOpen(entry) && judgeTimes(now, issuedAt, expiresAt) !== undefined;
    if (agent === undefined || agent.record.paused || early) {
      return [];
    }
    const shown = agentOf(agent, state, passkeys);
    return [cardOf(entry, agent, shown, passkeys, now, state, isConnected(entry.relay))];
  });
  const open = cards.filter(({ status }) => status === 'open' || status === 'sending' || status === 'queued');
  const ended = cards.filter((card) => !open.includes(card));
  open.sort((a, b) => rank(a) - rank(b) || a.received.expiresAt - b.received.expiresAt);
  ended.sort((a, b) => (b.endedAt ?? 0) - (a.endedAt ?? 0));
  return [...open, ...ended];
}

function cardOf(
  entry: CardEntry,
  agent: AgentState,
  shown: Agent,
  passkeys: readonly StoredPasskey[],
  now: number,
  state: State,
  connected: boolean,
): Card {
  const { id, received, decision, problem, endedAt } = entry;
  const mark = state.marks.get(agent.id)?.newestIssuedAt ?? 0;
  const offer = offerFor(received, passkeysOf(agent, passkeys), now, mark);
  const open = isOpen(entry) && !agent.record.ended;
  const { hindrance } = offer;
  return {
    id,
    agent: shown,
    received,
    status: entry.status === 'sending' && !connected ? 'queued' : entry.status,
    ...(decision === undefined ? {} : { decision }),
    decisions: open ? offer.decisions : [],
    ...(open && hindrance !== undefined ? { hindrance } : {}),
    needsPasskey: open && offer.passkeys.length > 0 && offer.decisions.some(isConsent),
    ...(open && problem !== undefined ? { problem } : {}),
    ...(hasEnded(entry) && endedAt !== undefined ? { endedAt } : {}),
  };
}

/** A severity that is not known stands above all that are. */
function rank({ received }: Card): number {
  return received.understood ? SEVERITIES.indexOf(received.question.severity) : -1;
}

export function pastOf(state: State): readonly PastDecision[] {
  return [...state.past]
    .map(([id, record]) => ({ id, ...record }))
    .sort((a, b) => b.decidedAt - a.decidedAt)
    .slice(0, PAST_SHOWN);
}

/** The ids of past decisions that are too many, once one more is added. */
export function pastBeyond(state: State): readonly string[] {
  const sorted = [...state.past].sort(([, a], [, b]) => b.decidedAt - a.decidedAt);
  return sorted.slice(PAST_SHOWN - 1).map(([id]) => id);
}
