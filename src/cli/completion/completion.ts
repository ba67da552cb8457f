import { Argument, Command } from 'commander'
import { bashCompletion } from './bash-completion.ts'
import { completionTree } from './completion-tree.ts'
import { fishCompletion } from './fish-completion.ts'
import { zshCompletion } from './zsh-completion.ts'

const SCRIPTS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const

type Shell = keyof typeof SCRIPTS

const WHERE_TO = `
It is installed by one line, and is there in the next shell:
  bash  mkdir -p ~/.local/share/bash-completion/completions
        jackfield completion bash > ~/.local/share/bash-completion/completions/jackfield
  zsh   jackfield completion zsh > "\${fpath[1]}/_jackfield"
  fish  jackfield completion fish > ~/.config/fish/completions/jackfield.fish
For this shell alone:
  bash  source <(jackfield completion bash)
  zsh   source <(jackfield completion zsh)
  fish  jackfield completion fish | source`

/** `program`: the command with all of its subcommands, loaded when a script is to be written. */
export function completionCommand(program: () => Promise<Command>): Command {
  return new Command('completion')
    .summary('write what has a shell complete commands and options')
    .description('write what has a shell complete subcommands, options and their values')
    .addArgument(new Argument('<shell>', 'which shell it is for').choices(Object.keys(SCRIPTS)))
    .addHelpText('after', WHERE_TO)
    .action(async (shell: Shell) => {
      process.stdout.write(SCRIPTS[shell](completionTree(await program())))
    })
}
