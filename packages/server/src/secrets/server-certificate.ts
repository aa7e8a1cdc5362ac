/** The certificate that this node shows, which may be renewed while the node runs. */
import { errnoText } from '@cordon/protocol/errno-text';
import { loadCertificate } from './certificate.ts';
import type { Certificate, CertificateFiles } from './certificate.ts';

export class ServerCertificate {
  readonly #files: CertificateFiles;
  readonly #trusted: () => readonly string[];
  readonly #log: (problem: string) => void;
  readonly #changed = new Set<(certificate: Certificate) => void>();
  #now: Certificate;
  #problem: string | undefined;

  /** `trusted`: pins of the keys that agents trust. */
  constructor(
    first: Certificate,
    {
      files,
      trusted,
      log,
    }: { files: CertificateFiles; trusted: () => readonly string[]; log: (problem: string) => void },
  ) {
    this.#now = first;
    this.#files = files;
    this.#trusted = trusted;
    this.#log = log;
  }

  get now(): Certificate {
    return this.#now;
  }

  /** Calls `use` with each later certificate. */
  onChange(use: (certificate: Certificate) => void): void {
    this.#changed.add(use);
  }

  /**
   * Takes what is in the files now. A pair that does not match, or a key that no agent trusts, is not taken: the present
   * certificate stays, and the reason is logged once.
   */
  async reload(): Promise<void> {
    const problem = await this.#take();
    if (problem !== undefined && problem !== this.#problem) this.#log(problem);
    this.#problem = problem;
  }

  async #take(): Promise<string | undefined> {
    let read: Certificate;
    try {
      read = await loadCertificate(this.#files);
    } catch (error) {
      return `The certificate ${this.#files.certificate} cannot be used; the one before stays: ${errnoText(error)}`;
    }
    if (read.certificate === this.#now.certificate && read.key === this.#now.key) return undefined;
    if (!this.#trusted().includes(read.publicKeyPin)) return unknownKey(read, this.#files.certificate);
    this.#now = read;
    for (const use of this.#changed) use(read);
    return undefined;
  }
}

function unknownKey({ publicKeyPin }: Certificate, file: string): string {
  return (
    `The certificate ${file} has the public key sha256//${publicKeyPin}, which no agent trusts; the one before stays. ` +
    `Announce the key, and replace the files when every agent has it: cordon-server renew-certificate --announce ${file}`
  );
}
