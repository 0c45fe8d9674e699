export { readGithubCredentials } from './credentials/read-credentials.ts';
export type { CredentialsResult } from './credentials/parse-credentials.ts';
export type { Credential } from './credentials/credential.ts';
export { githubKinds } from './github-kinds.ts';
export type { GithubKindsSettings } from './github-kinds.ts';
