/** Isolation profiles: named lists of exceptions. Without one, only the servers stay reachable. */
import { formatAddress, parseCidr } from '@cordon/protocol/addresses';
import { counter } from '../database/named-values.ts';
import type { Exception } from '@cordon/protocol/channel';
import type { Profile, ProfileBody } from '@cordon/protocol/console';
import type { Actor, Audit } from '../audit/audit.ts';
import type { Database, Queries } from '../database/database.ts';
import { fromJson, toJson } from '../database/json.ts';
import type { Publish } from '../events/events.ts';
import { ConsoleRefusal } from '../http/console-refusal.ts';
import { allProfiles, deleteProfile, putProfile } from './queries.ts';

export interface ProfilesDeps {
  readonly database: Database;
  readonly audit: Audit;
  readonly now: () => number;
  /** Gives the agents isolated under this profile a new epoch, in the same transaction. */
  readonly renewDesired: (tx: Queries, profile: string, now: number) => Promise<number[]>;
  readonly publish: Publish;
}

/** What a desired state takes from a profile. */
export interface Openings {
  readonly exceptions: readonly Exception[];
  readonly dhcp: boolean;
}

export class Profiles {
  readonly #deps: ProfilesDeps;
  #known = new Map<string, Profile>();
  #version = -1;

  constructor(deps: ProfilesDeps) {
    this.#deps = deps;
  }

  /** Reloads the profiles if any has changed, here or on another node. */
  async refresh(): Promise<void> {
    const version = await counter(this.#deps.database.read, 'profiles');
    if (version === this.#version) return;
    const rows = await allProfiles(this.#deps.database.read);
    this.#known = new Map(
      rows.map((row) => {
        const exceptions = fromJson(row.exceptions);
        return [row.name, { name: row.name, exceptions, dhcp: row.dhcp === 1, changedAt: row.changed_at }];
      }),
    );
    this.#version = version;
  }

  list(): Profile[] {
    return [...this.#known.values()];
  }

  exists(name: string): boolean {
    return this.#known.has(name);
  }

  /** The exceptions of a profile; empty without a profile, and for one that was removed since. */
  openings(name: string | null): Openings {
    return (name === null ? undefined : this.#known.get(name)) ?? { exceptions: [], dhcp: false };
  }

  /** Adds or replaces a profile; endpoints isolated under it get the change at once. */
  async put(actor: Actor, name: string, body: ProfileBody): Promise<void> {
    if (!/^[a-z0-9][a-z0-9_-]{0,63}$/i.test(name)) {
      throw new ConsoleRefusal(
        400,
        'name-invalid',
        'A profile name has letters, digits, "-" and "_", and at most 64 characters.',
      );
    }
    const exceptions = body.exceptions.map(parsedException);
    await this.#write(actor, name, { act: 'put-profile', detail: JSON.stringify(body) }, (tx, now) =>
      putProfile(tx, {
        name,
        exceptions: toJson(exceptions),
        dhcp: body.dhcp === true ? 1 : 0,
        changed_at: now,
      }),
    );
  }

  /** Removes a profile; endpoints isolated under it can then reach only the servers. */
  async remove(actor: Actor, name: string): Promise<void> {
    await this.#write(actor, name, { act: 'remove-profile', detail: '' }, async (tx) => {
      if (!(await deleteProfile(tx, name)))
        throw new ConsoleRefusal(404, 'profile-unknown', `There is no profile "${name}".`);
    });
  }

  async #write(
    actor: Actor,
    name: string,
    what: { act: string; detail: string },
    change: (tx: Queries, now: number) => Promise<void>,
  ): Promise<void> {
    const now = this.#deps.now();
    const numbers = await this.#deps.database.write(async (tx) => {
      await change(tx, now);
      const isolated = await this.#deps.renewDesired(tx, name, now);
      await this.#deps.audit.record(tx, actor, { ...what, target: `profile ${name}`, outcome: 'done' });
      return isolated;
    });
    await this.refresh();
    this.#deps.database.notify('profiles');
    this.#deps.publish({ kind: 'desired-renewed', agents: numbers });
  }
}

function parsedException(given: Exception): Exception {
  const cidr = parseCidr(given.network.trim());
  const network = cidr && `${formatAddress(cidr.address)}/${cidr.prefix}`;
  if (network === undefined) {
    throw new ConsoleRefusal(
      400,
      'network-invalid',
      `"${given.network}" is not an address or network. Use 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32.`,
    );
  }
  if (given.ports !== null && given.ports.first > given.ports.last) {
    throw new ConsoleRefusal(
      400,
      'ports-invalid',
      `Ports ${given.ports.first}-${given.ports.last}: the first must not be larger than the last.`,
    );
  }
  return { ...given, network };
}
