import { startProgram } from '@hookline/test-support';
import { expect, it } from '@jest/globals';

it('answers --help, and refuses what it does not know, before anything is built or started', async () => {
  const help = await startProgram({ main: 'bench/src/main.ts', args: ['--help'] }).ended;
  expect(help).toMatchObject({ code: 0, stderr: '' });
  expect(help.stdout).toContain('Usage: npm run bench -- [name …] [options]');
  const wrong = await startProgram({ main: 'bench/src/main.ts', args: ['poisson'] }).ended;
  expect(wrong).toMatchObject({ code: 2, stdout: '' });
  expect(wrong.stderr).toContain('There is no bench "poisson".\n\nUsage:');
});
