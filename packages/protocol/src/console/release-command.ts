/** What somebody types at an isolated endpoint, as root: one place, because the agent must know it. */
export function releaseCommand(code: string): string {
  return `cordon-agent release --code ${code}`;
}
