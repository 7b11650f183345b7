import type { Assurance, Decision, Reason, ReceivedQuestion, Value } from '../messages/index.js';

/**
 * What the views show and what a person can do: the whole of the app without its looks. The views know this file and
 * nothing of keys, storage or the relay. A snapshot is immutable; each change makes a new one. Times are Unix seconds
 * by the own clock.
 */
export interface Approver {
  readonly snapshot: Snapshot;
  /** Calls the listener after each change. The result ends that. */
  subscribe(listener: () => void): () => void;

  // --- pairing: at most one at a time
  /** Reads a link from a scan, the address or the clipboard. Binds nothing. A link of a known pairing is refused. */
  offer(link: string): void;
  /**
   * Joins the offered pairing: the first tap. With `passkey`, the installation's passkey is named in it, and made if
   * there is none. If the person cancels that, nothing is joined, and `endPairing` leads back to the offer.
   */
  join(options: { readonly passkey: boolean }): Promise<void>;
  /** The name by which the person knows the agent. Refused if it equals or resembles a known one. */
  nameAgent(name: string): void;
  /** "Has the agent accepted the digits?" Yes: signs `paired`. Before the check code is shown it has no effect. */
  confirm(): Promise<void>;
  /** Cancels at any step: revokes what was bound, and keeps nothing. */
  cancelPairing(): Promise<void>;
  /** Leaves a pairing that is `refused` or `paired`: nothing changes but that it is not shown any more. */
  endPairing(): void;

  // --- agents
  rename(agentId: string, name: string): Promise<void>;
  setPaused(agentId: string, paused: boolean): Promise<void>;
  /** Deletes the own keys first, then tells the relay; again later if it cannot be reached. */
  remove(agentId: string): Promise<void>;

  // --- cards
  /**
   * Signs a decision, after the passkey's assertion if the card needs one, stores it and sends it. A decision that is
   * stored is never replaced. If the person cancels the passkey's dialog, nothing is decided and the card says so.
   */
  decide(cardId: string, choice: Choice): Promise<void>;
  /** How many bytes a form's answer may still grow; negative if it is too long. */
  room(cardId: string, values: readonly Value[]): number;
  /** Removes a card that has ended from the list. */
  dismiss(cardId: string): void;

  // --- this phone
  /** Makes the installation's passkey. Only pairings made after it can use it. */
  createPasskey(): Promise<void>;
  /** Asks for the permission and subscribes. To be called from a tap. */
  enableWakeUps(): Promise<void>;
  disableWakeUps(): Promise<void>;
  /** Shows a notification by the service worker, as a wake-up does. */
  testWakeUp(): Promise<void>;
  /** The receipt of a past decision, as a file's content. Empty if the question is not kept any more. */
  receipt(pastId: string): Promise<Uint8Array | undefined>;
  /** Deletes everything that this installation has stored, and begins anew. */
  reset(): Promise<void>;
}

export interface Choice {
  readonly decision: Exclude<Decision, 'paired'>;
  readonly reason?: string;
  readonly choice?: string;
  readonly values?: readonly Value[];
}

export interface Snapshot {
  /** `unavailable`: the browser gives no storage. `damaged`: what is stored cannot be opened any more. */
  readonly storage: 'opening' | 'ready' | 'unavailable' | 'damaged';
  /** By name. */
  readonly agents: readonly Agent[];
  /** The open ones, most severe first, then the one that expires first; then the ended ones, the latest first. */
  readonly cards: readonly Card[];
  /** The latest first, at most 50. */
  readonly past: readonly PastDecision[];
  readonly pairing?: Pairing;
  readonly relays: readonly RelayState[];
  readonly phone: Phone;
}

export interface Agent {
  readonly id: string;
  /** What the person calls it. */
  readonly name: string;
  /** What it calls itself. */
  readonly ownName: string;
  readonly host: string;
  readonly relay: string;
  /** T as base64url, for `harp verify --pairing`. */
  readonly transcript: string;
  readonly pairedAt: number;
  readonly lastAskedAt?: number;
  /** Its cards are not shown and wake nobody; they expire. */
  readonly paused: boolean;
  /** `ended`: revoked from the other side, or forgotten by the relay. It can only be removed. */
  readonly state: 'active' | 'ended' | 'removing';
  /** The most that this installation can give to it. */
  readonly assurance: Assurance;
}

export type CardStatus =
  | 'open'
  /** Stored and not yet taken by the relay: being sent, or waiting for a connection. */
  | 'sending'
  | 'queued'
  /** Ended, each with its own sentence. */
  | 'sent'
  | 'late'
  | 'expired'
  | 'withdrawn'
  | 'elsewhere'
  | 'revoked'
  /** The relay refused the answer for good. */
  | 'refused';

export interface Card {
  readonly id: string;
  readonly agent: Agent;
  readonly received: ReceivedQuestion;
  readonly status: CardStatus;
  /** Own decision, once one is stored. */
  readonly decision?: Decision;
  /** What may be offered now: all of them, only `denied`, or nothing. */
  readonly decisions: readonly Decision[];
  /** Why less than all is offered. `passkey_missing`: asked for more than this pairing can give. */
  readonly hindrance?: 'not_understood' | 'clock_behind' | 'passkey_missing' | 'passkey_not_bound';
  /** Whether approving or answering asks for the passkey. */
  readonly needsPasskey: boolean;
  /**
   * What went wrong with the last try, if anything; the card is open all the same. `not_noted`: that the question has
   * come could not be stored; a decision stores that, too.
   */
  readonly problem?: 'passkey_cancelled' | 'passkey_failed' | 'storage_failed' | 'not_noted' | Reason;
  readonly endedAt?: number;
}

export type Pairing =
  | { readonly step: 'refused'; readonly reason: PairingRefusal }
  /** Read, nothing bound. `installFirst`: iOS outside the installed app, whose storage is another one. */
  | { readonly step: 'offered'; readonly relay: string; readonly installFirst: boolean; readonly passkey: PasskeyState }
  | { readonly step: 'joining'; readonly relay: string }
  /** Bound; the agent's hello is not here yet, or did not hold. */
  | { readonly step: 'waiting'; readonly relay: string; readonly until: number }
  /** C holds. `resembles`: an agent whose name equals or looks like this one; then `nameAgent` comes first. */
  | {
      readonly step: 'digits';
      readonly relay: string;
      readonly name: string;
      readonly host: string;
      readonly digits: string;
      readonly resembles?: string;
      readonly until: number;
      readonly confirming: boolean;
      readonly offline: boolean;
    }
  | { readonly step: 'paired'; readonly agentId: string };

export type PairingRefusal =
  | Reason
  | 'known'
  | 'busy'
  | 'relay_unreachable'
  | 'relay_refused'
  | 'wrong_secret'
  | 'already_paired'
  | 'pairing_expired'
  | 'pair_revoked'
  | 'storage_failed'
  | 'passkey_cancelled'
  | 'passkey_failed';

export interface RelayState {
  readonly relay: string;
  /** `nonsense`: it answers what the protocol does not know. */
  readonly connection: 'connecting' | 'connected' | 'offline' | 'draining' | 'nonsense' | 'limited';
  readonly since: number;
  /** Where it has no push, wake-ups cannot work. */
  readonly push: 'unknown' | 'offered' | 'not_offered';
  /** Seconds by which the relay's clock is ahead of the own one, if known. For display only. */
  readonly clockAhead?: number;
}

export type PasskeyState = 'none' | 'synced' | 'bound' | 'impossible';

export interface PastDecision {
  readonly id: string;
  readonly agentName: string;
  readonly action: string;
  readonly decision: Decision;
  readonly decidedAt: number;
  readonly status: CardStatus;
  readonly assurance: Assurance;
}

export interface Phone {
  readonly passkey: PasskeyState;
  /** Why the last try to make one failed. `cancelled`: by the person, or they took too long. */
  readonly passkeyProblem?: 'cancelled' | 'failed';
  readonly wakeUps: {
    readonly permission: 'default' | 'granted' | 'denied' | 'unsupported';
    /** `install_first`: iOS gives push to the installed app only. */
    readonly state: 'on' | 'off' | 'install_first' | 'no_relay' | 'failed';
    readonly lastAt?: number;
  };
  /** Whether the browser has promised to keep the storage. */
  readonly persisted: boolean;
  readonly installed: boolean;
  readonly ios: boolean;
  readonly online: boolean;
  readonly version: string;
}
