import type { Entries } from '../form.js';

/** What a person has entered for a card and not sent. Kept while the app runs, so that no redraw loses it. */
export interface Draft {
  readonly entries: Entries;
  readonly reason: string;
  /** The id of the chosen rule. */
  readonly rule?: string;
}

export type Drafts = Map<string, Draft>;

export const NO_DRAFT: Draft = { entries: {}, reason: '' };
