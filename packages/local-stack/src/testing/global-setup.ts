import { createStackHost, type StackHost } from './stack-host.ts';
import { STACK_HOST, testProvider } from './environment.ts';

let host: StackHost | undefined;

/** Jest's globalSetup: offers the run's one stack to every test file. */
export default async function globalSetup(): Promise<void> {
  host = await createStackHost(testProvider(), (line) => process.stderr.write(`${line}\n`));
  process.env[STACK_HOST] = host.url;
}

/** Stops what the run has started. */
export async function stopHost(): Promise<void> {
  await host?.stop();
  host = undefined;
}
