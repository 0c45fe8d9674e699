interface CommonCredential {
  /** Host of GitHub, as in ordering keys. */
  namespace: string;
  /** Of the REST API, without a slash at its end. */
  baseUrl: string;
  /** Sources whose effects it is for; null: all of its namespace that no other is for. */
  sources: readonly string[] | null;
}

/** A GitHub App: Hookline acts by the tokens of its installations. */
export interface AppCredential extends CommonCredential {
  type: 'app';
  appId: number;
  /** PEM, PKCS #8. */
  privateKey: string;
}

/** A token, such as a machine user's personal access token. */
export interface TokenCredential extends CommonCredential {
  type: 'token';
  token: string;
  /** Reads the token again, where GitHub takes it no longer; throws if that fails. */
  reread(): string;
}

/** What Hookline acts as at GitHub. */
export type Credential = AppCredential | TokenCredential;
