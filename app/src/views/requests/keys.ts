import { useEffect, useRef, useState } from 'preact/hooks';

/** Milliseconds after which the first press of a decision's key is forgotten. */
const FORGET = 5_000;

/** Whether the key goes into a text, or belongs to a shortcut of the browser's. */
function isTyping(event: KeyboardEvent): boolean {
  const { target } = event;
  const types = target instanceof Element && target.closest('textarea, select, input, dialog') !== null;
  return types || event.ctrlKey || event.metaKey || event.altKey || event.isComposing;
}

/**
 * The keys of decisions, each to be pressed twice; one that is held down counts once. `counts` says whether the key may
 * be pressed now. The result is the key that waits for its second press.
 */
export function useTwice(
  keys: Readonly<Record<string, () => void>>,
  counts: () => boolean,
  reset: string,
): string | undefined {
  const [first, setFirst] = useState<string | undefined>(undefined);
  const latest = useRef({ keys, counts, first });
  latest.current = { keys, counts, first };
  // Something else is shown, so the first press meant nothing.
  useEffect(() => setFirst(undefined), [reset]);
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const key = event.key.toLowerCase();
      if (event.repeat || isTyping(event)) {
        return;
      }
      const { keys: known, counts: mayCount, first: before } = latest.current;
      const act = Object.hasOwn(known, key) ? known[key] : undefined;
      if (act === undefined || !mayCount()) {
        setFirst(undefined);
        return;
      }
      event.preventDefault();
      if (before === key) {
        setFirst(undefined);
        act();
      } else {
        setFirst(key);
      }
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
  useEffect(() => {
    if (first === undefined) {
      return undefined;
    }
    const timer = setTimeout(() => setFirst(undefined), FORGET);
    return () => clearTimeout(timer);
  }, [first]);
  return first;
}

/** Up and down through the links of a list, Escape back. */
export function useListKeys(onEscape: (() => void) | undefined): void {
  const back = useRef(onEscape);
  back.current = onEscape;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (isTyping(event) || event.defaultPrevented) {
        return;
      }
      if (event.key === 'Escape' && back.current !== undefined) {
        event.preventDefault();
        back.current();
        return;
      }
      const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
      const inText = event.target instanceof Element && event.target.closest('.detail, .question') !== null;
      if (step !== 0 && !inText && moveFocus(step)) {
        event.preventDefault();
      }
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
}

function moveFocus(step: number): boolean {
  const links = [...document.querySelectorAll<HTMLElement>('.cards a')];
  const at = links.indexOf(document.activeElement as HTMLElement);
  const next = at < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, at + step));
  links[next]?.focus();
  return links.length > 0;
}
