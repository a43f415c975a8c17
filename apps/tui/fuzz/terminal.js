/**
 * Shows the screen a million texts that want to rule the terminal, and looks whether anything of them comes out:
 *
 *     node apps/tui/fuzz/terminal.ts [how many] [seed]
 *
 * JSX has to be compiled first; the other packages run from their source.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
const APP = join(import.meta.dirname, '..');
const BUILD = join(APP, 'node_modules', '.cache', 'fuzz');
const COMPILE = ['--noEmit', 'false', '--noCheck', '--declaration', 'false', '--rootDir', 'src'];
execFileSync(join(APP, 'node_modules', '.bin', 'tsc'), ['-p', 'tsconfig.json', ...COMPILE, '--outDir', BUILD], { cwd: APP, stdio: 'inherit' });
const main = join(BUILD, 'testing', 'hostile', 'main.js');
const { status } = spawnSync(process.execPath, ['--conditions=pigeon-source', main, ...process.argv.slice(2)], { stdio: 'inherit' });
process.exitCode = status ?? 1;
