/** Resolves the citations of the Automation API contract ("contract 8, rule 11") to its headings and rules. */

/** What can be cited: `3.2` for a heading, `8, rule 11` for a numbered rule. */
export function citable(contract: string): Set<string> {
  const targets = new Set<string>();
  let section = '';
  for (const line of contract.split('\n')) {
    const heading = /^##+ (\d+(?:\.\d+)?)(?:-(?:\d+\.)?(\d+))?/.exec(line);
    if (heading?.[1] !== undefined) {
      section = heading[1];
      targets.add(section);
      for (const each of range(section, heading[2])) targets.add(each);
    }
    const rule = /^\| (\d+) +\|/.exec(line);
    if (rule?.[1] !== undefined) targets.add(`${section}, rule ${rule[1]}`);
  }
  return targets;
}

/** Everything that `text` cites, one entry a target: "contract 3.6, 4.5; 8, rules 4 and 10" has four. */
export function citations(text: string): string[] {
  // A citation may run on into the next line of its comment.
  const joined = text.replace(/\n\s*(?:\*|\/\/)? ?/g, ' ');
  const found = joined.matchAll(
    /\bcontract (\d[\d.]*(?:-[\d.]+)?(?:(?:, rules? |[,;] | and |-)\d[\d.]*(?:-[\d.]+)?)*)/gi,
  );
  return [...found].flatMap((match) => targetsOf((match[1] ?? '').replace(/\.$/, '')));
}

function targetsOf(cited: string): string[] {
  return cited.split('; ').flatMap((part) => {
    const [sections = '', rules] = part.split(/, rules? /);
    const listed = numbers(sections);
    if (rules === undefined) return listed;
    const owner = listed.pop() ?? '';
    return listed.concat(numbers(rules).map((rule) => `${owner}, rule ${rule}`));
  });
}

/** `1.2-1.4` is three numbers, `4 and 18` is two. */
function numbers(text: string): string[] {
  return text.split(/, | and /).flatMap((one) => {
    const [from = '', to] = one.split('-');
    return [from].concat(range(from, to?.split('.').at(-1)));
  });
}

/** What follows `from` up to the last number `to`: 3.5 to 8 is 3.6, 3.7, 3.8. */
function range(from: string, to: string | undefined): string[] {
  if (to === undefined) return [];
  const [first = '', second] = from.split('.');
  const start = Number(second ?? first);
  const name = (n: number): string => (second === undefined ? String(n) : `${first}.${n}`);
  return Array.from({ length: Math.max(0, Number(to) - start) }, (_, index) => name(start + 1 + index));
}
