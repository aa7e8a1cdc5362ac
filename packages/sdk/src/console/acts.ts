/** Isolating, releasing and uninstalling: what holds an act, what stays reachable, and what became of it. */
import { consolePaths } from '@cordon/protocol/console/paths';
import type {
  ActOutcome,
  ActRequest,
  Approval,
  CommandRecord,
  GuardSettings,
  Profile,
  ProfileBody,
} from '@cordon/protocol/console';
import { ConsolePart, within } from './console-api.ts';

/** Isolating, releasing and uninstalling. */
export class ConsoleActs extends ConsolePart {
  /** An act that the guard holds is no error: the outcome names the approval it waits for. */
  async perform(request: ActRequest): Promise<ActOutcome> {
    return this.post((all) => all.actOutcomeShape, consolePaths.acts, request);
  }

  /** Which endpoints an act would affect or leave out, and what the guard says; nothing changes. */
  async preview(request: ActRequest): Promise<ActOutcome> {
    return this.post((all) => all.actOutcomeShape, `${consolePaths.acts}/preview`, request);
  }
}

/** Acts that the guard holds until a second person decides. */
export class ConsoleApprovals extends ConsolePart {
  /** All that are pending, then the newest of those that are decided or have expired. */
  async list(): Promise<Approval[]> {
    return (await this.load((all) => all.approvalListShape, consolePaths.approvals)).approvals;
  }

  async get(id: number): Promise<Approval> {
    return this.load((all) => all.approvalShape, within(consolePaths.approvals, id));
  }

  /** Approves an act, which performs it. */
  async approve(id: number): Promise<ActOutcome> {
    return this.post((all) => all.actOutcomeShape, `${within(consolePaths.approvals, id)}/approve`);
  }

  async reject(id: number): Promise<void> {
    await this.send('POST', `${within(consolePaths.approvals, id)}/reject`);
  }
}

/** How much one caller may cut off alone. */
export class ConsoleGuard extends ConsolePart {
  async settings(): Promise<GuardSettings> {
    return this.load((all) => all.guardSettingsShape, consolePaths.guard);
  }

  async change(body: GuardSettings): Promise<void> {
    await this.send('PUT', consolePaths.guard, body);
  }
}

/** What stays reachable from isolated endpoints. */
export class ConsoleProfiles extends ConsolePart {
  async list(): Promise<Profile[]> {
    return (await this.load((all) => all.profileListShape, consolePaths.profiles)).profiles;
  }

  /** Adds or replaces a profile; endpoints isolated under it follow at once. */
  async put(name: string, body: ProfileBody): Promise<void> {
    await this.send('PUT', within(consolePaths.profiles, name), body);
  }

  async remove(name: string): Promise<void> {
    await this.send('DELETE', within(consolePaths.profiles, name));
  }
}

export interface CommandFilter {
  readonly agent?: string | undefined;
  readonly before?: number | undefined;
  readonly limit?: number | undefined;
}

/** Commands: one act on one agent, and its result. */
export class ConsoleCommands extends ConsolePart {
  /** The newest first. */
  async list(filter: CommandFilter = {}): Promise<CommandRecord[]> {
    return (await this.load((all) => all.commandListShape, consolePaths.commands, filter)).commands;
  }
}
