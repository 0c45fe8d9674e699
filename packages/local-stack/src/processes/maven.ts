import { readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached, isCached } from '../cache.ts';
import { tail } from '../log-tail.ts';
import { StackError } from '../stack-error.ts';
import { KAFKA_VERSION, REGISTRY_VERSION } from '../versions.ts';
import { repositoryArguments } from './maven-repository.ts';
import { run } from './run.ts';

const KAFKA = `kafka-${KAFKA_VERSION}`;
const REGISTRY = `apicurio-registry-${REGISTRY_VERSION}`;

/** Kafka and what it needs, and the simplest of loggers: to standard error, so to the part's log file. */
const KAFKA_POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>hookline</groupId>
  <artifactId>kafka</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka_2.13</artifactId>
      <version>${KAFKA_VERSION}</version>
    </dependency>
    <dependency>
      <groupId>org.slf4j</groupId>
      <artifactId>slf4j-simple</artifactId>
      <version>1.7.36</version>
    </dependency>
  </dependencies>
</project>
`;

export const isKafkaCached = (): Promise<boolean> => isCached(KAFKA);
export const isRegistryCached = (): Promise<boolean> => isCached(REGISTRY);

/** Directory of Kafka's jars; downloads them the first time (about 43 MB). */
export function kafkaJars(): Promise<string> {
  return cached(KAFKA, async (directory) => {
    const pom = join(directory, 'pom.xml');
    await writeFile(pom, KAFKA_POM);
    await maven('Kafka', directory, ['-f', pom, 'dependency:copy-dependencies']);
  });
}

/** Directory of the registry's runnable jar and its libraries; downloads it the first time (about 104 MB). */
export function registryApp(): Promise<string> {
  return cached(REGISTRY, async (directory) => {
    const artifact = `io.apicurio:apicurio-registry-app:${REGISTRY_VERSION}:tar.gz:all`;
    await maven('the schema registry', directory, ['dependency:copy', `-Dartifact=${artifact}`]);
    const files = await readdir(directory);
    const archive = join(directory, files.find((file) => file.endsWith('.tar.gz')) ?? '');
    const unpacked = await run('tar', ['-xzf', archive, '-C', directory]);
    if (unpacked.code !== 0) throw new StackError(`Unpacking ${archive} failed:${tail(unpacked.output)}`);
    await rm(archive);
    const runner = (await readdir(directory)).find((file) => file.endsWith('-runner.jar'));
    if (runner === undefined) throw new StackError(`There is no …-runner.jar in ${archive}.`);
    await rename(join(directory, runner), join(directory, 'runner.jar'));
  });
}

async function maven(what: string, directory: string, args: string[]): Promise<void> {
  // There and not in a project: Maven would read the pom.xml of the directory in which it runs.
  const all = ['-q', '-B', ...(await repositoryArguments()), ...args, `-DoutputDirectory=${directory}`];
  const { code, output } = await run('mvn', all, { cwd: directory, guarded: true });
  if (code === 0) return;
  throw new StackError(
    `Downloading ${what} with Maven failed (exit code ${code ?? 'unknown'}). Check that Maven Central, or the mirror ` +
      `in your Maven settings, is reachable, then run the same command again. Maven says:${tail(output)}`,
  );
}
