import type { RefObject } from 'preact';
import { useCallback, useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { useApp } from '../context.js';

/** Milliseconds in which a tap after a change was meant for what stood there before. */
export const GUARD = 700;

/**
 * Whether a tap counts: not while what is tapped has just appeared or moved. It begins anew when `key` changes, when
 * the size of the window or of the element changes, and when the page comes to the foreground.
 */
export function useGuard(key: string, element?: RefObject<HTMLElement | null>): () => boolean {
  const { clock } = useApp();
  const since = useRef(Number.POSITIVE_INFINITY);
  const arm = useCallback(() => {
    since.current = clock.monotonic();
  }, [clock]);
  // The key says that something else is shown.
  useLayoutEffect(arm, [arm, key]);
  useEffect(() => {
    // The first call tells the size that the element has at first.
    let height: number | undefined;
    const size = new ResizeObserver(([entry]) => {
      const next = entry?.target.clientHeight;
      if (height !== undefined && height !== next) {
        arm();
      }
      height = next;
    });
    const watched = element?.current ?? null;
    if (watched !== null) {
      size.observe(watched);
    }
    addEventListener('resize', arm);
    document.addEventListener('visibilitychange', arm);
    return () => {
      size.disconnect();
      removeEventListener('resize', arm);
      document.removeEventListener('visibilitychange', arm);
    };
  }, [arm, element]);
  return useCallback(() => clock.monotonic() - since.current >= GUARD, [clock]);
}
