import { runCli } from './program.js';
import { Terminal } from './terminal.js';

// Set, not exit(): what is still on its way to a pipe shall arrive.
process.exitCode = await runCli(process.argv.slice(2), new Terminal(process.stdin, process.stdout, process.stderr));
