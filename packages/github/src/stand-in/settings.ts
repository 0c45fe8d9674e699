import { generateKeyPairSync, type KeyObject } from 'node:crypto';

/** A GitHub App that the stand-in knows. */
export interface StandInApp {
  id: number;
  /** Its bot is `<slug>[bot]`. */
  slug: string;
  publicKey: KeyObject;
  /** Where it is installed. */
  installations: 'any' | number[];
}

/** A personal access token, and whose it is. */
export interface StandInUser {
  token: string;
  login: string;
  id: number;
}

/** An App with a key of its own: the stand-in gets the App, and who acts as it the PEM. */
export function createStandInApp(app: Partial<Omit<StandInApp, 'publicKey'>> = {}): {
  app: StandInApp;
  privateKey: string;
} {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    app: { id: 1, slug: 'hookline', installations: 'any', ...app, publicKey },
    privateKey: privateKey.export({ type: 'pkcs1', format: 'pem' }) as string,
  };
}
