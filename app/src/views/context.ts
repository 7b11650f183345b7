import { createContext } from 'preact';
import { useContext, useEffect, useReducer, useState } from 'preact/hooks';
import type { Approver, Snapshot } from '../approver/approver.js';
import type { Drafts } from './requests/drafts.js';

/** What the views take from outside besides the approver. Tests give a clock that they move. */
export interface Clock {
  /** Unix seconds, with a fraction. */
  now(): number;
  /** Milliseconds of a clock that nobody sets. */
  monotonic(): number;
  /** Calls about every second. The result ends that. */
  eachSecond(listener: () => void): () => void;
}

export const SYSTEM_CLOCK: Clock = {
  now: () => Date.now() / 1_000,
  monotonic: () => performance.now(),
  eachSecond: (listener) => {
    const timer = setInterval(listener, 1_000);
    return () => clearInterval(timer);
  },
};

export interface Surroundings {
  readonly approver: Approver;
  readonly snapshot: Snapshot;
  readonly clock: Clock;
  readonly drafts: Drafts;
  readonly wide: boolean;
}

export const Context = createContext<Surroundings | undefined>(undefined);

export function useApp(): Surroundings {
  const surroundings = useContext(Context);
  if (surroundings === undefined) {
    throw new Error('a view outside of the app');
  }
  return surroundings;
}

export function useSnapshot(approver: Approver): Snapshot {
  const [snapshot, setSnapshot] = useState(approver.snapshot);
  useEffect(() => {
    const update = () => setSnapshot(approver.snapshot);
    update();
    return approver.subscribe(update);
  }, [approver]);
  return snapshot;
}

/** Unix seconds; the component is drawn anew each second. */
export function useNow(): number {
  const { clock } = useApp();
  const [, tick] = useReducer((count: number) => count + 1, 0);
  useEffect(() => clock.eachSecond(() => tick(undefined)), [clock]);
  return clock.now();
}

export function useMedia(query: string): boolean {
  const [matches, setMatches] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const list = matchMedia(query);
    const update = () => setMatches(list.matches);
    update();
    list.addEventListener('change', update);
    return () => list.removeEventListener('change', update);
  }, [query]);
  return matches;
}

/** The relay as people say it: without `https://`, which all have. */
export function hostOf(relay: string): string {
  return relay.replace(/^https:\/\//, '');
}
