import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** Ids of all living descendants of a process, parents before children: by /proc on Linux, else by `ps`. */
export function descendants(
  root: number,
  parents: () => ProcessParent[] = process.platform === 'linux' ? parentsFromProc : parentsFromPs,
): number[] {
  const children = Map.groupBy(parents(), ({ parent }) => parent);
  const found: number[] = [];
  const visit = (pid: number): void => {
    for (const child of children.get(pid) ?? []) {
      found.push(child.pid);
      visit(child.pid);
    }
  };
  visit(root);
  return found;
}

interface ProcessParent {
  pid: number;
  parent: number;
}

export function parentsFromProc(): ProcessParent[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        // "pid (name) state parent …": the name may itself contain spaces and parentheses.
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        return [{ pid: Number(name), parent: Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) }];
      } catch {
        return []; // It ended while we were reading.
      }
    });
}

export function parentsFromPs(): ProcessParent[] {
  return execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => {
      const [pid, parent] = line.trim().split(/\s+/).map(Number);
      return { pid: pid ?? 0, parent: parent ?? 0 };
    });
}

/** Sends a signal (0: none, only looks); false when there is no such process (any more). */
export function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * When a process started, in whatever words the system has: with the id it names a process for good, as ids are given
 * again. Undefined when there is no such process, or the system does not say.
 */
export function startTime(pid: number): string | undefined {
  try {
    if (process.platform !== 'linux') {
      return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
    }
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Field 22, in clock ticks since boot; what follows the name begins with field 3.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

/** Whether a process can still do anything: a dead one that nobody has collected yet (a zombie) cannot. */
export function isRunning(pid: number): boolean {
  return signal(pid, 0) && !isZombie(pid);
}

/** Only Linux is asked: in containers there may be nobody who collects what lost its parent. */
function isZombie(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return /^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
  } catch {
    return false;
  }
}
