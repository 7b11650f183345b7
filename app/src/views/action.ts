import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

export interface Action {
  readonly busy: boolean;
  /** The last try threw something that the snapshot does not tell. */
  readonly failed: boolean;
  /** Does nothing while another try runs. */
  run(work: () => Promise<unknown>): void;
}

/** One thing at a time that takes a while, and whose failure is told. */
export function useAction(): Action {
  const [state, setState] = useState({ busy: false, failed: false });
  const running = useRef(false);
  const mounted = useRef(true);
  useEffect(() => {
    mounted.current = true;
    return () => {
      mounted.current = false;
    };
  }, []);
  const run = useCallback((work: () => Promise<unknown>) => {
    if (running.current) {
      return;
    }
    running.current = true;
    setState({ busy: true, failed: false });
    const end = (failed: boolean) => {
      running.current = false;
      if (mounted.current) {
        setState({ busy: false, failed });
      }
    };
    work().then(
      () => end(false),
      (error: unknown) => {
        console.error(error);
        end(true);
      },
    );
  }, []);
  return { ...state, run };
}
