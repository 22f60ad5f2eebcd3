import { Command } from 'commander';

/** A command whose work resolves to its exit code. */
export class CliCommand extends Command {
  constructor(
    name: string,
    private readonly ended: (exit_code: number) => void,
  ) {
    super(name);
  }

  override createCommand(name: string): CliCommand {
    return new CliCommand(name, this.ended);
  }

  runs(work: (...args: never[]) => Promise<number>): this {
    return this.action(async (...args: unknown[]) => this.ended(await work(...(args as never[]))));
  }
}
