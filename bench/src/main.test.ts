import { startProgram } from '@hookline/test-support';
import { expect, it } from '@jest/globals';

it('answers --help, and refuses what it does not know, before anything is built or started', async () => {
  const help = await startProgram({ main: 'bench/src/main.ts', args: ['--help'] }).ended;
  expect(help).toMatchObject({ code: 0, stderr: '' });
  expect(help.stdout).toContain('Usage: npm run bench -- name … | --all | --list [options]');
  const wrong = await startProgram({ main: 'bench/src/main.ts', args: ['poisson'] }).ended;
  expect(wrong).toMatchObject({ code: 2, stdout: '' });
  expect(wrong.stderr).toContain('There is no bench "poisson".\n\nUsage:');
  const redrive = await startProgram({ main: 'bench/src/main.ts', args: ['redrive', '--help'] }).ended;
  expect(redrive).toMatchObject({ code: 0, stdout: expect.stringContaining('npm run bench -- redrive') });
  const none = await startProgram({ main: 'bench/src/main.ts', args: ['redrive', '--letters', '0'] }).ended;
  expect(none).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('--letters is "0"') });
});
