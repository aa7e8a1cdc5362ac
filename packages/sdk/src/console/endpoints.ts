/** Endpoints: agents with what the Automation API does not include, their groups, and the tokens they enrol with. */
import { consolePaths } from '@cordon/protocol/console/paths';
import type {
  AddEnrolmentToken,
  AgentDetails,
  AgentPage,
  BreakGlassCodes,
  Group,
  GroupBody,
  ListedEndpoint,
  NewEnrolmentToken,
} from '@cordon/protocol/console';
import { ConsolePart, within } from './console-api.ts';

export interface AgentFilter {
  readonly search?: string | undefined;
  readonly isolation?: ListedEndpoint['isolation'] | undefined;
  readonly online?: boolean | undefined;
  readonly offset?: number | undefined;
  readonly limit?: number | undefined;
}

/** Agents, with what the Automation API does not include. */
export class ConsoleAgents extends ConsolePart {
  /** In the order of the host names. */
  async list(filter: AgentFilter = {}): Promise<AgentPage> {
    return this.load((all) => all.agentPageShape, consolePaths.agents, filter);
  }

  async get(entityId: string): Promise<AgentDetails> {
    return this.load((all) => all.agentDetailsShape, within(consolePaths.agents, entityId));
  }

  /** A protected agent is isolated only when a second person approves. */
  async protect(entityId: string, isProtected: boolean): Promise<void> {
    await this.send('PATCH', within(consolePaths.agents, entityId), { protected: isProtected });
  }

  /** Moves an agent to a group; the group's settings reach it at once. */
  async moveToGroup(entityId: string, group: string): Promise<void> {
    await this.send('PATCH', within(consolePaths.agents, entityId), { group });
  }

  /** Forgets an agent that will not come back; nothing is sent to its endpoint. */
  async remove(entityId: string): Promise<void> {
    await this.send('DELETE', within(consolePaths.agents, entityId));
  }

  /** The code that ends the present isolation, typed at the endpoint. The audit records who saw it. */
  async breakGlassCodes(entityId: string): Promise<BreakGlassCodes> {
    return this.post((all) => all.breakGlassCodesShape, `${within(consolePaths.agents, entityId)}/break-glass`);
  }
}

/** Groups of agents, and how they treat suspicious objects. */
export class ConsoleGroups extends ConsolePart {
  async list(): Promise<Group[]> {
    return (await this.load((all) => all.groupListShape, consolePaths.groups)).groups;
  }

  /** Adds or changes a group; its agents follow at once. Fields that are left out stay as they were. */
  async put(name: string, body: GroupBody): Promise<Group> {
    return this.read((all) => all.groupShape, { method: 'PUT', path: within(consolePaths.groups, name), body });
  }

  async remove(name: string): Promise<void> {
    await this.send('DELETE', within(consolePaths.groups, name));
  }
}

/** Tokens that endpoints enrol with. */
export class ConsoleEnrolment extends ConsolePart {
  /** The token is in this answer only. */
  async addToken(body: AddEnrolmentToken): Promise<NewEnrolmentToken> {
    return this.post((all) => all.newEnrolmentTokenShape, consolePaths.enrolmentTokens, body);
  }
}
