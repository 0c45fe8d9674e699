import { join } from 'node:path';
import { run } from './run.ts';

export const LEAST_JAVA = 17;

/** `JAVA_HOME`'s java when that is set, else the one on the PATH. */
export function javaProgram(env: NodeJS.ProcessEnv = process.env): string {
  return env['JAVA_HOME'] ? join(env['JAVA_HOME'], 'bin', 'java') : 'java';
}

/** Major version of Java, or undefined when there is none. */
export async function javaVersion(): Promise<number | undefined> {
  const { code, output } = await run(javaProgram(), ['-version']);
  return code === 0 ? parseJavaVersion(output) : undefined;
}

/** `openjdk version "17.0.15" …` is 17, `java version "1.8.0_402"` is 8. */
export function parseJavaVersion(output: string): number | undefined {
  const match = /version "(?:1\.)?(\d+)/.exec(output);
  return match ? Number(match[1]) : undefined;
}

export async function hasMaven(): Promise<boolean> {
  return (await run('mvn', ['--version'])).code === 0;
}
