import { KmError } from '../errors.ts';
import type { Invocation } from './invocation.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

/** The word that the shells ask with, which main.ts answers; not a command of its own. */
const COMPLETE = '__complete';

/** `:files` asks the shell for its own completion of file names. */
export const FILES = ':files';

const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `# km completion for bash: eval "$(km completion bash)"
_km() {
  local word
  COMPREPLY=()
  while IFS= read -r word; do
    if [[ $word == ${FILES} ]]; then compopt -o default; else COMPREPLY+=("$word"); fi
  done < <(km ${COMPLETE} "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _km km
`,
  zsh: `#compdef km
# km completion for zsh: eval "$(km completion zsh)"
_km() {
  local -a words_found
  words_found=(\${(f)"$(km ${COMPLETE} "\${(@)words[2,CURRENT]}" 2>/dev/null)"})
  if (( \${words_found[(I)${FILES}]} )); then
    words_found=(\${words_found:#${FILES}})
    _files
  fi
  compadd -a words_found
}
compdef _km km
`,
  fish: `# km completion for fish: km completion fish | source
function __km_complete
  for word in (km ${COMPLETE} (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)
    if test "$word" = ${FILES}
      __fish_complete_path (commandline -ct)
    else
      echo $word
    end
  end
end
complete -c km -f -a '(__km_complete)'
`,
};

const isShell = (name: string): name is Shell => (SHELLS as readonly string[]).includes(name);

/** `km completion SHELL`: a script for the shell to read. */
export async function run({ args, terminal }: Invocation): Promise<undefined> {
  const shell = args[0] ?? '';
  if (!isShell(shell)) {
    throw new KmError('ErrUsage', `'${shell}' is not one of ${SHELLS.join(', ')}.`, {
      remedy: 'km completion bash',
    });
  }
  terminal.streams.stdout.write(SCRIPTS[shell]);
}
