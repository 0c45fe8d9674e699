// The HEALTHCHECK of the services' images: exit code 0 when /livez, or the path that is given, answers 200. How long it may
// take is for the engine to say.
const { HOOKLINE_OPERATIONS_HOST: host = '', HOOKLINE_OPERATIONS_PORT: port = '' } = process.env;
const path = process.argv[2] ?? '/livez';
const reachable = ['', '0.0.0.0', '::'].includes(host) ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
try {
  const response = await fetch(`http://${reachable}:${port || '9464'}${path}`);
  process.stdout.write((await response.text()).slice(0, 2_000));
  process.exitCode = response.ok ? 0 : 1;
} catch (error) {
  process.stdout.write(`${path} does not answer: ${error.cause?.message ?? error.message}\n`);
  process.exitCode = 1;
}
