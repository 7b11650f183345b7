import type { Bytes } from '../messages/bytes.js';
import { decide } from '../messages/state.js';

/**
 * What the installation keeps. Values are JSON, sealed; the names of records stand in the clear. Every change is one
 * transaction with strict durability. The approver knows this interface only, and its tests use one of their own.
 */
export interface Store {
  readAll<T>(table: Table): Promise<ReadonlyMap<string, T>>;
  read<T>(table: Table, key: string): Promise<T | undefined>;
  write(...writes: readonly Write[]): Promise<void>;
  /**
   * Inserts a decision, and makes the other writes with it, if the request has none. Otherwise nothing is written, and
   * the result is what is stored; `refused`, if that is for another question: docs/messages.md, 9.4.
   */
  decide(fresh: DecisionRow, ...writes: readonly Write[]): Promise<DecisionRow | 'refused'>;
  decision(agentId: string, requestId: string): Promise<DecisionRow | undefined>;
  /** The decisions that no relay has taken or refused yet. */
  unsent(): Promise<readonly DecisionRow[]>;
  /** Changes what is known of a decision that is stored, and makes the other writes with it. */
  settle(row: DecisionRow, ...writes: readonly Write[]): Promise<void>;
  /** Removes the decisions of an agent, or those that the filter names. */
  forget(agentId: string, filter: (requestId: string, expiresAt: number) => boolean): Promise<void>;
}

export const TABLES = ['settings', 'devices', 'pairings', 'marks', 'joins', 'removals', 'past', 'pastBodies'] as const;
export type Table = (typeof TABLES)[number];

/** Without a value the record is deleted. */
export interface Write {
  readonly table: Table;
  readonly key: string;
  readonly value?: object;
}

export interface DecisionRow {
  readonly agentId: string;
  readonly requestId: string;
  readonly digest: Bytes;
  readonly expiresAt: number;
  readonly unsent: boolean;
  /** What is sealed. */
  readonly value: StoredDecision;
}

export interface StoredDecision {
  readonly response: { readonly nonce: string; readonly ciphertext: string };
  readonly decision: string;
  readonly status: string;
}

/** What happens with a decision, by the digests only: a transaction cannot wait for the sealed part. */
export function outcome<R extends { readonly digest: Bytes }>(stored: R | undefined, fresh: R): R | 'refused' {
  const result = decide(stored, fresh);
  return 'refused' in result ? 'refused' : 'insert' in result ? result.insert : result.existing;
}
