import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../processes/run.ts';
import { tail } from '../log-tail.ts';
import { StackError } from '../stack-error.ts';

/** A certificate with its key, in PEM files. */
export interface Certificate {
  certFile: string;
  keyFile: string;
}

/** Issues certificates of an authority of its own. */
export interface Authority {
  caFile: string;
  /**
   * @param names of the certificate: hosts, addresses; none for a client
   * @param expired whether its time is over
   */
  issue(name: string, names?: string[], options?: { expired?: boolean }): Promise<Certificate>;
}

const SUBJECT_PREFIX = '/O=Hookline tests/CN=';
const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** Makes an authority whose files are in `directory`, by openssl. Rejects with a `StackError` where there is none. */
export async function createAuthority(directory: string, name = 'ca'): Promise<Authority> {
  await mkdir(directory, { recursive: true });
  const path = (file: string) => join(directory, file);
  const [caFile, caKey] = [path(`${name}.pem`), path(`${name}.key`)];
  await openssl([
    'req',
    '-x509',
    ...EC,
    '-subj',
    SUBJECT_PREFIX + name,
    '-days',
    '2',
    '-keyout',
    caKey,
    '-out',
    caFile,
  ]);

  return {
    caFile,
    async issue(subject, names = [], { expired = false } = {}) {
      const [keyFile, certFile, request, extensions] = ['key', 'pem', 'csr', 'ext'].map((end) =>
        path(`${subject}.${end}`),
      );
      const made = { certFile: certFile as string, keyFile: keyFile as string };
      await openssl([
        'req',
        ...EC,
        '-subj',
        SUBJECT_PREFIX + subject,
        '-keyout',
        made.keyFile,
        '-out',
        request as string,
      ]);
      const alternatives = names.map((it) => (/^[\d.]+$/.test(it) ? `IP:${it}` : `DNS:${it}`)).join(',');
      const lines = ['basicConstraints=CA:FALSE', ...(names.length > 0 ? [`subjectAltName=${alternatives}`] : [])];
      await writeFile(extensions as string, `${lines.join('\n')}\n`);
      const from = ['x509', '-req', '-in', request as string, '-CA', caFile, '-CAkey', caKey, '-CAcreateserial'];
      const period = expired ? ['-days', '-1'] : ['-days', '2'];
      await openssl([...from, ...period, '-extfile', extensions as string, '-out', made.certFile]);
      await Promise.all([request, extensions].map((file) => rm(file as string)));
      await chmod(made.keyFile, 0o600);
      return made;
    },
  };
}

async function openssl(args: string[]): Promise<void> {
  const { code, output } = await run('openssl', args);
  if (code === 0) return;
  throw new StackError(`Certificates are made by openssl, which failed (exit code ${code ?? 'none'}):${tail(output)}`);
}
