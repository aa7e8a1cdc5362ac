/** Opens the installation room. */
import type { Base } from '../base.ts';
import type { Room } from '../room.ts';
import type { Servers } from '../servers/servers.ts';
import { installLine } from './install-script.ts';
import type { InstallScriptFacts } from './install-script.ts';
import { Packages } from './packages.ts';
import { installationRoutes } from './routes.ts';

export interface Installation {
  /** What a person types at an endpoint; null when this server offers no package of the agent. */
  readonly line: (token: string) => Promise<string | null>;
}

export interface InstallationRoom extends Room {
  readonly installation: Installation;
}

export function openInstallation({ config, pins }: Base, servers: Servers): InstallationRoom {
  const facts = (): InstallScriptFacts => ({
    gateways: [...config.advertise, ...servers.otherGateways()],
    publicKeyPins: pins.all,
  });
  const packages = new Packages(config.packages);
  const offered = async (): Promise<boolean> => {
    try {
      return (await packages.list()).some(({ name }) => name.startsWith('cordon-agent'));
    } catch {
      return false; // /packages/SHA256SUMS answers with the fault; a token is of use without it.
    }
  };
  return {
    installation: { line: async (token) => ((await offered()) ? installLine(facts(), token) : null) },
    routes: { gateway: (scope) => installationRoutes(scope, { packages, facts }) },
  };
}
