import type { DecisionRow, Write } from '../keys/store.js';
import { responseSizes } from '../messages/answer.js';
import { utf8 } from '../messages/bytes.js';
import {
  type Answer,
  type Assertion,
  b64,
  judgeDecision,
  type PreparedAnswer,
  prepareAnswer,
  type Reason,
  sealAnswer,
  type Value,
  writeReceipt,
} from '../messages/index.js';
import { readHello, readJoin } from '../messages/pairing.js';
import type { Card, CardStatus, Choice } from './approver.js';
import { type CardEntry, type Cards, isOpen } from './cards.js';
import type { Hub } from './hub.js';
import { isConsent, type Offer, offerFor, passkeysOf } from './offers.js';
import { rowId } from './outbox.js';
import { type AgentState, bytes, markWrites, type PastBody } from './records.js';
import { pastBeyond } from './snapshot.js';

type Problem = NonNullable<Card['problem']>;

/** The longest that a browser gives beside a signature, written as base64url: docs/messages.md, section 8.1. */
const ASSERTION = { es256: 1_024, rs256: 1_600 };

/** One decision for a question: signed, stored if there is none yet, and then sent. */
export class Deciding {
  private readonly hub: Hub;
  private readonly cards: Cards;
  private readonly outbox: () => void;
  private readonly busy = new Set<string>();

  constructor(hub: Hub, cards: Cards, outbox: () => void) {
    this.hub = hub;
    this.cards = cards;
    this.outbox = outbox;
  }

  async decide(cardId: string, choice: Choice): Promise<void> {
    const entry = this.cards.get(cardId);
    const agent = entry === undefined ? undefined : this.hub.state.agents.get(entry.agentId);
    if (entry === undefined || agent === undefined || !isOpen(entry) || this.busy.has(cardId)) {
      return;
    }
    this.busy.add(cardId);
    try {
      const problem = await this.attempt(entry, agent, choice);
      if (problem !== undefined) {
        this.cards.change(cardId, this.hub.now(), { problem });
      }
    } catch {
      this.cards.change(cardId, this.hub.now(), { problem: 'storage_failed' });
    } finally {
      this.busy.delete(cardId);
      this.hub.changed();
    }
  }

  /** @returns what stands in the way, or nothing */
  private async attempt(entry: CardEntry, agent: AgentState, choice: Choice): Promise<Problem | undefined> {
    const { received } = entry;
    const offer = this.offer(entry, agent);
    const decidedAt = this.hub.now();
    const early = this.judge(entry, agent, choice);
    if (early !== undefined) {
      return early;
    }
    if (!offer.decisions.includes(choice.decision)) {
      return offer.hindrance === 'clock_behind' ? 'clock_behind' : 'assurance';
    }
    const prepared = prepareAnswer(agent.pairing, received, { ...choice, decidedAt });
    if (!prepared.ok) {
      return prepared.reason;
    }
    let assertion: Assertion | undefined;
    if (isConsent(choice.decision) && offer.passkeys.length > 0) {
      const signed = await this.hub.env.passkeys.assert(prepared.value.challenge, offer.passkeys);
      if (typeof signed === 'string') {
        return signed === 'cancelled' ? 'passkey_cancelled' : 'passkey_failed';
      }
      assertion = signed;
    }
    // The dialog takes its time, in which the question may have ended.
    const late = this.judge(entry, agent, choice);
    if (late !== undefined || this.cards.get(entry.id)?.status !== 'open') {
      return late;
    }
    const sealed = sealAnswer(agent.pairing, prepared.value, assertion, this.hub.env.random);
    if (!sealed.ok) {
      return sealed.reason;
    }
    const { requestId, digest, response, expiresAt } = sealed.value;
    const value = { response, decision: choice.decision, status: 'sending' };
    const row = { agentId: agent.id, requestId, digest, expiresAt, unsent: true, value };
    const past = this.pastWrites(entry, agent, prepared.value, { ...choice, decidedAt }, assertion);
    const mark = markWrites(this.hub.state, agent.id, received, decidedAt);
    const stored = await this.hub.store.decide(row, ...past, ...mark);
    if (stored === 'refused') {
      return 'already_decided';
    }
    this.hub.env.tabs.post({ kind: 'decision', agentId: agent.id, requestId });
    await this.hub.stored();
    this.follow(stored);
    this.outbox();
    return undefined;
  }

  private judge(entry: CardEntry, agent: AgentState, choice: Choice): Reason | undefined {
    return judgeDecision(entry.received, choice.decision, this.hub.now(), this.mark(agent));
  }

  private offer(entry: CardEntry, agent: AgentState): Offer {
    const passkeys = this.hub.env.passkeys.possible ? passkeysOf(agent, this.hub.state.settings.passkeys) : [];
    return offerFor(entry.received, passkeys, this.hub.now(), this.mark(agent));
  }

  private mark(agent: AgentState): number {
    return this.hub.state.marks.get(agent.id)?.newestIssuedAt ?? 0;
  }

  /** Shows on the card what is stored for it. */
  follow(row: DecisionRow): void {
    const status = row.value.status as CardStatus;
    const decision = row.value.decision as Choice['decision'];
    this.cards.change(rowId(row), this.hub.now(), { status, decision });
  }

  /** What of a settled decision is written beside it. */
  settledWrites(row: DecisionRow): readonly Write[] {
    const past = this.hub.state.past.get(rowId(row));
    const value = { ...past, status: row.value.status };
    return past === undefined ? [] : [{ table: 'past', key: rowId(row), value }];
  }

  /** How many bytes the values may grow: what a letter more takes in the answer is four thirds of it. */
  room(cardId: string, values: readonly Value[]): number {
    const entry = this.cards.get(cardId);
    const agent = entry === undefined ? undefined : this.hub.state.agents.get(entry.agentId);
    if (entry === undefined || agent === undefined || !entry.received.understood) {
      return 0;
    }
    const { passkeys } = this.offer(entry, agent);
    const most = responseSizes(entry.received.question.intent).at(-1) ?? 0;
    const rsa = passkeys.some(({ alg }) => alg === 'RS256');
    const passkey = passkeys.length === 0 ? 0 : rsa ? ASSERTION.rs256 : ASSERTION.es256;
    // v, pair, request_id, question, decision, decided_at and the names around them, at most.
    const text = utf8(JSON.stringify(values)).length + 300;
    // Header, signature, dots and the member `answer`.
    return Math.floor(((most - passkey - 160) * 3) / 4) - text;
  }

  private pastWrites(
    entry: CardEntry,
    agent: AgentState,
    prepared: PreparedAnswer,
    answer: Answer,
    assertion: Assertion | undefined,
  ): readonly Write[] {
    const { received } = entry;
    const { relay, pairId, join, hello, name } = agent.record;
    const action = received.understood ? received.question.action : received.members.action;
    const elevated = received.understood && received.question.assurance === 'elevated';
    const body: PastBody = {
      relay,
      pairId,
      join,
      hello,
      question: b64(received.plaintext),
      answer: prepared.jws.text,
      ...(assertion === undefined
        ? {}
        : {
            passkey: {
              data: b64(assertion.data),
              client: b64(assertion.client),
              signature: b64(assertion.signature),
            },
          }),
    };
    const head = {
      agentName: name,
      action: typeof action === 'string' ? action : '',
      decision: answer.decision,
      decidedAt: answer.decidedAt,
      status: 'sending',
      assurance: assertion === undefined ? 'tap' : elevated ? 'elevated' : 'biometric',
    };
    const beyond = pastBeyond(this.hub.state).flatMap((key): Write[] => [
      { table: 'past', key },
      { table: 'pastBodies', key },
    ]);
    return [
      { table: 'past', key: entry.id, value: head },
      { table: 'pastBodies', key: entry.id, value: body },
      ...beyond,
    ];
  }

  async receipt(pastId: string): Promise<Uint8Array | undefined> {
    const body = await this.hub.store.read<PastBody>('pastBodies', pastId);
    if (body === undefined) {
      return undefined;
    }
    const { relay, pairId, answer, passkey } = body;
    const pairing = { relay, pairId, join: readJoin(bytes(body.join)), hello: readHello(bytes(body.hello)) };
    const assertion =
      passkey === undefined
        ? {}
        : {
            passkey: {
              data: bytes(passkey.data),
              client: bytes(passkey.client),
              signature: bytes(passkey.signature),
            },
          };
    return writeReceipt(pairing, bytes(body.question), { answer, ...assertion });
  }
}
