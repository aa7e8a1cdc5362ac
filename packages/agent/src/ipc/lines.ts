/** Cuts a stream into lines, and never holds more of it than the longest line may have. */
import { StringDecoder } from 'node:string_decoder';

export class Lines {
  readonly #longest: number;
  readonly #decoder = new StringDecoder('utf8');
  #pieces: string[] = [];
  #held = 0;

  constructor(longest: number) {
    this.#longest = longest;
  }

  /** The lines that are complete now; undefined when a line is too long, after which the stream is of no more use. */
  push(chunk: Buffer): string[] | undefined {
    const parts = this.#decoder.write(chunk).split('\n');
    const lines: string[] = [];
    for (const [index, part] of parts.entries()) {
      this.#held += part.length;
      if (this.#held > this.#longest) return undefined;
      this.#pieces.push(part);
      if (index < parts.length - 1) lines.push(this.#take());
    }
    return lines;
  }

  #take(): string {
    const line = this.#pieces.join('');
    this.#pieces = [];
    this.#held = 0;
    return line;
  }
}
