/** Which programs to compare with are missing here, and how to install them. */
import { has } from './in-namespaces.ts';

const programs = {
  clamonacc: { needs: ['clamonacc', 'clamd'], debian: 'clamav-daemon' },
  fapolicyd: { needs: ['fapolicyd'], debian: 'fapolicyd' },
  hashdeep: { needs: ['hashdeep'], debian: 'hashdeep' },
  clamscan: { needs: ['clamscan'], debian: 'clamav' },
} as const;

export async function missingHere(...names: (keyof typeof programs)[]): Promise<Record<string, string>> {
  const missing: Record<string, string> = {};
  for (const name of names)
    for (const program of programs[name].needs)
      if (!(await has(program)))
        missing[name] = `the program "${program}" is missing (Debian: apt-get install ${programs[name].debian})`;
  return missing;
}
