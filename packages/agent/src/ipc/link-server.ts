/** The enforcer's socket for link: one link at a time, root or the link user. */
import { isAnswered } from './line-socket.ts';
import type { LineSocket } from './line-socket.ts';
import { decodeToEnforcer, maxLinkLine } from './link-messages.ts';
import type { ToEnforcer, ToLink } from './link-messages.ts';
import { SocketServer } from './socket-server.ts';

export interface LinkServerOptions {
  readonly path: string;
  /** Group of link; undefined when we are not root, and link is the same user. */
  readonly group: number | undefined;
  readonly opened: () => void;
  readonly received: (message: ToEnforcer) => void;
  /** Link sent something that is no message; its connection is closed. */
  readonly misbehaved: (message: string) => void;
}

export class LinkServer {
  readonly #options: LinkServerOptions;
  readonly #server: SocketServer;
  #link: LineSocket | undefined;

  constructor(options: LinkServerOptions) {
    const { path, group } = options;
    this.#options = options;
    this.#server = new SocketServer({ path, group, connected: (link) => this.#accept(link) });
  }

  /** Throws when another enforcer runs: two would fight over the tables. */
  async open(): Promise<void> {
    const { path } = this.#options;
    if (await isAnswered(path))
      throw new Error(`Another enforcer answers at ${path}. Stop it first: systemctl stop cordon-enforcer`);
    await this.#server.open();
  }

  send(message: ToLink): void {
    this.#link?.send(message);
  }

  close(): void {
    this.#server.close();
  }

  /** A new link replaces the old one, which may be hanging. */
  #accept(link: LineSocket): void {
    this.#link?.close();
    this.#link = link;
    const { opened, received, misbehaved } = this.#options;
    link.listen({
      maxLength: maxLinkLine,
      received: (line) => {
        const message = decodeToEnforcer(line);
        if (message) received(message);
        return message !== undefined;
      },
      misbehaved: (why) =>
        misbehaved(
          why === 'too-long'
            ? `A line longer than ${maxLinkLine} characters came from link.`
            : 'A line that is no known message came from link.',
        ),
      closed: () => {
        if (this.#link === link) this.#link = undefined;
      },
    });
    opened();
  }
}
