import type { JSX } from 'preact';
import type { ReceivedQuestion } from '../../messages/index.js';
import { useNow } from '../context.js';
import { BAR } from '../texts.js';
import { clockWords, share } from '../time.js';

type Times = Pick<ReceivedQuestion, 'issuedAt' | 'expiresAt'>;

/** The thin line that runs out. The words beside it say the same. */
export function TimeLine({ times, severity }: { readonly times: Times; readonly severity: string }): JSX.Element {
  const now = useNow();
  const left = share(times.issuedAt, times.expiresAt, now);
  return (
    <span class={`time-line ${severity}`} aria-hidden="true">
      <span style={{ transform: `scaleX(${left})` }} />
    </span>
  );
}

export function TimeLeft({ times, short = false }: { readonly times: Times; readonly short?: boolean }): JSX.Element {
  const left = times.expiresAt - useNow();
  if (left <= 0) {
    return <span class="time">{BAR.deadline}</span>;
  }
  return <span class="time">{(short ? BAR.leftShort : BAR.left)(clockWords(left))}</span>;
}
