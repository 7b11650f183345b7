import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { type Run, type Runs, splitText } from './text/runs.js';
import { TEXT } from './texts.js';

interface StrangeProps {
  readonly text: string;
  /** Whether line ends stand as such. */
  readonly lines?: boolean;
}

/** Somebody else's text, isolated from what stands around it, and with what is hidden made visible. */
export function Strange({ text, lines = false }: StrangeProps): JSX.Element {
  const { runs } = useMemo(() => splitText(text, { lines }), [text, lines]);
  return (
    <bdi class={lines ? 'strange lines' : 'strange'} dir="auto">
      {runs.map(drawRun)}
    </bdi>
  );
}

/** The same for code: always from left to right, right-to-left words each for themselves. */
export function StrangeCode({ text, lines = true }: StrangeProps): JSX.Element {
  const { runs } = useMemo(() => splitText(text, { lines }), [text, lines]);
  return (
    <code class="strange mono lines" dir="ltr">
      {runs.map(drawRun)}
    </code>
  );
}

function drawRun(run: Run): JSX.Element | string {
  switch (run.kind) {
    case 'plain':
      return run.text;
    case 'rtl':
      return <span class="rtl">{run.text}</span>;
    case 'word':
      return (
        <span class="odd" title={TEXT.odd(run.oddity)}>
          {run.text}
        </span>
      );
    case 'mark':
      return (
        <>
          <wbr />
          <span class="mark" title={run.name}>
            {run.count === 1 ? run.code : `${run.code} ×${run.count}`}
            <span class="unseen"> ({run.name}) </span>
          </span>
          <wbr />
        </>
      );
  }
}

/** Says how much in these texts is hidden or looks like something else. Nothing if all is usual. */
export function StrangeNote({ texts }: { readonly texts: readonly string[] }): JSX.Element | null {
  const { hidden, odd } = useMemo(() => sum(texts.map((text) => splitText(text, { lines: true }))), [texts]);
  const [first] = odd;
  if (hidden === 0 && first === undefined) {
    return null;
  }
  return (
    <p class="note strange-note">
      {hidden > 0 && <span>{TEXT.hidden(hidden)} </span>}
      {first !== undefined && <span>{TEXT.oddNote(odd.length, TEXT.odd(first))}</span>}
    </p>
  );
}

function sum(all: readonly Runs[]): Pick<Runs, 'hidden' | 'odd'> {
  return { hidden: all.reduce((total, runs) => total + runs.hidden, 0), odd: all.flatMap((runs) => runs.odd) };
}
