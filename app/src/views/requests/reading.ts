import type { RefObject } from 'preact';
import { createContext } from 'preact';
import { useContext, useEffect, useMemo, useRef, useState } from 'preact/hooks';

/**
 * Whether a text was read to its end: each scroller has a mark at its end, and each mark has to be in view once. The
 * browser decides that, so it holds for wheel, finger, keyboard and screen reader alike.
 */
export class Reading {
  private readonly marks = new Map<Element, string>();
  private readonly observer: IntersectionObserver;
  private readonly changed: () => void;

  constructor(changed: () => void) {
    this.changed = changed;
    this.observer = new IntersectionObserver((entries) => {
      const seen = entries.filter(({ isIntersecting }) => isIntersecting);
      for (const { target } of seen) {
        this.remove(target);
      }
      if (seen.length > 0) {
        this.changed();
      }
    });
  }

  add(mark: Element, label: string): void {
    this.marks.set(mark, label);
    this.observer.observe(mark);
  }

  remove(mark: Element): void {
    this.marks.delete(mark);
    this.observer.unobserve(mark);
  }

  /** The labels of what is not read yet. */
  get open(): readonly string[] {
    return [...this.marks.values()];
  }

  end(): void {
    this.observer.disconnect();
  }
}

export const ReadingContext = createContext<Reading | undefined>(undefined);

/** A reading for as long as the component lives. `open`: labels of what is not read; `undefined` before the first. */
export function useReading(): { readonly reading: Reading; readonly open: readonly string[] | undefined } {
  const [open, setOpen] = useState<readonly string[] | undefined>(undefined);
  const reading = useMemo(() => {
    const created: Reading = new Reading(() => setOpen(created.open));
    return created;
  }, []);
  useEffect(() => () => reading.end(), [reading]);
  return { reading, open };
}

/** For the element at the end of a scroller. */
export function useEndMark(label: string): RefObject<HTMLElement | null> {
  const mark = useRef<HTMLElement>(null);
  const reading = useContext(ReadingContext);
  useEffect(() => {
    const element = mark.current;
    if (element === null || reading === undefined) {
      return undefined;
    }
    reading.add(element, label);
    return () => reading.remove(element);
  }, [reading, label]);
  return mark;
}
