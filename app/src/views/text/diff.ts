/** A line of a unified diff. The text keeps its sign: nothing is taken away. */
export interface DiffLine {
  readonly kind: 'same' | 'added' | 'removed' | 'hunk' | 'file';
  readonly text: string;
}

const HUNK = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/;

/**
 * The lines of a diff. Inside a hunk, whose header counts its lines, the sign alone decides: a removed line `-- x` is
 * not taken for the name of a file. Where there is no header, each line with a sign counts as a change.
 */
export function splitDiff(text: string): readonly DiffLine[] {
  const lines = text.split('\n');
  const result: DiffLine[] = [];
  let removed = 0;
  let added = 0;
  lines.forEach((line, i) => {
    const inside = removed > 0 || added > 0;
    const hunk = inside ? null : HUNK.exec(line);
    if (hunk !== null) {
      removed = Number(hunk[1] ?? 1);
      added = Number(hunk[2] ?? 1);
      result.push({ kind: 'hunk', text: line });
      return;
    }
    const kind = !inside && isFileName(lines, i) ? 'file' : kindOf(line);
    if (inside && !line.startsWith('\\')) {
      removed -= kind === 'added' ? 0 : 1;
      added -= kind === 'removed' ? 0 : 1;
    }
    result.push({ kind, text: line });
  });
  return result;
}

function isFileName(lines: readonly string[], i: number): boolean {
  const isPair = (first: string | undefined, second: string | undefined) =>
    first?.startsWith('--- ') === true && second?.startsWith('+++ ') === true;
  return isPair(lines[i], lines[i + 1]) || isPair(lines[i - 1], lines[i]);
}

function kindOf(line: string): DiffLine['kind'] {
  if (line.startsWith('+')) {
    return 'added';
  }
  return line.startsWith('-') ? 'removed' : 'same';
}
