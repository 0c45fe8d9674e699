import { execFileSync } from 'node:child_process';

/** Ids of the living descendants of a process whose command line contains the text. */
export function processesOf(root: number, text = ''): number[] {
  const output = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' });
  const all = output
    .trim()
    .split('\n')
    .map((line) => {
      const [pid = '', parent = '', ...command] = line.trim().split(/\s+/);
      return { pid: Number(pid), parent: Number(parent), command: command.join(' ') };
    })
    .filter(({ command }) => !command.startsWith('ps '));
  const below = (parent: number): typeof all =>
    all.filter((it) => it.parent === parent).flatMap((child) => [child, ...below(child.pid)]);
  return below(root)
    .filter(({ command }) => command.includes(text))
    .map(({ pid }) => pid);
}
