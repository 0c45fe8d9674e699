import { stopHost } from './global-setup.ts';

/** Jest's globalTeardown. */
export default async function globalTeardown(): Promise<void> {
  await stopHost();
}
