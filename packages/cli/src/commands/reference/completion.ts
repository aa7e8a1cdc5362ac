/** The command that generates shell completion from the commands themselves. */
import { commonOptions, wordOf } from '../../command/command.ts';
import type { Command, Group, Invocation, Values } from '../../command/command.ts';
import { usage } from '../../command/failure.ts';
import { readConnections } from '../../connection/kept-connections.ts';

const shells: Readonly<Record<string, (groups: readonly Group[]) => string>> = { bash, zsh, fish };

export const commands: readonly Command[] = [
  {
    name: 'completion',
    summary: 'Print completion for a shell: bash, zsh or fish.',
    arguments: [
      [
        '<shell>',
        'bash, zsh or fish; or connections, to list the saved ones.',
        [...Object.keys(shells), 'connections'],
      ],
    ],
    example: 'source <(cordon completion bash)',
    run: completion,
  },
];

async function completion(call: Invocation): Promise<void> {
  const shell = call.word('shell');
  if (shell === 'connections') return connections(call);
  const write = Object.hasOwn(shells, shell) ? shells[shell] : undefined;
  if (write === undefined) throw usage(`There is no completion for "${shell}".`, 'The shells are bash, zsh and fish.');
  const script = write(await call.everyGroup());
  call.print({ shell, script }, script);
}

/** Called by the scripts: the connections are known only at completion time. */
async function connections(call: Invocation): Promise<void> {
  const { profiles } = await readConnections(call.world);
  const names = Object.keys(profiles);
  call.print(names, names.map((name) => `${name}\n`).join(''));
}

/** A position on the command line: the words so far, and the possible next words. */
interface Place {
  readonly group: string;
  readonly word: string | undefined;
  readonly flags: readonly string[];
  /** By flag; options that take any value are left out. */
  readonly options: readonly (readonly [string, Values])[];
  /** Of the first argument. */
  readonly argument: Values | undefined;
}

function places(groups: readonly Group[]): Place[] {
  return groups.flatMap((group) =>
    group.commands.map((command) => {
      const options = [...(command.options ?? []), ...commonOptions];
      return {
        group: group.name,
        word: wordOf(command),
        flags: [...options.map(([form]) => flagOf(form)), '--help'],
        options: options.flatMap(([form, , more]) =>
          more?.values === undefined ? [] : [[flagOf(form), more.values] as const],
        ),
        argument: command.arguments?.[0]?.[2],
      };
    }),
  );
}

function flagOf(form: string): string {
  return form.split(' ')[0] ?? '';
}

function wordsOf(group: Group): string[] {
  return group.commands.flatMap((command) => wordOf(command) ?? []);
}

/** What identifies a command in the scripts: its group, and its word if it has one. */
function nameOf({ group, word }: Place): string {
  return word === undefined ? `"${group} "*` : `"${group} ${word}"`;
}

function bash(groups: readonly Group[]): string {
  const all = places(groups);
  const words = groups.map((group) => `    ${group.name}) words="${wordsOf(group).join(' ')}" ;;`);
  const flags = all.map((place) => `    ${nameOf(place)}) flags="${place.flags.join(' ')}" ;;`);
  const options = all.flatMap(({ group, word, options: known }) =>
    [...known].map(([flag, values]) => `    "${group} ${word ?? '*'} ${flag}") ${inBash(values)} ;;`),
  );
  const first = all.flatMap(({ group, word, argument }) =>
    argument === undefined
      ? []
      : [`    "${group} ${word ?? ''} ${word === undefined ? 2 : 3}") ${inBash(argument)} ;;`],
  );
  return `# bash completion of cordon: source <(cordon completion bash)
_cordon() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  local group="\${COMP_WORDS[1]}" word="\${COMP_WORDS[2]}" words="" flags="" values="" files=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${groups.map((group) => group.name).join(' ')} --help" -- "$current"))
    return
  fi
  case "$group" in
${words.join('\n')}
  esac
  case "$group $word" in
${flags.join('\n')}
  esac
  case "$group $word $previous" in
${options.map(patterned).join('\n')}
  esac
  if [ -z "$values$files" ] && [ "\${current#-}" != "$current" ]; then
    values="$flags"
  elif [ -z "$values$files" ] && [ "$COMP_CWORD" -eq 2 ] && [ -n "$words" ]; then
    values="$words"
  elif [ -z "$values$files" ]; then
    [ -n "$words" ] || word=""
    case "$group $word $COMP_CWORD" in
${first.join('\n')}
    esac
  fi
  if [ -n "$files" ]; then COMPREPLY=($(compgen -f -- "$current"))
  else COMPREPLY=($(compgen -W "$values" -- "$current")); fi
}
complete -o filenames -F _cordon cordon
`;
}

/** A star is a pattern only outside quotes. */
function patterned(line: string): string {
  return line.replace(' * ', ' "*" ');
}

function inBash(values: Values): string {
  if (values === 'file') return 'files=yes';
  if (values === 'connection') return 'values="$(cordon completion connections 2>/dev/null)"';
  return `values="${values.join(' ')}"`;
}

function zsh(groups: readonly Group[]): string {
  const all = places(groups);
  const top = groups.map((group) => `    ${described(group.name, group.summary)}`);
  const inner = groups.flatMap((group) => {
    const listed = group.commands.flatMap((command) => {
      const word = wordOf(command);
      return word === undefined ? [] : [described(word, command.summary)];
    });
    return listed.length === 0 ? [] : [`      ${group.name}) commands=(${listed.join(' ')}) ;;`];
  });
  const flags = all.map((place) => `      ${nameOf(place)}) compadd -- ${place.flags.join(' ')} ;;`);
  const options = all.flatMap(({ group, word, options: known }) =>
    [...known].map(([flag, values]) => `    "${group} ${word ?? '*'} ${flag}") ${inZsh(values)}; return ;;`),
  );
  const first = all.flatMap(({ group, word, argument }) => {
    if (argument === undefined) return [];
    const at = word === undefined ? 3 : 4;
    return [`    "${group} ${word ?? ''} ${at}") ${inZsh(argument)}; return ;;`];
  });
  return `#compdef cordon
# zsh completion of cordon: put it in a file named _cordon in a folder of $fpath.
_cordon() {
  local -a groups commands
  local word="$words[3]"
  groups=(
${top.join('\n')}
  )
  if (( CURRENT == 2 )); then _describe 'command' groups; return; fi
  case "$words[2] $word $words[CURRENT-1]" in
${options.map(patterned).join('\n')}
  esac
  if [[ $PREFIX == -* ]]; then
    case "$words[2] $words[3]" in
${flags.join('\n')}
    esac
    return
  fi
  case $words[2] in
${inner.join('\n')}
  esac
  if (( CURRENT == 3 && $#commands )); then _describe 'command' commands; return; fi
  (( $#commands )) || word=""
  case "$words[2] $word $CURRENT" in
${first.join('\n')}
  esac
}
_cordon "$@"
`;
}

function inZsh(values: Values): string {
  if (values === 'file') return '_files';
  if (values === 'connection') return 'compadd -- ${(f)"$(cordon completion connections 2>/dev/null)"}';
  return `compadd -- ${values.join(' ')}`;
}

function fish(groups: readonly Group[]): string {
  const names = groups.map((group) => group.name).join(' ');
  const lines = groups.flatMap((group) => [
    `complete -c cordon -f -n "not __fish_seen_subcommand_from ${names}" -a ${group.name} -d '${quoted(group.summary)}'`,
    ...group.commands.flatMap((command) => fishLines(group, command)),
  ]);
  const head = '# fish completion of cordon: cordon completion fish > ~/.config/fish/completions/cordon.fish';
  // Files only where a file is expected.
  return `${head}\ncomplete -c cordon -f\n${lines.join('\n')}\n`;
}

function fishLines(group: Group, command: Command): string[] {
  const word = wordOf(command);
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
  const flags = [...(command.options ?? []), ...commonOptions].map(([form, summary, more]) => {
    const needs = form.includes(' ') ? inFish(more?.values) : '';
    return `complete -c cordon -n "${here}" -l ${flagOf(form).slice(2)}${needs} -d '${quoted(summary)}'`;
  });
  const argument = command.arguments?.[0]?.[2];
  const first =
    argument === undefined
      ? []
      : [`complete -c cordon -n "${here}"${argument === 'file' ? ' -F' : inFish(argument).replace(' -x', ' -f')}`];
  return [...itself, ...flags, ...first];
}

function inFish(values: Values | undefined): string {
  if (values === undefined) return ' -x';
  if (values === 'file') return ' -r -F';
  if (values === 'connection') return " -x -a '(cordon completion connections 2>/dev/null)'";
  return ` -x -a '${values.join(' ')}'`;
}

/** One entry of zsh's _describe: name, colon, summary. */
function described(name: string, summary: string): string {
  return `'${quoted(`${name.replaceAll(':', String.raw`\:`)}:${summary}`)}'`;
}

/** Escapes for single quotes in a shell. */
function quoted(text: string): string {
  return text.replaceAll("'", String.raw`'\''`);
}
