import { readFile, writeFile } from 'node:fs/promises';

/** Of another process, in bytes. Linux keeps both; elsewhere there is nothing to read. */
export interface Memory {
  rss: number;
  /** Since the process began, or since {@link resetPeak}. */
  peakRss: number;
}

export async function memoryOf(pid: number): Promise<Memory> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const bytes = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * 1024;
  return { rss: bytes('VmRSS'), peakRss: bytes('VmHWM') };
}

/** The peak begins anew, at what the process has now. */
export async function resetPeak(pid: number): Promise<void> {
  await writeFile(`/proc/${pid}/clear_refs`, '5');
}
