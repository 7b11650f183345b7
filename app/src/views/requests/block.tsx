import type { ComponentChildren, JSX } from 'preact';
import { useId, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { Label } from '../parts.js';
import { Strange, StrangeCode } from '../strange.js';
import { splitDiff } from '../text/diff.js';
import { REQUEST } from '../texts.js';
import { useEndMark } from './reading.js';

type Format = 'text' | 'code' | 'diff';

interface BlockProps {
  readonly label: string;
  readonly format: Format;
  readonly text: string;
}

/** A text of the question, complete. What is long has a scroller of its own, whose end has to be seen. */
export function Block({ label, format, text }: BlockProps): JSX.Element {
  const heading = useId();
  return (
    <section class="block">
      <Label id={heading}>
        <BlockLabel label={label} format={format} text={text} />
      </Label>
      <Scroller labelledBy={heading} label={label} format={format}>
        {text === '' ? <span class="soft">{REQUEST.empty}</span> : <Content format={format} text={text} />}
      </Scroller>
    </section>
  );
}

function BlockLabel({ label, format, text }: BlockProps): JSX.Element {
  const lines = useMemo(() => text.split('\n').length, [text]);
  const size = format === 'diff' ? REQUEST.diff(lines) : REQUEST.code([...text].length);
  return (
    <>
      <Strange text={label} />
      <span> {size}</span>
    </>
  );
}

function Content({ format, text }: { readonly format: Format; readonly text: string }): JSX.Element {
  switch (format) {
    case 'diff':
      return <Diff text={text} />;
    case 'code':
      return <StrangeCode text={text} />;
    case 'text':
      return <Strange text={text} lines />;
  }
}

const SPOKEN = { added: REQUEST.added, removed: REQUEST.removed, same: '', hunk: '', file: '' } as const;

function Diff({ text }: { readonly text: string }): JSX.Element {
  const lines = useMemo(() => splitDiff(text), [text]);
  return (
    <div class="diff">
      {lines.map(({ kind, text: line }, i) => (
        <div key={i} class={`line ${kind}`}>
          {SPOKEN[kind] !== '' && <span class="unseen">{SPOKEN[kind]}</span>}
          <StrangeCode text={line} lines={false} />
        </div>
      ))}
    </div>
  );
}

function Scroller(props: {
  readonly labelledBy: string;
  readonly label: string;
  readonly format: Format;
  readonly children: ComponentChildren;
}): JSX.Element {
  const element = useRef<HTMLDivElement>(null);
  const end = useEndMark(props.label);
  const scrolls = useScrolls(element);
  // A scroller that the keyboard cannot reach could not be read by everybody.
  const reachable = scrolls && ({ tabIndex: 0, role: 'region', 'aria-labelledby': props.labelledBy } as const);
  return (
    <>
      <div ref={element} class={`scroller ${props.format}`} {...reachable}>
        {props.children}
        <span ref={end} class="end-mark" aria-hidden="true" />
      </div>
      {scrolls && <p class="hint">{REQUEST.scrolls}</p>}
    </>
  );
}

function useScrolls(element: { readonly current: HTMLElement | null }): boolean {
  const [scrolls, setScrolls] = useState(false);
  // Before the first paint: what appears a frame later moves what is under the finger.
  useLayoutEffect(() => {
    const measured = element.current;
    if (measured === null) {
      return undefined;
    }
    const measure = () => setScrolls(measured.scrollHeight > measured.clientHeight + 1);
    measure();
    const size = new ResizeObserver(measure);
    size.observe(measured);
    return () => size.disconnect();
  }, [element]);
  return scrolls;
}
