/** The command that writes completion for a shell, out of the commands themselves. */
import type { Command, Invocation } from '../command.ts';
import { everyCommand, flagsOf, wordOf } from '../every-command.ts';
import type { LoadedGroup } from '../every-command.ts';
import { usage } from '../failure.ts';

export const commands: readonly Command[] = [
  {
    name: 'completion',
    summary: 'Print completion for a shell: bash, zsh or fish.',
    arguments: [['<shell>', 'bash, zsh or fish.']],
    example: 'source <(cordon completion bash)',
    handler: completion,
  },
];

const shells: Readonly<Record<string, (groups: readonly LoadedGroup[]) => string>> = { bash, zsh, fish };

async function completion(call: Invocation): Promise<void> {
  const shell = call.word('shell');
  const write = Object.hasOwn(shells, shell) ? shells[shell] : undefined;
  if (write === undefined) throw usage(`There is no completion for "${shell}".`, 'The shells are bash, zsh and fish.');
  const script = write(await everyCommand());
  call.tell({ shell, script }, script);
}

/** One place of the command line: what was typed so far, and what may come next. */
interface Place {
  readonly group: string;
  readonly word: string | undefined;
  readonly flags: readonly string[];
}

function places(groups: readonly LoadedGroup[]): Place[] {
  return groups.flatMap((group) =>
    group.commands.map((command) => ({
      group: group.name,
      word: wordOf(command, group.name),
      flags: flagsOf(command),
    })),
  );
}

function wordsOf(group: LoadedGroup): string[] {
  return group.commands.flatMap((command) => wordOf(command, group.name) ?? []);
}

function bash(groups: readonly LoadedGroup[]): string {
  const words = groups.map((group) => `    ${group.name}) words="${wordsOf(group).join(' ')}" ;;`);
  const flags = places(groups).map(({ group, word, flags: all }) => {
    const pattern = word === undefined ? `"${group} "*` : `"${group} ${word}"`;
    return `    ${pattern}) flags="${all.join(' ')}" ;;`;
  });
  return `# bash completion of cordon: source <(cordon completion bash)
_cordon() {
  local current="\${COMP_WORDS[COMP_CWORD]}" group="\${COMP_WORDS[1]}" words="" flags=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${groups.map((group) => group.name).join(' ')} --help" -- "$current"))
    return
  fi
  case "$group" in
${words.join('\n')}
  esac
  case "$group \${COMP_WORDS[2]}" in
${flags.join('\n')}
  esac
  if [ "\${current#-}" != "$current" ]; then
    COMPREPLY=($(compgen -W "$flags" -- "$current"))
  elif [ "$COMP_CWORD" -eq 2 ] && [ -n "$words" ]; then
    COMPREPLY=($(compgen -W "$words" -- "$current"))
  else
    COMPREPLY=($(compgen -f -- "$current"))
  fi
}
complete -o filenames -F _cordon cordon
`;
}

function zsh(groups: readonly LoadedGroup[]): string {
  const top = groups.map((group) => `    ${described(group.name, group.summary)}`);
  const inner = groups.flatMap((group) => {
    const listed = group.commands.flatMap((command) => {
      const word = wordOf(command, group.name);
      return word === undefined ? [] : [described(word, command.summary)];
    });
    return listed.length === 0 ? [] : [`      ${group.name}) commands=(${listed.join(' ')}) ;;`];
  });
  const flags = places(groups).map(({ group, word, flags: all }) => {
    const pattern = word === undefined ? `"${group} "*` : `"${group} ${word}"`;
    return `      ${pattern}) compadd -- ${all.join(' ')} ;;`;
  });
  return `#compdef cordon
# zsh completion of cordon: put it in a file named _cordon in a folder of $fpath.
_cordon() {
  local -a groups commands
  groups=(
${top.join('\n')}
  )
  if (( CURRENT == 2 )); then _describe 'command' groups; return; fi
  if [[ $PREFIX == -* ]]; then
    case "$words[2] $words[3]" in
${flags.join('\n')}
    esac
    return
  fi
  if (( CURRENT == 3 )); then
    case $words[2] in
${inner.join('\n')}
    esac
    if (( $#commands )); then _describe 'command' commands; return; fi
  fi
  _files
}
_cordon "$@"
`;
}

function fish(groups: readonly LoadedGroup[]): string {
  const names = groups.map((group) => group.name).join(' ');
  const lines = groups.flatMap((group) => [
    `complete -c cordon -f -n "not __fish_seen_subcommand_from ${names}" -a ${group.name} -d '${quoted(group.summary)}'`,
    ...group.commands.flatMap((command) => fishLines(group, command)),
  ]);
  return `# fish completion of cordon: cordon completion fish > ~/.config/fish/completions/cordon.fish\n${lines.join('\n')}\n`;
}

function fishLines(group: LoadedGroup, command: Command): string[] {
  const word = wordOf(command, group.name);
  const others = wordsOf(group).join(' ');
  const seen = `__fish_seen_subcommand_from ${group.name}`;
  const here = word === undefined ? seen : `${seen}; and __fish_seen_subcommand_from ${word}`;
  const itself =
    word === undefined
      ? []
      : [
          `complete -c cordon -f -n "${seen}; and not __fish_seen_subcommand_from ${others}" ` +
            `-a ${word} -d '${quoted(command.summary)}'`,
        ];
  const flags = (command.options ?? []).map(([name, summary]) => {
    const [long = '', value] = name.split(' ');
    const needs = value === undefined ? '' : ' -r';
    return `complete -c cordon -n "${here}" -l ${long.slice(2)}${needs} -d '${quoted(summary)}'`;
  });
  return [...itself, ...flags];
}

/** One entry of zsh's _describe: name, colon, summary. */
function described(name: string, summary: string): string {
  return `'${quoted(`${name.replaceAll(':', String.raw`\:`)}:${summary}`)}'`;
}

/** Inside single quotes of a shell. */
function quoted(text: string): string {
  return text.replaceAll("'", String.raw`'\''`);
}
