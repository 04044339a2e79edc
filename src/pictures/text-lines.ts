import { fitText, textWidth } from './fit.ts';

/** What a piece of text means; only colours depend on it. */
export type Tone = 'plain' | 'title' | 'used' | 'free' | 'taken' | 'faint' | 'owner';

/** A piece of a line. */
export type Span = readonly [text: string, tone: Tone];

/** The properties of a terminal that a picture depends on. */
export interface TextOptions {
  /** Columns; default 80. Narrower than 40 is treated as 40. */
  readonly width?: number | undefined;
  /** ANSI colours; default no. */
  readonly color?: boolean | undefined;
  /** Bars and lines in ASCII only, for terminals that show no other characters; default no. */
  readonly ascii?: boolean | undefined;
}

/** SGR parameters. The colours are those of the terminal's palette, because its user chose a legible one. */
const COLORS: Readonly<Record<Tone, string | undefined>> = {
  plain: undefined,
  title: '1',
  used: '36',
  free: '32',
  taken: '2',
  faint: '2',
  owner: '35',
};

const ESCAPE = '\u{1b}[';

/** Collects lines that are never wider than the terminal. */
export class TextLines {
  readonly width: number;
  readonly ascii: boolean;
  readonly #color: boolean;
  readonly #lines: string[] = [];

  constructor({ width = 80, color = false, ascii = false }: TextOptions) {
    this.width = Math.max(40, Math.floor(width));
    this.ascii = ascii;
    this.#color = color;
  }

  toString(): string {
    return this.#lines.map((line) => `${line}\n`).join('');
  }

  /** One line; what does not fit is cut. */
  line(...spans: readonly Span[]): void {
    let left = this.width;
    const shown = spans.map(([text, tone]): Span => {
      const cut = this.fit(text, left);
      left -= textWidth(cut);
      return [cut, tone];
    });
    const last = shown.findLastIndex(([text]) => text.trim() !== '');
    this.#lines.push(
      shown
        .slice(0, last + 1)
        .map(([text, tone], index) => this.#paint(index === last ? text.trimEnd() : text, tone))
        .join(''),
    );
  }

  /**
   * Items one after the other, on as many lines as they need. An item is cut only when it is wider than a line.
   *
   * @param lead stands before the first item; the next lines are indented by its width
   */
  flow(lead: readonly Span[], items: readonly Span[], separator = '  '): void {
    const indent = lead.reduce((sum, [text]) => sum + textWidth(text), 0);
    let row: Span[] = [...lead];
    let used = indent;
    let isFirst = true;
    for (const [index, [raw, tone]] of items.entries()) {
      const isLast = index === items.length - 1;
      const tail = isLast ? '' : separator;
      const item = this.fit(raw, this.width - indent - textWidth(tail.trimEnd()));
      const width = textWidth(item) + textWidth(tail.trimEnd());
      if (!isFirst && used + width > this.width) {
        this.line(...row);
        row = [[' '.repeat(indent), 'plain']];
        used = indent;
      }
      row.push([item, tone], [tail, 'plain']);
      used += textWidth(item) + textWidth(tail);
      isFirst = false;
    }
    this.line(...row);
  }

  /** The text as a terminal can show it, cut with an ellipsis where it is too wide. */
  fit(text: string, columns: number): string {
    return fitText(text, columns, this.ascii ? '...' : '…');
  }

  #paint(text: string, tone: Tone): string {
    const color = COLORS[tone];
    if (!this.#color || color === undefined || text.trim() === '') return text;
    return `${ESCAPE}${color}m${text}${ESCAPE}0m`;
  }
}
