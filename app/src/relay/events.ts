import { createParser } from 'eventsource-parser';
import { type Item, readCursor, readItem, readMembers } from './answers.js';

/** What a stream or a poll tells, in order. */
export type FeedEvent =
  | { readonly kind: 'item'; readonly item: Item }
  /** What the relay knows is told anew; see `current`. */
  | { readonly kind: 'reset' }
  /** Everything up to the present is told. What was not told since a reset is not open any more. */
  | { readonly kind: 'current' };

/** The longest event: a ciphertext of 65,536 characters, and what stands around it. */
const MOST = 131_072;

/**
 * Reads the stream to its end.
 *
 * @param onBytes called whenever something came, heartbeats too
 * @param onEvent with the id to resume after, if the event has one. Nothing is read until it has resolved: what a
 *     relay sends faster than that waits in the connection
 * @returns whether all of it was understood
 */
export async function readEvents(
  body: ReadableStream<Uint8Array>,
  onBytes: () => void,
  onEvent: (event: FeedEvent, id: string | undefined) => Promise<void>,
): Promise<boolean> {
  let understood = true;
  let events: { readonly event: FeedEvent; readonly id: string | undefined }[] = [];
  const parser = createParser({
    maxBufferSize: MOST,
    onEvent: ({ event, id, data }) => {
      const read = understood ? readEvent(event, data) : undefined;
      if (read === 'unknown') {
        return;
      }
      const cursor = readCursor(id);
      if (read === undefined || (id !== undefined && cursor === undefined)) {
        understood = false;
      } else if (read !== 'dropped') {
        events.push({ event: read, id: cursor });
      }
    },
    onError: (error) => {
      understood &&= error.type !== 'max-buffer-size-exceeded';
    },
  });
  const decoder = new TextDecoder();
  const reader = body.getReader();
  while (understood) {
    const { done, value } = await reader.read();
    if (done) {
      return true;
    }
    onBytes();
    events = [];
    parser.feed(decoder.decode(value, { stream: true }));
    for (const { event, id } of events) {
      await onEvent(event, id);
    }
  }
  await reader.cancel();
  return false;
}

function readEvent(name: string | undefined, data: string): FeedEvent | 'dropped' | 'unknown' | undefined {
  switch (name) {
    case 'request': {
      const item = readItem(readMembers(data));
      return item === undefined || item === 'dropped' ? item : { kind: 'item', item };
    }
    case 'reset':
    case 'current':
      return { kind: name };
    default:
      return 'unknown';
  }
}
