import { codeOf, isCombining, isEmojiStyle, isStrange, nameOf } from './characters.js';
import { type Oddity, oddityOf } from './scripts.js';

/** A piece of a text, in its order. Together the runs hold every character of the text. */
export type Run =
  | { readonly kind: 'plain'; readonly text: string }
  /** Letters that are written from right to left. */
  | { readonly kind: 'rtl'; readonly text: string }
  | { readonly kind: 'word'; readonly text: string; readonly oddity: Oddity }
  /** The same invisible character, once or several times in a row. */
  | { readonly kind: 'mark'; readonly character: string; readonly code: string; readonly name: string; count: number };

export interface Runs {
  readonly runs: readonly Run[];
  /** How many characters are shown as marks. */
  readonly hidden: number;
  /** The words that are underlined. */
  readonly odd: readonly Oddity[];
}

export interface Rules {
  /** Whether line ends stand as such. In a heading or a name they are marks. */
  readonly lines: boolean;
}

/** So many accents on one letter are usual, in Vietnamese or Hebrew. */
const USUAL_ACCENTS = 3;
const WORD = /[\p{L}\p{M}\p{N}_]+/gu;
const RTL =
  /^[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}\p{M}]+$/u;
/** Nothing to do, which is most texts. */
const USUAL = /^[\x20-\x7e]*$/;
const USUAL_LINES = /^[\x20-\x7e\n\t]*$/;

export function splitText(text: string, rules: Rules): Runs {
  if ((rules.lines ? USUAL_LINES : USUAL).test(text)) {
    return { runs: text === '' ? [] : [{ kind: 'plain', text }], hidden: 0, odd: [] };
  }
  const splitter = new Splitter(rules);
  for (const character of text) {
    splitter.take(character);
  }
  return splitter.end();
}

class Splitter {
  private readonly rules: Rules;
  private readonly runs: Run[] = [];
  private readonly odd: Oddity[] = [];
  private plain = '';
  private before = '';
  private accents = 0;
  private hidden = 0;

  constructor(rules: Rules) {
    this.rules = rules;
  }

  take(character: string): void {
    const combining = isCombining(character);
    this.accents = combining ? this.accents + 1 : 0;
    const shown =
      isEmojiStyle(character, this.before) ||
      (this.rules.lines && (character === '\n' || character === '\t')) ||
      !(isStrange(character) || this.accents > USUAL_ACCENTS || (combining && this.startsAccents()));
    if (shown) {
      this.plain += character;
    } else {
      this.mark(character);
    }
    this.before = character;
  }

  /** An accent with nothing to stand on would change what the page writes before it. */
  private startsAccents(): boolean {
    return this.plain === '' || this.before === '\n' || this.before === '\t';
  }

  end(): Runs {
    this.flush();
    return { runs: this.runs, hidden: this.hidden, odd: this.odd };
  }

  private mark(character: string): void {
    this.flush();
    this.hidden++;
    const last = this.runs.at(-1);
    if (last?.kind === 'mark' && last.character === character) {
      last.count++;
    } else {
      this.runs.push({ kind: 'mark', character, code: codeOf(character), name: nameOf(character), count: 1 });
    }
  }

  private flush(): void {
    let done = 0;
    for (const match of this.plain.matchAll(WORD)) {
      const [word] = match;
      const oddity = oddityOf(word);
      const rtl = oddity === undefined && RTL.test(word);
      if (oddity !== undefined || rtl) {
        this.push(this.plain.slice(done, match.index));
        this.runs.push(oddity === undefined ? { kind: 'rtl', text: word } : { kind: 'word', text: word, oddity });
        done = match.index + word.length;
      }
      if (oddity !== undefined) {
        this.odd.push(oddity);
      }
    }
    this.push(this.plain.slice(done));
    this.plain = '';
  }

  private push(text: string): void {
    if (text !== '') {
      this.runs.push({ kind: 'plain', text });
    }
  }
}
