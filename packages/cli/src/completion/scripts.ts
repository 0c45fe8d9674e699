import type { CommandNode } from './command-tree.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** The script that a shell reads to complete command lines of `hookline`. Pure. */
export function completionScript(shell: (typeof SHELLS)[number], nodes: readonly CommandNode[]): string {
  if (shell === 'fish') return fish(nodes);
  return shell === 'bash' ? bash(nodes) : zsh(nodes);
}

/** Names of ours hold none of it, but words of descriptions do. */
const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

/** `case` branches that walk down the tree: what has been reached, and the next word. */
function steps(nodes: readonly CommandNode[]): string {
  return nodes
    .filter(({ path }) => path !== '')
    .map(({ path }) => {
      const cut = path.lastIndexOf(' ');
      return quoted(cut === -1 ? ` ${path}` : path);
    })
    .join(' | ');
}

const wordsOf = ({ commands, options }: CommandNode) =>
  [...commands, ...options.map(({ long }) => `--${long}`)].join(' ');

function valued(nodes: readonly CommandNode[]) {
  return nodes.flatMap(({ path, options }) =>
    options.filter(({ takesValue }) => takesValue).map((option) => ({ at: `${path} --${option.long}`, ...option })),
  );
}

function bash(nodes: readonly CommandNode[]): string {
  const values = valued(nodes).map(({ at, choices }) =>
    choices.length === 0
      ? `    ${quoted(at)}) return ;;`
      : `    ${quoted(at)}) COMPREPLY=($(compgen -W ${quoted(choices.join(' '))} -- "$current")); return ;;`,
  );
  return `# bash completion for hookline. Load it: source <(hookline completion bash)
_hookline() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} at='' words='' i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$at \${COMP_WORDS[i]}" in
    ${steps(nodes)}) at="\${at:+$at }\${COMP_WORDS[i]}" ;;
    esac
  done
  case "$at $previous" in
${values.join('\n')}
  esac
  case "$at" in
${nodes.map((node) => `    ${quoted(node.path)}) words=${quoted(wordsOf(node))} ;;`).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _hookline hookline
`;
}

function zsh(nodes: readonly CommandNode[]): string {
  const values = valued(nodes).map(({ at, choices }) =>
    choices.length === 0
      ? `    (${quoted(at)}) _files; return ;;`
      : `    (${quoted(at)}) compadd -- ${choices.map(quoted).join(' ')}; return ;;`,
  );
  return `#compdef hookline
# zsh completion for hookline. Load it: source <(hookline completion zsh)
_hookline() {
  local at='' i
  for ((i = 2; i < CURRENT; i++)); do
    case "$at \${words[i]}" in
    (${steps(nodes)}) at="\${at:+$at }\${words[i]}" ;;
    esac
  done
  case "$at \${words[CURRENT - 1]}" in
${values.join('\n')}
  esac
  case "$at" in
${nodes.map((node) => `    (${quoted(node.path)}) compadd -- ${wordsOf(node)}; ${node.commands.length === 0 ? '_files ' : ''};;`).join('\n')}
  esac
}
compdef _hookline hookline
`;
}

function fish(nodes: readonly CommandNode[]): string {
  const lines = nodes.flatMap((node) => {
    const here = `complete -c hookline -n "__hookline_at '${node.path}'"`;
    const below = nodes.filter(({ path }) => node.commands.some((name) => path === `${node.path} ${name}`.trimStart()));
    const commands = below.map(
      ({ path, description }) => `${here} -f -a ${path.split(' ').at(-1)} -d ${quoted(description)}`,
    );
    const options = node.options.map(({ long, description, takesValue, choices }) => {
      const value = choices.length === 0 ? ' -r' : ` -x -a ${quoted(choices.join(' '))}`;
      return `${here} -l ${long}${takesValue ? value : ''} -d ${quoted(description)}`;
    });
    return [...commands, ...options];
  });
  return `# fish completion for hookline. Load it: hookline completion fish | source
function __hookline_at
  set -l at ''
  for word in (commandline -opc)[2..-1]
    switch "$at $word"
      case ${steps(nodes).replaceAll(' | ', ' ')}
        set at (string trim -- "$at $word")
    end
  end
  test "$at" = "$argv[1]"
end
${lines.join('\n')}
`;
}
