import tls, { type ConnectionOptions } from 'node:tls';
import { readTls, type TlsFiles } from '@hookline/runtime';

/** As KafkaJS hands it to `openSocket` at each connect, which then reads the files. */
export function kafkajsTls(files: TlsFiles): ConnectionOptions {
  return {
    rejectUnauthorized: true,
    get secureContext() {
      return tls.createSecureContext(readTls(files));
    },
  };
}
