import type { StoredPasskey } from '../keys/passkeys.js';
import type { Store, Table, Write } from '../keys/store.js';
import type { Assurance, Bytes, Decision, DeviceJoin, DevicePairing, ReceivedQuestion } from '../messages/index.js';
import { b64, fromB64, observe, transcriptOf } from '../messages/index.js';
import { readHello, readJoin } from '../messages/pairing.js';
import type { CardStatus } from './approver.js';

/** What is stored, as JSON, and what the rules work with. Bytes are base64url in JSON. */

/** By relay. `pushed`: the VAPID key for whose subscription the relay has a push token. */
export interface DeviceRecord {
  readonly deviceId: string;
  readonly deviceToken: string;
}

/** By T, which is the agent's id. */
export interface PairingRecord {
  readonly relay: string;
  readonly pairId: string;
  readonly join: string;
  readonly hello: string;
  readonly questionKey: string;
  readonly answerKey: string;
  readonly ed25519Seed: string;
  readonly secretHash: string;
  readonly payload: string;
  readonly name: string;
  readonly pairedAt: number;
  readonly paused: boolean;
  readonly ended: boolean;
  /** As long as the relay does not have the confirmation. */
  readonly unconfirmed?: { readonly digits: string; readonly until: number };
}

/** By T: M, and when the agent asked last. */
export interface MarkRecord {
  readonly newestIssuedAt: number;
  readonly lastAskedAt: number;
}

/** The one join that is under way. */
export interface JoinRecord {
  readonly link: { readonly page: string; readonly relay: string; readonly pairId: string };
  readonly secret: string;
  readonly commitment: string;
  readonly x25519Secret: string;
  readonly ed25519Seed: string;
  readonly join: string;
  readonly payload: string;
  readonly startedAt: number;
  readonly boundAt?: number;
}

/** By relay and pair id: a pairing that the relay has to revoke. `agent` is what its person still sees of it. */
export interface RemovalRecord {
  readonly relay: string;
  readonly pairId: string;
  readonly agent?: {
    readonly id: string;
    readonly name: string;
    readonly ownName: string;
    readonly host: string;
    readonly pairedAt: number;
  };
}

/** By T and request id. */
export interface PastRecord {
  readonly agentName: string;
  readonly action: string;
  readonly decision: Decision;
  readonly decidedAt: number;
  readonly status: CardStatus;
  readonly assurance: Assurance;
}

/** What a receipt is made of. */
export interface PastBody {
  readonly relay: string;
  readonly pairId: string;
  readonly join: string;
  readonly hello: string;
  readonly question: string;
  readonly answer: string;
  readonly passkey?: { readonly data: string; readonly client: string; readonly signature: string };
}

export interface Settings {
  readonly passkeys: readonly StoredPasskey[];
  readonly wakeUps: boolean;
}

export interface AgentState {
  readonly id: string;
  readonly record: PairingRecord;
  readonly pairing: DevicePairing;
}

/** Everything that is stored, but decisions and the bodies of past ones. */
export interface State {
  readonly agents: ReadonlyMap<string, AgentState>;
  readonly marks: ReadonlyMap<string, MarkRecord>;
  readonly devices: ReadonlyMap<string, DeviceRecord>;
  readonly removals: ReadonlyMap<string, RemovalRecord>;
  readonly past: ReadonlyMap<string, PastRecord>;
  readonly settings: Settings;
  readonly join?: { readonly record: JoinRecord; readonly started: DeviceJoin };
}

export const NO_SETTINGS: Settings = { passkeys: [], wakeUps: false };

export const NOTHING: State = {
  agents: new Map(),
  marks: new Map(),
  devices: new Map(),
  removals: new Map(),
  past: new Map(),
  settings: NO_SETTINGS,
};

export async function loadState(store: Store): Promise<State> {
  const all = <T>(table: Table) => store.readAll<T>(table);
  const [pairings, marks, devices, removals, past, settings, joins] = await Promise.all([
    all<PairingRecord>('pairings'),
    all<MarkRecord>('marks'),
    all<DeviceRecord>('devices'),
    all<RemovalRecord>('removals'),
    all<PastRecord>('past'),
    all<Settings>('settings'),
    all<JoinRecord>('joins'),
  ]);
  const agents = [...pairings].map(([id, record]) => [id, { id, record, pairing: readPairing(record) }] as const);
  const join = joins.get('join');
  return {
    agents: new Map(agents),
    marks,
    devices,
    removals,
    past,
    settings: settings.get('settings') ?? NO_SETTINGS,
    ...(join === undefined ? {} : { join: { record: join, started: readStarted(join) } }),
  };
}

export function writePairing(pairing: DevicePairing): Omit<PairingRecord, 'name' | 'pairedAt' | 'paused' | 'ended'> {
  return {
    relay: pairing.relay,
    pairId: pairing.pairId,
    join: b64(pairing.join.plaintext),
    hello: b64(pairing.hello.plaintext),
    questionKey: b64(pairing.questionKey),
    answerKey: b64(pairing.answerKey),
    ed25519Seed: b64(pairing.ed25519Seed),
    secretHash: pairing.secretHash,
    payload: pairing.payload,
  };
}

function readPairing(record: PairingRecord): DevicePairing {
  return {
    relay: record.relay,
    pairId: record.pairId,
    join: readJoin(bytes(record.join)),
    hello: readHello(bytes(record.hello)),
    questionKey: bytes(record.questionKey),
    answerKey: bytes(record.answerKey),
    ed25519Seed: bytes(record.ed25519Seed),
    secretHash: record.secretHash,
    payload: record.payload,
  };
}

export function writeStarted(started: DeviceJoin, startedAt: number): JoinRecord {
  const { page, relay, pairId, secret, commitment } = started.link;
  return {
    link: { page, relay, pairId },
    secret: b64(secret),
    commitment: b64(commitment),
    x25519Secret: b64(started.x25519Secret),
    ed25519Seed: b64(started.ed25519Seed),
    join: b64(started.join.plaintext),
    payload: started.payload,
    startedAt,
  };
}

function readStarted(record: JoinRecord): DeviceJoin {
  return {
    link: { ...record.link, secret: bytes(record.secret), commitment: bytes(record.commitment) },
    x25519Secret: bytes(record.x25519Secret),
    ed25519Seed: bytes(record.ed25519Seed),
    join: readJoin(bytes(record.join)),
    payload: record.payload,
  };
}

export function agentIdOf(pairing: Pick<DevicePairing, 'relay' | 'pairId' | 'join' | 'hello'>): string {
  return b64(transcriptOf(pairing.relay, pairing.pairId, pairing.join, pairing.hello));
}

export function removalKey(relay: string, pairId: string): string {
  return `${pairId} ${relay}`;
}

/** What moves M and the time of the agent's last question on, if this one does. */
export function markWrites(state: State, agentId: string, received: ReceivedQuestion, now: number): readonly Write[] {
  const mark = state.marks.get(agentId);
  const known = mark?.newestIssuedAt ?? 0;
  const newestIssuedAt = observe(known, received, now);
  const value = { newestIssuedAt, lastAskedAt: Math.max(mark?.lastAskedAt ?? 0, received.issuedAt) };
  return newestIssuedAt > known ? [{ table: 'marks', key: agentId, value }] : [];
}

/** The id of a card and of a past decision: request ids count within their pairing. */
export function cardIdOf(agentId: string, requestId: string): string {
  return `${agentId}.${requestId}`;
}

export function bytes(text: string): Bytes {
  const decoded = fromB64(text);
  if (decoded === undefined) {
    throw new Error('a stored record is not base64url');
  }
  return decoded;
}
