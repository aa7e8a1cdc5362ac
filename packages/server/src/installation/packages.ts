/** The packages that this server offers: the ones its release names, and nothing else that lies in the folder. */
import { createReadStream } from 'node:fs';
import type { ReadStream } from 'node:fs';
import { open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** About 40 names of 150 bytes; anything much larger is not ours. */
const maxListBytes = 65_536;
/** Of each SHA256SUMS line: what sha256sum(1) writes for a file with a plain name. */
const listed = /^([0-9a-f]{64}) {2}([A-Za-z0-9][A-Za-z0-9.+_~-]{0,199})$/;

export interface OfferedPackage {
  readonly name: string;
  /** SHA-256, lower-case hex. */
  readonly digest: string;
}

export class Packages {
  readonly #folder: string;

  /** The folder may be missing or empty: then nothing is offered. It is read again at each request. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** As SHA256SUMS of the release lists them. Throws when that is there and cannot be read. */
  async list(): Promise<readonly OfferedPackage[]> {
    let text: string;
    try {
      text = await readFile(join(this.#folder, 'SHA256SUMS'), 'utf8');
    } catch (error) {
      if (Object(error).code === 'ENOENT' || Object(error).code === 'ENOTDIR') return [];
      throw error;
    }
    if (text.length > maxListBytes)
      throw new Error(`SHA256SUMS in ${this.#folder} has more than ${maxListBytes} bytes.`);
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => {
        const [, digest, name] = listed.exec(line) ?? [];
        if (digest === undefined || name === undefined) {
          throw new Error(`SHA256SUMS in ${this.#folder} has a line that is no digest and name: ${line.slice(0, 80)}`);
        }
        return { name, digest };
      });
  }

  /** Undefined for a name that is not listed, or whose file is gone. */
  async open(name: string): Promise<{ bytes: number; content: ReadStream } | undefined> {
    const offered = (await this.list()).some((one) => one.name === name);
    if (!offered) return undefined;
    try {
      const { size } = await stat(join(this.#folder, name));
      const file = await open(join(this.#folder, name), 'r');
      return { bytes: size, content: createReadStream('', { fd: file, end: size - 1 }) };
    } catch (error) {
      if (Object(error).code === 'ENOENT') return undefined;
      throw error;
    }
  }
}
