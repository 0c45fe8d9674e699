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
        return [{ pid: Number(name), parent: Number(readStat(name)[1]) }];
      } catch {
        return []; // It ended while we were reading.
      }
    });
}

/**
 * What Linux tells of a process, or of a thread of it: its state, its parent and so on, from the third field of `stat` on. Throws
 * where it has ended.
 *
 * @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 */
function readStat(of: number | string): string[] {
  // "pid (name) state parent …": the name may itself contain spaces and parentheses.
  const stat = readFileSync(`/proc/${of}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
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
    // Field 22, in clock ticks since boot.
    return readStat(pid)[19];
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
    return /^[ZX]/.test(readStat(pid)[0] ?? '');
  } catch {
    return false;
  }
}

/**
 * Whether nothing of a process runs until it is told to go on, or it has ended. SIGSTOP is only asked for when `kill`
 * returns: on a busy machine threads go on for a while, and can still answer, or fork.
 */
export function isStopped(
  pid: number,
  states: (pid: number) => string[] = process.platform === 'linux' ? threadStatesFromProc : stateFromPs,
): boolean {
  return states(pid).every((state) => /^[TtZX]/.test(state));
}

export function threadStatesFromProc(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) => {
      try {
        return [readStat(`${pid}/task/${thread}`)[0] ?? ''];
      } catch {
        return []; // It ended while we were reading.
      }
    });
  } catch {
    return [];
  }
}

export function stateFromPs(pid: number): string[] {
  try {
    return [execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).trim()];
  } catch {
    return [];
  }
}
